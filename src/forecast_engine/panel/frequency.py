"""How often a series is observed: one letter and a count, such as ``H``, ``30min`` or ``3M``."""

import re
from dataclasses import dataclass
from math import gcd
from typing import ClassVar

_PATTERN = re.compile(r"(\d*)(min|[HDWMY])")


@dataclass(frozen=True)
class _Unit:
    """What a unit of time means for forecasting."""

    seconds: int  # 0: a whole number of months instead
    months: int
    largest_count: int  # a larger one would overlap the next larger unit
    season: int  # units in the season that accuracy is measured against
    longer_season: int  # units in the second season a model may try; 0: there is none


@dataclass(frozen=True)
class Frequency:
    """A count of units of time, e.g. ``Frequency.parse("30min")`` has count 30 and unit ``min``."""

    count: int
    unit: str

    UNITS: ClassVar[dict[str, _Unit]] = {
        "min": _Unit(seconds=60, months=0, largest_count=59, season=1440, longer_season=10080),
        "H": _Unit(seconds=3600, months=0, largest_count=23, season=24, longer_season=168),
        "D": _Unit(seconds=86400, months=0, largest_count=6, season=7, longer_season=0),
        "W": _Unit(seconds=604800, months=0, largest_count=4, season=52, longer_season=0),
        "M": _Unit(seconds=0, months=1, largest_count=11, season=12, longer_season=0),
        "Y": _Unit(seconds=0, months=12, largest_count=1, season=1, longer_season=0),
    }

    @classmethod
    def parse(cls, text: str) -> "Frequency":
        """Read ``Y``, ``M``, ``W``, ``D``, ``H``, ``min`` with an optional count; ValueError names what was found."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"Unknown frequency {text!r}: expected Y, M, W, D, H or min after an optional count")
        count, unit = int(match[1] or 1), match[2]
        largest = cls.UNITS[unit].largest_count
        if not 1 <= count <= largest:
            raise ValueError(f"Frequency {text!r} counts {count} {unit}: expected 1 to {largest}")
        return cls(count, unit)

    def __str__(self) -> str:
        """The shortest spelling that ``parse`` reads back: ``H``, ``30min``, ``1min``."""
        return self.unit if self.count == 1 and self.unit != "min" else f"{self.count}{self.unit}"

    @property
    def seconds(self) -> int:
        """Length of one period in seconds; 0 where it is a number of months."""
        return self.count * self.UNITS[self.unit].seconds

    @property
    def months(self) -> int:
        """Length of one period in months; 0 where it is a number of seconds."""
        return self.count * self.UNITS[self.unit].months

    @property
    def season_length(self) -> int:
        """Periods in the season of MASE and seasonal naive: H 24, D 7, W 52, M 12, 3M 4, Y 1, 2D 1 (7 is odd)."""
        return self._periods_in(self.UNITS[self.unit].season)

    @property
    def seasonal_periods(self) -> tuple[int, ...]:
        """Season lengths that models try, shortest first: H (24, 168), M (12,), Y (); 1 is never listed.

        A season that is no whole number of periods comes back to the same phase after several: 2D (7,), two weeks.
        """
        unit = self.UNITS[self.unit]
        periods = {season // gcd(season, self.count) for season in (unit.season, unit.longer_season) if season}
        return tuple(sorted(periods - {1}))

    def _periods_in(self, season: int) -> int:
        return season // self.count if season and season % self.count == 0 else 1
