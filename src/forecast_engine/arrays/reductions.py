"""Sums, means and medians along an axis whose last bit depends on one series alone, never on its neighbours."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]  # the one name of it, for outsiders too
NORMAL_MEDIAN = 0.6745  # of the size of a standard normal number: a median of sizes over it is a standard deviation


def sums_over_time(values: Array) -> Array:
    """Sums [series] of values [series, time], added one by one.

    ``sum`` adds in groups that depend on the block's length, so that zeros before a series' start, which are there
    because of its neighbours, would change the last bit.
    """
    sums: Array = np.cumsum(values, axis=1)[:, -1]
    return sums


def sums_over_first(values: Array) -> Array:
    """Sums over the first axis, added one by one; ``sum`` groups in a way that depends on how many items there are."""
    sums: Array = np.cumsum(values, axis=0)[-1]
    return sums


def means_over_time(values: Array) -> Array:
    """Means [series] of the known values of [series, time], added one by one; NaN where all are NaN."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    return np.where(count > 0, sums_over_time(np.where(known, values, 0.0)) / np.maximum(count, 1), np.nan)


def medians_over_time(values: Array) -> Array:
    """Medians [...] of the known values of [..., time]; NaN where all are NaN."""
    last = np.maximum((~np.isnan(values)).sum(axis=-1, keepdims=True) - 1, 0)
    ordered = np.sort(values, axis=-1)  # NaN last
    middle = np.take_along_axis(ordered, last // 2, axis=-1), np.take_along_axis(ordered, (last + 1) // 2, axis=-1)
    medians: Array = (middle[0] / 2 + middle[1] / 2)[..., 0]
    return medians
