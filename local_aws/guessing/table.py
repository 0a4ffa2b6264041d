"""A file of rows as a table of texts, and one sentence on what keeps it from being one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection as Connection

from forecast_contract.sql import identifier
from local_aws.guessing import total_rows
from local_aws.guessing.heading import find_heading
from local_aws.guessing.loading import load, load_parquet
from local_aws.opening.data_error import DataError
from local_aws.opening.named_file import Reading, stem_of
from local_aws.opening.opened import Opened, open_files
from local_aws.opening.scratch import Scratch
from local_aws.opening.sources import name_of_source

__all__ = ["DataError", "Table", "open_table"]
SHOWN_FILES = 5
SAMPLE_ROWS = 1000


@dataclass(frozen=True)
class Table:
    """The rows of a file, in its order, every value as its text; column `line` holds the line it stood in.

    `announcements` say what was opened how, and what was left out. `is_own`: the file at `path` is one that an import
    reads as it stands. Where several files are one table, the lines of each are counted on from the one before.
    """

    path: Path
    connection: Connection
    columns: tuple[str, ...]
    has_header: bool
    delimiter: str
    announcements: tuple[str, ...] = ()
    is_own: bool = True
    starts: tuple[tuple[int, str], ...] = field(default=())  # lines before each of several files, and its name

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

    @cached_property
    def sample(self) -> dict[str, list[str]]:
        """The texts in the first rows of each column, without the empty ones."""
        columns = ", ".join(map(identifier, self.columns))
        rows = self.query(f"SELECT {columns} FROM data ORDER BY line LIMIT {SAMPLE_ROWS}")
        return {
            name: [text for text in texts if text and text.strip()]
            for name, texts in zip(self.columns, zip(*rows, strict=True), strict=True)
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The result of an SQL query over the table `data`."""
        return self.connection.execute(sql).fetchall()

    @property
    def stem(self) -> str:
        """What the data are called without folders and endings."""
        return stem_of(self.path.name)

    def place(self, line: int) -> str:
        """The file and the line in it, for messages."""
        before, name = max(((n, name) for n, name in self.starts if n < line), default=(0, str(self.path)))
        return f"{name}: line {line - before}"


@dataclass(frozen=True)
class _Part:
    """One file as a table in the connection."""

    columns: tuple[str, ...]
    has_header: bool
    is_whole: bool  # nothing of the file is left out
    sentences: list[str]
    lines: int


def open_table(source: str | Path | Sequence[str], reading: Reading | None = None) -> Table:
    """Read a file, or several with the same columns: a path, a folder, an address, or - for standard input.

    DataError if they hold no table of at least two columns and one row.
    """
    sources = [str(source)] if isinstance(source, str | Path) else [*source]
    scratch, connection = Scratch(), duckdb.connect()
    sentences: list[str] = []
    starts: list[tuple[int, str]] = []
    first: tuple[Opened, _Part] | None = None
    lines = 0
    for opened in open_files(sources, reading or Reading(), scratch):
        part = _load(opened, "part" if first else "data", connection, scratch)
        if first:
            _append(part, first[1], (opened.name, first[0].name), lines, connection)
        else:
            first = opened, part
        sentences += [*opened.announcements, *part.sentences]
        starts.append((lines, opened.name))
        lines += part.lines
    assert first is not None  # noqa: S101 - open_files gives a file or refuses
    opened, part = first
    delimiter = opened.text.delimiter if opened.text else ","
    several = len(starts) > 1
    if several:
        names = ", ".join(Path(name).name for _, name in starts[:SHOWN_FILES]) + ", ..." * (len(starts) > SHOWN_FILES)
        sentences.insert(0, f"opened      {len(starts)} files as one: {names}")
    is_own = opened.is_own and not several and part.is_whole
    path = name_of_source(sources[0])
    return Table(
        path, connection, part.columns, part.has_header, delimiter, (*sentences,), is_own, (*starts,) if several else ()
    )


def _load(opened: Opened, table: str, connection: Connection, scratch: Scratch) -> _Part:
    """Make a table of the file, without rows of totals and without columns that have neither name nor value."""
    if opened.parquet:
        columns, has_header, sentences = load_parquet(opened.parquet, opened.name, table, connection), True, []
        width = len(columns)
    else:
        heading = find_heading(opened.head(), opened.name)
        ragged = load(opened, heading, table, connection, scratch)
        columns = _without_empty(heading.columns, table, heading.unnamed, connection)
        width, has_header = len(heading.columns), heading.has_header
        sentences = [*heading.sentences(opened.name), *ragged.sentences(opened.name, len(columns))]
    rows, lines = connection.execute(f"SELECT count(*), max(line) FROM {table}").fetchone() or (0, 0)
    if not rows:
        raise DataError(f"{opened.name}: has a header line and no data")
    totals = total_rows.total_rows(connection, table, columns, rows)
    if totals:
        connection.execute(f"DELETE FROM {table} WHERE line IN ({', '.join(str(line) for line, _ in totals)})")
        sentences.append(total_rows.sentence(totals, opened.name))
    is_whole = not sentences and len(columns) == width
    return _Part(columns, has_header, is_whole, sentences, lines)


def _without_empty(
    columns: tuple[str, ...], table: str, unnamed: Sequence[str], connection: Connection
) -> tuple[str, ...]:
    """The columns left after those that have neither a name nor a value are dropped."""
    for name in unnamed:
        held = connection.execute(f"SELECT 1 FROM {table} WHERE {identifier(name)} IS NOT NULL LIMIT 1").fetchone()
        if not held:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {identifier(name)}")
            columns = tuple(column for column in columns if column != name)
    return columns


def _append(part: _Part, first: _Part, names: tuple[str, str], lines: int, connection: Connection) -> None:
    """Put the rows of `part` behind those of `data`, in whatever order its columns are. DataError if it has others."""
    name, first_name = names
    if {*map(str.casefold, part.columns)} != {*map(str.casefold, first.columns)}:
        raise DataError(
            f"{name}: has the columns {', '.join(part.columns)}, and {first_name} {', '.join(first.columns)};"
            " wanted the same in all files"
        )
    connection.execute(f"INSERT INTO data BY NAME SELECT * REPLACE (line + {lines} AS line) FROM part")
    connection.execute("DROP TABLE part")
