"""From points to quantiles: monotone, and never below zero where the history never was."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.intervals.demand_table import ExpectedDemand, RatioTables
from forecast_engine.portfolio.portfolio import naive_points, sample_quantiles, seasonal_differences


def item_quantiles(
    *,
    history: Array,
    points: Array,
    width: Array,
    scores: Array,
    sampled: NDArray[np.bool_],
    movement: Array,
    expected: ExpectedDemand,
    demand_tables: RatioTables,
    table_of: NDArray[np.int64],
    season_length: int,
    levels: Array,
) -> tuple[Array, Array]:
    """Quantiles [item, step, level] in the order of ``levels``, and the mean [item, step].

    ``history`` [item, time]; ``points`` [item, step]; ``width`` [item]; ``scores`` [item, step, level], the
    distance of each quantile in units of width. Items of ``sampled`` [item] take the quantiles of their own past
    instead, times ``movement`` [item, step], blended with those of demand like theirs by one of ``demand_tables``,
    which ``table_of`` [item] names.
    """
    quantiles = points[:, :, None] + width[:, None, None] * scores
    past = sample_quantiles(history[sampled], season_length, points.shape[1], levels)
    past *= movement[sampled][:, :, None]
    demand = ExpectedDemand(expected.mean[sampled], expected.place[sampled])
    quantiles[sampled] = demand_tables.blended(past, demand, table_of[sampled])
    mean = points.copy()
    floor = np.where(_never_negative(history), 0.0, -np.inf)
    return _monotone(np.maximum(quantiles, floor[:, None, None]), levels), np.maximum(mean, floor[:, None])


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
    floor = np.where(_never_negative(target), 0.0, -np.inf)[:, None, None]
    return np.maximum(points[:, :, None] + spread[:, :, None] * normal, floor), points


def _never_negative(history: Array) -> NDArray[np.bool_]:
    return np.logical_not(np.any(history < 0, axis=1))  # NaN compares as not below


def _monotone(quantiles: Array, levels: Array) -> Array:
    """Sort along the levels, whatever order these are in."""
    order = np.argsort(levels, kind="stable")
    sorted_quantiles = np.empty_like(quantiles)
    sorted_quantiles[:, :, order] = np.sort(quantiles[:, :, order], axis=2)
    return sorted_quantiles
