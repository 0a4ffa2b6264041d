"""Rows of a CSV file as they came, and what is refused before any reader sees them. Needs no duckdb."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from forecast_files.csv_text import MisquotedError, line_count, plain_text
from forecast_files.input_refused import InputRefused
from forecast_language import said

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _utf_16() -> str:
    return said("text in UTF-16, wanted UTF-8")


# How files begin that are no CSV in UTF-8.
_OTHER_FORMATS: dict[bytes, Callable[[], str]] = {
    b"\x1f\x8b": lambda: said("a file compressed with gzip, wanted plain CSV: decompress it"),
    b"PK\x03\x04": lambda: said("a zip archive or an Excel workbook, wanted plain CSV: unpack it, or save it as CSV"),
    b"\xd0\xcf\x11\xe0": lambda: said("an Excel workbook, wanted plain CSV: save it as CSV"),
    b"PAR1": lambda: said("a Parquet file, wanted CSV, or PARQUET as the Format of the import"),
    b"\xff\xfe": _utf_16,
    b"\xfe\xff": _utf_16,
}
_SHOWN = 60  # characters of a field in a message


@dataclass(frozen=True)
class CsvPart:
    """Whole rows of one of the caller's files, as ``csv_text.plain_text`` writes them.

    ``address`` names the caller's file in errors; ``is_start``: the rows are its first. ``lines_before`` counts the
    lines in front of them, and is called only when an error must name its line.
    """

    text: bytes
    address: str
    is_start: bool
    lines_before: Callable[[], int]

    @classmethod
    def of(cls, data: bytes, address: str, is_start: bool = True, lines_before: Callable[[], int] = int) -> Self:
        """The rows of ``data``. Raises InputRefused for what is no text, and for quotes that mean nothing."""
        if is_start:
            for beginning, what in _OTHER_FORMATS.items():
                if data.startswith(beginning):
                    raise InputRefused(said("{file}: found {what}.", file=address, what=what()))
            data = data.removeprefix(_BYTE_ORDER_MARK)
        part = cls(data, address, is_start, lines_before)
        nul = data.find(b"\0")
        if nul >= 0:
            raise InputRefused(said("{place}: found a NUL byte, wanted text in UTF-8.", place=part.place_of(nul)))
        try:
            return cls(plain_text(data), address, is_start, lines_before)
        except MisquotedError as error:
            place = part.place_of(error.position)
            raise InputRefused(said("{place}: {what}.", place=place, what=_misquoted(error.field))) from error

    def place_of(self, position: int) -> str:
        """File and line of a byte of ``text``."""
        return self.place(line_count(self.text[:position]) + 1)

    def place(self, line: int) -> str:
        """File and line, counted in the file; ``line`` is counted in these rows."""
        return said("{file}, line {line}", file=self.address, line=self.lines_before() + line)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """The records with the number of their last line, without empty lines."""
        csv.field_size_limit(sys.maxsize)  # of a field that is too long, the line and the wanted form are to be told
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(self.text), "utf-8", errors="replace", newline=""))
        for row in reader:
            if row:
                yield reader.line_num, row

    @cached_property
    def first_record(self) -> tuple[int, list[str]] | None:
        """The first record and the number of its line; None where there is none."""
        return next(self.records(), None)


def shown(value: str) -> str:
    """A value in quotes for a message, cut where it is long."""
    return repr(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 3]}...")


def misfit(place: str, column: str, found: str, wanted: str) -> InputRefused:
    """The refusal of a field; ``found`` is in quotes already."""
    return InputRefused(
        said(
            "{place}, column {column}: found {found}, wanted {wanted}.",
            place=place,
            column=column,
            found=found,
            wanted=wanted,
        )
    )


def _misquoted(field: str) -> str:
    """What is wrong with a field whose quotes mean nothing."""
    if field.count('"') > 1:
        return said("found {found}, wanted nothing behind the closing quotation mark", found=shown(field))
    return said("found a quotation mark that is not closed, wanted its partner")
