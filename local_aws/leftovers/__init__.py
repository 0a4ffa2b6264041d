"""What a deleted stack leaves: how it is found by its mark, and how it goes."""
