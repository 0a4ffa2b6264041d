"""The time grid of a panel: equal periods of one frequency, from the first observation on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.panel.frequency import Frequency

Timestamps = NDArray[np.datetime64]

MONTHS = (
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
)
DAYS_OF_WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_MONDAY_OF_EPOCH = -3 * 86400  # 1970-01-01 was a Thursday; its week began on Monday 1969-12-29


@dataclass(frozen=True)
class Boundary:
    """Where periods of a day and longer begin; None is the default (midnight, Monday, the 1st, January).

    ``month`` and ``day_of_week`` are English names in capitals; ``day_of_month`` is 1 to 28, ``hour`` 0 to 23.
    """

    month: str | None = None
    day_of_month: int | None = None
    day_of_week: str | None = None
    hour: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no month, day or hour."""
        if self.month is not None and self.month not in MONTHS:
            raise ValueError(f"Unknown month {self.month!r}: expected one of {', '.join(MONTHS)}")
        if self.day_of_week is not None and self.day_of_week not in DAYS_OF_WEEK:
            raise ValueError(f"Unknown day of week {self.day_of_week!r}: expected one of {', '.join(DAYS_OF_WEEK)}")
        if self.day_of_month is not None and not 1 <= self.day_of_month <= 28:
            raise ValueError(f"Day of month {self.day_of_month}: expected 1 to 28, which every month has")
        if self.hour is not None and not 0 <= self.hour <= 23:
            raise ValueError(f"Hour {self.hour}: expected 0 to 23")


@dataclass(frozen=True)
class Grid:
    """Periods ``0 .. length - 1`` of a frequency; period 0 holds the first observation.

    Periods of several units (``3D``, ``3M``) are counted from the period of one unit that holds the first observation.
    ``origin`` is the start of period 0: in seconds since 1970 before ``shift_seconds``, or in months since 1970.
    """

    frequency: Frequency
    origin: int
    length: int
    shift_seconds: int

    @classmethod
    def covering(
        cls, frequency: Frequency, first: np.datetime64, last: np.datetime64, boundary: Boundary | None = None
    ) -> "Grid":
        """The grid from the period that holds ``first`` to the one that holds ``last``."""
        if np.isnat(first) or np.isnat(last) or last < first:
            raise ValueError(f"A grid needs a first timestamp not later than the last; found {first} and {last}")
        shift, month_shift = _shifts(frequency, boundary or Boundary())
        unit = Frequency(1, frequency.unit)
        shifted = _seconds(np.array([first])) - shift
        if frequency.seconds:
            origin = int(shifted[0] // unit.seconds) * unit.seconds
        else:
            origin = int((_months(shifted)[0] - month_shift) // unit.months) * unit.months + month_shift
        grid = cls(frequency, origin, 0, shift)
        return cls(frequency, origin, int(grid.index_of(np.array([last]))[0]) + 1, shift)

    def index_of(self, timestamps: Timestamps) -> NDArray[np.int64]:
        """The period that holds each timestamp; negative before the grid, ``length`` or more behind it."""
        shifted = _seconds(timestamps) - self.shift_seconds
        if self.frequency.seconds:
            return (shifted - self.origin) // self.frequency.seconds
        return (_months(shifted) - self.origin) // self.frequency.months

    def timestamps(self, first_index: int, count: int) -> Timestamps:
        """Starts of ``count`` periods from ``first_index`` on, as datetime64[s]; they may lie behind the grid."""
        indices = np.arange(first_index, first_index + count, dtype=np.int64)
        if self.frequency.seconds:
            seconds = self.origin + indices * self.frequency.seconds
        else:
            months = (self.origin + indices * self.frequency.months).astype("datetime64[M]")
            seconds = _seconds(months)
        return (seconds + self.shift_seconds).astype("datetime64[s]")


def _shifts(frequency: Frequency, boundary: Boundary) -> tuple[int, int]:
    """Seconds, and months, by which the periods of a frequency start later than the calendar's own."""
    days = (boundary.day_of_month or 1) - 1
    if frequency.unit == "D":
        return (boundary.hour or 0) * 3600, 0
    if frequency.unit == "W":
        return _MONDAY_OF_EPOCH + DAYS_OF_WEEK.index(boundary.day_of_week or "MONDAY") * 86400, 0
    if frequency.unit == "M":
        return days * 86400, 0
    if frequency.unit == "Y":
        return days * 86400, MONTHS.index(boundary.month or "JANUARY")
    return 0, 0


def _seconds(timestamps: Timestamps) -> NDArray[np.int64]:
    return timestamps.astype("datetime64[s]").astype(np.int64)


def _months(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    return seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
