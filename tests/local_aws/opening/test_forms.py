"""The same rows come out of whatever form they are kept in, and what cannot be read is refused in one sentence."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from local_aws.guessing.table import DataError, open_table
from local_aws.opening.named_file import Reading
from tests.local_aws.opening.workbooks import Day, write_workbook

TEXT = "date,item,sales\n2024-01-01,a,1\n2024-01-02,a,2.5\n"
ROWS = [("2024-01-01", "a", "1"), ("2024-01-02", "a", "2.5")]
JSON_LINES = '{"date":"2024-01-01","item":"a","sales":1}\n{"date":"2024-01-02","item":"a","sales":2.5}\n'
JANUARY_1 = 45292.0  # of 2024, as Excel counts days


def zipped(**members: str) -> Callable[[Path], object]:
    """Writes an archive of the members."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(f"{name}.csv", content)

    return write


def workbook(*rows: list[str | float | bool | None]) -> Callable[[Path], object]:
    """Writes a workbook whose second sheet holds the rows."""
    return lambda path: write_workbook(path, {"Notes": [["for the board"]], "Data": rows})


def parquet(path: Path) -> None:
    """Writes the rows with types."""
    rows = "VALUES (DATE '2024-01-01', 'a', 1::DOUBLE), (DATE '2024-01-02', 'a', 2.5)"
    duckdb.connect().execute(f"COPY (SELECT * FROM ({rows}) AS t(date, item, sales)) TO '{path}' (FORMAT parquet)")


def content(data: bytes) -> Callable[[Path], object]:
    """Writes the bytes."""
    return lambda path: path.write_bytes(data)


HEADER: list[str | float | bool | None] = ["date", "item", "sales"]
FORMS = {
    "gzip.csv.gz": content(gzip.compress(TEXT.encode(), mtime=0)),
    "bzip2.csv.bz2": content(bz2.compress(TEXT.encode())),
    "xz.csv.xz": content(lzma.compress(TEXT.encode())),
    "gzip.jsonl.gz": content(gzip.compress(JSON_LINES.encode(), mtime=0)),
    "zip.zip": zipped(sales=TEXT),
    "lines.jsonl": content(JSON_LINES.encode()),
    "array.json": content(f"[{JSON_LINES.strip().replace(chr(10), ',' + chr(10))}]".encode()),
    "nested.json": content(f'{{"count":2,"data":[{JSON_LINES.strip().replace(chr(10), ",")}]}}'.encode()),
    "columns.json": content(b'{"date":["2024-01-01","2024-01-02"],"item":["a","a"],"sales":[1,2.5]}'),
    "pandas.json": content(
        b'{"date":{"0":"2024-01-01","1":"2024-01-02"},"item":{"0":"a","1":"a"},"sales":{"0":1,"1":2.5}}'
    ),
    "arrays.json": content(b'[["date","item","sales"],["2024-01-01","a",1],["2024-01-02","a",2.5]]'),
    "split.json": content(
        b'{"columns":["date","item","sales"],"index":[0,1],"data":[["2024-01-01","a",1],["2024-01-02","a",2.5]]}'
    ),
    "deep.json": content(
        f'{{"answer":{{"count":2,"body":{{"rows":[{JSON_LINES.strip().replace(chr(10), ",")}]}}}}}}'.encode()
    ),
    "workbook.xlsx": workbook(HEADER, [Day(JANUARY_1), "a", 1], [Day(JANUARY_1 + 1), "a", 2.5]),
    "without_ending": workbook(HEADER, [Day(JANUARY_1), "a", 1], [Day(JANUARY_1 + 1), "a", 2.5]),
    "parquet.parquet": parquet,
    "utf-16.csv": content(TEXT.encode("utf-16")),
    "utf-16-without-mark.csv": content(TEXT.encode("utf-16-le")),
    "utf-32.csv": content(TEXT.encode("utf-32")),
    "mark.csv": content(TEXT.encode("utf-8-sig")),
    "separator.csv": content(f"sep=;\n{TEXT.replace(',', ';')}".encode()),
    "separator_in_quotes.csv": content(f'"sep=|"\r\n{TEXT.replace(",", "|")}'.encode()),
    "old_mac.csv": content(TEXT.replace("\n", "\r").encode()),
    "mixed.csv": content(TEXT.replace("\n", "\r\n", 1).encode()),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_same_rows_come_out_of_every_form(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    FORMS[name](path)
    table = open_table(path)
    texts = [(date.removesuffix(" 00:00:00"), item, sales.removesuffix(".0")) for date, item, sales in rows_of(path)]
    assert table.columns == ("date", "item", "sales")
    assert texts == ROWS
    assert table.stem == name.partition(".")[0]


def rows_of(path: Path) -> list[tuple[str, str, str]]:
    """The texts of the rows, in order."""
    return [(date, item, sales) for date, item, sales in open_table(path).query("SELECT * EXCLUDE line FROM data")]


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("날짜,지점,매출\n2024-01-01,강남,1\n2024-01-02,홍대입구,2\n", "cp949", "CP949"),
        ("Datum,Filiale,Umsatz\n2024-01-01,Köln Süd,1\n2024-01-02,Gießen,2\n", "cp1252", "CP1252"),
        ("data,sklep,suma\n2024-01-01,Łódź,1\n2024-01-02,Kraków i Rzeszów,2\n", "cp1250", "CP1250"),
        ("дата,город,сумма\n2024-01-01,Москва,1\n2024-01-02,Казань,2\n", "cp1251", "CP1251"),
        ("日付,店舗,売上\n2024-01-01,渋谷ヒカリエ店,1\n2024-01-02,新宿駅の東口,2\n", "cp932", "CP932"),
    ],
)
def test_other_encodings_are_guessed_and_said(tmp_path: Path, text: str, encoding: str, shown: str) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(text.encode(encoding))
    table = open_table(path)
    assert table.columns == tuple(text.splitlines()[0].split(","))
    assert [list(row) for row in rows_of(path)] == [line.split(",") for line in text.splitlines()[1:]]
    assert table.announcements == (f"opened      {path} as {shown}  (guessed; --encoding overrides)",)
    assert not table.is_own


