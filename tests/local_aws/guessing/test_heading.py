"""Which rows are titles, which is the header, and which sum up the others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.guessing.table import DataError, Table, open_table

Open = Callable[[str], Table]
DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def daily(row: str) -> str:
    """28 rows, with {day} and {n} in the place of the date and a number."""
    return "".join(row.format(day=day, n=n) + "\n" for n, day in enumerate(DAYS, start=1))


def test_rows_above_the_header_are_titles_and_said(table: Open) -> None:
    text = "date,item,sales\n" + daily("{day},a,{n}")
    opened = table("Sales report,,\nJanuary,,\n\n" + text)
    assert opened.columns == ("date", "item", "sales")
    assert opened.query("SELECT min(line), max(line), count(*) FROM data") == [(5, 32, 28)]
    assert table("Report created,2024-02-01,\n" + text).columns == ("date", "item", "sales")
    assert [sentence.split(": ")[-1] for sentence in opened.announcements] == [
        "'Sales report' (above the header)",
        "'January' (above the header)",
    ]


def test_a_header_that_lacks_a_name_is_no_title(table: Open) -> None:
    with pytest.raises(DataError, match="line 2 has 3 columns, the first line has 2"):
        table("date,sales\n" + daily("{day},a,{n}"))


def test_dates_in_the_header_are_names_of_columns(table: Open) -> None:
    assert table("sku,Jan-17,Feb-17,Mar-17\nA,1,2,3\nB,4,5,6\n").columns == ("sku", "Jan-17", "Feb-17", "Mar-17")
    assert table("land,2015,2016,2017\nAT,1.5,2,3\nDE,4,5,6\n").columns == ("land", "2015", "2016", "2017")


def test_columns_without_name_and_value_are_dropped(table: Open) -> None:
    opened = table("date,sales,,\n" + daily("{day},{n},,"))
    assert opened.columns == ("date", "sales")
    assert opened.announcements == ()
    assert table("date,sales\n" + daily("{day},{n},,")).columns == ("date", "sales")
    assert table("date,sales,,\n" + daily("{day},{n},,x")).columns == ("date", "sales", "column_4")


@pytest.mark.parametrize("word", ["Total", "TOTAL:", "합계", "Summe", "Grand Total", "Total 2024"])
def test_a_row_of_totals_is_left_out_and_said(table: Open, word: str) -> None:
    opened = table("date,sales\n" + daily("{day},{n}") + f"{word},406\n")
    assert opened.query("SELECT count(*), sum(CAST(sales AS INTEGER)) FROM data") == [(28, 406)]
    assert opened.announcements[0].startswith(f"left out    {word}: line 30 of ")


def test_an_item_called_total_is_one_like_others(table: Open) -> None:
    opened = table("item,date,sales\n" + daily("a,{day},{n}") + "Total,2024-01-29,7\n")
    assert opened.query("SELECT count(*) FROM data") == [(29,)]
    assert opened.announcements == ()


def test_rows_with_another_number_of_fields_are_left_out_and_counted(table: Open) -> None:
    opened = table("date,item,sales\n" + daily("{day},a,{n}") + "2024-01-29,a\n2024-01-30,a,1,2")
    assert opened.query("SELECT count(*), max(line) FROM data") == [(28, 29)]
    said = "2 of 30 rows of {} with another number of fields (the first is line 30, with 2 for 3)"
    assert opened.announcements == (f"left out    {said.format(opened.path)}",)


def test_blank_lines_and_line_breaks_in_quotes_do_not_move_the_lines(table: Open) -> None:
    opened = table('date,note,sales\n\n2024-01-01,"two\nlines",1\n\n2024-01-02,,2\n')
    assert opened.query("SELECT line, note, sales FROM data ORDER BY line") == [(4, "two\nlines", "1"), (6, None, "2")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_quotes_mean_the_same_whatever_separates(table: Open, delimiter: str) -> None:
    rows = ["date,name,sales", '2024-01-01,TV 55" OLED,1', '2024-01-02, "a, b; c" ,2', '2024-01-03,"say ""hi""",3']
    named = {",": "a, b; c", ";": "a; b, c", "\t": "a\t b; c", "|": "a| b; c"}
    swap = str.maketrans(f",{delimiter}", f"{delimiter},")
    opened = table("\n".join(rows).translate(swap) + "\n")
    assert opened.query("SELECT name, sales FROM data ORDER BY line") == [
        ('TV 55" OLED', "1"),
        (named[delimiter], "2"),
        ('say "hi"', "3"),
    ]


def test_a_quote_that_is_not_closed_is_told_with_its_line(table: Open) -> None:
    with pytest.raises(DataError, match=r'sales\.csv: line 3: found \'"b\', wanted|not closed'):
        table('date,name,sales\n2024-01-01,a,1\n2024-01-02,"b,2\n')


def test_several_files_with_the_same_columns_are_one_table(write: Callable[..., Path]) -> None:
    first = write("date,sales\n2024-01-01,1\n2024-01-02,2\n", "a.csv")
    second = write("sales;date\n3;2024-01-03\n", "b.csv")
    opened = open_table([str(first), str(second)])
    assert opened.query("SELECT date, sales, line FROM data ORDER BY line")[2] == ("2024-01-03", "3", 5)
    assert opened.place(5) == f"{second}: line 2"
    assert opened.place(3) == f"{first}: line 3"
    assert not opened.is_own
    assert opened.announcements == ("opened      2 files as one: a.csv, b.csv",)


def test_a_file_with_other_columns_is_refused_by_name(write: Callable[..., Path]) -> None:
    files = [write("date,sales\n2024-01-01,1\n", "a.csv"), write("date,price\n2024-01-01,1\n", "b.csv")]
    with pytest.raises(DataError, match=r"b\.csv: has the columns date, price, and .*a\.csv date, sales; wanted the"):
        open_table([str(file) for file in files])


def test_a_folder_is_its_files_without_those_that_hold_no_data(write: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "sales").mkdir()
    for name in ("sales/1.csv", "sales/2.csv", "sales/_SUCCESS", "sales/.hidden.csv", "sales/notes.docx"):
        write(f"date,sales\n2024-01-0{1 if '1' in name else 2},1\n", name)
    opened = open_table(tmp_path / "sales")
    assert opened.query("SELECT date FROM data ORDER BY line") == [("2024-01-01",), ("2024-01-02",)]
    assert opened.stem == "sales"
    assert "notes.docx" in opened.announcements[1]
