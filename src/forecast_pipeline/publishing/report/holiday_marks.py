"""The public holidays that the predictor was told of, where a chart marks them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from forecast_contract.frequencies import count_and_unit

NAMED_IN = ("en_US", "ko")  # as far as the calendar of a country has these languages; else in its own


def holiday_marks(country: str | None, frequency: str, times: Sequence[str]) -> list[list[Any]]:
    """Of each holiday its place on the axis ``times`` (ISO 8601), its English name, and its Korean one.

    None for months and longer, each of which has some; a period shorter than a day has that of its day's first one.
    """
    unit = count_and_unit(frequency)[1]
    if country is None or unit in {"M", "Y"} or not times:
        return []
    from holidays import country_holidays  # noqa: PLC0415 - calendars of all the world: only where they are wanted

    days = [date.fromisoformat(time[:10]) for time in times]
    years = range(days[0].year, days[-1].year + 2)
    english, korean = (country_holidays(country, years=years, language=language) for language in NAMED_IN)
    marks: list[list[Any]] = []
    for place, day in enumerate(days):
        end = day + timedelta(days=7) if unit == "W" else day + timedelta(days=1)
        if place and days[place - 1] == day:
            continue
        for offset in range((end - day).days):
            names = [calendar.get(day + timedelta(days=offset)) for calendar in (english, korean)]
            if names[0]:
                marks.append([place, *names])
    return marks
