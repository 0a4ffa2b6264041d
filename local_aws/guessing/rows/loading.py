"""Rows of an opened file as a table of texts in duckdb, each with its line."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from forecast_contract.sql import identifier, literal
from forecast_language import said
from local_aws.guessing.rows.heading import Heading
from local_aws.opening.data_error import DataError
from local_aws.opening.delimited import DelimitedText
from local_aws.opening.opened import Opened
from local_aws.opening.scratch import Scratch
from local_aws.opening.text_scan import LONGEST_LINE
from local_aws.opening.workbook import Row

LINE = "line"
BREAKS = ", new_line='\\n'"  # where duckdb's own guess would be led astray by others within quotes
MOST_RAGGED = 0.1  # share of the rows that may have another number of fields


@dataclass
class Ragged:
    """Rows with another number of fields: how many, and the line and the fields of the first."""

    rows: int = 0
    kept: int = 0
    first: tuple[int, int] = field(default=(0, 0))

    def sentences(self, name: str, columns: int) -> list[str]:
        """What is left out. DataError if that is more than a tenth."""
        if not self.rows:
            return []
        line, found = self.first
        if self.rows > MOST_RAGGED * (self.rows + self.kept):
            raise DataError(
                said(
                    "{file}: line {line} has {found} columns, the first line has {columns}",
                    file=name,
                    line=line,
                    found=found,
                    columns=columns,
                )
            )
        whole = self.rows + self.kept
        if self.rows == 1:
            return [
                said(
                    "left out    1 of {whole} rows of {file} with another number of fields (line {line}, {found})",
                    whole=whole,
                    file=name,
                    line=line,
                    found=found,
                )
            ]
        return [
            said(
                "left out    {number} of {whole} rows of {file} with another number of fields (the first "
                "is line {line}, with {found} for {columns})",
                number=self.rows,
                whole=whole,
                file=name,
                line=line,
                found=found,
                columns=columns,
            )
        ]


def load_one_by_one(
    opened: Opened, heading: Heading, table: str, connection: duckdb.DuckDBPyConnection, scratch: Scratch
) -> Ragged:
    """Make the table with the heading's columns and `line`. DataError for rows that cannot be read."""
    ragged = Ragged()
    path = scratch.new_file()
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(_fitting(opened.rows(), heading, ragged))
    names = (*heading.columns, LINE)
    connection.execute(
        f"CREATE TABLE {table} AS SELECT {_typed(names)} FROM {rows_as_they_are(path, ',', names, 0, BREAKS)}"
    )
    path.unlink()
    return ragged


def _typed(names: tuple[str, ...]) -> str:
    """SQL for the columns of a file that holds the lines too."""
    return ", ".join([*map(identifier, names[:-1]), f"CAST({LINE} AS BIGINT) AS {LINE}"])


def rows_as_they_are(path: Path, delimiter: str, names: tuple[str, ...], skip: int, more: str = "") -> str:
    """SQL for the rows of a file as texts; an empty field is NULL."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({literal(path)}, columns={{{columns}}}, delim={literal(delimiter)}, skip={skip}, header=false,"
        f" quote='\"', escape='\"', nullstr='', auto_detect=false, strict_mode=true, max_line_size={2 * LONGEST_LINE}"
        f"{more})"
    )


def load_as_it_is(text: DelimitedText, heading: Heading, table: str, connection: duckdb.DuckDBPyConnection) -> bool:
    """Have duckdb read the file, if every line of it is a row that duckdb and an import read alike.

    That is so where it finds a row for each line, and no quotes within values.
    """
    facts = text.facts
    if facts.is_mixed:
        return False
    rows = rows_as_they_are(text.path, text.delimiter, heading.columns, heading.last_line)
    line = f"row_number() OVER () + {heading.last_line} AS {LINE}"
    try:
        connection.execute(f"CREATE TABLE {table} AS SELECT *, {line} FROM {rows}")
    except duckdb.Error:
        return False
    if _count(connection, table) == facts.lines + (not facts.ends_with_break) - heading.last_line and not (
        facts.has_quotes and _holds_quotes(heading.columns, table, connection)
    ):
        return True
    connection.execute(f"DROP TABLE {table}")
    return False


def _count(connection: duckdb.DuckDBPyConnection, table: str, condition: str = "true") -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()
    return int(row[0]) if row else 0


def _holds_quotes(names: tuple[str, ...], table: str, connection: duckdb.DuckDBPyConnection) -> bool:
    return _count(connection, table, " OR ".join(f"contains({identifier(name)}, '\"')" for name in names)) > 0


def _fitting(rows: Iterator[Row], heading: Heading, ragged: Ragged) -> Iterator[list[str | int]]:
    """The rows of data with the heading's fields, their lines behind them; others are counted."""
    for line, row in rows:
        if line > heading.last_line and (fitting := fits(row, line, heading, ragged)):
            yield [*fitting, line]


def fits(row: list[str], line: int, heading: Heading, ragged: Ragged) -> list[str] | None:
    """The row with the heading's fields, or None for one of another length, which is counted.

    Empty fields behind the last column are none, and those behind the last column that has a name may be missing.
    """
    width = len(heading.columns)
    if heading.named <= len(row) <= width or (not any(map(str.strip, row[width:])) and len(row) > width):
        ragged.kept += 1
        return [*row[:width], *[""] * (width - len(row))]
    ragged.first = ragged.first if ragged.rows else (line, len(row))
    ragged.rows += 1
    return None


def repeated_header(heading: Heading, table: str, name: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Leave out the rows that hold the names again, as in files that were put together, and say so."""
    pairs = [(column, cell) for column, cell in zip(heading.columns, heading.cells, strict=True) if cell.strip()]
    same = " AND ".join(f"{identifier(column)} = {literal(cell)}" for column, cell in pairs)
    lines = connection.execute(f"SELECT {LINE} FROM {table} WHERE {same} ORDER BY 1").fetchall()
    if not lines:
        return []
    connection.execute(f"DELETE FROM {table} WHERE {same}")
    if len(lines) == 1:
        return [said("left out    line {line} of {file} (the header again)", line=lines[0][0], file=name)]
    return [
        said(
            "left out    line {line} of {file}, the first of {number} (the header again)",
            line=lines[0][0],
            file=name,
            number=len(lines),
        )
    ]