def test_the_encoding_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes("date,item,sales\n2024-01-01,ł,1\n".encode("cp1250"))
    assert open_table(path, Reading(encoding="cp1250")).query("SELECT item FROM data") == [("ł",)]
    with pytest.raises(DataError, match="--encoding nonsense is unknown"):
        open_table(path, Reading(encoding="nonsense"))
    with pytest.raises(DataError, match="line 2 is not ASCII"):
        open_table(path, Reading(encoding="ascii"))


def test_a_sheet_is_the_first_with_rows_or_the_one_that_is_said(tmp_path: Path) -> None:
    rows = [HEADER, [Day(JANUARY_1 + 0.5), "a", True], [Day(JANUARY_1), "b", 0.1 + 0.2]]
    path = write_workbook(tmp_path / "sales.xlsx", {"Notes": [["x"]], "2024": rows, "2023": [HEADER, ["1", "c", 3]]})
    table = open_table(path)
    said = f"opened      sheet 2024 of {path}; not read: Notes, 2023  (guessed; --sheet overrides)"
    assert table.announcements == (said,)
    assert table.query("SELECT * FROM data ORDER BY line") == [
        ("2024-01-01 12:00:00", "a", "true", 2),
        ("2024-01-01 00:00:00", "b", "0.3", 3),
    ]
    assert open_table(path, Reading(sheet="2023")).query("SELECT item FROM data") == [("c",)]
    with pytest.raises(DataError, match="has no sheet '2022'; found 'Notes', '2024', '2023'"):
        open_table(path, Reading(sheet="2022"))


def test_a_cover_is_no_sheet_of_data(tmp_path: Path) -> None:
    cover: list[list[str | float | bool | None]] = [["Author", "Kim"], ["Date", Day(JANUARY_1)]]
    rows = [HEADER, *([Day(JANUARY_1 + day), "a", day] for day in range(5))]
    path = write_workbook(tmp_path / "sales.xlsx", {"Cover": cover, "Data": rows})
    assert open_table(path).query("SELECT count(*) FROM data") == [(5,)]


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    rows = {name: [HEADER, *([Day(JANUARY_1 + day), name, day] for day in range(5))] for name in ("old", "new")}
    table = open_table(write_workbook(tmp_path / "sales.xlsx", rows, hidden=["old"]))
    assert table.query("SELECT DISTINCT item FROM data") == [("new",)]


def test_a_merged_cell_stands_in_each_row_that_it_covers(tmp_path: Path) -> None:
    rows = [HEADER, [Day(JANUARY_1), "a", 1], [None, "b", 2], [Day(JANUARY_1 + 1), "a", 3], [None, "b", 4]]
    table = open_table(write_workbook(tmp_path / "sales.xlsx", {"2024": rows}, merged=["A2:A3", "A4:A5"]))
    assert [row[0] for row in table.query("SELECT * FROM data ORDER BY line")] == [
        *["2024-01-01"] * 2,
        *["2024-01-02"] * 2,
    ]


