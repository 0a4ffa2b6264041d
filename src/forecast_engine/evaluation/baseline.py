"""What every forecast is measured against: seasonal naive, with the textbook's intervals."""

from statistics import NormalDist

import numpy as np

from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation.scales import seasonal_differences
from forecast_engine.models.seasonal_naive import naive_points
from forecast_engine.panel.demand_class import never_negative


def seasonal_naive(
    target: Array, season_length: int, horizon: int, quantiles: tuple[float, ...]
) -> tuple[Array, Array]:
    """The benchmark with intervals of its own: quantiles [item, step, quantile] and mean [item, step].

    Points repeat the last season; the error of step k is normal with the standard deviation of past differences over
    one season times sqrt(number of seasons ahead), the textbook's interval of this method.
    """
    points = naive_points(target, season_length, horizon)
    _, residual = seasonal_differences(target, season_length)
    seasons_ahead = np.arange(horizon) // season_length + 1
    spread = residual[:, None] * np.sqrt(seasons_ahead)
    normal = np.array([NormalDist().inv_cdf(level) for level in quantiles])
    floor = np.where(never_negative(target), 0.0, -np.inf)[:, None, None]
    return np.maximum(points[:, :, None] + spread[:, :, None] * normal, floor), points
