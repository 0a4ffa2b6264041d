"""Dates are read however people write them, and one that could be another is refused."""

from collections.abc import Callable
from datetime import datetime

import pytest

from local_aws.guessing.roles import guess_roles
from local_aws.guessing.table import DataError, Table
from tests.local_aws.small_files import lines


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("2020-03-04", "yyyy-MM-dd"),
        ("2020-03-04 05:06:07", "yyyy-MM-dd HH:mm:ss"),
        ("2020-03-04T05:06:07", "yyyy-MM-ddTHH:mm:ss"),
        ("2020-03-04 05:06", "yyyy-MM-dd HH:mm"),
        ("2020/03/04", "yyyy/MM/dd"),
        ("04.03.2020", "dd.MM.yyyy"),
        ("14/03/2020", "dd/MM/yyyy"),
        ("03/14/2020", "MM/dd/yyyy"),
        ("3/14/20", "MM/dd/yy"),
        ("3/14/20 13:05", "MM/dd/yy HH:mm"),
        ("14.03.20", "dd.MM.yy"),
        ("03/14/2020 01:00 PM", "MM/dd/yyyy hh:mm AM"),
        ("2020-03-04 05:06:07+09:00", "yyyy-MM-dd HH:mm:ss+hh:mm"),
        ("2020-03-04T05:06:07+0000", "yyyy-MM-ddTHH:mm:ss+hh:mm"),
        ("04 Mar 2020", "dd MMM yyyy"),
        ("2020-03", "yyyy-MM"),
        ("2020 Mar", "yyyy MMM"),
        ("Mar-20", "MMM-yy"),
        ("2020 Q1", "yyyy Qq"),
        ("2020Q1", "yyyyQq"),
        ("20200304", "yyyyMMdd"),
        ("2020", "yyyy"),
    ],
)
def test_dates_are_read_however_people_write_them(table: Callable[[str], Table], written: str, name: str) -> None:
    assert guess_roles(table(lines("date,item,y", f"{written},a,1"))).notation.name == name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("3/14/20", datetime(2020, 3, 14)),
        ("03/14/2020 12:00 AM", datetime(2020, 3, 14)),
        ("2020-03-04 05:06:07+09:00", datetime(2020, 3, 4, 5, 6, 7)),
    ],
)
def test_two_digits_are_a_year_of_ours_and_hours_are_those_of_the_wall_clock(
    table: Callable[[str], Table], written: str, read: datetime
) -> None:
    opened = table(lines("date,item,y", f"{written},a,1"))
    assert opened.query(f"SELECT {guess_roles(opened).notation.reading('date')} FROM data") == [(read,)]


def test_of_day_and_year_in_two_digits_the_year_is_what_makes_the_shorter_history(
    table: Callable[[str], Table],
) -> None:
    def name(*dates: str) -> str:
        return guess_roles(table(lines("date,item,y", *(f"{text},a,1" for text in dates)))).notation.name

    assert name("20-03-14", "20-03-15") == "yy-MM-dd"
    assert name("14.03.20", "15.03.20") == "dd.MM.yy"


def test_days_that_may_be_months_are_not_guessed(table: Callable[[str], Table]) -> None:
    with pytest.raises(DataError, match=r"can be read as day/month and as month/day \(line 2: 01/02/2020\)"):
        guess_roles(table(lines("date,item,y", "01/02/2020,a,1", "01/03/2020,a,2")))


def test_one_day_above_twelve_settles_which_is_the_day(table: Callable[[str], Table]) -> None:
    rows = [f"{day:02}/01/2020,a,1" for day in range(1, 32)]
    assert guess_roles(table(lines("date,item,y", *rows))).notation.name == "dd/MM/yyyy"
