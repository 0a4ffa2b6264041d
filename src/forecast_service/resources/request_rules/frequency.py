"""The frequencies of the API: which exist, which is coarser, and how many periods lie between two timestamps.

The engine has the same rules for its arrays; these need no numpy, which the control plane does not load.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from forecast_service.records.errors import InvalidInputException

# Unit -> (largest count, which must not overlap the next larger unit; seconds in a mean year's unit, for comparisons).
_UNITS = {
    "min": (59, 60),
    "H": (23, 3600),
    "D": (6, 86400),
    "W": (4, 604800),
    "M": (11, 2629746),
    "Y": (1, 31556952),
}


@dataclass(frozen=True)
class Frequency:
    """A count of units, such as 30 ``min``."""

    count: int
    unit: str

    @property
    def seconds(self) -> int:
        """The mean length of a period."""
        return self.count * _UNITS[self.unit][1]

    @property
    def is_daily_or_coarser(self) -> bool:
        return self.unit in "DWMY"

    def periods_between(self, first: datetime, last: datetime) -> int:
        """How many periods cover the time from ``first`` to ``last``, both included, the first starting a period."""
        return (_unit_number(last, self.unit) - _unit_number(first, self.unit)) // self.count + 1


def parse(text: str, member: str) -> Frequency:
    """Read a frequency such as ``D`` or ``30min``. InvalidInputException names the member, found and wanted."""
    match = re.fullmatch(r"([1-9]\d?)?(min|[HDWMY])", text)
    if match:
        count, unit = int(match[1] or 1), match[2]
        # ``min`` alone is none of the frequencies that Amazon lists; all other units may stand alone.
        if count <= _UNITS[unit][0] and text != "min":
            return Frequency(count, unit)
    wanted = "1-59min, 1-23H, 1-6D, 1-4W, 1-11M or 1Y (H, D, W, M and Y may stand alone)"
    raise InvalidInputException(f"{member} is {text!r}, which is no frequency: use {wanted}")


def _unit_number(moment: datetime, unit: str) -> int:
    """The number of the whole unit that the moment lies in, counted from some fixed one; weeks start on Monday."""
    day = moment.toordinal() - 1  # 0001-01-01 was a Monday
    numbers = {
        "min": (day * 24 + moment.hour) * 60 + moment.minute,
        "H": day * 24 + moment.hour,
        "D": day,
        "W": day // 7,
        "M": moment.year * 12 + moment.month,
        "Y": moment.year,
    }
    return numbers[unit]
