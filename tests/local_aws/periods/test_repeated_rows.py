"""Exact copies of rows, and the hour that is there twice when clocks are set back."""

from collections.abc import Callable

import pytest

from local_aws.periods.observations import Observations
from local_aws.periods.repeated_rows import RepeatedRows, settle_repeated_rows

Rows = Callable[..., Observations]


def daily(count: int) -> list[str]:
    return [f"2024-01-{day:02},a,{100.5 + day}" for day in range(1, count + 1)]


def test_a_file_that_holds_its_rows_twice_counts_them_once(rows_of: Rows) -> None:
    rows = rows_of("date,item,sales", *daily(20), *daily(20))
    assert settle_repeated_rows(rows, "D", None) == RepeatedRows(20, True, 0)
    assert rows.one("SELECT sum(number) FROM observations") == 20 * 100.5 + 210


def test_copies_stay_where_an_aggregation_is_asked_for(rows_of: Rows) -> None:
    rows = rows_of("date,item,sales", *daily(20), *daily(20))
    repeated = settle_repeated_rows(rows, "D", "sum")
    assert (repeated.copies, repeated.copies_are_left_out) == (20, False)
    assert [*repeated.sentences()] == ["copies      20 rows are exact copies of another and count like any row"]


@pytest.mark.parametrize(
    "rows",
    [
        [*daily(20), *["2024-01-05,a,1", "2024-01-06,a,2"]],  # another value: receipts of one day
        [f"2024-01-{day:02},a,1" for day in range(1, 21) for _ in range(2)],  # one piece each, twice a day
        [*daily(20), "2024-01-05,a,105.5"],  # one copy alone may be chance
    ],
)
def test_rows_that_may_be_alike_by_chance_stay(rows_of: Rows, rows: list[str]) -> None:
    read = rows_of("date,item,sales", *rows)
    assert not settle_repeated_rows(read, "D", None).copies_are_left_out
    assert read.one("SELECT count(*) FROM observations") == len(rows)


@pytest.mark.parametrize(
    ("offset", "later"),
    [("+02:00", "+01:00"), ("", "")],  # in Berlin, on 29 October 2023
)
def test_a_clock_hour_that_is_there_twice_is_averaged(rows_of: Rows, offset: str, later: str) -> None:
    before = [f"2023-10-29 {hour:02}:00:00{offset},{10 * hour}" for hour in range(3)]
    after = [f"2023-10-29 {hour:02}:00:00{later},{10 * hour + 6}" for hour in range(2, 24)]
    rows = rows_of("time,y", *before, *after)
    repeated = settle_repeated_rows(rows, "H", None)
    assert repeated == RepeatedRows(0, False, 1)
    assert rows.query("SELECT number FROM observations WHERE hour(moment) = 2") == [(23.0,)]  # of 20 and 26
    assert [*repeated.sentences()] == [
        "clock       1 row repeats a clock hour as daylight saving ends: averaged with the row before"
    ]


def test_an_hour_that_is_there_twice_on_any_other_day_stays(rows_of: Rows) -> None:
    rows = rows_of("time,y", *(f"2023-07-12 {hour:02}:00:00,{hour}" for hour in [*range(24), 2]))
    assert settle_repeated_rows(rows, "H", None).clock_hours == 0
