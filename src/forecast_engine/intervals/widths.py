"""How wide the intervals of one series are beside those of others: by its past changes, its level and its backtests.

``width = typical change * difficulty``. The typical change is read off the history. The difficulty is how far the
item's own backtests were off in units of it, as against the panel's in the same windows; an item has few of them, so
that it is shrunk towards 1.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.exact_sum import exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.ensemble.weights import mixed
from forecast_engine.evaluation.scales import seasonal_differences
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.settings import Document

_RECENT_SHARE = 0.3  # of recent changes from period to period in the typical change, as an exponent
_LEVEL_SHARE = 0.2  # of the recent level; the rest is MASE's scale: decision 0114
_RECENT_SEASONS = 2
_RECENT_PERIODS = 6  # at least
_LEVEL_PERIODS = 3  # at least
_LARGEST_RATIO = 20.0  # of recent changes or level to MASE's scale
_PRIOR_WINDOWS = 6.0  # backtests of an average item that each item's own are mixed with
_LARGEST_LOG = 2.0  # one window shows an item 7 times as hard or as easy as the panel at most
_SMALLEST_ERROR = 1e-6  # in units of the typical change; the logarithm of none would be infinite


def typical_change(history: Array, season_length: int) -> Array:
    """[item] of ``history`` [item, time]: a geometric mean of three scales; 0 where the history never changes.

    MASE's scale (the mean absolute difference over one season) counts half, the mean absolute difference between
    neighbours in the last two seasons .3, the mean absolute value in the last season .2.
    """
    scale, _ = seasonal_differences(history, season_length)
    recent = max(_RECENT_SEASONS * season_length, _RECENT_PERIODS)
    changes = means_over_time(np.abs(np.diff(history, axis=1)[:, -recent:]))
    levels = means_over_time(np.abs(history[:, -max(season_length, _LEVEL_PERIODS) :]))
    width: Array = scale * _ratio(changes, scale) ** _RECENT_SHARE * _ratio(levels, scale) ** _LEVEL_SHARE
    return width


def difficulty(logs: Array) -> Array:
    """Factors [item] from the ``window_log`` [item, window] of some windows; 1 where none is known."""
    total, count = np.zeros(len(logs)), np.zeros(len(logs))
    for column in logs.T:  # one by one: a sum over an axis may group by how many items there are
        known = ~np.isnan(column)
        total += np.where(known, column, 0.0)
        count += known
    return np.exp(total / (count + _PRIOR_WINDOWS))


def window_log(errors: Array, width: Array, reference: Array) -> Array:
    """How much harder one window was than for the panel [item], as a logarithm; NaN where nothing can be said.

    ``errors`` [item, step], NaN where a step teaches nothing; ``width`` [item] is the typical change, ``reference``
    [item] the panel's mean logarithm.
    """
    return np.clip(_logarithm(means_over_time(np.abs(errors)), width) - reference, -_LARGEST_LOG, _LARGEST_LOG)


def reference_sums(points: Array, actual: Array, widths: Array, kinds: NDArray[np.bool_]) -> list[list[Document]]:
    """[kind][window]: over how many items the logarithm of the mean error is known, and its sum.

    ``points`` [member, item, window, step], ``actual`` [item, window, step], NaN where a step teaches nothing;
    ``widths`` and ``kinds`` [item, window]. Members count alike here: how they mix is not known yet.
    """
    sums: list[list[Document]] = [[] for _ in DEMAND_CLASSES]
    for window in range(actual.shape[1]):
        mixture, _ = mixed(np.ones(points.shape[:2]), points[:, :, window])
        logs = _logarithm(means_over_time(np.abs(mixture - actual[:, window])), widths[:, window])
        for kind, rows in enumerate(sums):
            rows.append(log_sum(logs[kinds[:, window] == bool(kind)]))
    return sums


def log_sum(logs: Array) -> Document:
    """Count and exact sum of those of ``logs`` [item] that are known."""
    known = logs[~np.isnan(logs)]
    return {"count": len(known), "sum": exact_sum(known.tolist())}


def mean_log(parts: Iterable[Document]) -> float:
    """The mean of all shards' ``log_sum``; 0 where there is none."""
    shards = list(parts)
    count: int = sum(part["count"] for part in shards)
    return rounded_sum(merged(part["sum"] for part in shards)) / max(count, 1)


def merged_references(shards: list[list[list[Document]]]) -> list[list[float]]:
    """Mean logarithms [kind][window] from the ``reference_sums`` of all shards; 0 where there is none."""
    return [[mean_log(parts) for parts in zip(*windows, strict=True)] for windows in zip(*shards, strict=True)]


def _logarithm(errors: Array, width: Array) -> Array:
    known = ~np.isnan(errors) & (width > 0)
    relative = np.where(known, errors, 1.0) / np.where(known, width, 1.0)
    return np.where(known, np.log(np.maximum(relative, _SMALLEST_ERROR)), np.nan)


def _ratio(values: Array, scale: Array) -> Array:
    """``values`` over ``scale`` [item] within bounds; 1 where either is zero or unknown."""
    known = (values > 0) & (scale > 0)
    ratio = np.where(known, values, 1.0) / np.where(known, scale, 1.0)
    return np.clip(ratio, 1 / _LARGEST_RATIO, _LARGEST_RATIO)
