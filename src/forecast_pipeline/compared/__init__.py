"""What a run has that the run before had otherwise: parameters and files, and the words of the mail about it."""
