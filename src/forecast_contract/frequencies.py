"""Frequencies: a count and a unit, such as ``30min``, ``D`` or ``3M``; which exist, and how they compare."""

import re
from typing import NamedTuple


class Unit(NamedTuple):
    """``largest_count`` does not overlap the next larger unit; ``seconds`` is the mean length of one unit."""

    largest_count: int
    seconds: int


# As the API reference of CreateAutoPredictor says: 1H rather than 60min, 1D rather than 24H.
UNITS = {
    "min": Unit(59, 60),
    "H": Unit(23, 3600),
    "D": Unit(6, 86400),
    "W": Unit(4, 604800),
    "M": Unit(11, 2629746),
    "Y": Unit(1, 31556952),
}
FREQUENCY_WORDS = "1min to 59min, H to 23H, D to 6D, W to 4W, M to 11M, or Y"
_FREQUENCY = re.compile(r"([1-9][0-9]?)?(min|[HDWMY])")


def is_frequency(text: str) -> bool:
    """Whether Amazon Forecast takes a text for a frequency. All units but ``min`` may stand without a count.

    >>> [is_frequency(text) for text in ("15min", "min", "3M", "24H")]
    [True, False, True, False]
    """
    match = _FREQUENCY.fullmatch(text)
    return match is not None and text != "min" and int(match[1] or 1) <= UNITS[match[2]].largest_count


def count_and_unit(frequency: str) -> tuple[int, str]:
    """A frequency's two parts.

    >>> count_and_unit("3M"), count_and_unit("D")
    ((3, 'M'), (1, 'D'))
    """
    unit = frequency.lstrip("0123456789")
    return int(frequency.removesuffix(unit) or 1), unit


def mean_seconds(frequency: str) -> int:
    """The mean length of a period: it is the same for two spellings of one frequency, and less for a finer one.

    >>> mean_seconds("2H"), mean_seconds("D") == mean_seconds("1D")
    (7200, True)
    """
    count, unit = count_and_unit(frequency)
    return count * UNITS[unit].seconds
