"""Rows become one value for each period of each series: which periods there are, what is there twice, what is not."""
