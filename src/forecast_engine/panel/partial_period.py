"""Whether a history begins or ends within a period of its grid, so that a value counts only a part of one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.panel.frequency import Frequency
from forecast_engine.panel.grid import Boundary, Grid, Timestamps

_OTHER_PERIODS = 12  # that tell where in a period its data usually begin and end
_STEPS = {60: "1min", 300: "5min", 600: "10min", 900: "15min", 1800: "30min", 3600: "H", 86400: "D", 604800: "W"}
_SHORTEST_MONTH, _LONGEST_MONTH, _MEAN_MONTH = 28 * 86400, 31 * 86400, 2629746


@dataclass(frozen=True)
class PartialPeriod:
    """A period of a grid, from ``start`` on, that holds ``held`` of its ``steps`` steps of frequency ``step``."""

    start: np.datetime64
    held: int
    steps: int
    step: Frequency


def last_periods(grid: Grid) -> tuple[np.datetime64, np.datetime64]:
    """From when on, and until when, timestamps tell whether the last period is whole."""
    starts = _starts(grid, max(grid.length - 1 - _OTHER_PERIODS, 0))
    return starts[0], starts[-1]


def first_periods(grid: Grid) -> tuple[np.datetime64, np.datetime64]:
    """From when on, and until when, timestamps tell whether the first period is whole."""
    starts = _starts(grid, 0)
    return starts[0], starts[-1]


def partial_last_period(
    grid: Grid, timestamps: Timestamps, declared: Frequency | None, boundary: Boundary
) -> PartialPeriod | None:
    """The last period if it is a part, by the distinct ``timestamps``, ascending; None if it is whole, or unclear.

    It is a part if steps of the data are missing at its end that most of the periods before it have: a shop that is
    closed on Sundays has whole weeks of six days. A step is as ``declared``, or as the data come where that is coarser.
    """
    periods = _Periods.of(_starts(grid, max(grid.length - 1 - _OTHER_PERIODS, 0)), grid, timestamps, declared, boundary)
    if periods is None:
        return None
    reached = np.concatenate([[-1], periods.held])[np.searchsorted(periods.held, periods.ends)]
    return periods.partial(-1, periods.ends - 1 - reached)


def partial_first_period(
    grid: Grid, timestamps: Timestamps, declared: Frequency | None, boundary: Boundary
) -> PartialPeriod | None:
    """The first period if it is a part: if steps are missing at its beginning that most of the next periods have."""
    periods = _Periods.of(_starts(grid, 0), grid, timestamps, declared, boundary)
    if periods is None:
        return None
    begins = periods.ends - periods.lengths
    reached = np.append(periods.held, periods.ends[-1])[np.searchsorted(periods.held, begins)]
    return periods.partial(0, reached - begins)


def _starts(grid: Grid, first: int) -> Timestamps:
    """Where some periods from the ``first`` on begin, and where the last of them ends."""
    return grid.timestamps(first, min(_OTHER_PERIODS + 1, grid.length - first) + 1)


@dataclass(frozen=True)
class _Periods:
    """Some periods in steps of the data, counted from where the first of them begins.

    ``ends`` and ``lengths`` [period]; ``held`` are the steps with data, ascending.
    """

    starts: Timestamps
    step: Frequency
    ends: NDArray[np.int64]
    lengths: NDArray[np.int64]
    held: NDArray[np.int64]

    @classmethod
    def of(
        cls, starts: Timestamps, grid: Grid, timestamps: Timestamps, declared: Frequency | None, boundary: Boundary
    ) -> "_Periods | None":
        """None if there is one period alone, or no step shorter than it."""
        timestamps = timestamps[(timestamps >= starts[0]) & (timestamps < starts[-1])]
        step = _step(declared, timestamps)
        if len(starts) < 3 or step is None or _mean_seconds(step) >= _mean_seconds(grid.frequency):
            return None
        steps = Grid.covering(step, starts[0], starts[-1] - np.timedelta64(1, "s"), boundary)
        ends = np.append(steps.index_of(starts[1:-1]), steps.length)
        return cls(starts, step, ends, np.diff(ends, prepend=0), np.unique(steps.index_of(timestamps)))

    def partial(self, period: int, missing: NDArray[np.int64]) -> PartialPeriod | None:
        """The first or the last ``period``, if it lacks steps that most of the others have; ``missing`` [period]."""
        length = int(self.lengths[period])
        if not 0 < missing[period] < length or np.mean(np.delete(missing, period) >= missing[period]) >= 0.5:
            return None
        end = self.ends[period]
        held = int(((self.held >= end - length) & (self.held < end)).sum())
        return PartialPeriod(self.starts[:-1][period], held, length, self.step)


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
