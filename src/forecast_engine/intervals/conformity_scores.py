"""Conformal intervals: how far backtests were off, in units of each series' typical error, pooled over the panel.

Scores travel as counts in bins, so that shards add up exactly. A score counts in sixteenths, the less the shorter the
history was that its forecast had.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array

_BIN_WIDTH = 0.08  # in log(1 + |score|): fine where most scores lie, wide in the tails
_BINS_PER_SIDE = 50  # up to a score of e^4 - 1 = 54; what lies beyond counts as that
BIN_COUNT = 2 * _BINS_PER_SIDE
_EDGES = np.sign(np.arange(-_BINS_PER_SIDE, _BINS_PER_SIDE + 1)) * np.expm1(
    np.abs(np.arange(-_BINS_PER_SIDE, _BINS_PER_SIDE + 1)) * _BIN_WIDTH
)
WHOLE_SCORE = 16  # counts of a score that counts fully
_ENOUGH_SCORES = 200  # a 2.5 % tail then holds 5; with fewer, neighbouring steps help out
_PRIOR_SCORES = 10.0  # normal scores mixed in, so that a panel with next to no backtest has intervals too
_LOCATION_KEPT = 0.5  # of the median score: what a panel's windows erred in common half fails to come back
MAXIMUM_STEP_GROUPS = 48  # keeps the tables of a horizon of 500 small
TABLE_LEVELS = np.round(np.arange(1, 100) / 100, 2)  # of the final scores, so that a forecast may ask for any quantile


def step_groups(horizon: int) -> NDArray[np.int64]:
    """The group of each step [step]: one per step up to ``MAXIMUM_STEP_GROUPS``, equal stretches beyond."""
    return np.arange(horizon) * min(horizon, MAXIMUM_STEP_GROUPS) // horizon


def score_counts(scores: Array, groups: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts [group, bin] of scores [case, step], each ``weights`` [case] times; NaN is left out."""
    known = ~np.isnan(scores)
    present = scores[known]
    bins = np.floor(np.sign(present) * np.log1p(np.abs(present)) / _BIN_WIDTH).astype(np.int64) + _BINS_PER_SIDE
    cells = np.broadcast_to(groups, scores.shape)[known] * BIN_COUNT + np.clip(bins, 0, BIN_COUNT - 1)
    times = np.broadcast_to(weights[:, None], scores.shape)[known]
    size = (int(groups[-1]) + 1) * BIN_COUNT
    counts = np.bincount(cells, weights=times, minlength=size)  # floats, but whole numbers: exact
    return counts.astype(np.int64).reshape(-1, BIN_COUNT)


def score_weights(trained: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much scores count [item, window]: by the square of the history's length over that of the latest window.

    ``trained`` [item, window] are the observations before each window, the latest window first. With less to learn
    from, forecasts err more than the next one will.
    """
    share = np.minimum(trained / np.maximum(trained[:, :1], 1), 1.0)
    return np.rint(WHOLE_SCORE * share**2).astype(np.int64)


def score_quantiles(counts: NDArray[np.int64], levels: Array) -> Array:
    """Quantiles [group, level] of counts [group, bin], each step helped out by its neighbours where it has few."""
    return np.stack([_quantiles(_pooled(counts, group), group, levels) for group in range(len(counts))])


def _pooled(counts: NDArray[np.int64], group: int) -> NDArray[np.int64]:
    reach = 0
    while True:
        pooled = counts[max(0, group - reach) : group + reach + 1].sum(axis=0)
        if pooled.sum() >= _ENOUGH_SCORES * WHOLE_SCORE or reach >= len(counts):
            return pooled
        reach += 1


def _quantiles(counts: NDArray[np.int64], group: int, levels: Array) -> Array:
    """Quantiles [level] by linear interpolation inside the bins, moved half of the way to a median of zero."""
    spread = np.sqrt(1.0 + group / 2)  # errors of a series that half follows a random walk
    normal = NormalDist(0.0, float(spread))
    prior = np.diff([normal.cdf(float(edge)) for edge in _EDGES])
    mass = counts + _PRIOR_SCORES * WHOLE_SCORE * prior
    cumulated = np.concatenate([[0.0], np.cumsum(mass)])
    quantiles: Array = np.interp(levels, cumulated / cumulated[-1], _EDGES)
    return quantiles - (1 - _LOCATION_KEPT) * np.interp(0.5, cumulated / cumulated[-1], _EDGES)
