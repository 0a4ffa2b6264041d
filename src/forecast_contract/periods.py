"""When the period of a row ends, and what was known at the end of a day.

A row belongs to the period that begins with its timestamp: an hour, a day or a week of the data's frequency, or the
calendar month or year of it. It is known where that period has ended: on 15 March the row of March is not known yet.
"""

from datetime import date, datetime, timedelta

from forecast_contract.frequencies import UNITS, count_and_unit


def period_end(begins: datetime, frequency: str, periods: int = 1) -> datetime:
    """When so many periods from a timestamp on end, which is when the next one begins.

    >>> period_end(datetime(2025, 3, 15), "M"), period_end(datetime(2025, 3, 15), "W")
    (datetime.datetime(2025, 4, 1, 0, 0), datetime.datetime(2025, 3, 22, 0, 0))
    >>> period_end(datetime(2025, 3, 1), "M", 12)
    datetime.datetime(2026, 3, 1, 0, 0)
    """
    count, unit = count_and_unit(frequency)
    if unit not in ("M", "Y"):
        return begins + periods * count * timedelta(seconds=UNITS[unit].seconds)
    months = begins.month - 1 + periods * count * (12 if unit == "Y" else 1)
    first_of_year = 1 if unit == "Y" else months % 12 + 1
    return datetime(begins.year + months // 12, first_of_year, 1, tzinfo=begins.tzinfo)


def end_of_day(day: date) -> datetime:
    """The first moment that is not of the day, nor of one before: a period that ends by it is known.

    >>> period_end(datetime(2025, 3, 1), "M") <= end_of_day(date(2025, 3, 31))
    True
    """
    return datetime.combine(day + timedelta(days=1), datetime.min.time())


def last_day_of(begins: datetime, frequency: str) -> date:
    """The first day at whose end the row of a timestamp is known.

    >>> last_day_of(datetime(2025, 3, 1), "M")
    datetime.date(2025, 3, 31)
    """
    return (period_end(begins, frequency) - timedelta.resolution).date()
