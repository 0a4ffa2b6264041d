"""Outliers: values that stand out once and tell nothing of the future; models learn from histories without them."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast_engine.arrays.block import SERIES_PER_BLOCK
from forecast_engine.arrays.reductions import NORMAL_MEDIAN, Array, means_over_time, medians_over_time

OUTLYING = 8.0  # standard deviations from the same phase of the neighbouring seasons
_BEYOND = 1.0  # ranges of all other values, so far outside of their range; a season may explain nearer values
MOST_OUTLIERS = 0.05  # of the periods: a series with more is wild, and none of its values stands out
_MOST_ZEROS = 0.3  # of the periods: with more, a value that stands out is demand
LASTING = 3  # outlying values in a row are a new level
_SEASONS_NEEDED = 4  # to compare a value with its own phase; shorter series compare it with neighbouring periods


def without_outliers(history: Array, season_length: int, periods: tuple[int, ...] = ()) -> Array:
    """A history [item, time] with replacements for its outliers; the same array where it has none.

    An outlier is far from the same phase of the neighbouring seasons, far from the values one of ``periods`` away, and
    far outside of the range of all other values. One or two outliers in a row are replaced once the series came back.
    An outlier in the last period may be the first value of a new level: it is clipped to 0 .. twice its replacement.
    Intermittent series keep all values.
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
                outliers, replacement = _outliers(history[chosen], lengths[chosen], lag, periods)
                changed = outliers.any(axis=1)
                cleaned = history.copy() if cleaned is history and changed.any() else cleaned
                cleaned[chosen[changed]] = np.where(outliers, replacement, history[chosen])[changed]
    return cleaned


def in_runs(marked: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """[item, time]: ``marked`` periods that are in a run of at least ``length`` marked periods."""
    windows = sliding_window_view(marked, length, axis=1).all(axis=2)
    padded = np.pad(windows, ((0, 0), (length - 1, length - 1)))
    return np.asarray(sliding_window_view(padded, length, axis=1).any(axis=2))


def middle_of_three(one: Array, two: Array, three: Array) -> Array:
    """The median of three, element by element."""
    median: Array = np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))
    return median


def deviation_of(distance: Array) -> Array:
    """Standard deviation [item] from the median ``distance`` [item, time], the mean distance where the median is 0."""
    median = np.nan_to_num(medians_over_time(distance))
    mean = np.nan_to_num(means_over_time(distance))
    return np.where(median > 0, median / NORMAL_MEDIAN, mean)


def shifted(values: Array, periods: int) -> Array:
    """[item, time]: the value ``periods`` before each one, behind it where they are negative; NaN outside."""
    result = np.full(values.shape, np.nan)
    if periods > 0:
        result[:, periods:] = values[:, :-periods]
    else:
        result[:, :periods] = values[:, -periods:]
    return result


def _may_have_outliers(values: Array) -> NDArray[np.bool_]:
    """[item]: whether a wide gap parts few values from all others, in series of few zeros.

    A necessary condition that is quick to check: hardly any series meets it.
    """
    counts = (~np.isnan(values)).sum(axis=1)
    few = (counts * MOST_OUTLIERS).astype(np.int64)
    ordered = np.sort(values, axis=1)  # NaN last
    rows, ranks = np.arange(len(values)), np.arange(values.shape[1] - 1)
    lowest = ordered[rows, few][:, None]  # the least of all other values is at most this
    highest = ordered[rows, np.maximum(counts - 1 - few, 0)][:, None]
    gaps = np.diff(ordered, axis=1)
    above = (gaps > _BEYOND * (ordered[:, :-1] - lowest)) & (ranks >= (counts - 1 - few)[:, None])
    below = (gaps > _BEYOND * (highest - ordered[:, 1:])) & (ranks < few[:, None])
    dense = (values == 0).sum(axis=1) <= _MOST_ZEROS * counts
    return np.asarray(dense & (above | below).any(axis=1))


def _outliers(
    values: Array, lengths: NDArray[np.int64], lag: int, periods: tuple[int, ...]
) -> tuple[NDArray[np.bool_], Array]:
    """[item, time]: which values are outliers, and the replacement of each value if it is one."""
    trend = _slope(values, lengths, lag)[:, None] * np.arange(-values.shape[1], 0)
    level = values - trend
    earlier, later = _neighbours(level, lag)
    distance = np.abs(level - earlier)
    limit = OUTLYING * deviation_of(distance)[:, None]
    nearest = np.fmin(distance, np.abs(level - later))
    for period in periods:
        if lag < period < values.shape[1]:
            for shift in (period, -period):
                nearest = np.fmin(nearest, np.abs(level - shifted(level, shift)))
    far = np.where(np.isnan(distance), 0.0, nearest) > limit
    few = far.sum(axis=1) <= MOST_OUTLIERS * lengths
    outlying = far & few[:, None] & _beyond(values, far)
    brief = outlying & ~in_runs(outlying, LASTING)
    came_back = np.logical_or.accumulate((~brief & ~np.isnan(values))[:, ::-1], axis=1)[:, ::-1]
    latest = brief & ~came_back
    is_alone = latest.sum(axis=1, keepdims=True) == 1  # a second value of a new level confirms the first
    replacement = earlier + trend
    reach = np.maximum(np.abs(replacement), limit)
    clipped = np.clip(values, replacement - reach, replacement + reach)
    return brief & (came_back | is_alone), np.where(latest, clipped, replacement)


def _slope(values: Array, lengths: NDArray[np.int64], lag: int) -> Array:
    """Change per period [item]: the median difference of values ``apart`` periods apart, over ``apart``.

    ``apart`` is about half the history, in whole lags.
    """
    apart = np.maximum(lengths // 2 // lag, 1) * lag
    later = np.arange(values.shape[1]) + apart[:, None]
    inside = later < values.shape[1]
    ahead = np.take_along_axis(values, np.where(inside, later, 0), axis=1)
    return np.nan_to_num(medians_over_time(np.where(inside, ahead - values, np.nan))) / apart


def _neighbours(level: Array, lag: int) -> tuple[Array, Array]:
    """Medians [item, time] of neighbours whole lags away: of two before and one behind, of one before and two behind.

    The first value of a new level is near the second median. Near an end, where a neighbour is missing, the next one on
    the other side is taken.
    """
    before = {count: shifted(level, count * lag) for count in (1, 2, 3)}
    behind = {count: shifted(level, -count * lag) for count in (1, 2, 3)}
    first, second, last = np.isnan(before[1]), np.isnan(before[2]), np.isnan(behind[1])
    earlier = middle_of_three(
        np.where(first, behind[1], before[1]),
        np.where(first, behind[3], np.where(second, behind[2], before[2])),
        np.where(first, behind[2], np.where(last, before[3], behind[1])),
    )
    later = middle_of_three(before[1], behind[1], behind[2])
    return earlier, np.where(np.isnan(later), earlier, later)


def _beyond(values: Array, far: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[item, time]: values farther outside of the range of all values not ``far`` than that range is wide."""
    rest = np.where(far, np.nan, values)
    lowest, highest = np.fmin.reduce(rest, axis=1)[:, None], np.fmax.reduce(rest, axis=1)[:, None]
    margin = _BEYOND * (highest - lowest)
    return np.asarray((values > highest + margin) | (values < lowest - margin))
