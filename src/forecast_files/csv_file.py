"""A CSV file in parts of whole rows, so that no file need fit into memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from forecast_files.byte_ranges import Read, cut_to_rows
from forecast_files.csv_part import CsvPart
from forecast_files.csv_text import line_count

BYTES_PER_RANGE = 64 * 2**20  # of CSV: some 1.5 million rows, 100 MB in memory


@dataclass(frozen=True)
class CsvFile:
    """A file of ``size`` bytes wherever it lies: ``read(first, length)`` gives bytes of it.

    ``address`` names it in errors, ``columns`` is the number of fields that its rows should have.
    """

    read: Read
    size: int
    address: str
    columns: int

    @classmethod
    def local(cls, path: Path, address: str, columns: int) -> Self:
        """A file on the local disk."""

        def read(first: int, length: int) -> bytes:
            with path.open("rb") as file:
                file.seek(first)
                return file.read(length)

        return cls(read, path.stat().st_size, address, columns)

    def parts(self) -> Iterator[CsvPart]:
        """All rows, part after part."""
        for first in range(0, self.size, BYTES_PER_RANGE):
            yield self.part(first, min(BYTES_PER_RANGE, self.size - first))

    def part(self, first: int, length: int) -> CsvPart:
        """The rows that begin within a byte range.

        Raises InputRefused for what is no text, and for quotes that mean nothing.
        """
        rows = cut_to_rows(first, length, self.size, self.read, self.columns)
        return CsvPart.of(rows, self.address, first == 0, lambda: self._lines_before(first))

    def _lines_before(self, first: int) -> int:
        """Line breaks before the first line that begins at ``first`` or later: asked only for an error's line."""
        lines, at = 0, 0
        while at < first:
            length = min(BYTES_PER_RANGE, first - at)
            lines += line_count(self.read(at, length))
            at += length
        return lines + (0 if first == 0 or self.read(first - 1, 1) == b"\n" else 1)