def test_moments_of_parquet_are_read_by_the_clock_of_their_zone(tmp_path: Path) -> None:
    days = pd.date_range("2024-01-01", periods=3, tz="Asia/Seoul")
    path = tmp_path / "sales.parquet"
    pd.DataFrame({"date": days, "sales": [1, 2, 3]}).to_parquet(path)
    table = open_table(path)
    assert [row[0] for row in table.query("SELECT date FROM data ORDER BY line")] == [
        "2024-01-01",
        "2024-01-02",
        "2024-01-03",
    ]
    assert table.announcements[-1] == f"time zone   date of {path} is read by the clock of Asia/Seoul"


def test_an_archive_of_several_files_is_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "sales.zip"
    zipped(january=TEXT, february=TEXT.replace("-01-", "-02-"))(path)
    table = open_table(path)
    assert table.query("SELECT count(*) FROM data") == [(4,)]
    assert table.place(5) == f"{path}/february.csv: line 2"
    zipped(january=TEXT, shops="shop,town\n1,Seoul\n")(path)
    with pytest.raises(DataError, match=r"sales\.zip/shops\.csv: has the columns shop, town, and .*january\.csv date"):
        open_table(path)


def test_objects_and_lists_within_an_object_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "sales.json"
    path.write_text('[{"date":"2024-01-01","shop":{"city":{"name":"Seoul"}},"tags":["a",1],"sales":3}]')
    table = open_table(path)
    assert table.columns == ("date", "shop.city.name", "tags", "sales")
    assert table.query("SELECT * FROM data") == [("2024-01-01", "Seoul", '["a", "1"]', "3", 1)]


def test_what_an_archive_says_of_itself_is_no_data(tmp_path: Path) -> None:
    path = tmp_path / "sales.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sales.csv", TEXT)
        archive.writestr("README.txt", "Sales of one shop.")
    table = open_table(path)
    assert table.query("SELECT count(*) FROM data") == [(2,)]
    assert table.announcements[-1] == f"left out    README.txt of {path} (no data by their names)"


def test_a_folder_of_folders_is_read_and_folders_beside_files_are_said(tmp_path: Path) -> None:
    for name in ("2023", "2024"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sales.csv").write_text(TEXT.replace("2024", name))
    assert open_table(tmp_path).query("SELECT count(*) FROM data") == [(4,)]
    (tmp_path / "sales.csv").write_text(TEXT)
    table = open_table(tmp_path)
    assert table.query("SELECT count(*) FROM data") == [(2,)]
    assert f"left out    2023, 2024 of {tmp_path} (folders beside files)" in table.announcements


def test_folders_whose_names_hold_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "store=a").mkdir()
    (tmp_path / "store=a" / "sales.csv").write_text(TEXT)
    with pytest.raises(DataError, match="found the folder store=a, whose name holds a value of store; wanted all col"):
        open_table(tmp_path)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"date,y\n2024-01-01,1\n2024-\0", "line 3 holds a NUL byte, wanted text; the file is damaged or no text at"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-12], "is damaged, its gzip compression has no proper end"),
        (b"PK\x03\x04 and no more", "is damaged, the zip archive cannot be unpacked"),
        (b"PAR1 and no more", "cannot be read as Parquet; the file is damaged"),
        (b"%PDF-1.7", "is a PDF document; wanted CSV, Excel, Parquet or JSON"),
        (b"<html><table><tr><td>1</td></tr></table>", "is a page of HTML or XML; wanted CSV, Excel, Parquet or JSON"),
        (b'{"date":"2024-01-01","y":1}\n{"date"\n', "line 2, character 8 is no JSON; wanted an object to a line, or"),
        (b"[{}, 3]", "object 2 is '3', wanted names with values"),
        (b"a" * (3 << 20), "line 1 is longer than 2 MiB, wanted rows in lines"),
        (b"date,y\n" + b"a" * (3 << 20), "line 2 is longer than 2 MiB, wanted rows in lines"),
        (b"\xd0\xcf\x11\xe0 and no more", "is damaged, wanted a workbook of Excel"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "sales"
    path.write_bytes(data)
    with pytest.raises(DataError) as refused:
        open_table(path)
    assert str(refused.value).startswith(f"{path}: {sentence}")
    assert "almanac-opened" not in str(refused.value)


def test_a_folder_of_ten_thousand_files_is_refused_with_their_number(tmp_path: Path) -> None:
    for number in range(1001):
        (tmp_path / f"{number}.csv").touch()
    with pytest.raises(DataError, match="holds 1001 files, wanted at most 1000; put them together"):
        open_table(tmp_path)
