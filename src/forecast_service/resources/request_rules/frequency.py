"""The frequencies of the API: which exist, which is coarser, and how many periods lie between two timestamps.

The engine has the same rules for its arrays; these need no numpy, which the control plane does not load.
"""

from dataclasses import dataclass
from datetime import datetime

from forecast_contract.frequencies import UNITS, count_and_unit, is_frequency
from forecast_service.records.errors import InvalidInputException, shown


@dataclass(frozen=True)
class Frequency:
    """A count of units, such as 30 ``min``."""

    count: int
    unit: str

    @property
    def seconds(self) -> int:
        """The mean length of a period."""
        return self.count * UNITS[self.unit].seconds

    @property
    def is_daily_or_coarser(self) -> bool:
        return self.unit in "DWMY"

    def periods_between(self, first: datetime, last: datetime) -> int:
        """How many periods cover the time from ``first`` to ``last``, both included, the first starting a period."""
        return (_unit_number(last, self.unit) - _unit_number(first, self.unit)) // self.count + 1


def parse(text: str, field: str) -> Frequency:
    """Read a frequency such as ``D`` or ``30min``. InvalidInputException names the field, found and wanted."""
    if is_frequency(text):
        return Frequency(*count_and_unit(text))
    wanted = "1-59min, 1-23H, 1-6D, 1-4W, 1-11M or 1Y (H, D, W, M and Y may stand alone)"
    raise InvalidInputException(f"{field} is {shown(repr(text))}, which is no frequency: use {wanted}")


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
