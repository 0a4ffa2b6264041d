"""Whether a history ends within a period of its grid, so that the last value counts only a part of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.panel.frequency import Frequency
from forecast_engine.panel.grid import Boundary, Grid, Timestamps

_EARLIER_PERIODS = 12  # that tell where in a period its data usually end
_STEPS = {60: "1min", 300: "5min", 600: "10min", 900: "15min", 1800: "30min", 3600: "H", 86400: "D", 604800: "W"}
_SHORTEST_MONTH, _LONGEST_MONTH, _MEAN_MONTH = 28 * 86400, 31 * 86400, 2629746


@dataclass(frozen=True)
class PartialPeriod:
    """The last period of a grid, from ``start`` on: it holds ``held`` of its ``steps`` steps of frequency ``step``."""

    start: np.datetime64
    held: int
    steps: int
    step: Frequency


def first_that_tells(grid: Grid) -> np.datetime64:
    """From when on timestamps tell whether the last period is whole."""
    start: np.datetime64 = grid.timestamps(max(grid.length - 1 - _EARLIER_PERIODS, 0), 1)[0]
    return start


def partial_last_period(
    grid: Grid, timestamps: Timestamps, declared: Frequency | None, boundary: Boundary
) -> PartialPeriod | None:
    """The last period if it is a part, by the distinct ``timestamps``, ascending; None if it is whole, or unclear.

    It is a part if steps of the data are missing at its end that most of the periods before it have: a shop that is
    closed on Sundays has whole weeks of six days. A step is as ``declared``, or as the data come where that is coarser.
    """
    last = grid.length - 1
    first = max(last - _EARLIER_PERIODS, 0)
    starts = grid.timestamps(first, last - first + 2)
    timestamps = timestamps[timestamps >= starts[0]]
    step = _step(declared, timestamps)
    if first == last or step is None or _mean_seconds(step) >= _mean_seconds(grid.frequency):
        return None
    steps = Grid.covering(step, starts[0], starts[-1] - np.timedelta64(1, "s"), boundary)
    ends = np.append(steps.index_of(starts[1:-1]), steps.length)
    held = np.unique(steps.index_of(timestamps))
    # [period]: the steps of a period that no data reach, counted from its end.
    missing = ends - 1 - np.concatenate([[-1], held])[np.searchsorted(held, ends)]
    held_last, steps_last = int((held >= ends[-2]).sum()), int(ends[-1] - ends[-2])
    if not 0 < missing[-1] < steps_last or np.mean(missing[:-1] >= missing[-1]) >= 0.5:
        return None
    return PartialPeriod(starts[-2], held_last, steps_last, step)


def _step(declared: Frequency | None, timestamps: Timestamps) -> Frequency | None:
    named = [step for step in (declared, _usual_step(timestamps)) if step is not None]
    return max(named, key=_mean_seconds, default=None)


def _usual_step(timestamps: Timestamps) -> Frequency | None:
    """The most usual step from one timestamp to the next; None if no frequency has it."""
    steps: NDArray[np.int64] = np.diff(timestamps).astype("timedelta64[s]").astype(np.int64)
    if not len(steps):
        return None
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[counts.argmax()])
    name = "M" if _SHORTEST_MONTH <= usual <= _LONGEST_MONTH else _STEPS.get(usual)
    return Frequency.parse(name) if name else None


def _mean_seconds(frequency: Frequency) -> int:
    return frequency.seconds or frequency.months * _MEAN_MONTH
