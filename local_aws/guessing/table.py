"""A file of rows as a table of texts, and one sentence on what keeps it from being one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection as Connection

from forecast_contract.sql import identifier
from forecast_language import said
from local_aws.guessing.rows import total_rows
from local_aws.guessing.rows.heading import Heading, find_heading
from local_aws.guessing.rows.loading import Ragged, load_as_it_is, load_one_by_one, repeated_header
from local_aws.guessing.rows.parquet import load_parquet
from local_aws.guessing.rows.pieces import LARGE, Pieces, load_pieces, load_series
from local_aws.notations.numbers import Evidence, NumberNotation, notation_of
from local_aws.opening.data_error import DataError
from local_aws.opening.named_file import Reading, stem_of
from local_aws.opening.opened import Opened, open_files
from local_aws.opening.scratch import Scratch
from local_aws.opening.sources import name_of_source

__all__ = ["DataError", "Source", "Table", "open_table"]
SHOWN_FILES = 5
SAMPLE_ROWS = 1000
MOST_TEXTS = 100_000  # to look at where the first do not tell what the marks in numbers are


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
    pieces: Pieces | None = None  # if `data` holds pieces of a large file alone
    decimal: str | None = None  # the mark before decimals in every column, if the user says it
    noun: str = "line"  # what holds a row: a line of a file, or a row of a frame

    def number(self, column: str) -> str:
        """SQL for the text of a number as Amazon Forecast reads it, NULL where it is unknown.

        `column` is an identifier of SQL, of `data` or of a table made of it.
        """
        name = column[column.index('"') + 1 : -1].replace('""', '"')
        return self.notation_of(name).sql(column)

    def notation_of(self, name: str) -> NumberNotation:
        """How the numbers of a column are written, decided once."""
        if name not in self._notations:
            self._notations[name] = self._decided(name)
        return self._notations[name]

    @cached_property
    def _notations(self) -> dict[str, NumberNotation]:
        return {}

    def _decided(self, name: str) -> NumberNotation:
        if self.decimal:
            return NumberNotation(self.decimal)
        found = notation_of(Evidence.of(self.sample[name]), self.delimiter, ())
        if not found.is_open and not found.is_guessed:
            return found
        column = identifier(name)
        texts = self.query(f"SELECT DISTINCT {column} FROM data WHERE {column} IS NOT NULL LIMIT {MOST_TEXTS}")
        others = (Evidence.of(texts) for other, texts in self.sample.items() if other != name)
        return notation_of(Evidence.of(text for (text,) in texts), self.delimiter, others)

    @cached_property
    def sample(self) -> dict[str, list[str]]:
        """The texts in the first rows of each column, without the empty ones."""
        columns = ", ".join(map(identifier, self.columns))
        rows = self.query(f"SELECT {columns} FROM data ORDER BY line LIMIT {SAMPLE_ROWS}")
        return {
            name: [text for text in texts if text and text.strip()]
            for name, texts in zip(self.columns, zip(*rows, strict=True), strict=True)
        }

    def column(self, name: str) -> str:
        """The column that the user calls so: one with a name of our own has a blank behind it."""
        return next((column for column in self.columns if column.strip() == name), name)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The result of an SQL query over the table `data`."""
        return self.connection.execute(sql).fetchall()

    @property
    def stem(self) -> str:
        """What the data are called without folders and endings."""
        return stem_of(self.path.name)

    def of_whole_series(self, keys: Sequence[str]) -> "Table":
        """The table with all rows of some series, if it holds pieces of a large file; else itself."""
        if self.pieces is None:
            return self
        every, ragged = load_series(self.pieces, keys, self.connection)
        announced = ragged.sentences(str(self.path), len(self.pieces.heading.columns))
        if every > 1:
            size = f"{self.pieces.text.facts.size / 1e6:,.0f} MB"
            announced += [
                said(
                    "looked at   one in {every} series of {file}, {size}  (--dry-run; a run reads them all)",
                    every=every,
                    file=self.path,
                    size=size,
                )
            ]
        return replace(self, announcements=(*self.announcements, *announced), pieces=None)

    def line(self, line: int) -> str:
        """The line, and the file too where there are several, for messages that begin with the data's name."""
        if self.starts:
            return self.place(line)
        return said("row {line}", line=line) if self.noun == "row" else said("line {line}", line=line)

    def lines(self, first: int, last: int) -> str:
        """Two lines, with their files where there are several."""
        if self.starts:
            return said("{place} and {other}", place=self.place(first), other=self.place(last))
        if self.noun == "row":
            return said("rows {first} and {last}", first=first, last=last)
        return said("lines {first} and {last}", first=first, last=last)

    def place(self, line: int) -> str:
        """The file and the line in it, for messages."""
        before, name = max(((n, name) for n, name in self.starts if n < line), default=(0, str(self.path)))
        if self.noun == "row":
            return said("{file}: row {line}", file=name, line=line - before)
        return said("{file}: line {line}", file=name, line=line - before)


@dataclass(frozen=True)
class _Part:
    """One file as a table in the connection."""

    columns: tuple[str, ...]
    has_header: bool
    is_whole: bool  # nothing of the file is left out
    sentences: list[str]
    lines: int
    pieces: Pieces | None = None


