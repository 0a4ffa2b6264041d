"""Rows of CSV files: those that were written come out, however they are written and wherever the file is cut."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_files import csv_rows
from forecast_files.csv_file import CsvFile
from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.input_refused import InputRefused
from forecast_files.left_out import LeftOut
from forecast_files.schema import Column, Schema

COLUMNS = (
    Column("store", "string", "dimension"),
    Column("timestamp", "timestamp", "timestamp"),
    Column("item_id", "string", "item_id"),
    Column("target_value", "float", "target"),
)
FORMAT = FileFormat(Schema("TARGET_TIME_SERIES", COLUMNS), "yyyy-MM-dd")
NAMES = st.text(alphabet='ab,"\n\r é\\', max_size=6)
GOOD = st.tuples(
    NAMES, st.sampled_from(["2024-01-01", "2024-02-29"]), NAMES.filter(bool), st.sampled_from(["", "1", "2.5e3"])
)
RAGGED = st.lists(st.sampled_from(["a", "2024-01-01", "1"]), min_size=1, max_size=6).filter(lambda row: len(row) != 4)
WITHOUT_KEY = st.sampled_from([("s", "2024-01-01", "", "1"), ("s", "", "a", "1"), ("", "", "", "")])
Rows = list[tuple[str, ...]]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connected:
        declared = ", ".join(f"{column.canonical} {column.sql_type}" for column in COLUMNS)
        connected.execute(f"CREATE TABLE rows ({declared})")
        yield connected


def written(rows: Rows, form: tuple[bool, str, Any]) -> bytes:
    has_header, line_break, quoting = form
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=line_break, quoting=quoting)
    writer.writerows([FORMAT.schema.names, *rows] if has_header else rows)
    return file.getvalue().encode()


def loaded(connection: duckdb.DuckDBPyConnection, parts: list[CsvPart], folder: Path) -> tuple[list[Any], LeftOut]:
    connection.execute("DELETE FROM rows")
    left_out = LeftOut.sum(csv_rows.load(connection, part, FORMAT, "rows", folder) for part in parts)
    return connection.execute("SELECT * FROM rows").fetchall(), left_out


def wanted(rows: Rows) -> list[tuple[str | None, datetime, str, float | None]]:
    return [
        (store or None, datetime.fromisoformat(day), item, float(value) if value else None)
        for store, day, item, value in (row for row in rows if len(row) == 4)
        if day and item
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(GOOD | RAGGED.map(tuple) | WITHOUT_KEY, max_size=12),
    form=st.tuples(
        st.booleans(), st.sampled_from(["\r\n", "\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    ).filter(lambda form: form[1:] != ("\n", csv.QUOTE_MINIMAL)),  # Python's writer leaves a CR bare there
    length=st.integers(150, 400),
)
def test_rows_read_are_rows_kept_and_rows_left_out_wherever_the_file_is_cut(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, rows: Rows, form: tuple[bool, str, Any], length: int
) -> None:
    first = [("first", "2024-01-01", "a", "1")]  # a first row must have the schema's columns
    data = written(first + rows, form)
    file = CsvFile(lambda at, count: data[at : at + count], len(data), "train/a.csv", len(COLUMNS))
    parts = [file.part(at, min(length, len(data) - at)) for at in range(0, len(data), length)]
    found, left_out = loaded(connection, parts, tmp_path)
    assert sorted(found, key=str) == sorted(wanted(first + rows), key=str)
    assert len(found) + left_out.total == 1 + len(rows)


def test_the_first_row_of_each_reason_is_named_with_its_line_in_the_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    data = (
        b'store,timestamp,item_id,target_value\n"s\n",2024-01-01,a,1\ns,2024-01-01,,1\ns,2024-01-01,,2\ns,2024-01-02\n'
    )
    _, left_out = loaded(connection, [CsvPart.of(data, "train/a.csv")], tmp_path)
    assert left_out.counts == {"identifier": 2, "fields": 1}
    assert left_out.first == {"identifier": "train/a.csv, line 4", "fields": "train/a.csv, line 6"}


def test_a_header_with_a_line_break_in_its_quotes_costs_no_row(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    data = b'"store\r\n(name)","day\r","item","sold"\rs,2024-01-01,a,1\r'
    assert loaded(connection, [CsvPart.of(data, "a.csv")], tmp_path)[0] == [("s", datetime(2024, 1, 1), "a", 1.0)]


def test_names_in_another_order_than_the_schemas_are_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    part = CsvPart.of(b"item_id,timestamp,store,target_value\na,2024-01-01,s,1\n", "a.csv")
    with pytest.raises(InputRefused, match="line 1: found the columns item_id, timestamp, store, target_value, wanted"):
        csv_rows.load(connection, part, FORMAT, "rows", tmp_path)
