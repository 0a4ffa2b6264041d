"""How the user's CSV files are written, as far as a Glue table must know it."""

import csv
import mmap
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from forecast_pipeline.publishing.exports.finished_run import FinishedRun


def has_header(run: FinishedRun, path: Path) -> bool:
    """Whether the first line is names: its timestamp column holds none. An empty file has no header."""
    position = [name for name, _ in run.attributes].index(run.timestamp_column)
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        for row in filter(None, csv.reader(file)):
            return position >= len(row) or not _is_timestamp(row[position])
    return False


def has_quotes(paths: Iterable[Path]) -> bool:
    """Whether any value of these files is quoted; they may be large, so the operating system pages through them."""
    return any(_contains_quote(path) for path in paths)


def _contains_quote(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b'"') >= 0


def _is_timestamp(value: str) -> bool:
    try:
        datetime.fromisoformat(value.strip())
    except ValueError:
        return False
    return True
