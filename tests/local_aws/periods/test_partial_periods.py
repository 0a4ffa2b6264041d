"""A first or last period that is not whole is left out, unless it is to be kept."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from local_aws.periods.observations import Observations
from local_aws.periods.partial_periods import leave_out_partial_periods

Rows = Callable[..., Observations]


def days(first: str, last: str, *, business: bool = False) -> list[str]:
    day, rows = date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        if not business or day.isoweekday() < 6:
            rows.append(f"{day},a,10")
        day += timedelta(days=1)
    return rows


def test_a_last_week_of_two_days_is_left_out_and_said(rows_of: Rows) -> None:
    rows = rows_of("date,item,sales", *days("2024-01-01", "2024-02-27"))  # a Tuesday
    (partial,) = leave_out_partial_periods(rows, "D", "W", keep=False)
    assert partial.sentence == (
        "partial     the last period, from 2024-02-26, holds 2 of 7 days: its 2 rows are left out"
        "  (--keep-partial keeps them)"
    )
    assert str(rows.one("SELECT max(moment) FROM observations")) == "2024-02-25 00:00:00"


@pytest.mark.parametrize(
    ("first", "last", "frequency", "business"),
    [
        ("2024-01-01", "2024-02-25", "W", False),  # Monday to Sunday
        ("2024-01-01", "2024-02-23", "W", True),  # a week of business days ends on Friday
        ("2024-01-01", "2024-05-31", "M", False),
        ("2023-04-03", "2023-09-29", "M", True),  # Saturday 1 and Sunday 2 April, and 30 September, have no business
        ("2024-01-03", "2024-02-27", "D", False),
    ],
)
def test_whole_periods_stay(rows_of: Rows, first: str, last: str, frequency: str, business: bool) -> None:
    rows = rows_of("date,item,sales", *days(first, last, business=business))
    assert leave_out_partial_periods(rows, "D", frequency, keep=False) == []


def test_a_first_month_that_begins_on_the_twentieth_is_left_out_too(rows_of: Rows) -> None:
    rows = rows_of("date,item,sales", *days("2023-12-20", "2024-06-10"))
    partial = leave_out_partial_periods(rows, "D", "M", keep=False)
    assert [(each.place, each.steps, each.whole, each.rows) for each in partial] == [
        ("last", 10, 30, 10),
        ("first", 12, 31, 12),
    ]
    assert rows.one("SELECT count(*) FROM observations") == 152  # 1 January to 31 May of a leap year


def test_hours_make_days_and_weeks_make_months(rows_of: Rows) -> None:
    hours = [f"2024-01-{day:02} {hour:02}:00:00,a,1" for day in range(1, 8) for hour in range(24)]
    (partial,) = leave_out_partial_periods(rows_of("time,item,sales", *hours[:-6]), "H", "D", keep=False)
    assert (partial.steps, partial.whole, partial.unit) == (18, 24, "hours")
    weeks = [f"{date(2024, 1, 1) + timedelta(weeks=week)},a,1" for week in range(23)]  # the last on 3 June
    (partial,) = leave_out_partial_periods(rows_of("week,item,sales", *weeks), "W", "M", keep=False)
    assert (partial.steps, partial.whole, partial.unit) == (1, 4, "weeks")


def test_receipts_fill_a_week_with_their_days(rows_of: Rows) -> None:
    times = ["09:12:00", "17:45:10"]
    receipts = [row.replace(",a", f" {time},a") for row in days("2024-01-01", "2024-02-27") for time in times]
    (partial,) = leave_out_partial_periods(rows_of("time,item,sales", *receipts), "W", "W", keep=False)
    assert (partial.steps, partial.whole, partial.rows) == (2, 7, 4)


def test_a_partial_period_is_kept_where_asked_for_or_where_hardly_any_would_remain(rows_of: Rows) -> None:
    for last, keep in (("2024-02-27", True), ("2024-01-23", False)):
        rows = rows_of("date,item,sales", *days("2024-01-01", last))
        (partial,) = leave_out_partial_periods(rows, "D", "W", keep=keep)
        assert partial.sentence == (
            f"partial     the last period, from {partial.start:%Y-%m-%d}, holds 2 of 7 days: is kept"
        )
        assert rows.one("SELECT count(*) FROM observations") == rows.read
