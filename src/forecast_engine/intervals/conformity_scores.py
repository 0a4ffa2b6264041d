"""Conformity scores: how far backtests were off, in units of each series' scale, pooled over the panel.

Shards exchange histograms, whose sums are exact. A score adds 16 to its bin, less if its forecast had less history than
the latest window's.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.panel.demand_class import DEMAND_CLASSES

_BIN_WIDTH = 0.08  # in log(1 + |score|): fine where most scores lie, wide in the tails
_BINS_PER_SIDE = 50  # up to a score of e^4 - 1 = 54; what lies beyond counts as that
BIN_COUNT = 2 * _BINS_PER_SIDE
_EDGES = np.sign(np.arange(-_BINS_PER_SIDE, _BINS_PER_SIDE + 1)) * np.expm1(
    np.abs(np.arange(-_BINS_PER_SIDE, _BINS_PER_SIDE + 1)) * _BIN_WIDTH
)
WHOLE_SCORE = 16  # counts of a score that counts fully
_ENOUGH_SCORES = 200  # a 2.5 % tail then holds 5; with fewer, neighbouring steps help out
_PRIOR_SCORES = 10.0  # normal scores added, so that a panel with next to no backtest has intervals too
_LOCATION_KEPT = 0.5  # of the median score: half of what a panel's windows erred in common does not come back
MAXIMUM_STEP_GROUPS = 48  # keeps the tables of a horizon of 500 small
FORECAST_LEVELS = np.round(np.arange(1, 100) / 100, 2)  # of the tables, so that a forecast may ask for any quantile


def step_groups(horizon: int) -> NDArray[np.int64]:
    """The group of each step [step]: one per step up to ``MAXIMUM_STEP_GROUPS``, equal stretches beyond."""
    return np.arange(horizon) * min(horizon, MAXIMUM_STEP_GROUPS) // horizon


@dataclass(frozen=True)
class ScoreHistograms:
    """``counts`` [class, step group, bin] of the conformity scores of items of each demand class."""

    counts: NDArray[np.int64]

    @classmethod
    def empty(cls, groups: NDArray[np.int64]) -> "ScoreHistograms":
        """No score yet, for the groups [step] of ``step_groups``."""
        return cls(np.zeros((len(DEMAND_CLASSES), int(groups[-1]) + 1, BIN_COUNT), dtype=np.int64))

    def __add__(self, other: "ScoreHistograms") -> "ScoreHistograms":
        """The counts of both shards."""
        return ScoreHistograms(self.counts + other.counts)

    def quantiles(self, levels: Array) -> Array:
        """Quantiles [class, step group, level], to six significant digits: more than the data know, and few bytes."""
        tables = np.stack([score_quantiles(counts, levels) for counts in self.counts])
        return np.array([float(f"{value:.6g}") for value in tables.ravel()]).reshape(tables.shape)


def score_counts(conformity_scores: Array, groups: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts [group, bin] of scores [case, step], each ``weights`` [case] times; NaN is left out."""
    known = ~np.isnan(conformity_scores)
    present = conformity_scores[known]
    bins = np.floor(np.sign(present) * np.log1p(np.abs(present)) / _BIN_WIDTH).astype(np.int64) + _BINS_PER_SIDE
    cells = np.broadcast_to(groups, conformity_scores.shape)[known] * BIN_COUNT + np.clip(bins, 0, BIN_COUNT - 1)
    times = np.broadcast_to(weights[:, None], conformity_scores.shape)[known]
    size = (int(groups[-1]) + 1) * BIN_COUNT
    counts = np.bincount(cells, weights=times, minlength=size)  # floats, but whole numbers: exact
    return counts.astype(np.int64).reshape(-1, BIN_COUNT)


def score_weights(observation_counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much scores count [item, window]: by the square of the history's length over that of the latest window.

    ``observation_counts`` [item, window]: before each window, the latest window first. With less to learn from,
    forecasts err more than the next one will.
    """
    share = np.minimum(observation_counts / np.maximum(observation_counts[:, :1], 1), 1.0)
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
    """Quantiles [level] by linear interpolation inside the bins, shifted half of the way to a median of zero.

    Scores of a normal distribution are added, of spread ``sqrt(1 + step / 2)``: between white noise (constant) and a
    random walk (``sqrt(step)``).
    """
    spread = np.sqrt(1.0 + group / 2)
    normal = NormalDist(0.0, float(spread))
    prior = np.diff([normal.cdf(float(edge)) for edge in _EDGES])
    mass = counts + _PRIOR_SCORES * WHOLE_SCORE * prior
    cumulated = np.concatenate([[0.0], np.cumsum(mass)])
    quantiles: Array = np.interp(levels, cumulated / cumulated[-1], _EDGES)
    return quantiles - (1 - _LOCATION_KEPT) * np.interp(0.5, cumulated / cumulated[-1], _EDGES)
