"""From points to quantiles: monotone, and never below zero where the history never was."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.intervals.demand_table import ExpectedDemand, RatioTables
from forecast_engine.models.npts import sample_quantiles
from forecast_engine.panel.demand_class import never_negative


def item_quantiles(
    *,
    history: Array,
    points: Array,
    width: Array,
    scores: Array,
    is_intermittent: NDArray[np.bool_],
    movement: Array,
    expected: ExpectedDemand,
    demand_tables: RatioTables,
    table_of: NDArray[np.int64],
    season_length: int,
    levels: Array,
) -> tuple[Array, Array]:
    """Quantiles [item, step, level] in the order of ``levels``, and the mean [item, step].

    ``history`` [item, time]; ``points`` [item, step]; ``width`` [item]; ``scores`` [item, step, level], the
    distance of each quantile in units of width. Items that are ``is_intermittent`` [item] take the quantiles of their
    own past instead, times ``movement`` [item, step], blended with those of demand like theirs by one of
    ``demand_tables``, which ``table_of`` [item] names.
    """
    quantiles = points[:, :, None] + width[:, None, None] * scores
    past = sample_quantiles(history[is_intermittent], season_length, points.shape[1], levels)
    past *= movement[is_intermittent][:, :, None]
    demand = ExpectedDemand(expected.mean[is_intermittent], expected.place[is_intermittent])
    quantiles[is_intermittent] = demand_tables.blended(past, demand, table_of[is_intermittent])
    mean = points.copy()
    floor = np.where(never_negative(history), 0.0, -np.inf)
    return _monotone(np.maximum(quantiles, floor[:, None, None]), levels), np.maximum(mean, floor[:, None])


def _monotone(quantiles: Array, levels: Array) -> Array:
    """Sort along the levels, whatever order these are in."""
    order = np.argsort(levels, kind="stable")
    sorted_quantiles = np.empty_like(quantiles)
    sorted_quantiles[:, :, order] = np.sort(quantiles[:, :, order], axis=2)
    return sorted_quantiles
