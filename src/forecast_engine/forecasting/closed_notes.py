"""Sentences on what is closed now, for the notes of items."""

from collections.abc import Callable

import numpy as np

from forecast_engine.panel.grid import DAYS_OF_WEEK, MONTHS
from forecast_engine.panel.open_history import ClosedNow
from forecast_engine.panel.phases import DAY_OF_MONTH, TIME_OF_DAY, TIME_OF_WEEK, TIME_OF_YEAR, WEEKDAY

_MINUTES_OF_DAY = 1440
_MOST_STRETCHES = 3  # that are named one by one


def closed_note(reasons: list[ClosedNow]) -> str:
    """One sentence on all that is closed of an item, without commas: "closed on Sundays: forecast 0 there"."""
    return f"closed {' and '.join(_WORDS.get(one.kind, _flag)(one) for one in reasons)}: forecast 0 there"


def _flag(reason: ClosedNow) -> str:
    return f"where {reason.kind} is {reason.value:g}"


def _weekdays(reason: ClosedNow) -> str:
    return "on " + " and ".join(f"{DAYS_OF_WEEK[day].capitalize()}s" for day in np.flatnonzero(reason.phases))


def _times_of_day(reason: ClosedNow) -> str:
    minutes = _MINUTES_OF_DAY // len(reason.phases)
    return _stretches(reason, lambda slot: _clock(slot * minutes), lambda slot: _clock((slot + 1) * minutes))


def _times_of_week(reason: ClosedNow) -> str:
    return f"at {int(reason.phases.sum())} of {len(reason.phases)} times of the week"


def _days_of_month(reason: ClosedNow) -> str:
    def named(day: int) -> str:
        return f"day {day + 1}"

    return f"{_stretches(reason, named, named)} of the month"


def _times_of_year(reason: ClosedNow) -> str:
    if len(reason.phases) == len(MONTHS):

        def named(month: int) -> str:
            return MONTHS[month].capitalize()

        return _stretches(reason, named, named)
    return _stretches(reason, lambda slot: _day_of_year(7 * slot), lambda slot: _day_of_year(7 * slot + 6))


_WORDS: dict[str, Callable[[ClosedNow], str]] = {
    WEEKDAY: _weekdays,
    TIME_OF_DAY: _times_of_day,
    TIME_OF_WEEK: _times_of_week,
    DAY_OF_MONTH: _days_of_month,
    TIME_OF_YEAR: _times_of_year,
}


def _stretches(reason: ClosedNow, first: Callable[[int], str], last: Callable[[int], str]) -> str:
    """Closed phases next to each other, the last phase before the first one among them: "from 19:00 to 09:00"."""
    closed, count = reason.phases, len(reason.phases)
    begins = np.flatnonzero(closed & ~np.roll(closed, 1))
    if len(begins) > _MOST_STRETCHES:
        return f"in {int(closed.sum())} of {count} parts"
    lengths = [int((~np.roll(closed, -begin)).argmax()) for begin in begins]
    return " and ".join(
        f"from {first(int(begin))} to {last(int(begin + length - 1) % count)}"
        for begin, length in zip(begins, lengths, strict=True)
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _day_of_year(day: int) -> str:
    date = np.datetime64("2023-01-01") + min(day, 364)
    month, first = date.astype("datetime64[M]"), date.astype("datetime64[M]").astype("datetime64[D]")
    return f"{MONTHS[int(month.astype(int)) % 12].capitalize()} {int((date - first).astype(int)) + 1}"
