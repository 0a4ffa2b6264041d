"""A look at a large file: pieces of it tell what its columns mean, some whole series tell the rest."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from forecast_contract.sql import identifier
from local_aws.guessing.rows.heading import Heading
from local_aws.guessing.rows.loading import LINE, Ragged, rows_as_they_are
from local_aws.opening.delimited import DelimitedText
from local_aws.opening.named_file import CHUNK
from local_aws.opening.scratch import Scratch

LARGE = 8 << 20  # bytes; a smaller file is read as a whole
PIECES, PIECE = 24, 1 << 17
REJECTS = ", store_rejects=true, rejects_limit=0"
ROWS_OF_SERIES = 200_000  # as many as tell a frequency and what lacks


@dataclass(frozen=True)
class Pieces:
    """A large file of which a table holds pieces: what is needed to read more of it. `left_out` are lines."""

    text: DelimitedText
    heading: Heading
    scratch: Scratch  # which may hold the file
    left_out: tuple[int, ...] = ()


def load_pieces(
    text: DelimitedText, heading: Heading, table: str, connection: duckdb.DuckDBPyConnection, scratch: Scratch
) -> bool:
    """Make the table of pieces that lie all over a file; False if duckdb and an import may read its lines otherwise."""
    lines_before, facts = text.facts.lines_before, text.facts
    if facts.is_mixed or facts.has_quotes:
        return False
    step = max(1, len(lines_before) // PIECES)
    places = dict.fromkeys([*range(0, len(lines_before), step), len(lines_before) - 1])
    path = scratch.new_file()
    for number, place in enumerate(places):
        with text.path.open("rb") as file:
            file.seek(place * CHUNK)
            piece = file.read(PIECE if place < len(lines_before) - 1 else CHUNK)
        start = piece.find(b"\n") + 1 if place else 0
        path.write_bytes(piece[start : piece.rfind(b"\n") + 1])
        first = lines_before[place] + (1 if place else 0)
        skip = 0 if place else heading.last_line
        rows = rows_as_they_are(path, text.delimiter, heading.columns, skip)
        select = f"SELECT *, row_number() OVER () + {first + skip} AS {LINE} FROM {rows}"
        try:
            connection.execute(f"INSERT INTO {table} {select}" if number else f"CREATE TABLE {table} AS {select}")
        except duckdb.Error:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            return False
    path.unlink()
    return True


def load_series(pieces: Pieces, keys: Sequence[str], connection: duckdb.DuckDBPyConnection) -> tuple[int, Ragged]:
    """Make the table `data` of every row of one series in so many; gives that number, and the rows that do not fit."""
    text, heading = pieces.text, pieces.heading
    columns = ", ".join(map(identifier, keys))
    series = _one(connection, f"SELECT count(*) FROM (SELECT DISTINCT {columns} FROM data)") if keys else 1
    every = max(1, min(text.facts.lines // ROWS_OF_SERIES, series))
    names = ", ".join(map(identifier, (*_columns_of(connection), LINE)))
    chosen = f"hash({columns}) % {every} = 0" if every > 1 else "true"
    rows = rows_as_they_are(text.path, text.delimiter, heading.columns, heading.last_line, REJECTS)
    numbered = f"SELECT *, row_number() OVER () + {heading.last_line} AS {LINE} FROM {rows}"
    connection.execute(f"CREATE TABLE of_series AS SELECT {names} FROM ({numbered}) WHERE {chosen}")
    if not _one(connection, "SELECT count(*) FROM of_series"):  # chance has left out all of a few series
        every = 1
        connection.execute(f"INSERT INTO of_series SELECT {names} FROM ({numbered})")
    for line in pieces.left_out:
        connection.execute(f"DELETE FROM of_series WHERE {LINE} = {line}")
    connection.execute("DROP TABLE data; ALTER TABLE of_series RENAME TO data")
    return every, _ragged(text, connection)


def _ragged(text: DelimitedText, connection: duckdb.DuckDBPyConnection) -> Ragged:
    """The rows that duckdb did not take, of which a line is longer or shorter than others."""
    rows = connection.execute(
        "SELECT line, csv_line FROM reject_errors WHERE error_type IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')"
        " GROUP BY ALL ORDER BY line"
    ).fetchall()
    found = len(next(csv.reader([rows[0][1].strip("\n")], delimiter=text.delimiter))) if rows else 0
    return Ragged(len(rows), text.facts.lines - len(rows), (rows[0][0], found) if rows else (0, 0))


def _columns_of(connection: duckdb.DuckDBPyConnection) -> list[str]:
    names = [row[0] for row in connection.execute("DESCRIBE data").fetchall()]
    return [name for name in names if name != LINE]


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
