"""Which columns hold the time, whether in one or in several, and what is wrong in them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest

from forecast_contract.sql import identifier
from local_aws.guessing.interpretation import interpret
from local_aws.guessing.moment_checks import checked
from local_aws.guessing.moments import find_moment
from local_aws.guessing.options import Options
from local_aws.guessing.table import DataError, Table
from tests.local_aws.small_files import lines

FIRST = date(2023, 1, 2)


def moments_of(table: Table, options: Options | None = None) -> tuple[tuple[str, ...], list[datetime]]:
    """The columns of the time, and the time of each row."""
    options = options or Options()
    moment = checked(table, find_moment(table, options.timestamp, options.date_order))
    reading = moment.notation.reading(identifier(moment.columns[0]))
    return moment.columns, [row[0] for row in table.query(f"SELECT {reading} FROM data ORDER BY line")]


def daily(pattern: str, days: int, sep: str = ",") -> list[str]:
    """A row with the number 7 for each day from FIRST on, written as strftime writes it."""
    return [f"{FIRST + timedelta(days=day):{pattern}}{sep}7" for day in range(days)]


@pytest.mark.parametrize(
    ("header", "rows", "columns", "first"),
    [
        ("year,month,sales", ["2020,11,1", "2020,12,1"], ("year", "month"), datetime(2020, 11, 1)),
        ("Jahr;Monat;Umsatz", ["2020;März;1", "2020;April;1"], ("Jahr", "Monat"), datetime(2020, 3, 1)),
        ("연도,월,매출", ["2020년,3월,1", "2020년,4월,1"], ("연도", "월"), datetime(2020, 3, 1)),
        ("Year,Quarter,Sales", ["2020,Q3,1", "2020,Q4,1"], ("Year", "Quarter"), datetime(2020, 7, 1)),
        ("year,week,sales", ["2024,5,1", "2024,6,1"], ("year", "week"), datetime(2024, 1, 29)),
        ("y,month,day,year,hour", ["1,3,4,2020,5", "1,3,4,2020,6"], ("year", "month", "day", "hour"),
         datetime(2020, 3, 4, 5)),
        ("day,month,year,sales", ["31,12,2020,1", "1,1,2021,1"], ("year", "month", "day"), datetime(2020, 12, 31)),
        ("date,hour,load", ["2020-03-04,5,1", "2020-03-04,6,1"], ("date", "hour"), datetime(2020, 3, 4, 5)),
        ("일자,시,load", ["20200304,5시,1", "20200304,6시,1"], ("일자", "시"), datetime(2020, 3, 4, 5)),
        ("Date,Time,load", ["04.03.2020,05:30,1", "04.03.2020,05:45,1"], ("Date", "Time"),
         datetime(2020, 3, 4, 5, 30)),
        ("날짜,시간,값", ["2020-03-04,오후 5:30,1", "2020-03-04,오후 5:45,1"], ("날짜", "시간"),
         datetime(2020, 3, 4, 17, 30)),
    ],
)  # fmt: skip
def test_a_time_in_several_columns_is_one(
    table: Callable[[str], Table], header: str, rows: Sequence[str], columns: tuple[str, ...], first: datetime
) -> None:
    found, moments = moments_of(table(lines(header, *rows)))
    assert (found, moments[0]) == (columns, first)
    assert moments[1] > first


def test_the_columns_of_a_time_are_announced_with_what_overrides_them(table: Callable[[str], Table]) -> None:
    opened = table(lines("Date,Time,load", "2020-03-04,05:30,1", "2020-03-04,05:45,2"))
    assert interpret(opened, Options()).sentences[0] == (
        "timestamp   Date and Time (yyyy-MM-dd and a time)  (guessed; --timestamp overrides)"
    )
    assert interpret(opened, Options(timestamp=("Date",))).roles.left_out == {"Time": "another date or time"}


def test_the_last_hour_of_a_day_that_counts_from_1_is_the_next_midnight(table: Callable[[str], Table]) -> None:
    rows = [f"2020-03-04,{hour},1" for hour in range(1, 25)]
    assert moments_of(table(lines("date,hour_ending,load", *rows)))[1][-1] == datetime(2020, 3, 5)


def test_an_hour_that_goes_with_the_day_is_no_part_of_the_time(table: Callable[[str], Table]) -> None:
    rows = lines("date,hour,sales", "2020-03-04,17,1", "2020-03-05,18,1")  # the hour of most sales, say
    assert moments_of(table(rows))[0] == ("date",)


def test_a_column_of_dates_or_times_is_never_an_item(table: Callable[[str], Table]) -> None:
    rows = [f"{FIRST + timedelta(days=day)},2020-01-0{1 + day % 3},0{day % 9}:15,x,1" for day in range(20)]
    roles = interpret(table(lines("date,shipped,opens,shop,sales", *rows)), Options()).roles
    assert (roles.item, roles.dimensions) == ("shop", ())
    assert roles.left_out == {"shipped": "another date or time", "opens": "another date or time"}


def test_the_user_says_which_date_is_meant(table: Callable[[str], Table]) -> None:
    text = lines("date,paid,sales", "2020-03-04,2020-04-01,1", "2020-03-05,2020-04-03,1")
    assert moments_of(table(text))[0] == ("date",)
    assert moments_of(table(text), Options(timestamp=("paid",)))[0] == ("paid",)
    with pytest.raises(DataError, match=r"--timestamp when: wanted one of the columns date, paid, sales$"):
        moments_of(table(text), Options(timestamp=("when",)))


@pytest.mark.parametrize(("order", "first"), [("dmy", datetime(2023, 2, 1)), ("mdy", datetime(2023, 1, 2))])
def test_the_user_says_which_is_the_day(table: Callable[[str], Table], order: str, first: datetime) -> None:
    text = lines("date,sales", "01/02/2023,1", "01/03/2023,1")
    assert moments_of(table(text), Options(date_order=order))[1][0] == first


def test_days_that_excel_turned_round_are_refused_with_two_lines(table: Callable[[str], Table]) -> None:
    days = [FIRST + timedelta(days=day) for day in range(60)]
    rows = [f"{day:%m/%d/%Y},7" if day.day <= 12 else f"{day:%d/%m/%Y},7" for day in days]
    with pytest.raises(DataError) as refused:
        moments_of(table(lines("date,sales", *rows)))
    assert "column date: line 32 (02/01/2023) is in the order of time only with day and month the other way round" in (
        str(refused.value)
    )
    assert "line 13 (13/01/2023) only as dd/MM/yyyy" in str(refused.value)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_days_in_order_are_not_taken_for_turned_ones(table: Callable[[str], Table], order: slice) -> None:
    assert moments_of(table(lines("date,sales", *daily("%d/%m/%Y", 400)[order])))[0] == ("date",)


def test_two_notations_in_one_column_are_refused_with_line_and_value(table: Callable[[str], Table]) -> None:
    rows = [*daily("%Y-%m-%d", 20), *(f"{day:02}/03/2023,7" for day in range(1, 15))]
    with pytest.raises(DataError, match=r"line 22, column date: found '01/03/2023', wanted yyyy-MM-dd as in line 2"):
        moments_of(table(lines("date,sales", *rows)))


def test_a_text_in_a_column_of_dates_is_quoted_with_its_line(table: Callable[[str], Table]) -> None:
    rows = daily("%Y년 %m월 %d일", 30)
    rows[20] = "2023년 1월 99일,7"
    with pytest.raises(DataError) as refused:
        moments_of(table(lines("날짜,매출", *rows)))
    assert str(refused.value).endswith(
        "line 22, column 날짜: found '2023년 1월 99일', wanted yyyy년 MM월 dd일, as in line 2 (2023년 01월 02일)"
    )


def test_what_is_no_date_in_a_column_called_date_is_shown(table: Callable[[str], Table]) -> None:
    with pytest.raises(DataError, match=r"holds timestamps; line 2, column date: found 'soon'; wanted one such as"):
        moments_of(table(lines("date,sales", "soon,1", "later,2")))


def test_a_row_in_a_wider_notation_far_down_is_read(table: Callable[[str], Table]) -> None:
    rows = [*daily("%Y-%m-%d", 1200), "2026-06-01 06:30,7"]
    assert moments_of(table(lines("date,sales", *rows)))[1][-1] == datetime(2026, 6, 1, 6, 30)


@pytest.mark.parametrize("written", ["2203-02-01", "1900-01-01"])
def test_a_year_far_from_all_others_is_refused_with_its_line(table: Callable[[str], Table], written: str) -> None:
    rows = daily("%Y-%m-%d", 40)
    rows[30] = f"{written},7"
    with pytest.raises(DataError, match=f"line 32, column date: found {written}, years away from the others"):
        moments_of(table(lines("date,sales", *rows)))


def test_a_year_behind_all_calendars_is_refused_with_the_limit(table: Callable[[str], Table]) -> None:
    with pytest.raises(
        DataError, match="line 3, column date: found 9999-12-02, wanted a timestamp before the year 9000"
    ):
        moments_of(table(lines("date,sales", "9999-12-01,1", "9999-12-02,2")))


def test_rows_without_a_time_are_left_out_and_counted(table: Callable[[str], Table]) -> None:
    rows = daily("%Y-%m-%d", 20)
    rows[4] = rows[9] = ",7"
    meaning = interpret(table(lines("date,sales", *rows)), Options())
    assert "left out    2 of 20 rows without date, the first in line 6" in meaning.sentences
    assert meaning.table.query("SELECT count(*) FROM data") == [(18,)]


def test_a_zone_is_left_out_and_said(table: Callable[[str], Table]) -> None:
    rows = [f"2020-03-04 {hour:02}:00:00 KST,1" for hour in range(24)]
    said = interpret(table(lines("time,value", *rows)), Options()).sentences[:2]
    assert said == (
        "timestamp   time (yyyy-MM-dd HH:mm:ss KST)",
        "time zone   KST is left out: the clock is read as it stands in the file",
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024.03.04.월요일", datetime(2024, 3, 4)),
        ("'2024-03-04", datetime(2024, 3, 4)),
        ("2024年03月04日(月)", datetime(2024, 3, 4)),
        ("2024_03_04", datetime(2024, 3, 4)),
        ("2024 03 04", datetime(2024, 3, 4)),
        ("2024-03-04~2024-03-10", datetime(2024, 3, 4)),
        ("2024.03.04 - 2024.03.10", datetime(2024, 3, 4)),
        ("2024/03/04~03/10", datetime(2024, 3, 4)),
        ("4 marzo 2024", datetime(2024, 3, 4)),
        ("4 de março de 2024", datetime(2024, 3, 4)),
        ("4 maart 2024", datetime(2024, 3, 4)),
        ("24.1Q", datetime(2024, 1, 1)),
        ("2024년 2/4분기", datetime(2024, 4, 1)),
        ("2024.3분기", datetime(2024, 7, 1)),
        ("Qtr4 2024", datetime(2024, 10, 1)),
        ("20240304.0", datetime(2024, 3, 4)),
        ("202403.0", datetime(2024, 3, 1)),
        ("20240304_0506", datetime(2024, 3, 4, 5, 6)),
        ("20240304T050607Z", datetime(2024, 3, 4, 5, 6, 7)),
        ("30042024", datetime(2024, 4, 30)),
        ("04302024", datetime(2024, 4, 30)),
        ("1709510400000000", datetime(2024, 3, 4)),
        ("1709510400000000000", datetime(2024, 3, 4)),
    ],
)
def test_rarer_ways_to_write_a_time_are_read(table: Callable[[str], Table], written: str, read: datetime) -> None:
    assert moments_of(table(lines("date,sales", f"{written},1")))[1] == [read]


@pytest.mark.parametrize("name", ["기준일", "판매월", "주문일자", "ts"])
def test_a_name_says_that_numbers_are_times(table: Callable[[str], Table], name: str) -> None:
    text = "202403" if name.endswith("월") else "20240304"
    day = 1 if text == "202403" else 4
    assert moments_of(table(lines(f"{name},매출", f"{text},1")))[1] == [datetime(2024, 3, day)]


def test_days_in_eight_digits_are_times_whatever_the_column_is_called(table: Callable[[str], Table]) -> None:
    rows = [f"202403{day:02},{10 * day}" for day in range(1, 29)]
    assert moments_of(table(lines(*rows)))[1][0] == datetime(2024, 3, 1)
    named = interpret(table(lines("date,code,sales", "2024-03-04,20240101,5", "2024-03-05,20240102,6")), Options())
    assert named.roles.timestamp == "date"


def test_when_a_row_was_entered_comes_after_when_something_was_sold(table: Callable[[str], Table]) -> None:
    rows = [f"2024-12-01,2024-03-{day:02},{day}" for day in range(1, 29)]
    assert interpret(table(lines("등록일,판매일,매출", *rows)), Options()).roles.timestamp == "판매일"


def test_a_day_without_a_year_is_refused(table: Callable[[str], Table]) -> None:
    with pytest.raises(DataError, match=r"line 2, column 날짜: found '3월 4일', which has no year; wanted"):
        moments_of(table(lines("날짜,매출", "3월 4일,1", "3월 5일,2")))
