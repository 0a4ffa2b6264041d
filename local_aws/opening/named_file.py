"""A file on this machine and how its owner knows it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from forecast_language import said
from local_aws.notations.closest import MOST_NAMES, closest
from local_aws.opening.data_error import DataError
from local_aws.opening.scratch import Scratch

MOST_BYTES = 2 << 30  # of what a download or an archive holds, unpacked
CHUNK = 1 << 20
# What a file's name may end with, for a folder to have it read and for a name to be told from its endings.
SUFFIXES = frozenset(
    (
        *(".csv", ".tsv", ".tab", ".txt", ".dat", ".json", ".jsonl", ".ndjson", ".parquet", ".pq"),
        *(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".gz", ".bz2", ".xz", ".zip"),
    )
)


@dataclass(frozen=True)
class Reading:
    """What the user says of how files are read. None is an option that was not given."""

    sheet: str | None = None  # of a workbook
    encoding: str | None = None  # of a text
    in_pieces: bool = False  # a large text, as far as guesses need it


@dataclass(frozen=True)
class NamedFile:
    """Bytes at `path`. `name` stands in messages; `is_own`: the user's own file, which may be passed on as it is."""

    name: str
    path: Path
    is_own: bool = True
    announcements: tuple[str, ...] = field(default=())


def stem_of(name: str) -> str:
    """The name without folders and endings.

    >>> stem_of("data/2024.01 sales.csv.gz"), stem_of("a.b/part-0001")
    ('2024.01 sales', 'part-0001')
    """
    path = Path(name)
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    return path.name


def not_there(path: str | Path) -> DataError:
    """What to raise for a file that is not there: one beside it may be meant."""
    try:
        with os.scandir(Path(path).parent) as beside:
            names = [entry.name for entry in islice(beside, MOST_NAMES)]
    except OSError:
        names = []
    alike = closest(Path(path).name, names)
    if alike is None:
        return DataError(said("{file}: no such file or directory", file=path))
    beside_it = Path(path).with_name(alike)
    return DataError(said("{file}: no such file or directory; did you mean {other}?", file=path, other=beside_it))


def copied(stream: BinaryIO, name: str, scratch: Scratch) -> Path:
    """A temporary file of all that the stream gives. DataError if that is too much."""
    path, size = scratch.new_file(), 0
    with path.open("wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise DataError(
                    said("{file}: holds more than {most} GiB, wanted less", file=name, most=MOST_BYTES >> 30)
                )
            file.write(chunk)
    return path


def require_space(name: str, size: int, scratch: Scratch) -> None:
    """DataError if a file of this size cannot be unpacked here."""
    if size > min(MOST_BYTES, shutil.disk_usage(scratch.folder).free):
        raise DataError(
            said(
                "{file}: unpacks to {size:,} bytes, wanted at most {most:,} and space for them",
                file=name,
                size=size,
                most=MOST_BYTES,
            )
        )


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, piece by piece."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
