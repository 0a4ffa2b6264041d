"""What several values of one period may become."""

# The command's word -> Amazon Forecast's, and what it does to the rows.
METHODS = {
    "sum": ("sum", "summed"),
    "mean": ("avg", "averaged"),
    "first": ("first", "represented by the first of them"),
    "min": ("min", "represented by the least of them"),
    "max": ("max", "represented by the greatest of them"),
}
