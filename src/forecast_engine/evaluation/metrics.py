"""Measures of accuracy: pure functions of arrays, each with its formula. NaN in ``actual`` is unobserved and left out.

Where everything observed is zero, a weighted measure is its bare numerator, as Amazon defines it. A measure of no
observation at all is NaN.
"""

import numpy as np

from forecast_engine.arrays.reductions import Array


def pinball(actual: Array, quantile_forecast: Array, level: float) -> Array:
    """2 max(level (y - q), (1 - level) (q - y)), elementwise."""
    difference = actual - quantile_forecast
    return 2 * np.maximum(level * difference, (level - 1) * difference)


def weighted_quantile_loss(actual: Array, quantile_forecast: Array, level: float) -> float:
    """2 sum max(level (y - q), (1 - level) (q - y)) / sum |y|."""
    return _weighted(pinball(actual, quantile_forecast, level), actual)


def wape(actual: Array, forecast: Array) -> float:
    """sum |y - f| / sum |y|."""
    return _weighted(np.abs(actual - forecast), actual)


def rmse(actual: Array, forecast: Array) -> float:
    """sqrt(mean (y - f)^2)."""
    return float(np.sqrt(_mean((actual - forecast) ** 2)))


def absolute_percentage_errors(actual: Array, forecast: Array) -> Array:
    """|y - f| / |y|, elementwise, and 0 where y is 0, as Amazon's published numbers show."""
    zero = actual == 0
    return np.where(zero, 0.0, np.abs(actual - forecast) / np.where(zero, 1.0, np.abs(actual)))


def mape(actual: Array, forecast: Array) -> float:
    """mean |y - f| / |y|, a fraction; points with y = 0 add nothing but count."""
    return _mean(absolute_percentage_errors(actual, forecast))


def mase(actual: Array, forecast: Array, scale: float | None) -> float | None:
    """mean |y - f| / scale, where ``scale`` is ``seasonal_scale`` of the history; None where that is."""
    if scale is None:
        return None
    return _mean(np.abs(actual - forecast)) / scale


def coverage(actual: Array, lower: Array, upper: Array) -> float:
    """Share of observations with lower <= y <= upper."""
    return _mean(np.where(np.isnan(actual), np.nan, (actual >= lower) & (actual <= upper)))


def _weighted(losses: Array, actual: Array) -> float:
    if not np.any(~np.isnan(losses)):
        return float("nan")
    total = float(np.nansum(np.abs(actual)))
    return float(np.nansum(losses)) / (total if total > 0 else 1.0)


def _mean(values: Array) -> float:
    present = values[~np.isnan(values)]
    return float(np.mean(present)) if len(present) else float("nan")
