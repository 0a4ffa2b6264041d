"""The first bytes of a raw file: its columns, and what is wrong with it, before a job is started."""

import csv
import io
import json
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecast_pipeline.parameters.encodings import encoding_of
from forecast_pipeline.parameters.raw_data import RawLayout
from forecast_pipeline.preparation.raw_files import is_gzip, reader_of
from forecast_pipeline.runs.data_files import DataFile
from forecast_pipeline.runs.heads import DataFileError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEAD_BYTES = 2**18
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class RawHead:
    """The columns of a file as it spells them; None where only the job can tell them (Parquet)."""

    columns: tuple[str, ...] | None
    delimiter: str = ","


def read_head(s3: "S3Client", bucket: str, file: DataFile, layout: RawLayout, wanted: Iterable[str]) -> RawHead:
    """The head of a file; where its layout names no delimiter, the one that finds most of the ``wanted`` columns.

    Raises DataFileError for a file that is empty, that is not what its name says, or that is of another encoding.
    """
    reader = reader_of(file.key)
    if reader is None:
        raise DataFileError(f"{file.key}: found a format that is not read here, wanted CSV, JSON lines or Parquet.")
    if not file.size:
        raise DataFileError(f"{file.key}: found an empty file, wanted a header and rows of data.")
    head = s3.get_object(Bucket=bucket, Key=file.key, Range=f"bytes=0-{HEAD_BYTES - 1}")["Body"].read()
    is_cut = file.size > len(head)
    if reader == "parquet":
        if not head.startswith(b"PAR1"):
            raise DataFileError(f"{file.key}: found something else, wanted Parquet as its name says.")
        return RawHead(None)
    if is_gzip(file.key):
        head, is_cut = _unpacked(file.key, head, is_cut=is_cut)
    text = _decoded(file.key, head, layout, is_cut=is_cut)
    return (
        _json_head(file.key, text, is_cut=is_cut)
        if reader == "json"
        else _csv_head(file.key, text, layout, wanted, is_cut=is_cut)
    )


def matching(columns: Iterable[str], name: str) -> str | None:
    """The column of this name as the file spells it: letter for letter, or but for case and blanks around it.

    >>> matching(["Item_ID ", "qty"], "item_id")
    'Item_ID '
    """
    by_name = {_plain(column): column for column in columns}
    return name if name in by_name.values() else by_name.get(_plain(name))


def _plain(name: str) -> str:
    return name.strip().casefold()


def _unpacked(key: str, head: bytes, *, is_cut: bool) -> tuple[bytes, bool]:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(head, HEAD_BYTES)
    except zlib.error as error:
        raise DataFileError(f"{key}: found something else, wanted gzip as its name says.") from error
    return text, is_cut or bool(unpacking.unconsumed_tail)


def _decoded(key: str, head: bytes, layout: RawLayout, *, is_cut: bool) -> str:
    name = layout.Format.Encoding
    try:
        return getincrementaldecoder(encoding_of(name).python)().decode(head, final=not is_cut)
    except UnicodeDecodeError as error:
        wanted = f"a file in {name}, or its encoding in Pipeline.RawData.Format.Encoding"
        raise DataFileError(f"{key}: found bytes that are not {name}, wanted {wanted}.") from error


def _json_head(key: str, text: str, *, is_cut: bool) -> RawHead:
    """The names in any of the first lines: a row may lack what it does not know."""
    lines = text.split("\n")
    names: dict[str, None] = {}
    for number, line in enumerate(lines[:-1] if is_cut else lines, start=1):
        if line.strip():
            names |= dict.fromkeys(_object_in(key, number, line))
    if not names:
        raise DataFileError(f"{key}: found no rows of data, wanted an object with the columns in every line.")
    return RawHead(tuple(names))


def _object_in(key: str, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        found = _shown(line.strip())
        raise DataFileError(f"{key}, line {number}: found {found}, wanted an object with the columns in every line.")
    return row


def _csv_head(key: str, text: str, layout: RawLayout, wanted: Iterable[str], *, is_cut: bool) -> RawHead:
    rows_by_delimiter = {
        delimiter: _first_rows(key, text, delimiter)
        for delimiter in ((layout.Format.Delimiter,) if layout.Format.Delimiter else DELIMITERS)
    }
    names = list(wanted)
    delimiter = max(
        rows_by_delimiter,
        key=lambda each: (
            sum(matching(rows_by_delimiter[each][0], name) is not None for name in names),
            len(rows_by_delimiter[each][0]),
        ),
    )
    header, *rows = rows_by_delimiter[delimiter]
    if not rows and is_cut:
        raise DataFileError(f"{key}, line 1: found more than {HEAD_BYTES} bytes, wanted a header of fewer.")
    if not rows:
        raise DataFileError(f"{key}: found no rows of data, wanted a header and rows of data.")
    twice = next((name for name in header if header.count(name) > 1 and name in names), None)
    if twice:
        raise DataFileError(f"{key}, line 1: found {header.count(twice)} columns {twice}, wanted one.")
    return RawHead(tuple(header), delimiter)


def _first_rows(key: str, text: str, delimiter: str) -> list[list[str]]:
    """The header and the row behind it, as far as they are there; one empty row at least."""
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(row):
                rows.append(row)
            if len(rows) == 2:
                break
    except csv.Error as error:
        raise DataFileError(f"{key}, line 1: found no header ({error}), wanted the names of the columns.") from error
    return rows or [[]]


def _shown(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:57]}...")
