"""A file in the bucket and the user's file that it was made of: what messages about the one mean in the other."""

import csv
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forecast_language import said
from local_aws.guessing.table import Table


@dataclass(frozen=True)
class UserFile:
    """``path`` goes to ``key`` in the bucket; the user calls it ``name``, and its attributes what ``columns`` says."""

    key: str
    path: Path
    name: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def place(self, line: int) -> str:
        """What a line of the file in the bucket is in the user's own."""
        return said("{file}: line {line}", file=self.name, line=line)


@dataclass(frozen=True)
class RewrittenFile(UserFile):
    """A file that was written anew, in the order of the lines, from the rows ``rows`` with their lines in ``line``.

    Blank lines, titles and totals of the user's file are not in it, so that its lines have other numbers.
    """

    table: Table = field(kw_only=True)
    rows: str = "data"
    line: str = "line"

    @classmethod
    def of(cls, table: Table, folder: str, where: Path, columns: Mapping[str, str]) -> "RewrittenFile":
        """The file of a folder of the bucket that is to be written in the folder ``where``."""
        return cls(f"{folder}/{table.stem}.csv", where / f"{folder}.csv", str(table.path), columns, table=table)

    def place(self, line: int) -> str:
        row = _record_at(self.path, line) - self.table.has_header
        lines = f"SELECT {self.line} FROM {self.rows} ORDER BY {self.line} NULLS LAST LIMIT 1 OFFSET {row}"
        found = self.table.query(lines) if row >= 0 else []
        return self.table.place(found[0][0]) if found and found[0][0] else self.name


def _record_at(path: Path, line: int) -> int:
    """The number of the record that holds a line, from 0: a value in quotes may hold line breaks."""
    csv.field_size_limit(sys.maxsize)
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        return next((number for number, _ in enumerate(reader) if reader.line_num >= line), -1)
