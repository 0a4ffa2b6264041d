"""The almanac command: its words, the run of the pipeline, and what it prints and leaves."""
