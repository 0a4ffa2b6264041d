"""The frequencies of Amazon Forecast, and how they compare."""

# Units must not overlap the next larger one: 60min is 1H, 24H is 1D, as the API reference of CreateAutoPredictor says.
FREQUENCY = r"([1-9]|[1-5][0-9])min|([1-9]|1[0-9]|2[0-3])?H|[1-6]?D|[1-4]?W|([1-9]|1[01])?M|1?Y"
FREQUENCY_WORDS = "1min to 59min, H to 23H, D to 6D, W to 4W, M to 11M, or Y"
MINUTES = {"min": 1, "H": 60, "D": 1440, "W": 10_080, "M": 43_830, "Y": 525_960}


def count_and_unit(frequency: str) -> tuple[int, str]:
    """A frequency's two parts.

    >>> count_and_unit("3M"), count_and_unit("D")
    ((3, 'M'), (1, 'D'))
    """
    unit = frequency.lstrip("0123456789")
    return int(frequency.removesuffix(unit) or 1), unit


def minutes(frequency: str) -> int:
    """How long a period is, on average; two frequencies that are the same in other words have the same.

    >>> minutes("2H"), minutes("D") == minutes("1D")
    (120, True)
    """
    count, unit = count_and_unit(frequency)
    return count * MINUTES[unit]
