"""The demand class of a series: smooth, or intermittent where zeros are so many that a typical error means little."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array, sums_over_time

# Series are pooled with their like; intermittent ones have quantiles of their own past and of the demand table.
SMOOTH, INTERMITTENT = "smooth", "intermittent"
DEMAND_CLASSES = (SMOOTH, INTERMITTENT)
_ZERO_SHARE = 0.3  # intermittent from this share on: there NPTS intervals beat conformal ones (car parts, retail)
_COUNTED_ZERO_SHARE = 0.1  # or from this one on, where demand is of few units
_FEW_UNITS = 8.0  # a period, each as large as the item's smallest demand; with more, zeros are no matter of chance


def intermittent(history: Array) -> NDArray[np.bool_]:
    """[item]: series of ``history`` [item, time] that are never negative and zero in many of their periods."""
    observed = (~np.isnan(history)).sum(axis=1)
    zeros = (history == 0).sum(axis=1)
    is_intermittent: NDArray[np.bool_] = (zeros >= _ZERO_SHARE * observed) & (zeros > 0)
    some = np.flatnonzero((zeros >= _COUNTED_ZERO_SHARE * observed) & (zeros > 0) & ~is_intermittent)
    if len(some):
        is_intermittent[some] = _units(history[some]) <= _FEW_UNITS * observed[some]
    return never_negative(history) & is_intermittent


def _units(history: Array) -> Array:
    """[item]: all demand of ``history`` [item, time] in units of its smallest."""
    demand = history > 0
    smallest = np.where(demand, history, np.inf).min(axis=1, initial=np.inf)
    with np.errstate(over="ignore"):
        return sums_over_time(np.where(demand, history, 0.0) / smallest[:, None])


def never_negative(history: Array) -> NDArray[np.bool_]:
    """[item]: series whose ``history`` [item, time] holds no value below zero."""
    return np.logical_not(np.any(history < 0, axis=1))  # NaN compares as not below
