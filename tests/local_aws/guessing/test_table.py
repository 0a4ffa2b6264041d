"""What is not a CSV file of a panel is refused in one sentence that names the place."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from local_aws.guessing.rows.heading import find_heading
from local_aws.guessing.rows.loading import load_one_by_one
from local_aws.guessing.table import DataError, open_table
from local_aws.opening.named_file import Reading
from local_aws.opening.opened import open_files
from local_aws.opening.scratch import Scratch

Write = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes bytes to a file and gives its path."""

    def write(content: bytes) -> Path:
        path = tmp_path / "sales.csv"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty, wanted a CSV file"),
        (
            "date,item,y\n2020-01-01,ö,1\n2020-01-01,".encode() + b"\xe4,1\n",
            "line 3 is not UTF-8; save the file in UTF-8, or say --encoding",
        ),
        (b"\r\n", "holds no row"),
        (b"date,item,y\n", "has a header line and no data"),
        (b"date\n2020-01-01\n", "line 1 has one column, wanted at least a timestamp and a number separated by commas"),
        (b"date,item,y\n2020-01-01,a,1\n2020-01-02,a\n", "line 3 has 2 columns, the first line has 3"),
        (b"date,item,y\n2020-01-01,a,1\n2020-01-02,a,2,3\n", "line 3 has 4 columns, the first line has 3"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_place(
    file: Callable[[bytes], Path], content: bytes, sentence: str
) -> None:
    path = file(content)
    with pytest.raises(DataError) as refused:
        open_table(path)
    assert str(refused.value) == f"{path}: {sentence}"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: no such file or directory"):
        open_table(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("content", "has_header"),
    [
        (b"2014-01-01 01:00:00,38.3,client_12\n", False),
        (b"timestamp,value,client\n2014-01-01 01:00:00,38.3,client_12\n", True),
        (b"1998 Q1,a,3\n", False),
        (b"store,week,units\nA,2020-01-06,3\n", True),
    ],
)
def test_a_first_line_with_a_date_or_a_number_is_data(
    file: Callable[[bytes], Path], content: bytes, has_header: bool
) -> None:
    assert open_table(file(content)).has_header == has_header


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(file: Callable[[bytes], Path], separator: str) -> None:
    table = open_table(file(f"date{separator}item{separator}y\n2020-01-01{separator}a{separator}1\n".encode()))
    assert table.columns == ("date", "item", "y")
    assert table.query("SELECT date, item, y FROM data") == [("2020-01-01", "a", "1")]


def test_a_byte_order_mark_is_not_part_of_the_first_name(file: Callable[[bytes], Path]) -> None:
    assert open_table(file(b"\xef\xbb\xbfdate,item,y\n2020-01-01,a,1\n")).columns == ("date", "item", "y")


def test_every_row_knows_the_line_it_stood_in(file: Callable[[bytes], Path]) -> None:
    with_header = open_table(file(b"date,y\n2020-01-01,1\n2020-01-02,2\n"))
    assert with_header.query("SELECT line, y FROM data ORDER BY line") == [(2, "1"), (3, "2")]
    without = open_table(file(b"2020-01-01,1\n2020-01-02,2\n"))
    assert without.query("SELECT line, column_2 FROM data ORDER BY line") == [(1, "1"), (2, "2")]


def test_columns_without_a_name_or_of_one_name_can_be_told_apart(file: Callable[[bytes], Path]) -> None:
    assert open_table(file(b"date,,Y,y,line\n2020-01-01,a,1,2,3\n")).columns == (
        "date",
        "column_2",
        "Y",
        "y_4",
        "line ",  # a name of our own, to which the user's gives way by a blank
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_oddly_written_text_is_read_as_its_records_one_by_one(write: Write, delimiter: str, end: str) -> None:
    fields = ['TV 55"', '"a; b, c"', f'"two{end}lines"', ' "blanks" ', '""', '"say ""hi"""', "é", "x|y"]
    rows = [delimiter.join([f"2024-01-{n + 1:02}", text, str(n)]) for n, text in enumerate(fields * 3)]
    torn = delimiter.join(["2024-01-03", "torn"])
    text = end.join([delimiter.join(["date", "item", "sales"]), *rows[:7], "", torn, *rows[7:], delimiter * 2, ""])
    opened = open_table(write(text))
    scratch, again = Scratch(), duckdb.connect()
    (one,) = open_files([str(opened.path)], Reading(), scratch)
    load_one_by_one(one, find_heading(one.head(), one.name), "data", again, scratch)
    by_line = "SELECT * FROM data ORDER BY line"
    assert opened.query(by_line) == again.execute(by_line).fetchall()
    assert opened.query("SELECT count(*) FROM data") == [(24,)]
    assert "1 of 25 rows" in opened.announcements[0]


def test_a_cell_may_hold_any_line_break(write: Write) -> None:
    records = [{"date": f"2024-01-{day:02}", "item": "a\rb", "sales": day} for day in range(1, 9)]
    opened = open_table(write(json.dumps(records), "sales.json"))
    assert opened.query("SELECT DISTINCT item FROM data") == [("a\rb",)]
