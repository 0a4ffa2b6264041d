"""``ForecastTypes``: the quantiles and the mean of a forecast, and the columns that hold them in every export."""

MEAN = "mean"
DEFAULT_FORECAST_TYPES = ["0.1", "0.5", "0.9"]
COLUMNS = (MEAN, *(f"p{percent}" for percent in range(1, 100)))  # that an export may have


def column_of(forecast_type: str) -> str:
    """The column of a forecast type, in exports and in the answers of queries.

    >>> [column_of(name) for name in ("0.1", "0.50", "0.65", "mean")]
    ['p10', 'p50', 'p65', 'mean']
    """
    return MEAN if forecast_type == MEAN else f"p{round(float(forecast_type) * 100)}"


def level_of(column: str) -> float:
    """The level of a quantile's column: 0.1 of ``p10``."""
    return int(column.removeprefix("p")) / 100
