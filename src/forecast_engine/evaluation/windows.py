"""Backtest windows: which periods are held back and forecast from what lies before them.

With a horizon of 2, one reported window and two learning windows:

    period  0  1  2  3  4  5  6  7  8  9
    window  .  .  .  .  2  2  1  1  0  0

The user asked for window 0. Windows 1 and 2 are more to learn weights and intervals from.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.settings import TrainingSettings

SHORTEST_TRAINING = 4  # observations before a window that make its errors worth learning from
_LEARNING_WINDOWS = 5  # in all; backtests of M3, M4 and Tourism: five beat three, eight add nothing
_LEARNING_WINDOWS_OF_ONE = 10  # of a panel of one series, which has no others to learn from; decision 0123
_SHORTEST_HISTORY = 0.2  # of the grid that a learning window leaves to train on


@dataclass(frozen=True)
class Window:
    """Periods ``start .. start + horizon - 1``; ``reported`` if the user asked for it."""

    start: int
    reported: bool


def backtest_windows(grid_length: int, settings: TrainingSettings, item_count: int) -> list[Window]:
    """The reported windows, the latest first, then earlier ones while enough of the history remains to train on.

    ``item_count``: of the panel, all shards together. ValueError where the history is too short for the reported ones.
    """
    starts = [
        grid_length - settings.window_offset - number * settings.horizon for number in range(settings.window_count)
    ]
    if starts[-1] < 1:
        raise ValueError(
            f"{settings.window_count} backtest windows of {settings.horizon} periods, the last "
            f"{settings.window_offset} before the end, need a history of more than {grid_length - starts[-1]} periods; "
            f"found {grid_length}"
        )
    windows = [Window(start, reported=True) for start in starts]
    start = starts[-1] - settings.horizon
    most = _LEARNING_WINDOWS_OF_ONE if item_count == 1 else _LEARNING_WINDOWS
    while len(windows) < most and start >= max(grid_length * _SHORTEST_HISTORY, 2):
        windows.append(Window(start, reported=False))
        start -= settings.horizon
    return windows


def earliest_start(grid_length: int, settings: TrainingSettings, item_count: int) -> int:
    """The first period of all windows: what lies before it has no part in any of them."""
    return backtest_windows(grid_length, settings, item_count)[-1].start


def complete_items(known: NDArray[np.bool_], unobserved: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[item]: whose window enters the accuracy: something is ``known`` [item, step], and all that ever occurs.

    ``unobserved`` [item, step] are steps that never occur in an item's series, such as the weekends of a price.
    """
    complete: NDArray[np.bool_] = known.any(axis=1) & np.logical_and.reduce(known | unobserved, axis=1)
    return complete


def is_short(history: Array) -> NDArray[np.bool_]:
    """[item]: whose ``history`` [item, time] has observations, but fewer than ``SHORTEST_TRAINING``."""
    counts = (~np.isnan(history)).sum(axis=1)
    return (counts > 0) & (counts < SHORTEST_TRAINING)
