"""Tables as people lay them out: months across, two rows of names, a file for each item."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from forecast_contract.sql import identifier
from local_aws.guessing.interpretation import Interpretation, interpret
from local_aws.guessing.options import Options
from local_aws.guessing.table import DataError, Table, open_table
from tests.local_aws.small_files import lines

Open = Callable[[str], Table]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def observed(meaning: Interpretation) -> list[tuple[datetime, str | None, float]]:
    """Moment, item and value of each row, in the order of time."""
    table, roles = meaning.table, meaning.roles
    moment = roles.notation.reading(identifier(roles.timestamp))
    item = identifier(roles.item) if roles.item else "NULL"
    number = f"CAST({table.number(identifier(roles.target))} AS DOUBLE)"
    return table.query(f"SELECT {moment}, {item}, {number} FROM data ORDER BY 1, 2")


@pytest.mark.parametrize("year", ["연도", "Year", ""])
@pytest.mark.parametrize("name", ["{n}월", "{word}", "{n}", "M{n:02}"])
def test_the_months_of_a_year_across_are_rows(table: Open, year: str, name: str) -> None:
    names = [name.format(n=n, word=word) for n, word in enumerate(MONTHS, start=1)]
    rows = [f"{2020 + y},{','.join(str(100 * y + n) for n in range(1, 13))},999" for y in range(3)]
    meaning = interpret(table(lines(f"{year},{','.join(names)},Total", *rows)), Options())
    assert observed(meaning) == [(datetime(2020 + y, n, 1), None, 100 * y + n) for y in range(3) for n in range(1, 13)]
    assert meaning.sentences[0].endswith("as rows of month  (guessed; --no-turn leaves them)")


@pytest.mark.parametrize("name", ["{h}시", "H{h:02}", "{h:02}:00", "{h}"])
def test_the_hours_of_a_day_across_are_rows(table: Open, name: str) -> None:
    header = ",".join(name.format(h=h) for h in range(24))
    rows = [f"2024-03-0{day},{','.join(str(100 * day + h) for h in range(24))}" for day in (1, 2)]
    meaning = interpret(table(lines(f"date,{header}", *rows)), Options())
    assert observed(meaning) == [(datetime(2024, 3, day, h), None, 100 * day + h) for day in (1, 2) for h in range(24)]


def test_columns_stay_columns_where_the_user_says_so(table: Open) -> None:
    rows = [f"{2020 + y},{','.join(str(100 * y + n) for n in range(1, 13))}" for y in range(3)]
    meaning = interpret(table(lines(f"Year,{','.join(MONTHS)}", *rows)), Options(no_turn=True))
    assert meaning.series_columns == MONTHS


def test_a_total_of_several_series_is_none(table: Open) -> None:
    meaning = interpret(
        table(lines("date,A,B,합계", *(f"{day},{n},1,{n + 1}" for n, day in enumerate(DAYS)))), Options()
    )
    assert meaning.series_columns == ("A", "B")
    assert [sentence for sentence in meaning.sentences if sentence.startswith("left out")] == [
        "left out    합계 (a total of the others)"
    ]


def test_two_rows_of_names_are_one_header(table: Open) -> None:
    grouped = table("품목,2023년,,2024년,\n품목,1월,2월,1월,2월\nA,1,2,3,4\nB,5,6,7,8\n")
    assert grouped.columns == ("품목", "2023년 1월", "2023년 2월", "2024년 1월", "2024년 2월")
    below = table("구분,,매출\n날짜,지점,원\n" + "".join(f"{day},a,{n}\n" for n, day in enumerate(DAYS)))
    assert below.columns == ("구분 날짜", "구분 지점", "매출 원")
    assert below.query("SELECT min(line), count(*) FROM data") == [(3, 28)]
    assert below.announcements[0].endswith("as one header: 구분 날짜, 구분 지점, 매출 원, ...")


@pytest.mark.parametrize("row", ["(일),(원)", "yyyy-mm-dd,KRW", "----,-----"])
def test_what_stands_between_names_and_data_is_left_out_and_said(table: Open, row: str) -> None:
    opened = table(lines("date,sales", row, *(f"{day},{n}" for n, day in enumerate(DAYS))))
    assert opened.query("SELECT min(line), count(*) FROM data") == [(3, 28)]
    assert opened.announcements[0].endswith(f"line 2 of {opened.path}: '{row.replace(',', ', ')}' (below the header)")


def test_a_first_row_of_unknown_values_is_data(table: Open) -> None:
    opened = table(lines("sku,2023-01-01,2023-01-02,2023-01-03", "a,NA,NA,NA", "b,1,2,3"))
    assert opened.query("SELECT count(*) FROM data") == [(2,)]


def test_a_first_row_of_texts_is_data_where_a_number_lacks_or_is_a_word(table: Open) -> None:
    assert table(lines("item,colour,weight", "a,red,", "b,blue,5", "c,red,6")).query("SELECT min(line) FROM data") == [
        (2,)
    ]
    assert table(lines("item,colour,size", "a,red,big", "b,blue,5", "c,red,L")).query("SELECT min(line) FROM data") == [
        (2,)
    ]


def test_columns_that_are_called_as_a_machine_are_no_hours(table: Open) -> None:
    rows = [f"{day},{n},{n + 1},{n + 2}" for n, day in enumerate(DAYS)]
    assert interpret(table(lines("date,H1,H2,H3", *rows)), Options()).series_columns == ("H1", "H2", "H3")


def test_a_header_that_comes_again_is_left_out_and_said(table: Open) -> None:
    rows = [f"{day},{n}" for n, day in enumerate(DAYS)]
    opened = table(lines("date,sales", *rows[:9], "date,sales", *rows[9:]))
    assert opened.query("SELECT count(*) FROM data") == [(28,)]
    assert opened.announcements == (f"left out    line 11 of {opened.path} (the header again)",)


def test_the_numbers_of_rows_that_r_writes_have_no_name(table: Open) -> None:
    opened = table(lines('"date","sales"', *(f'"{n}",{day},{n}' for n, day in enumerate(DAYS, start=1))))
    assert opened.columns == ("column_1", "date", "sales")


def test_a_remark_with_more_fields_than_the_rows_is_a_title(table: Open) -> None:
    opened = table(lines("# made by x, y, z", "date,sales", *(f"{day},{n}" for n, day in enumerate(DAYS))))
    assert opened.columns == ("date", "sales")


@pytest.mark.parametrize("word", ["평균", "Average", "Max"])
def test_an_average_below_the_rows_is_no_row(table: Open, word: str) -> None:
    opened = table(lines("date,sales", *(f"{day},{n}" for n, day in enumerate(DAYS)), f"{word},14"))
    assert opened.query("SELECT count(*) FROM data") == [(28,)]


def test_more_than_a_tenth_of_the_rows_without_a_time_is_refused(table: Open) -> None:
    rows = [f"{day if n % 2 else ''},{n}" for n, day in enumerate(DAYS)]
    with pytest.raises(DataError, match="found 14 of 28 rows without date, the first in line 2; wanted at most 10% of"):
        interpret(table(lines("date,sales", *rows)), Options())


def test_blanks_around_a_name_make_no_other_series(table: Open) -> None:
    rows = [f"{day},{'A ' if n % 2 else 'A'},{n}\n{day},B,{n}" for n, day in enumerate(DAYS)]
    meaning = interpret(table(lines("date,item,sales", *rows)), Options())
    assert {item for _, item, _ in observed(meaning)} == {"A", "B"}
    assert meaning.sentences[-1] == "blanks      14 values of item are read without the blanks around them"


@pytest.mark.parametrize("name", ["rowid", "line", "_place", "_moment", "number"])
def test_a_column_may_be_called_as_one_of_ours(table: Open, name: str) -> None:
    rows = [f"{day},{item},{n}" for n, day in enumerate(DAYS) for item in "AB"]
    meaning = interpret(table(lines(f"date,{name},sales", *rows)), Options())
    assert len(observed(meaning)) == 56
    assert {item for _, item, _ in observed(meaning)} == {"A", "B"}
    said = interpret(table(lines(f"date,item,{name},price", *(f"{row},9" for row in rows))), Options(target=name))
    assert observed(said)[-1] == (datetime(2024, 1, 28), "B", 27)


def test_files_with_the_same_times_are_a_series_each(tmp_path: Path) -> None:
    for number, name in enumerate(("A", "B")):
        rows = (f"{day},{100 * number + n}" for n, day in enumerate(DAYS))
        (tmp_path / f"{name}.csv").write_text(lines("date,sales", *rows))
    meaning = interpret(open_table(tmp_path), Options())
    assert observed(meaning)[:3] == [
        (datetime(2024, 1, 1), "A", 0),
        (datetime(2024, 1, 1), "B", 100),
        (datetime(2024, 1, 2), "A", 1),
    ]
    assert "opened      each file as a series, called in file  (guessed; --aggregate puts them together)" in (
        meaning.sentences
    )
    assert interpret(open_table(tmp_path), Options(aggregate="sum")).roles.item is None


def test_files_that_follow_each_other_are_one_series(tmp_path: Path) -> None:
    for name, days in (("1", DAYS[:15]), ("2", DAYS[13:])):
        (tmp_path / f"{name}.csv").write_text(lines("date,sales", *(f"{day},{day[-2:]}" for day in days)))
    assert interpret(open_table(tmp_path), Options()).roles.item is None
