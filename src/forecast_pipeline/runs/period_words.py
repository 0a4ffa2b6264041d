"""Periods in words: the frequencies of Amazon Forecast as people say them."""

from forecast_contract.frequencies import count_and_unit

_UNITS = {"min": "minute", "H": "hour", "D": "day", "W": "week", "M": "month", "Y": "year"}


def period_name(frequency: str) -> str:
    """
    >>> period_name("W"), period_name("3M")
    ('week', '3 months')
    """
    count, unit = count_and_unit(frequency)
    return _UNITS[unit] if count == 1 else f"{count} {_UNITS[unit]}s"


def counted_periods(number: int, frequency: str) -> str:
    """
    >>> counted_periods(1, "D"), counted_periods(7, "D"), counted_periods(2, "3M")
    ('1 day', '7 days', '2 steps of 3 months')
    """
    count, unit = count_and_unit(frequency)
    if count > 1:
        return f"{number} steps of {count} {_UNITS[unit]}s"
    return f"{number} {_UNITS[unit]}{'' if number == 1 else 's'}"
