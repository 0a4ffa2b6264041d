"""What several values of one period may become."""

from collections.abc import Callable

from forecast_language import said

# The command's word -> Amazon Forecast's, and what it does to the rows.
METHODS: dict[str, tuple[str, Callable[[], str]]] = {
    "sum": ("sum", lambda: said("summed")),
    "mean": ("avg", lambda: said("averaged")),
    "first": ("first", lambda: said("represented by the first of them")),
    "min": ("min", lambda: said("represented by the least of them")),
    "max": ("max", lambda: said("represented by the greatest of them")),
}