Source = str | Path | Sequence[str] | Table  # a path, a folder, an address, - for standard input; several; or rows


def open_table(source: Source, reading: Reading | None = None) -> Table:
    """Read a file, or several with the same columns; a table is what it is.

    DataError if they hold no table of at least two columns and one row.
    """
    if isinstance(source, Table):
        return source
    sources = [str(source)] if isinstance(source, str | Path) else [*source]
    reading = reading or Reading()
    scratch, connection = Scratch(), duckdb.connect()
    sentences: list[str] = []
    parts: list[tuple[Opened, _Part]] = []
    starts: list[tuple[int, str]] = []
    for opened in open_files(sources, reading, scratch):
        is_alone = len(sources) == 1 and not Path(sources[0]).is_dir()
        part = _load(opened, "part" if parts else "data", connection, scratch, in_pieces=reading.in_pieces and is_alone)
        starts.append((sum(each.lines for _, each in parts), opened.name))
        if parts:
            _append(part, parts[0], starts[-1], connection)
        parts.append((opened, part))
        sentences += [*opened.announcements, *part.sentences]
    opened, part = parts[0]
    several = len(parts) > 1
    if several:
        names = _listed([name for _, name in starts])
        sentences.insert(0, said("opened      {number} files as one: {names}", number=len(parts), names=names))
    return Table(
        name_of_source(sources[0]),
        connection,
        part.columns,
        part.has_header,
        opened.text.delimiter if opened.text else ",",
        (*sentences,),
        opened.is_own and not several and part.is_whole,
        (*starts,) if several else (),
        part.pieces,
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(Path(name).name for name in names[:SHOWN_FILES]) + ", ..." * (len(names) > SHOWN_FILES)


def _load(opened: Opened, table: str, connection: Connection, scratch: Scratch, *, in_pieces: bool) -> _Part:
    """Make a table of the file, without rows of totals and without columns that have neither name nor value."""
    if opened.parquet:
        (columns, sentences), has_header = load_parquet(opened.parquet, opened.name, table, connection), True
        width, pieces = len(columns), None
    else:
        heading = find_heading(opened.head(), opened.name)
        pieces = _pieces(opened, heading, table, connection, scratch) if in_pieces else None
        ragged = Ragged() if pieces else _load_rows(opened, heading, table, connection, scratch)
        columns = _without_empty(heading.columns, table, heading.unnamed, connection)
        width, has_header = len(heading.columns), heading.has_header
        again = repeated_header(heading, table, opened.name, connection) if heading.has_header else []
        sentences = [*heading.sentences(opened.name), *again, *ragged.sentences(opened.name, len(columns))]
    rows, lines = connection.execute(f"SELECT count(*), max(line) FROM {table}").fetchone() or (0, 0)
    if not rows:
        raise DataError(said("{file}: has a header line and no data", file=opened.name))
    totals = total_rows.total_rows(connection, table, columns, rows)
    if totals:
        left_out = tuple(line for line, _ in totals)
        connection.execute(f"DELETE FROM {table} WHERE line IN ({', '.join(map(str, left_out))})")
        sentences.append(total_rows.sentence(totals, opened.name))
        pieces = replace(pieces, left_out=left_out) if pieces else None
    return _Part(columns, has_header, not sentences and len(columns) == width, sentences, lines, pieces)


def _load_rows(opened: Opened, heading: Heading, table: str, connection: Connection, scratch: Scratch) -> Ragged:
    """Make the table with the heading's columns and `line`, by the fastest way that reads rows as an import does."""
    if opened.text:
        if load_as_it_is(opened.text, heading, table, connection):
            return Ragged()
        from local_aws.guessing.rows.odd_text import load_odd_text  # noqa: PLC0415 - few texts need it, and numpy

        ragged = load_odd_text(opened.text, heading, table, connection, scratch)
        if ragged is not None:
            return ragged
    return load_one_by_one(opened, heading, table, connection, scratch)


def _pieces(opened: Opened, heading: Heading, table: str, connection: Connection, scratch: Scratch) -> Pieces | None:
    """Make a table of pieces, if the file is a large one that can be read so."""
    if opened.text is None or opened.text.facts.size < LARGE:
        return None
    is_made = load_pieces(opened.text, heading, table, connection, scratch)
    return Pieces(opened.text, heading, scratch) if is_made else None


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


def _append(part: _Part, first: tuple[Opened, _Part], start: tuple[int, str], connection: Connection) -> None:
    """Put the rows of `part` behind those of `data`, in whatever order its columns are. DataError if it has others."""
    (lines, name), (first_file, first_part) = start, first
    if {*map(str.casefold, part.columns)} != {*map(str.casefold, first_part.columns)}:
        raise DataError(
            said(
                "{file}: has the columns {columns}, and {other} {other_columns}; wanted the same in all files",
                file=name,
                columns=", ".join(part.columns),
                other=first_file.name,
                other_columns=", ".join(first_part.columns),
            )
        )
    connection.execute(f"INSERT INTO data BY NAME SELECT * REPLACE (line + {lines} AS line) FROM part")
    connection.execute("DROP TABLE part")
