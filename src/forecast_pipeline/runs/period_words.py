"""Periods in words: the frequencies of Amazon Forecast as people say them."""

from forecast_contract.frequencies import count_and_unit
from forecast_language import counted, said


def period_name(frequency: str) -> str:
    """
    >>> period_name("W"), period_name("3M")
    ('week', '3 months')
    """
    count, unit = count_and_unit(frequency)
    return _one(unit) if count == 1 else _units(count, unit)


def counted_periods(number: int, frequency: str) -> str:
    """
    >>> counted_periods(1, "D"), counted_periods(7, "D"), counted_periods(2, "3M")
    ('1 day', '7 days', '2 steps of 3 months')
    """
    count, unit = count_and_unit(frequency)
    if count > 1:
        return said("{number} steps of {period}", number=number, period=_units(count, unit))
    return _units(number, unit)


def _one(unit: str) -> str:
    names = {
        "min": lambda: said("minute"),
        "H": lambda: said("hour"),
        "D": lambda: said("day"),
        "W": lambda: said("week"),
        "M": lambda: said("month"),
        "Y": lambda: said("year"),
    }
    return said("{unit}", unit=names[unit]())  # Korean says the number of one, too


def _units(number: int, unit: str) -> str:
    names = {
        "min": lambda: counted("{number} minute", "{number} minutes", number),
        "H": lambda: counted("{number} hour", "{number} hours", number),
        "D": lambda: counted("{number} day", "{number} days", number),
        "W": lambda: counted("{number} week", "{number} weeks", number),
        "M": lambda: counted("{number} month", "{number} months", number),
        "Y": lambda: counted("{number} year", "{number} years", number),
    }
    return names[unit]()
