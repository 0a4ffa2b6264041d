"""Rows read = rows used + rows left out: the account of the files of one import."""

from collections.abc import Iterable
from dataclasses import dataclass

from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.header import without_header
from forecast_files.left_out import LeftOut, Reason, reason_to_leave_out


@dataclass(frozen=True)
class RowCounts:
    """How many rows were read, and which of them were left out. ``unknown`` of those used have no target."""

    read: int
    left_out: LeftOut
    unknown: int = 0

    @property
    def used(self) -> int:
        """Rows that count."""
        return self.read - self.left_out.total


def count_rows(parts: Iterable[CsvPart], file_format: FileFormat) -> RowCounts:
    """The rows of files in parts, counted without duckdb: for a service that does not say what it left out.

    Raises InputRefused for a header that does not fit the schema.
    """
    read, left_out = 0, []
    for part in parts:
        rows, of_part = _of_part(without_header(part, file_format), file_format)
        read += rows
        left_out.append(of_part)
    return RowCounts(read, LeftOut.sum(left_out))


def _of_part(part: CsvPart, file_format: FileFormat) -> tuple[int, LeftOut]:
    reason_of = reason_to_leave_out(file_format)
    rows = 0
    counts: dict[Reason, int] = {}
    first: dict[Reason, str] = {}
    for line, row in part.records():
        rows += 1
        if reason := reason_of(row):
            counts[reason] = counts.get(reason, 0) + 1
            if reason not in first:
                first[reason] = part.place(line)
    return rows, LeftOut(counts, first)
