"""Opens a CSV file as a table of texts, and says in one sentence what keeps it from being one."""

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from local_aws.guessing.timestamps import is_timestamp

DELIMITERS = ",;\t|"
CHUNK = 1 << 20


class DataError(Exception):
    """The data cannot be used as they are; the message is one sentence: file, place, found, wanted."""


@dataclass(frozen=True)
class Table:
    """The rows of a file, in its order, every value as its text; column `line` holds the line it stood in."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    columns: tuple[str, ...]
    has_header: bool
    delimiter: str

    def number(self, column: str) -> str:
        """SQL for the text of a number as Amazon Forecast reads it: a decimal point, nothing between the thousands.

        Where semicolons separate, numbers have decimal commas. NA is how R and spreadsheets write a missing number.
        """
        if self.delimiter == ";":
            grouped, groups, plain = r"\d{1,3}(\.\d{3})+,\d+", ".", f"replace({column}, ',', '.')"
        else:
            grouped, groups, plain = r"\d{1,3}(,\d{3})+(\.\d*)?", ",", column
        return (
            f"CASE WHEN upper(trim({column})) IN ('NA', 'N/A', '#N/A') THEN NULL"
            f" WHEN regexp_full_match(trim({column}), '[-+]?{grouped}')"
            f" THEN replace(replace({column}, '{groups}', ''), ',', '.')"
            f" ELSE {plain} END"
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The result of an SQL query over the table `data`."""
        return self.connection.execute(sql).fetchall()


def open_table(path: Path) -> Table:
    """Read the file; DataError if it is not a CSV file in UTF-8 with at least two columns and one row of data."""
    first_line = _first_line(path)
    delimiter = max(DELIMITERS, key=first_line.count)
    first_row = next(csv.reader([first_line], delimiter=delimiter))
    if len(first_row) < 2:
        raise DataError(f"{path}: line 1 has one column, wanted at least a timestamp and a number separated by commas")
    has_header = not any(_is_number(cell) or is_timestamp(cell) for cell in first_row)
    columns = tuple(_unique(first_row)) if has_header else tuple(f"column_{i + 1}" for i in range(len(first_row)))
    table = Table(path, duckdb.connect(), columns, has_header, delimiter)
    _load(table)
    if not table.query("SELECT count(*) FROM data")[0][0]:
        raise DataError(f"{path}: has a header line and no data")
    return table


def _first_line(path: Path) -> str:
    try:
        _require_utf8(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            line = file.readline()
    except OSError as error:
        raise DataError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    if not line.strip():
        found = "line 1 is blank, wanted the names of the columns" if line else "the file is empty, wanted a CSV file"
        raise DataError(f"{path}: {found}")
    return line.rstrip("\r\n")


def _require_utf8(path: Path) -> None:
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            try:
                line += decoder.decode(chunk).count("\n")
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise DataError(f"{path}: line {line} is not UTF-8; save the file in UTF-8") from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _unique(names: list[str]) -> list[str]:
    """Column names without blanks and repetitions, as a database wants them."""
    unique: list[str] = []
    for position, name in enumerate(names, start=1):
        name = name.strip() or f"column_{position}"  # noqa: PLW2901 - the same name, made usable
        taken = {other.casefold() for other in unique} | {"line"}
        unique.append(name if name.casefold() not in taken else f"{name}_{position}")
    return unique


def _load(table: Table) -> None:
    types = {name: "VARCHAR" for name in table.columns}
    source = table.connection.read_csv(
        str(table.path),
        header=table.has_header,
        sep=table.delimiter,
        columns=types,
        quotechar='"',
        escapechar='"',
        na_values="",
        auto_detect=False,
    )
    first = 2 if table.has_header else 1
    try:
        source.create_view("source")
        table.connection.execute(
            f"CREATE TABLE data AS SELECT *, row_number() OVER () + {first - 1} AS line FROM source"
        )
    except duckdb.Error as error:
        raise DataError(f"{table.path}: {_csv_problem(str(error), len(table.columns))}") from None


def _csv_problem(message: str, column_count: int) -> str:
    line = re.search(r"on Line: (\d+)", message)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    place = f"line {line[1]}" if line else "a line"
    if counts:
        return f"{place} has {counts[2]} columns, the first line has {column_count}"
    return f"{place} cannot be read as CSV"
