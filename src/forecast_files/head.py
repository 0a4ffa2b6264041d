"""The first lines of a CSV file, checked before anything is created: encoding, columns, timestamps, numbers.

An import checks every line; a wrong file is cheaper to refuse here. Nothing is refused here that an import takes.
"""

from forecast_contract.timestamp_formats import parses
from forecast_files.csv_part import CsvPart, misfit, shown
from forecast_files.csv_text import hidden_quotes
from forecast_files.file_format import FileFormat, number_of
from forecast_files.header import without_header
from forecast_files.input_refused import InputRefused
from forecast_files.schema import Column
from forecast_language import said

# What people call the column of items; no value of a row of texts alone tells a header from data.
_IDENTIFIER_WORDS = ("item_id", "item", "itemid", "sku", "product", "product_id", "productid", "id")


def check_head(address: str, head: bytes, is_cut: bool, file_format: FileFormat) -> int:
    """How many rows of data the first bytes of a file hold; ``is_cut`` if the file goes on after them.

    Raises InputRefused for the first line that does not fit the schema.
    """
    part = head_of(address, head, is_cut)
    rows = without_header(part, file_format)
    _refuse_other_encodings(rows)
    if rows is part and part.first_record is not None:
        _refuse_a_header_of_texts(part, *part.first_record, file_format)
    columns = file_format.schema.columns
    count = 0
    for line, row in rows.records():
        if len(row) == len(columns):  # an import leaves out rows of another length
            for field, column in zip(row, columns, strict=True):
                _refuse_misfit(rows.place(line), field.strip(), column, file_format)
            count += 1
    return count


def head_of(address: str, head: bytes, is_cut: bool) -> CsvPart:
    """The whole rows among the first bytes of a file; ``is_cut`` if the file goes on after them."""
    return CsvPart.of(head[: hidden_quotes(head).rfind(b"\n") + 1] if is_cut else head, address)


def _refuse_other_encodings(rows: CsvPart) -> None:
    """A header may be of whatever encoding: nobody reads it."""
    try:
        rows.text.decode()
    except UnicodeDecodeError as error:
        place = rows.place_of(error.start)
        raise InputRefused(
            said("{place}: found bytes that are not UTF-8, wanted a file in UTF-8.", place=place)
        ) from error


def _refuse_a_header_of_texts(part: CsvPart, line: int, row: list[str], file_format: FileFormat) -> None:
    """Refuse the name of the identifier where a row of texts alone would be taken for an item called so."""
    schema = file_format.schema
    if any(column.sql_type != "VARCHAR" for column in schema.columns):
        return
    if row[schema.columns.index(schema.identifier)].strip().lower() in (schema.identifier.name, *_IDENTIFIER_WORDS):
        raise InputRefused(
            said(
                "{place}: found {row}, which would be taken for an item; wanted the names of the schema "
                "({names}), or no header.",
                place=part.place(line),
                row=", ".join(row),
                names=", ".join(schema.names),
            )
        )


def _refuse_misfit(place: str, field: str, column: Column, file_format: FileFormat) -> None:
    if not field or column.sql_type == "VARCHAR":
        return
    fits = number_of(field) is not None if column.is_number else parses(field, file_format.strptime_pattern)
    wanted = file_format.bound_of(column, field) if fits else file_format.wanted(column)
    if wanted:
        raise misfit(place, column.name, shown(field), wanted)
