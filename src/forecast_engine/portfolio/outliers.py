"""Values that stand out once and tell nothing of the future, replaced for the models that learn from a history."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast_engine.arrays.block import SERIES_PER_BLOCK
from forecast_engine.arrays.reductions import NORMAL_MEDIAN, Array, means_over_time, medians_over_time

OUTLYING = 8.0  # standard deviations from the same phase of the seasons beside it
_BEYOND = 1.0  # times the range of all other values outside of it: nearer ones may be told by their season
MOST_OUTLIERS = 0.05  # of the periods: a series with more is wild, and none of its values stands out
_MOST_ZEROS = 0.3  # of the periods: with more, what stands out is demand
LASTING = 3  # as many outlying values in a row are a level of their own
_SEASONS_NEEDED = 4  # to tell an outlier from its own phase; else from the periods beside it


def without_outliers(history: Array, season_length: int, periods: tuple[int, ...] = ()) -> Array:
    """A history [item, time] with what is usual in place of outliers; the same array where there are none.

    An outlier is far from the values of the same phase in the seasons beside it, and from those one of ``periods``
    away, and far outside of the range of all others. One or two in a row are replaced where the series came back. The
    last value may be the first of a new level: it is taken to be at most twice what is usual, and at least nothing.
    Intermittent series keep all theirs.
    """
    cleaned = history
    known = ~np.isnan(history)
    lengths = np.where(known.any(axis=1), history.shape[1] - known.argmax(axis=1), 0)
    by_season = lengths >= _SEASONS_NEEDED * season_length
    for lag, items in ((season_length, np.flatnonzero(by_season)), (1, np.flatnonzero(~by_season))):
        if history.shape[1] < max(_SEASONS_NEEDED * lag, 1 / MOST_OUTLIERS):
            continue
        for first in range(0, len(items), SERIES_PER_BLOCK):
            chosen = items[first : first + SERIES_PER_BLOCK]
            chosen = chosen[_may_have_outliers(history[chosen])]
            if len(chosen):
                outliers, usual = _outliers(history[chosen], lengths[chosen], lag, periods)
                changed = outliers.any(axis=1)
                cleaned = history.copy() if cleaned is history and changed.any() else cleaned
                cleaned[chosen[changed]] = np.where(outliers, usual, history[chosen])[changed]
    return cleaned


def in_runs(marked: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Which of those marked [item, time] stand in a row of at least ``length``."""
    windows = sliding_window_view(marked, length, axis=1).all(axis=2)
    padded = np.pad(windows, ((0, 0), (length - 1, length - 1)))
    return np.asarray(sliding_window_view(padded, length, axis=1).any(axis=2))


def middle_of_three(one: Array, two: Array, three: Array) -> Array:
    """The median of three, element by element."""
    median: Array = np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))
    return median


def _may_have_outliers(values: Array) -> NDArray[np.bool_]:
    """[item]: not intermittent, and with a gap between few values and all others; hardly any are, which saves time."""
    counts = (~np.isnan(values)).sum(axis=1)
    few = (counts * MOST_OUTLIERS).astype(np.int64)
    ordered = np.sort(values, axis=1)  # NaN last
    rows, places = np.arange(len(values)), np.arange(values.shape[1] - 1)
    lowest = ordered[rows, few][:, None]  # of the others, at most
    highest = ordered[rows, np.maximum(counts - 1 - few, 0)][:, None]
    gaps = np.diff(ordered, axis=1)
    above = (gaps > _BEYOND * (ordered[:, :-1] - lowest)) & (places >= (counts - 1 - few)[:, None])
    below = (gaps > _BEYOND * (highest - ordered[:, 1:])) & (places < few[:, None])
    dense = (values == 0).sum(axis=1) <= _MOST_ZEROS * counts
    return np.asarray(dense & (above | below).any(axis=1))


def _outliers(
    values: Array, lengths: NDArray[np.int64], lag: int, periods: tuple[int, ...]
) -> tuple[NDArray[np.bool_], Array]:
    """[item, time]: the outliers, and what is taken in their place."""
    trend = _slope(values, lengths, lag)[:, None] * np.arange(-values.shape[1], 0)
    level = values - trend
    earlier, later = _neighbours(level, lag)
    distance = np.abs(level - earlier)
    known = ~np.isnan(distance)
    median = np.nan_to_num(medians_over_time(distance))
    mean = np.nan_to_num(means_over_time(distance))
    limit = OUTLYING * np.where(median > 0, median / NORMAL_MEDIAN, mean)[:, None]
    distance = np.fmin(distance, np.abs(level - later))
    for period in periods:
        if lag < period < values.shape[1]:
            for shift in (period, -period):
                distance = np.fmin(distance, np.abs(level - _moved(level, shift)))
    far = np.where(known, distance, 0.0) > limit
    few = far.sum(axis=1) <= MOST_OUTLIERS * lengths
    far &= few[:, None] & _beyond(values, far)
    far &= ~in_runs(far, LASTING)
    came_back = np.logical_or.accumulate((~far & ~np.isnan(values))[:, ::-1], axis=1)[:, ::-1]
    latest = far & ~came_back
    far &= came_back | (latest.sum(axis=1, keepdims=True) == 1)  # the second value of a new level confirms the first
    usual = earlier + trend
    reach = np.maximum(np.abs(usual), limit)
    return far, np.where(latest, np.clip(values, usual - reach, usual + reach), usual)


def _slope(values: Array, lengths: NDArray[np.int64], lag: int) -> Array:
    """[item]: the median difference between values half the history apart, in whole lags, for one period."""
    apart = np.maximum(lengths // 2 // lag, 1) * lag
    later = np.arange(values.shape[1]) + apart[:, None]
    inside = later < values.shape[1]
    ahead = np.take_along_axis(values, np.where(inside, later, 0), axis=1)
    return np.nan_to_num(medians_over_time(np.where(inside, ahead - values, np.nan))) / apart


def _neighbours(level: Array, lag: int) -> tuple[Array, Array]:
    """Medians [item, time] of the two before and the one behind, and of the one before and the two behind.

    The first value of a new level is near the latter. Towards the ends the next three on the other side stand in.
    """
    before = {count: _moved(level, count * lag) for count in (1, 2, 3)}
    behind = {count: _moved(level, -count * lag) for count in (1, 2, 3)}
    first, second, last = np.isnan(before[1]), np.isnan(before[2]), np.isnan(behind[1])
    earlier = middle_of_three(
        np.where(first, behind[1], before[1]),
        np.where(first, behind[3], np.where(second, behind[2], before[2])),
        np.where(first, behind[2], np.where(last, before[3], behind[1])),
    )
    later = middle_of_three(before[1], behind[1], behind[2])
    return earlier, np.where(np.isnan(later), earlier, later)


def _moved(values: Array, periods: int) -> Array:
    """[item, time]: what was so many periods before, or comes behind where it is negative; NaN outside."""
    moved = np.full(values.shape, np.nan)
    if periods > 0:
        moved[:, periods:] = values[:, :-periods]
    else:
        moved[:, :periods] = values[:, -periods:]
    return moved


def _beyond(values: Array, far: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[item, time]: what lies outside of the range of those that are not ``far``, by that range again."""
    rest = np.where(far, np.nan, values)
    lowest, highest = np.fmin.reduce(rest, axis=1)[:, None], np.fmax.reduce(rest, axis=1)[:, None]
    margin = _BEYOND * (highest - lowest)
    return np.asarray((values > highest + margin) | (values < lowest - margin))
