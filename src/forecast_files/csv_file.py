"""CSV files as callers send them: with or without a header, in byte ranges, with sentences for what cannot be read.

Tolerated, as Amazon Forecast tolerated them: empty lines, a byte order mark, CRLF, quoted fields. Left out and counted:
rows with too few or too many fields, and rows without an identifier or a timestamp. An empty number or ``NaN`` is a
missing value. Everything else that does not fit the schema is refused: other values, a first row of another number of
columns, and files that are no text in UTF-8 (archives, UTF-16, NUL bytes).
"""

import csv
import io
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from forecast_contract.sql import identifier, literal
from forecast_contract.timestamp_formats import parses
from forecast_files.file_format import FileFormat
from forecast_files.input_refused import InputRefused
from forecast_files.schema import Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LINE_BREAK = b"\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = "text in UTF-16, wanted UTF-8"
# How files begin that are no CSV in UTF-8.
_OTHER_FORMATS = {
    b"\x1f\x8b": "a file compressed with gzip, wanted plain CSV: decompress it",
    b"PK\x03\x04": "a zip archive, wanted plain CSV: unpack it",
    b"PAR1": "a Parquet file, wanted CSV, or PARQUET as the Format of the import",
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
}
_BYTES_PER_LOOK = 2**20
_MISFIT = re.compile(r'Could not convert string "(.*)" to', re.DOTALL)
_REFUSALS = {
    "INVALID ENCODING": "found bytes that are not UTF-8, wanted a file in UTF-8",
    "UNQUOTED VALUE": "found a quotation mark that is not closed, wanted its partner",
    "LINE SIZE OVER MAXIMUM": "found a line of more than 2 MB, wanted rows of the schema",
}


@dataclass(frozen=True)
class LocalLines:
    """Some lines of one of the caller's files, in a local file of their own.

    ``address`` names the caller's file in errors; ``is_start``: the lines are its first. ``lines_before`` counts the
    lines in front of them, and is called only when an error must name its line.
    """

    path: Path
    address: str
    is_start: bool
    lines_before: Callable[[], int]


def cut_to_lines(first: int, length: int, size: int, read: Callable[[int, int], bytes]) -> bytes:
    """The lines that begin within ``length`` bytes from ``first`` on, whole, with plain line breaks.

    ``read(first, length)`` gives bytes of the file, whose size is ``size``. Ranges cut so neither share a line nor lose
    one. A line break within quotes would be cut at; identifiers, timestamps and numbers have none.
    """
    before = 1 if first else 0  # the byte before tells whether a line begins at ``first``
    data = read(first - before, min(length + before, size - first + before))
    end = first + length
    while end < size and not data.endswith(_LINE_BREAK):
        more = read(end, min(65_536, size - end))
        stop = more.find(_LINE_BREAK) + 1
        data += more[:stop] if stop else more
        end = end + stop if stop else end + len(more)
        if stop:
            break
    if before:
        start = data.find(_LINE_BREAK) + 1
        data = data[start:] if 0 < start <= length else b""
    return data.replace(b"\r\n", _LINE_BREAK) if b"\r" in data else data


def load(connection: "DuckDBPyConnection", local: LocalLines, file_format: FileFormat, table: str) -> int:
    """Append the rows of ``local`` to ``table``, whose columns are the canonical ones. Returns how many were left out.

    Raises InputRefused with file, line, column, found and wanted.
    """
    _refuse_other_formats(local)
    skip = _lines_of_header(local, file_format) if local.is_start else 0
    types = ", ".join(f"{literal(c.canonical)}: {literal(c.sql_type)}" for c in file_format.schema.columns)
    rows = (
        f"read_csv({literal(local.path)}, columns={{{types}}}, auto_detect=false, header=false, skip={skip}, delim=',',"
        f" quote='\"', escape='\"', timestampformat={literal(file_format.strptime_pattern)}, store_rejects=true)"
    )
    connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    try:
        connection.execute(f"INSERT INTO {identifier(table)} SELECT * FROM {rows}")
    except duckdb.InvalidInputException as error:
        reason = str(error).splitlines()[0]
        raise InputRefused(f"{local.address}: found a file that cannot be read as CSV ({reason}).") from error
    _refuse_first_reject(connection, local, file_format)
    _refuse_numbers_out_of_type(connection, local, file_format, skip, table)
    (ragged,) = connection.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchall()[0]
    return int(ragged)


def load_together(
    connection: "DuckDBPyConnection", path: Path, contents: list[bytes], file_format: FileFormat, table: str
) -> int | None:
    """Append the rows of many whole files as ``load`` does, at once: a load costs as much as thousands of rows.

    The joined lines are written to ``path``. Returns None, and appends nothing, where a file has quotes, other line
    breaks, or something to refuse: ``load`` then reads file by file, and its error names the file.
    """
    bodies = [_plain_body(content, file_format) for content in contents]
    if None in bodies:
        return None
    path.write_bytes(b"".join(body for body in bodies if body))
    connection.execute(f"CREATE OR REPLACE TABLE together AS SELECT * FROM {identifier(table)} LIMIT 0")
    try:
        left_out = load(connection, LocalLines(path, "", False, lambda: 0), file_format, "together")
    except InputRefused:
        return None
    connection.execute(f"INSERT INTO {identifier(table)} SELECT * FROM together")
    return left_out


