"""What is typed behind `almanac`, as commands and options; what was meant by a word that is none."""
