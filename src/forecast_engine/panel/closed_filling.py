"""What stands in closed periods while models look at a history: nothing that moves its level, trend or seasons."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array


def filled_closed(
    values: Array, closed: NDArray[np.bool_], season_length: int, is_intermittent: NDArray[np.bool_]
) -> Array:
    """``values`` [item, time] with their ``closed`` periods [item, time] filled by what was known before each of them.

    In a smooth item: the latest value of the same phase of the season; the mean of the last season where the phase was
    never open. In an intermittent item, whose values are drawn from its past: the latest value.
    """
    same_phase = _latest(values, season_length)
    smooth = np.where(np.isnan(same_phase), _levels(values, season_length), same_phase)
    return np.where(closed, np.where(is_intermittent[:, None], _latest(values, 1), smooth), values)


def _latest(values: Array, season_length: int) -> Array:
    """[item, time]: the latest known value of the same phase, its own among them; NaN where there is none."""
    length = values.shape[1]
    padded = np.pad(values, ((0, 0), (0, -length % season_length)), constant_values=np.nan)
    cycles = padded.reshape(len(values), -1, season_length)
    return _carried(cycles).reshape(len(values), -1)[:, :length]


def _levels(values: Array, season_length: int) -> Array:
    """[item, time]: the mean of what is known of the season up to each period; the last such mean where nothing is."""
    known = ~np.isnan(values)
    count, total = (_running(cells, season_length) for cells in (known, np.where(known, values, 0.0)))
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return _carried(means[:, :, None])[:, :, 0]


def _running(values: NDArray[np.generic], width: int) -> Array:
    """Sums [item, time] of the last ``width`` values, fewer at the start."""
    sums = np.cumsum(np.pad(values, ((0, 0), (width, 0))), axis=1, dtype=float)
    windows: Array = sums[:, width:] - sums[:, :-width]
    return windows


def _carried(values: Array) -> Array:
    """``values`` [item, time, phase] with the last known one where one is unknown."""
    periods = np.arange(values.shape[1])[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, periods), axis=1)
    return np.where(last >= 0, np.take_along_axis(values, np.maximum(last, 0), axis=1), np.nan)