def _plain_body(content: bytes, file_format: FileFormat) -> bytes | None:
    """The lines of a file without its header, each ended; None for a file that cannot be joined with others."""
    content = content.removeprefix(_BYTE_ORDER_MARK).replace(b"\r\n", _LINE_BREAK).lstrip(_LINE_BREAK)
    if b'"' in content or b"\r" in content:
        return None
    first, _, rest = content.partition(_LINE_BREAK)
    row = first.decode(errors="replace").split(",")
    if content and len(row) != len(file_format.schema.columns):
        return None
    body = rest if content and _is_header(row, file_format) else content
    return body if not body or body.endswith(_LINE_BREAK) else body + _LINE_BREAK


def _refuse_other_formats(local: LocalLines) -> None:
    """Raise InputRefused for what begins as no text, and for the first NUL byte: text has none, a torn file may."""
    line_count = 0
    with local.path.open("rb") as file:
        while block := file.read(_BYTES_PER_LOOK):
            if local.is_start and file.tell() == len(block):
                for beginning, what in _OTHER_FORMATS.items():
                    if block.startswith(beginning):
                        raise InputRefused(f"{local.address}: found {what}.")
            before, nul, _ = block.partition(b"\0")
            line_count += before.count(_LINE_BREAK)
            if nul:
                place = f"{local.address}, line {local.lines_before() + line_count + 1}"
                raise InputRefused(f"{place}: found a NUL byte, wanted text in UTF-8.")


def _lines_of_header(local: LocalLines, file_format: FileFormat) -> int:
    """How many lines precede the data. Raises InputRefused if the first row has not the schema's number of columns."""
    names = file_format.schema.names
    for line, row in records(local.path):
        if len(row) != len(names):
            schema = f"the {len(names)} of the schema ({', '.join(names)})"
            count = f"{len(row)} column{'' if len(row) == 1 else 's'}"
            raise InputRefused(f"{local.address}, line {line}: found {count}, wanted {schema}.")
        return line if _is_header(row, file_format) else 0
    return 0


def _is_header(row: list[str], file_format: FileFormat) -> bool:
    """Whether the first row of a file is a header: it repeats the schema, or none of its timestamps and numbers parse.

    A row in which some of them parse is data with a wrong value, and is refused as such.
    """
    if [field.strip().lower() for field in row] == [name.lower() for name in file_format.schema.names]:
        return True
    typed = [
        _parses(field.strip(), column, file_format)
        for field, column in zip(row, file_format.schema.columns, strict=True)
        if field.strip() and column.sql_type != "VARCHAR"
    ]
    return bool(typed) and not any(typed)


def _parses(field: str, column: Column, file_format: FileFormat) -> bool:
    if column.sql_type == "TIMESTAMP":
        return parses(field, file_format.strptime_pattern)
    return _number(field) is not None


def _number(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records of a local file with the number of their last line, without empty lines."""
    csv.field_size_limit(sys.maxsize)  # of a field that is too long, the line and the wanted form are to be told
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            if row:
                yield reader.line_num, row


def _refuse_first_reject(connection: "DuckDBPyConnection", local: LocalLines, file_format: FileFormat) -> None:
    rejects = connection.execute(
        "SELECT line, line_byte_position, column_idx, error_type::VARCHAR, csv_line, error_message FROM reject_errors"
        " WHERE error_type::VARCHAR NOT IN ('MISSING COLUMNS', 'TOO MANY COLUMNS') ORDER BY line, column_idx LIMIT 1"
    ).fetchall()
    for record, position, column_index, error_type, text, message in rejects:
        line = _line_at(local.path, position) or record
        place = f"{local.address}, line {local.lines_before() + line}"
        if error_type in _REFUSALS:
            raise InputRefused(f"{place}: {_REFUSALS[error_type]}.")
        column, field = file_format.schema.columns[column_index - 1], _misfit(text, column_index, message)
        raise InputRefused(f"{place}, column {column.name}: found {field!r}, wanted {file_format.wanted(column)}.")


def _line_at(path: Path, position: int | None) -> int | None:
    """The line that a byte of a local file is in: duckdb counts records, and those may hold line breaks in quotes.

    None where the byte is not known, or the file has other line breaks.
    """
    content = path.read_bytes()
    return None if position is None or _LINE_BREAK not in content else content[:position].count(_LINE_BREAK) + 1


def _misfit(text: str, column_index: int, message: str) -> str:
    """The value that did not fit: from duckdb's message, or from the line."""
    match = _MISFIT.search(message)
    if match:
        return match[1]
    row = next(csv.reader(io.StringIO(text.lstrip("\n"))), [])
    return row[column_index - 1] if len(row) >= column_index else text.strip()


def _refuse_numbers_out_of_type(
    connection: "DuckDBPyConnection", local: LocalLines, file_format: FileFormat, skip: int, table: str
) -> None:
    """Refuse infinities, and fractions in a column of integers: both are DOUBLE to the reader."""
    for index, column in enumerate(file_format.schema.columns):
        if not column.is_number:
            continue
        name = identifier(column.canonical)
        wrong = f"isinf({name})" + (f" OR {name} <> trunc({name})" if column.type == "integer" else "")
        if not connection.execute(f"SELECT 1 FROM {identifier(table)} WHERE {wrong} LIMIT 1").fetchall():
            continue
        for line, row in records(local.path):
            number = _number(row[index]) if line > skip and len(row) == len(file_format.schema.columns) else None
            if number is not None and _is_out_of_type(number, column):
                place = f"{local.address}, line {local.lines_before() + line}, column {column.name}"
                wanted = "an integer" if column.type == "integer" else "a finite number"
                raise InputRefused(f"{place}: found {row[index]!r}, wanted {wanted}.")


def _is_out_of_type(number: float, column: Column) -> bool:
    if math.isnan(number):  # a missing value
        return False
    return math.isinf(number) or (column.type == "integer" and not number.is_integer())
