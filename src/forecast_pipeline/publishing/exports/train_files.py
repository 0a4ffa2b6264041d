"""How the user's CSV files are written, as far as a Glue table must know it."""

import mmap
from collections.abc import Iterable
from pathlib import Path

from forecast_files import header
from forecast_files.head import head_of
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.s3_location import FetchedFile

_HEAD_BYTES = 65_536


def has_header(run: FinishedRun, file: FetchedFile) -> bool:
    """Whether the first line is names and no data, as an import decides it. An empty file has no header."""
    with file.path.open("rb") as content:
        head = content.read(_HEAD_BYTES)
    part = head_of(file.key, head, file.path.stat().st_size > len(head))
    return header.has_header(part, run.train_format)


def has_quotes(paths: Iterable[Path]) -> bool:
    """Whether any value of these files is quoted; they may be large, so the operating system pages through them."""
    return any(_contains_quote(path) for path in paths)


def _contains_quote(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b'"') >= 0
