"""How wide the intervals of one series are beside those of others: by its past changes, its level and its backtests.

``scale_i = change_scale_i * difficulty_i``. The change scale is read off the history. The difficulty is how far the
item's own backtests were off in units of it, against the panel's in the same windows, shrunk towards 1::

    difficulty_i = exp(sum_w clip(log(error_iw / change_scale_iw) - panel_log_error_w) / (n_w + 6))
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.exact_sum import ExactSum, exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.ensemble.weights import combine
from forecast_engine.evaluation.scales import seasonal_differences
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.settings import JsonObject

_RECENT_SHARE = 0.3  # of recent changes from period to period in the change scale, as an exponent
_LEVEL_SHARE = 0.2  # of the recent level; the rest is MASE's scale: decision 0114
_RECENT_SEASONS = 2
_RECENT_PERIODS = 6  # at least
_LEVEL_PERIODS = 3  # at least
_LARGEST_RATIO = 20.0  # of recent changes or level to MASE's scale
_PRIOR_WINDOWS = 6.0  # backtests of an average item that each item's own are averaged with
_LARGEST_LOG = 2.0  # one window shows an item 7 times as hard or as easy as the panel at most
_SMALLEST_ERROR = 1e-6  # in units of the change scale; the logarithm of none would be infinite


def change_scale(history: Array, season_length: int) -> Array:
    """[item] of ``history`` [item, time]: a geometric mean of three scales; 0 where the history never changes.

    ``mase_scale^.5 * changes^.3 * level^.2``: MASE's scale is the mean absolute difference over one season, changes
    are the mean absolute difference between neighbours in the last two seasons, the level is the mean absolute value in
    the last season.
    """
    mase_scale, _ = seasonal_differences(history, season_length)
    recent = max(_RECENT_SEASONS * season_length, _RECENT_PERIODS)
    changes = means_over_time(np.abs(np.diff(history, axis=1)[:, -recent:]))
    levels = means_over_time(np.abs(history[:, -max(season_length, _LEVEL_PERIODS) :]))
    by_changes, by_level = _ratio(changes, mase_scale) ** _RECENT_SHARE, _ratio(levels, mase_scale) ** _LEVEL_SHARE
    scale: Array = mase_scale * by_changes * by_level
    return scale


def difficulty(log_error_ratios: Array) -> Array:
    """Factors [item] from the ``log_error_ratio`` [item, window] of some windows; 1 where none is known.

    What crepes calls difficulty, and estimates by its ``DifficultyEstimator``: how hard an item is to forecast, which
    normalises its conformity scores.
    """
    total, count = np.zeros(len(log_error_ratios)), np.zeros(len(log_error_ratios))
    for column in log_error_ratios.T:  # one by one: a sum over an axis may group by how many items there are
        known = ~np.isnan(column)
        total += np.where(known, column, 0.0)
        count += known
    return np.exp(total / (count + _PRIOR_WINDOWS))


def log_error_ratio(errors: Array, scale: Array, panel_log_error: Array) -> Array:
    """How much harder one window was than for the panel [item], as a logarithm; NaN where nothing can be said.

    ``errors`` [item, step], NaN where a step teaches nothing; ``scale`` [item] is the change scale; ``panel_log_error``
    [item] is the panel's mean logarithm of errors in units of it.
    """
    own = _log_error(means_over_time(np.abs(errors)), scale)
    return np.clip(own - panel_log_error, -_LARGEST_LOG, _LARGEST_LOG)


@dataclass(frozen=True)
class LogSum:
    """The count and the exact sum of some logarithms; shards add up."""

    count: int
    total: ExactSum

    @classmethod
    def of(cls, logarithms: Array) -> "LogSum":
        """Of those of ``logarithms`` [item] that are known."""
        known = logarithms[~np.isnan(logarithms)]
        return cls(len(known), exact_sum(known.tolist()))

    def __add__(self, other: "LogSum") -> "LogSum":
        """The sum of both shards, still exact."""
        return LogSum(self.count + other.count, merged([self.total, other.total]))

    def mean(self) -> float:
        """The mean logarithm; 0 where there is none."""
        return rounded_sum(self.total) / max(self.count, 1)

    def to_document(self) -> JsonObject:
        """The same sum as a JSON object."""
        return {"count": self.count, "sum": self.total}

    @classmethod
    def from_document(cls, document: JsonObject) -> "LogSum":
        """A sum from what ``to_document`` wrote."""
        return cls(document["count"], document["sum"])


def log_error_sums(
    points: Array, actual: Array, scales: Array, is_intermittent: NDArray[np.bool_]
) -> list[list[LogSum]]:
    """[class][window]: over how many items the logarithm of the mean error is known, and its sum.

    ``points`` [member, item, window, step], ``actual`` [item, window, step], NaN where a step teaches nothing;
    ``scales`` and ``is_intermittent`` [item, window]. Members count alike here: their weights are not known yet.
    """
    sums: list[list[LogSum]] = [[] for _ in DEMAND_CLASSES]
    for window in range(actual.shape[1]):
        combined, _ = combine(np.ones(points.shape[:2]), points[:, :, window])
        logarithms = _log_error(means_over_time(np.abs(combined - actual[:, window])), scales[:, window])
        for number, windows in enumerate(sums):
            windows.append(LogSum.of(logarithms[is_intermittent[:, window] == bool(number)]))
    return sums


def _log_error(errors: Array, scale: Array) -> Array:
    """The logarithm of errors in units of a scale [item]; NaN without an error or a scale."""
    known = ~np.isnan(errors) & (scale > 0)
    ratios = np.where(known, errors, 1.0) / np.where(known, scale, 1.0)
    return np.where(known, np.log(np.maximum(ratios, _SMALLEST_ERROR)), np.nan)


def _ratio(values: Array, scale: Array) -> Array:
    """``values`` over ``scale`` [item] within bounds; 1 where either is zero or unknown."""
    known = (values > 0) & (scale > 0)
    ratio = np.where(known, values, 1.0) / np.where(known, scale, 1.0)
    return np.clip(ratio, 1 / _LARGEST_RATIO, _LARGEST_RATIO)
