"""Phases of the calendar: weekdays, times of the day, both together, weeks or months of the year."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.panel.grid import Grid

_DAY = 86400
_MONDAY_OF_EPOCH = -3  # days: 1970-01-01 was a Thursday
_DAYS_PER_SLOT = 7  # of the year, in data by the day or week
_SLOTS = 52  # the last one holds the one or two days that remain
WEEKDAY, TIME_OF_DAY, TIME_OF_WEEK, TIME_OF_YEAR = "weekday", "time of day", "time of week", "time of year"
DAY_OF_MONTH = "day of month"

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Phases:
    """Periods cut into cells, each of one phase of one cycle: a Monday of a week, an hour of a day, a week of a year.

    ``starts`` [cell]: the first period of each cell, ascending; a cell ends where the next one begins. ``phase`` and
    ``cycle`` [cell] count from 0. ``count``: how many phases a cycle has. ``is_arc``: phases that are closed together
    are neighbours, as those of a winter are.
    """

    kind: str
    starts: Indices
    phase: Indices
    cycle: Indices
    count: int
    fewest_cycles: int
    is_arc: bool = False

    @classmethod
    def of(
        cls, kind: str, phase: Indices, cycle: Indices, count: int, fewest_cycles: int, *, is_arc: bool = False
    ) -> "Phases":
        """Cells from the phase and the cycle of every period [time]; cycles count from the first one."""
        cycle = cycle - cycle[0]
        changes = (phase[1:] != phase[:-1]) | (cycle[1:] != cycle[:-1])
        starts = np.flatnonzero(np.concatenate([[True], changes]))
        return cls(kind, starts, phase[starts], cycle[starts], count, fewest_cycles, is_arc)

    def of_periods(self, first: int, end: int) -> Indices:
        """The cell of each period from ``first`` to ``end``."""
        return np.searchsorted(self.starts, np.arange(first, end), side="right") - 1


_FEWEST_CYCLES = 4  # that show a phase closed: days or weeks
_FEWEST_WEEKS = 8  # that show one time of the week closed: there are many times, some of little demand
_FEWEST_YEARS = 2


def phases_of(grid: Grid, width: int) -> Iterator[Phases]:
    """The ways to cut the first ``width`` periods of a grid into phases, the simplest first.

    Days: weekday, week of the year. Hours and minutes: weekday, time of the day, time of the week. Weeks and months:
    time of the year. A frequency of several days, or one that does not divide the day, has none.
    """
    unit, count = grid.frequency.unit, grid.frequency.count
    seconds = grid.timestamps(0, width).astype("datetime64[s]").astype(np.int64)
    days = seconds // _DAY
    weekday, week = (days - _MONDAY_OF_EPOCH) % 7, (days - _MONDAY_OF_EPOCH) // 7
    count_divides = bool(grid.frequency.seconds) and _DAY % grid.frequency.seconds == 0
    if unit in ("H", "min") and count_divides:
        slots = _DAY // grid.frequency.seconds
        slot = seconds % _DAY // grid.frequency.seconds
        yield Phases.of(WEEKDAY, weekday, week, 7, _FEWEST_CYCLES)
        yield Phases.of(TIME_OF_DAY, slot, days, slots, _FEWEST_CYCLES)
        yield Phases.of(TIME_OF_WEEK, weekday * slots + slot, week, 7 * slots, _FEWEST_WEEKS)
    if unit == "D" and count == 1:
        yield Phases.of(WEEKDAY, weekday, week, 7, _FEWEST_CYCLES)
    if unit in ("D", "H", "min") and count_divides:
        months = grid.timestamps(0, width).astype("datetime64[M]")
        day = days - months.astype("datetime64[D]").astype(np.int64)
        yield Phases.of(DAY_OF_MONTH, day, months.astype(np.int64), 31, _FEWEST_CYCLES, is_arc=True)
    if (unit == "D" and count == 1) or unit in ("W", "M"):
        yield _times_of_year(grid, width, days)


def _times_of_year(grid: Grid, width: int, days: Indices) -> Phases:
    years = grid.timestamps(0, width).astype("datetime64[Y]")
    if grid.frequency.unit == "M":
        months = grid.timestamps(0, width).astype("datetime64[M]").astype(np.int64)
        phase, count = months % 12, 12
    else:
        of_year = days - years.astype("datetime64[D]").astype(np.int64)
        phase, count = np.minimum(of_year // _DAYS_PER_SLOT, _SLOTS - 1), _SLOTS
    return Phases.of(TIME_OF_YEAR, phase, years.astype(np.int64), count, _FEWEST_YEARS, is_arc=True)
