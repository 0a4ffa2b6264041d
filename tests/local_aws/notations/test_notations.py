"""Every notation reads back the day, the week, the month or the quarter that was written in it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.notations.timestamps import grammars_of, is_timestamp

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
GERMAN = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
FRENCH = ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
SPANISH = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
KOREAN_DAYS = "월화수목금토일"
DAYS: dict[str, Callable[[date], str]] = {
    "Korean": lambda d: f"{d.year}년 {d.month}월 {d.day}일",
    "Korean, close": lambda d: f"{d.year}년{d.month:02}월{d.day:02}일",
    "Korean, short year": lambda d: f"{d.year % 100:02}년 {d.month}월 {d.day}일",
    "Korean dots": lambda d: f"{d.year}. {d.month}. {d.day}.",
    "dots": lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    "with the day of the week": lambda d: f"{d} ({KOREAN_DAYS[d.weekday()]})",
    "Chinese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "ISO": lambda d: f"{d}",
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "English": lambda d: f"{d.day:02}-{MONTHS[d.month - 1]}-{d.year}",
    "English, close": lambda d: f"{d.day:02}{MONTHS[d.month - 1].upper()}{d.year}",
    "American": lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    "with its day in front": lambda d: f"{d:%a} {d.day:02} {MONTHS[d.month - 1]} {d.year}",
    "German": lambda d: f"{d.day}. {GERMAN[d.month - 1]} {d.year}",
    "French": lambda d: f"{d.day} {FRENCH[d.month - 1]} {d.year}",
    "Spanish": lambda d: f"{d.day} de {SPANISH[d.month - 1]} de {d.year}",
}
TIMES: dict[str, Callable[[datetime], str]] = {
    "none": lambda t: "",
    "minutes": lambda t: f" {t:%H:%M}",
    "seconds": lambda t: f" {t:%H:%M:%S}",
    "ISO": lambda t: f"T{t:%H:%M:%S}.000Z",
    "offset": lambda t: f" {t:%H:%M:%S}+09:00",
    "zone": lambda t: f" {t:%H:%M:%S} UTC",
    "zone by its place": lambda t: f" {t:%H:%M} Asia/Seoul",
    "halves": lambda t: f" {t:%I:%M:%S %p}",
    "Korean halves": lambda t: f" {'오전' if t.hour < 12 else '오후'} {(t.hour - 1) % 12 + 1}:{t.minute:02}",
    "Korean": lambda t: f" {t.hour}시 {t.minute}분",
}
WITH_SECONDS = ("seconds", "ISO", "offset", "zone", "halves")


def read(text: str, *, numbers: bool = False, weeks: bool = False) -> datetime | None:
    """The moment that a text is, in the first notation that fits it."""
    notation = grammars_of([text], 0, numbers=numbers, weeks=weeks)[0].notation([text])
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {notation.reading('text')} FROM (SELECT $1 AS text)", [text]).fetchone()[0]


@settings(deadline=None, max_examples=60)
@given(
    moment=st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)),
    day=st.sampled_from([*DAYS]),
    time=st.sampled_from([*TIMES]),
)
def test_a_day_and_its_time_are_read_back_in_whatever_notation(moment: datetime, day: str, time: str) -> None:
    text = DAYS[day](moment.date()) + TIMES[time](moment)
    kept = {"hour": 0, "minute": 0} if time == "none" else {}
    second = moment.second if time in WITH_SECONDS else 0
    assert read(text) == moment.replace(microsecond=0, second=second, **kept), text


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2023년 3월", date(2023, 3, 1)),
        ("2023. 3.", date(2023, 3, 1)),
        ("23년 3월", date(2023, 3, 1)),
        ("2023년", date(2023, 1, 1)),
        ("2021년 3분기", date(2021, 7, 1)),
        ("2021년 3사분기", date(2021, 7, 1)),
        ("2023년 5주차", date(2023, 1, 30)),
        ("11/2017", date(2017, 11, 1)),
        ("11-2017", date(2017, 11, 1)),
        ("2017M11", date(2017, 11, 1)),
        ("Nov-17", date(2017, 11, 1)),
        ("novembre 2017", date(2017, 11, 1)),
        ("Dezember 2017", date(2017, 12, 1)),
        ("dic 2017", date(2017, 12, 1)),
        ("Q3 2021", date(2021, 7, 1)),
        ("2021-Q3", date(2021, 7, 1)),
        ("3Q21", date(2021, 7, 1)),
        ("3Q 2021", date(2021, 7, 1)),
        ("H2 2021", date(2021, 7, 1)),
        ("2024-W05", date(2024, 1, 29)),
        ("2024W05", date(2024, 1, 29)),
        ("KW 5 2024", date(2024, 1, 29)),
        ("KW05/2024", date(2024, 1, 29)),
        ("2024-W05-3", date(2024, 1, 31)),
        ("2020-W53", date(2020, 12, 28)),
        ("2021-W01", date(2021, 1, 4)),
    ],
)
def test_a_period_is_read_as_its_first_day(written: str, day: date) -> None:
    assert read(written) == datetime(day.year, day.month, day.day)
    assert is_timestamp(written)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("20230301", datetime(2023, 3, 1)),
        ("202303", datetime(2023, 3, 1)),
        ("2023.10", datetime(2023, 10, 1)),
        ("2023", datetime(2023, 1, 1)),
        ("2023030113", datetime(2023, 3, 1, 13)),
        ("20230301130507", datetime(2023, 3, 1, 13, 5, 7)),
        ("44986", datetime(2023, 3, 1)),  # Excel counts from 1899-12-30
        ("44986.75", datetime(2023, 3, 1, 18)),
        ("1677628800", datetime(2023, 3, 1)),
        ("1677628800000", datetime(2023, 3, 1)),
    ],
)
def test_a_number_is_a_moment_only_where_its_column_says_so(written: str, moment: datetime) -> None:
    assert read(written, numbers=True) == moment
    assert not is_timestamp(written)


@pytest.mark.parametrize("written", ["202405", "2024-05", "5/2024"])
def test_a_column_called_week_holds_weeks(written: str) -> None:
    assert read(written, numbers=True, weeks=True) == datetime(2024, 1, 29)


@pytest.mark.parametrize("written", ["2023-02-30", "2023-W53", "2023년 2월 30일", "31-Jun-2023"])
def test_a_day_or_a_week_that_never_was_is_not_read(written: str) -> None:
    assert read(written) is None


@pytest.mark.parametrize("written", ["12:30", "May", "3월", "A-2023", "1.5", "-", "2023-13", "Monday", "1-800-555"])
def test_what_is_no_date_is_none(written: str) -> None:
    assert not is_timestamp(written)


def test_midnight_at_the_end_of_a_day_is_the_next_days() -> None:
    assert read("2023-12-31 24:00") == datetime(2024, 1, 1)


def test_a_year_of_two_digits_is_of_this_century_up_to_68() -> None:
    assert [read(f"1-May-{year}").year for year in ("00", "68", "69", "99")] == [2000, 2068, 1969, 1999]


def test_weeks_go_on_over_the_turn_of_a_year() -> None:
    weeks = [f"2020-W{week:02}" for week in range(50, 54)] + [f"2021-W{week:02}" for week in range(1, 4)]
    moments = [read(week) for week in weeks]
    assert {after - before for before, after in pairwise(moments)} == {timedelta(days=7)}
