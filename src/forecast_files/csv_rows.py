"""The rows of CSV files in duckdb, with sentences for what cannot be read.

Tolerated, as Amazon Forecast tolerated them: empty lines, a byte order mark, any line breaks, quoted fields. Left out
and counted: rows with too few or too many fields, and rows without an identifier or a timestamp. An empty number or
``NaN`` is a missing value. Everything else that does not fit the schema is refused: other values, a first row of
another number of columns, quotes that mean nothing, and files that are no text in UTF-8 (archives, UTF-16, NUL bytes).
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from forecast_contract.sql import identifier, literal
from forecast_files.csv_part import CsvPart, misfit, shown
from forecast_files.file_format import FileFormat
from forecast_files.header import without_header
from forecast_files.input_refused import InputRefused
from forecast_files.left_out import LeftOut, Reason, reason_to_leave_out
from forecast_files.loaded_rows import keep_rows_with_key, rows_without_key
from forecast_language import said

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MISFIT = re.compile(r'Could not convert string "(.*)" to', re.DOTALL)
_NUMBER_WITH_UNDERSCORE = re.compile(rb'[,\n]"?[ \t]*[-+]?[0-9]+_[-+0-9_.eE]*[ \t]*"?(?=[,\n]|\Z)')
_DIGIT_AND_UNDERSCORE = re.compile(rb"_(?<=[0-9]_)")  # ten times as fast, and most files have none
_REFUSALS: dict[str, Callable[[], str]] = {
    "INVALID ENCODING": lambda: said("found bytes that are not UTF-8, wanted a file in UTF-8"),
    "UNQUOTED VALUE": lambda: said("found a quotation mark that is not closed, wanted its partner"),
    "LINE SIZE OVER MAXIMUM": lambda: said("found a line of more than 2 MB, wanted rows of the schema"),
}
_RAGGED_LINES = "SELECT line FROM reject_errors WHERE error_type::VARCHAR IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')"


def load(connection: "DuckDBPyConnection", part: CsvPart, file_format: FileFormat, table: str, folder: Path) -> LeftOut:
    """Append the rows of ``part`` to ``table``, whose columns are the canonical ones. Returns what was left out.

    ``folder`` holds the text while duckdb reads it. Raises InputRefused with file, line, column, found and wanted.
    """
    part = without_header(part, file_format)
    path = folder / "rows.csv"
    path.write_bytes(part.text)
    types = ", ".join(f"{literal(c.canonical)}: {literal(c.sql_type)}" for c in file_format.schema.columns)
    quote = '"' if b'"' in part.text else ""
    connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE loaded AS SELECT * FROM read_csv({literal(path)}, columns={{{types}}},"
            f" auto_detect=false, header=false, delim=',', new_line='\\n', quote='{quote}',"
            f" escape='{quote}', timestampformat={literal(file_format.strptime_pattern)}, store_rejects=true)"
        )
    except duckdb.InvalidInputException as error:
        raise InputRefused(
            said("{file}: found a file that cannot be read as CSV, wanted rows of the schema.", file=part.address)
        ) from error
    _refuse_first_reject(connection, part, file_format)
    _refuse_out_of_bounds(connection, part, file_format)
    left_out = _left_out(connection, part, file_format)
    keep_rows_with_key(connection, file_format, table)
    return left_out


def load_together(
    connection: "DuckDBPyConnection", contents: list[bytes], file_format: FileFormat, table: str, folder: Path
) -> bool:
    """Append the rows of many whole files as ``load`` does, at once: a load costs as much as thousands of rows.

    Appends nothing and returns False where a file has quotes or something to leave out or to refuse: ``load`` then
    reads file by file, and names the file.
    """
    try:
        bodies = [_body(CsvPart.of(content, ""), file_format) for content in contents]
        if any(b'"' in body for body in bodies):
            return False
        connection.execute(f"CREATE OR REPLACE TEMP TABLE together AS SELECT * FROM {identifier(table)} LIMIT 0")
        part = CsvPart(b"".join(bodies), "", False, int)
        if load(connection, part, file_format, "together", folder).total:
            return False
    except InputRefused:
        return False
    connection.execute(f"INSERT INTO {identifier(table)} SELECT * FROM together")
    return True


def _body(part: CsvPart, file_format: FileFormat) -> bytes:
    """The lines of a file without its header, each ended."""
    body = without_header(part, file_format).text
    return body if not body or body.endswith(b"\n") else body + b"\n"


def _refuse_first_reject(connection: "DuckDBPyConnection", part: CsvPart, file_format: FileFormat) -> None:
    rejects = connection.execute(
        "SELECT line, line_byte_position, column_idx, error_type::VARCHAR, csv_line, error_message FROM reject_errors"
        f" WHERE line NOT IN ({_RAGGED_LINES}) ORDER BY line, column_idx LIMIT 1"
    ).fetchall()
    for record, position, column_index, error_type, text, message in rejects:
        place = part.place(record) if position is None else part.place_of(position)
        if error_type in _REFUSALS:
            raise InputRefused(said("{place}: {what}.", place=place, what=_REFUSALS[error_type]()))
        column, field = file_format.schema.columns[column_index - 1], _misfit(text, column_index, message)
        raise misfit(place, column.name, shown(field), file_format.wanted(column))


def _misfit(text: str, column_index: int, message: str) -> str:
    """The value that did not fit: from duckdb's message, or from the line."""
    match = _MISFIT.search(message)
    if match:
        return match[1]
    _, row = CsvPart(text.lstrip("\n").encode(), "", False, int).first_record or (0, [])
    return row[column_index - 1] if len(row) >= column_index else text.strip()


def _refuse_out_of_bounds(connection: "DuckDBPyConnection", part: CsvPart, file_format: FileFormat) -> None:
    """Refuse what duckdb takes: what is too large or too late, digits in groups (1_000), fractions among integers."""
    may_be = _DIGIT_AND_UNDERSCORE.search(part.text) is not None
    underscores = may_be and _NUMBER_WITH_UNDERSCORE.search(part.text) is not None
    for index, column in enumerate(file_format.schema.columns):
        wrong = file_format.out_of_bounds(column, identifier(column.canonical))
        if not wrong:
            continue
        is_suspected = underscores and column.is_number
        if not is_suspected and not connection.execute(f"SELECT 1 FROM loaded WHERE {wrong} LIMIT 1").fetchall():
            continue
        for line, row in part.records():
            wanted = file_format.bound_of(column, row[index]) if len(row) == len(file_format.schema.columns) else None
            if wanted:
                raise misfit(part.place(line), column.name, repr(row[index]), wanted)


def _left_out(connection: "DuckDBPyConnection", part: CsvPart, file_format: FileFormat) -> LeftOut:
    """The rows of another number of fields, and those of ``loaded`` without a key."""
    (fields,) = connection.execute(f"SELECT count(DISTINCT line) FROM ({_RAGGED_LINES})").fetchall()[0]
    counts: dict[Reason, int] = {"fields": fields} if fields else {}
    counts |= rows_without_key(connection, file_format)
    return LeftOut(counts, _first_places(part, file_format, counts) if counts else {})


def _first_places(part: CsvPart, file_format: FileFormat, counts: dict[Reason, int]) -> dict[Reason, str]:
    """Where the first row of each reason stands."""
    reason_of = reason_to_leave_out(file_format)
    first: dict[Reason, str] = {}
    for line, row in part.records():
        reason = reason_of(row)
        if reason and reason not in first:
            first[reason] = part.place(line)
            if len(first) == len(counts):
                break
    return first
