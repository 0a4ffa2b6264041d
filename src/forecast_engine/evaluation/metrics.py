"""Measures of accuracy, each written once: a statistic of every point, and an aggregation of its sum.

WQL    ``pinball``                      ``per_demand``: sum / sum |y|
WAPE   ``absolute_errors``              ``per_demand``: sum / sum |y|
RMSE   ``squared_errors``               ``root_mean``: sqrt(sum / count)
MAPE   ``absolute_percentage_errors``   ``mean``: sum / count
MASE   ``absolute_errors`` / scale      ``mean``: sum / count

``accuracy`` aggregates exact sums over shards. Functions of arrays, such as ``wape``, aggregate what they are given:
NaN in ``actual`` is unobserved and left out, and a measure of no observation at all is NaN.
"""

import numpy as np

from forecast_engine.arrays.reductions import Array


def pinball(actual: Array, quantile_forecast: Array, level: float) -> Array:
    """2 max(level (y - q), (1 - level) (q - y)), elementwise."""
    difference = actual - quantile_forecast
    return 2 * np.maximum(level * difference, (level - 1) * difference)


def absolute_errors(actual: Array, forecast: Array) -> Array:
    """|y - f|, elementwise."""
    return np.abs(actual - forecast)


def squared_errors(actual: Array, forecast: Array) -> Array:
    """(y - f)^2, elementwise."""
    return absolute_errors(actual, forecast) ** 2


def absolute_percentage_errors(actual: Array, forecast: Array) -> Array:
    """|y - f| / |y|, elementwise, and 0 where y is 0, as Amazon's published numbers show."""
    zero = actual == 0
    return np.where(zero, 0.0, absolute_errors(actual, forecast) / np.where(zero, 1.0, np.abs(actual)))


def is_covered(actual: Array, lower: Array, upper: Array) -> Array:
    """1 where lower <= y <= upper, 0 elsewhere; NaN where y is unobserved."""
    return np.where(np.isnan(actual), np.nan, (actual >= lower) & (actual <= upper))


def per_demand(total: float, total_demand: float) -> float:
    """sum / sum |y|; the bare sum where everything observed is zero, as Amazon defines it."""
    return total / (total_demand or 1.0)


def mean(total: float, count: int) -> float:
    """sum / count; 0 of nothing."""
    return total / max(count, 1)


def root_mean(total: float, count: int) -> float:
    """sqrt(sum / count); 0 of nothing."""
    return float(np.sqrt(mean(total, count)))


def weighted_quantile_loss(actual: Array, quantile_forecast: Array, level: float) -> float:
    """2 sum max(level (y - q), (1 - level) (q - y)) / sum |y|."""
    return _per_demand(pinball(actual, quantile_forecast, level), actual)


def wape(actual: Array, forecast: Array) -> float:
    """sum |y - f| / sum |y|."""
    return _per_demand(absolute_errors(actual, forecast), actual)


def rmse(actual: Array, forecast: Array) -> float:
    """sqrt(mean (y - f)^2)."""
    total, count = _sum_and_count(squared_errors(actual, forecast))
    return root_mean(total, count) if count else float("nan")


def mape(actual: Array, forecast: Array) -> float:
    """mean |y - f| / |y|, a fraction; points with y = 0 add nothing but count."""
    return _mean(absolute_percentage_errors(actual, forecast))


def mase(actual: Array, forecast: Array, scale: float | None) -> float | None:
    """mean |y - f| / scale, where ``scale`` is ``seasonal_scale`` of the history; None where that is."""
    if scale is None:
        return None
    return _mean(absolute_errors(actual, forecast)) / scale


def coverage(actual: Array, lower: Array, upper: Array) -> float:
    """Share of observations with lower <= y <= upper."""
    return _mean(is_covered(actual, lower, upper))


def _per_demand(losses: Array, actual: Array) -> float:
    total, count = _sum_and_count(losses)
    return per_demand(total, float(np.nansum(np.abs(actual)))) if count else float("nan")


def _mean(values: Array) -> float:
    total, count = _sum_and_count(values)
    return mean(total, count) if count else float("nan")


def _sum_and_count(values: Array) -> tuple[float, int]:
    """Sum and count of the ``values`` that are not NaN; any shape."""
    present = values[~np.isnan(values)]
    return float(np.sum(present)), len(present)
