"""A text of which not every line is a row that duckdb reads as an import does: made so, and read by duckdb then."""

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt

from forecast_contract.sql import identifier
from forecast_files.csv_part import CsvPart
from forecast_files.csv_text import hidden_quotes
from local_aws.guessing.rows.heading import Heading
from local_aws.guessing.rows.loading import BREAKS, LINE, Ragged, fits, rows_as_they_are
from local_aws.opening.delimited import DelimitedText, records, swapped
from local_aws.opening.scratch import Scratch

Places = npt.NDArray[np.int64]


def load_odd_text(
    text: DelimitedText, heading: Heading, table: str, connection: duckdb.DuckDBPyConnection, scratch: Scratch
) -> Ragged | None:
    """Make the table of the text's rows; None if duckdb finds other rows than an import.

    Rows of another number of fields are left out and counted. DataError for quotes that mean nothing.
    """
    ragged, lines = Ragged(), []
    path = scratch.new_file()
    with path.open("wb") as file:
        for part, before in text.parts(len(heading.columns)):
            for content, places in _rows_of(part, before, heading, text, ragged):
                file.write(content)
                lines.append(places)
    connection.register("line_numbers", {"number": np.concatenate([*lines, np.empty(0, np.int64)])})
    rows = rows_as_they_are(path, text.delimiter, heading.columns, 0, BREAKS)
    is_made = _load(rows, heading, table, connection)
    connection.unregister("line_numbers")
    path.unlink()
    return ragged if is_made else None


def _load(rows: str, heading: Heading, table: str, connection: duckdb.DuckDBPyConnection) -> bool:
    """Make the table of the rows and the numbers of their lines; False if there are not as many of both."""
    names = ", ".join(map(identifier, heading.columns))
    try:
        connection.execute(
            f"CREATE TABLE {table} AS SELECT {names}, number AS {LINE}, is_read"
            f" FROM (SELECT *, true AS is_read FROM {rows}) POSITIONAL JOIN line_numbers"
        )
    except duckdb.Error:
        return False
    found = connection.execute(f"SELECT 1 FROM {table} WHERE is_read IS NULL OR {LINE} IS NULL LIMIT 1").fetchall()
    connection.execute(f"DROP TABLE {table}" if found else f"ALTER TABLE {table} DROP COLUMN is_read")
    return not found


def _rows_of(
    part: CsvPart, before: int, heading: Heading, text: DelimitedText, ragged: Ragged
) -> Iterator[tuple[bytes, Places]]:
    """The rows of a part as duckdb reads them, and the lines that they end in."""
    data = part.text if part.text.endswith(b"\n") else part.text + b"\n"
    hidden = np.frombuffer(hidden_quotes(data), np.uint8)
    ends = np.flatnonzero(hidden == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1])
    lines = before + np.searchsorted(_breaks(data), ends, side="right")
    commas = np.searchsorted(np.flatnonzero(hidden == ord(",")), np.stack([starts, ends]))
    fields = commas[1] - commas[0] + 1
    is_row = (ends - starts > fields - 1) & (lines > heading.last_line)  # more than commas, and below the header
    is_regular = is_row & (fields == len(heading.columns))
    at = 0
    for place in np.flatnonzero(is_row & ~is_regular).tolist():
        yield from _regular(data, (starts, ends, lines), is_regular, range(at, place), text.delimiter)
        at = place + 1
        record = swapped(data[starts[place] : ends[place]], text.delimiter)
        for _, row in records(record, text.name, text.delimiter):
            line = int(lines[place])
            if fitting := fits(row, line, heading, ragged):
                yield _written(fitting, text.delimiter), np.array([line])
    yield from _regular(data, (starts, ends, lines), is_regular, range(at, len(ends)), text.delimiter)
    ragged.kept += int(is_regular.sum())


def _breaks(data: bytes) -> Places:
    """Where lines end, of whatever kind; one within quotes may be a CR."""
    text = np.frombuffer(data, np.uint8)
    feeds, returns = np.flatnonzero(text == ord("\n")), np.flatnonzero(text == ord("\r"))
    if not len(returns):
        return feeds
    return np.sort(np.concatenate([feeds, returns[text[np.minimum(returns + 1, len(text) - 1)] != ord("\n")]]))


def _regular(
    data: bytes, places: tuple[Places, Places, Places], is_regular: npt.NDArray[np.bool_], span: range, delimiter: str
) -> Iterator[tuple[bytes, Places]]:
    """The rows within the span that need no change; what lies between them is left out."""
    starts, ends, lines = (each[span.start : span.stop] for each in places)
    keep = is_regular[span.start : span.stop]
    if not keep.any():
        return
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]])))
    pieces = (data[starts[a] : ends[b - 1] + 1] for a, b in zip(edges[::2], edges[1::2], strict=True))
    yield swapped(b"".join(pieces), delimiter), lines[keep]


def _written(row: list[str], delimiter: str) -> bytes:
    fields = ('"' + field.replace('"', '""') + '"' for field in row)
    return delimiter.join(fields).encode() + b"\n"
