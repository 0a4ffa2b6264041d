"""Public holidays in the periods of a grid, by calendars anybody can look up."""

import numpy as np
import pytest

from forecast_engine import Boundary, Frequency, Grid
from forecast_service.panel.holiday_calendar import holiday_counts


def periods_with_holidays(country: str, frequency: str, first: str, last: str, **boundary: object) -> dict[str, float]:
    """Start of the period -> holidays in it, of the history from ``first`` to ``last`` and two periods more."""
    grid = Grid.covering(
        Frequency.parse(frequency), np.datetime64(first, "s"), np.datetime64(last, "s"), Boundary(**boundary)
    )
    counts = holiday_counts(country, grid, 2)
    assert counts.shape == (grid.length + 2,)
    starts = grid.timestamps(0, grid.length + 2)
    return {str(start): count for start, count in zip(starts, counts, strict=True) if count}


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("US", ["2020-12-25"]),
        ("DE", ["2020-12-25", "2020-12-26"]),
        ("KR", ["2020-12-25"]),
        ("UK", ["2020-12-25", "2020-12-26", "2020-12-28"]),  # the 26th was a Saturday: the Monday is taken for it
        ("AE", []),
    ],
)
def test_christmas_is_a_day_or_two_in_a_daily_grid(country: str, days: list[str]) -> None:
    found = periods_with_holidays(country, "D", "2020-12-20", "2020-12-27")
    assert found == {f"{day}T00:00:00": 1.0 for day in days}


def test_a_holiday_may_lie_in_the_horizon() -> None:
    assert periods_with_holidays("US", "D", "2020-12-10", "2020-12-23") == {"2020-12-25T00:00:00": 1.0}


def test_a_week_counts_its_holidays() -> None:
    found = periods_with_holidays("DE", "W", "2020-12-01", "2020-12-20")
    # Monday 21 December to Sunday 27: Christmas Day and Boxing Day; the week after it: New Year's Day
    assert found == {"2020-12-21T00:00:00": 2.0, "2020-12-28T00:00:00": 1.0}


def test_a_week_may_begin_on_another_day() -> None:
    found = periods_with_holidays("DE", "W", "2020-12-12", "2020-12-20", day_of_week="SATURDAY")
    # Saturday 19 December to Friday 25, and the week from Saturday 26 to New Year's Day
    assert found == {"2020-12-19T00:00:00": 1.0, "2020-12-26T00:00:00": 2.0}


def test_a_month_counts_its_holidays() -> None:
    found = periods_with_holidays("DE", "M", "2021-03-01", "2021-05-31")
    # Good Friday 2 April, Easter Monday 5 April; Labour Day, Ascension 13 May, Whit Monday 24 May
    assert found == {"2021-04-01T00:00:00": 2.0, "2021-05-01T00:00:00": 3.0}


def test_every_hour_of_a_holiday_lies_in_it() -> None:
    found = periods_with_holidays("US", "H", "2020-12-24T22:00", "2020-12-26T03:00")
    assert list(found) == [f"2020-12-25T{hour:02}:00:00" for hour in range(24)]
    assert set(found.values()) == {1.0}


def test_a_day_that_begins_later_is_that_of_its_date() -> None:
    found = periods_with_holidays("US", "D", "2020-12-23T07:00", "2020-12-26T07:00", hour=6)
    assert found == {"2020-12-25T06:00:00": 1.0}


def test_lunar_holidays_are_known() -> None:
    # Seollal 2021 was on 12 February, with the days around it, the 13th a Saturday; Chuseok on 21 September.
    found = periods_with_holidays("KR", "D", "2021-02-08", "2021-02-16")
    assert [day[:10] for day in found] == ["2021-02-11", "2021-02-12", "2021-02-13"]
