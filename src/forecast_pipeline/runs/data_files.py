"""The files of the data bucket that a run reads, and the fingerprint that says whether they are new."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forecast_files.data_keys import is_data, is_hidden
from forecast_pipeline.runs.replacement_mark import ReplacementMark, read_mark

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDERS = {"TARGET_TIME_SERIES": "train/", "RELATED_TIME_SERIES": "related/", "ITEM_METADATA": "metadata/"}


@dataclass(frozen=True)
class DataFile:
    """One object of the data bucket."""

    key: str
    etag: str
    size: int


@dataclass(frozen=True)
class Content:
    """What the bucket holds for a run: the bytes of params.json (None: there is none) and the files per type.

    ``others`` are keys per type that are no data by their names, though nobody hid them. ``replacement`` is the mark of
    a preparation that is about to replace the files, and has not ended.
    """

    parameters: bytes | None
    files: Mapping[str, tuple[DataFile, ...]]
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replacement: ReplacementMark | None = None

    @property
    def fingerprint(self) -> str:
        """What a run over this content is named by; nothing else changes it."""
        return fingerprint_of(itertools.chain(*self.files.values()), self.parameters)


def is_being_replaced(content: Content) -> bool:
    """Whether a preparation is at work on the files."""
    return content.replacement is not None and content.replacement.is_under_way


def read_content(s3: "S3Client", bucket: str, parameter_file: str) -> Content:
    """List the folders and read params.json."""
    files, others = {}, {}
    for dataset_type, folder in FOLDERS.items():
        below = {file.key.removeprefix(folder): file for file in objects_in(s3, bucket, folder)}
        files[dataset_type] = tuple(file for path, file in below.items() if is_data(path))
        others[dataset_type] = tuple(
            file.key for path, file in below.items() if not is_data(path) and not is_hidden(path)
        )
    return Content(bytes_of(s3, bucket, parameter_file), files, others, read_mark(s3, bucket))


def fingerprint_of(files: Iterable[DataFile], parameters: bytes | None = None) -> str:
    """Ten hex digits that change with the bytes of params.json and with any file's name or bytes."""
    digest = hashlib.sha256(parameters or b"")
    for file in sorted(files, key=lambda file: file.key):
        digest.update(f"\0{file.key}\0{file.etag}".encode())
    return digest.hexdigest()[:10]


def bytes_of(s3: "S3Client", bucket: str, key: str) -> bytes | None:
    """The content of an object; None if there is none."""
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None


def files_in(s3: "S3Client", bucket: str, folder: str) -> Iterator[DataFile]:
    """The data of a folder, in the order of their keys."""
    return (file for file in objects_in(s3, bucket, folder) if is_data(file.key.removeprefix(folder)))


def objects_in(s3: "S3Client", bucket: str, folder: str) -> Iterator[DataFile]:
    """Every object of a folder, in the order of their keys."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        for entry in page.get("Contents", []):
            yield DataFile(entry["Key"], entry["ETag"].strip('"'), entry["Size"])
