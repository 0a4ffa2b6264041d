"""Whether the first row of a file is its header: the one decision for import, head check and publishing."""

from dataclasses import replace

from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME, DATE_AND_TIME_IN_NOTEBOOKS, parses, strptime_format
from forecast_files.csv_part import CsvPart
from forecast_files.csv_text import hidden_quotes, line_count
from forecast_files.file_format import FileFormat, number_of
from forecast_files.input_refused import InputRefused
from forecast_language import counted, said

_LONGEST_HEADER = 2**21  # bytes: duckdb takes no longer line
_USUAL_PATTERNS = {strptime_format(name) for name in (DATE, DATE_AND_TIME, DATE_AND_TIME_IN_NOTEBOOKS)}


def without_header(part: CsvPart, file_format: FileFormat) -> CsvPart:
    """The rows of data. Raises InputRefused as ``has_header`` does."""
    if not has_header(part, file_format):
        return part
    first = len(part.text) - len(part.text.lstrip(b"\n"))  # behind empty lines
    end = hidden_quotes(part.text[: first + _LONGEST_HEADER]).find(b"\n", first) + 1 or len(part.text)
    lines = line_count(part.text[:end])
    return replace(part, text=part.text[end:], is_start=False, lines_before=lambda: part.lines_before() + lines)


def has_header(part: CsvPart, file_format: FileFormat) -> bool:
    """Whether the first row is a header.

    Raises InputRefused if the first row has not the schema's number of columns, or its names in another order.
    """
    if not part.is_start or part.first_record is None:
        return False
    line, row = part.first_record
    names = file_format.schema.names
    if len(row) != len(names):
        found_columns = counted("{number} column", "{number} columns", len(row))
        raise InputRefused(
            said(
                "{place}: found {columns}, wanted the {number} of the schema ({names}).",
                place=part.place(line),
                columns=found_columns,
                number=len(names),
                names=", ".join(names),
            )
        )
    if not is_header(row, file_format):
        return False
    found, wanted = [[name.strip().lower() for name in each] for each in (row, names)]
    if found != wanted and sorted(found) == sorted(wanted):
        columns = ", ".join(name.strip() for name in row)
        raise InputRefused(
            said(
                "{place}: found the columns {columns}, wanted the order of the schema: {names}.",
                place=part.place(line),
                columns=columns,
                names=", ".join(names),
            )
        )
    return True


def is_header(row: list[str], file_format: FileFormat) -> bool:
    """Whether the first row of a file is a header: it repeats the schema, or none of its timestamps and numbers parse.

    A row in which some of them parse, as a timestamp of whatever usual format, is data with a wrong value, and is
    refused as such.
    """
    fields = [field.strip() for field in row]
    if sorted(field.lower() for field in fields) == sorted(name.lower() for name in file_format.schema.names):
        return True
    typed = [
        field
        for field, column in zip(fields, file_format.schema.columns, strict=True)
        if field and column.sql_type != "VARCHAR"
    ]
    return bool(typed) and not any(number_of(field) is not None or _is_timestamp(field, file_format) for field in typed)


def _is_timestamp(field: str, file_format: FileFormat) -> bool:
    return any(parses(field, pattern) for pattern in {file_format.strptime_pattern, *_USUAL_PATTERNS})
