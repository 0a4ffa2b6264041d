"""The runs of a stack, here or in AWS: listed, started and published by hand."""
