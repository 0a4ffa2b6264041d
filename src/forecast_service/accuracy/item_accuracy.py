"""Accuracy per item, by the conventions of Amazon Forecast's item-level backtest files.

Readers of those files rely on two differences from ``GetAccuracyMetrics``: WAPE is the sum of absolute errors, divided
by nothing, and MASE takes its scale from the window itself. A metric that is not defined is NaN here. Steps whose
actual value is NaN, such as the weekends of a price, are left out.
"""

import numpy as np

from forecast_engine import Array


def weighted_quantile_losses(actual: Array, quantiles: Array, levels: tuple[float, ...]) -> Array:
    """wQL[level] = 2 sum max(level (y - q), (1 - level) (q - y)) / sum |y|; the bare numerator where sum |y| is 0.

    actual [..., step], quantiles [..., step, level] -> [..., level]
    """
    difference = actual[..., None] - quantiles
    level = np.array(levels)
    losses = 2 * np.nansum(np.maximum(level * difference, (level - 1) * difference), axis=-2)
    total = np.nansum(np.abs(actual), axis=-1)[..., None]
    return losses / np.where(total > 0, total, 1.0)


def rmse(actual: Array, mean: Array) -> Array:
    """sqrt(mean (y - f)^2) over the steps of a window."""
    return np.sqrt(_mean((actual - mean) ** 2))


def summed_absolute_error(actual: Array, mean: Array) -> Array:
    """sum |y - f|: what the column WAPE holds."""
    return np.nansum(np.abs(actual - mean), axis=-1)


def mape(actual: Array, mean: Array) -> Array:
    """(1/n) sum |y - f| / |y|; steps with y = 0 contribute nothing, but count in n."""
    size = np.abs(actual)
    shares = np.abs(actual - mean) / np.where(size > 0, size, np.inf)
    return _mean(np.where(np.isnan(actual), np.nan, shares))


def mase(actual: Array, mean: Array, season_length: int) -> Array:
    """mean |y - f| / mean |y_t - y_(t-m)| within the window; m is 1 where the season is not shorter than the window."""
    lag = season_length if season_length < actual.shape[-1] else 1
    if actual.shape[-1] <= lag:
        return np.full(actual.shape[:-1], np.nan)
    scale = _mean(np.abs(actual[..., lag:] - actual[..., :-lag]))
    return _mean(np.abs(actual - mean)) / np.where(scale > 0, scale, np.nan)


def _mean(values: Array) -> Array:
    """Over the last axis, NaN left out; NaN of nothing."""
    count = (~np.isnan(values)).sum(axis=-1)
    mean: Array = np.nansum(values, axis=-1) / np.where(count > 0, count, np.nan)
    return mean
