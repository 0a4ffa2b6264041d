"""The files of the data bucket that a run reads, and the fingerprint that says whether they are new."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from forecast_files.data_keys import is_data, is_hidden
from forecast_language import said
from forecast_pipeline.runs.replacement_mark import ReplacementMark, read_mark

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDERS = {"TARGET_TIME_SERIES": "train/", "RELATED_TIME_SERIES": "related/", "ITEM_METADATA": "metadata/"}
MOST_FILES = 200  # of one folder: the document is handed from step to step, and may have 256 KB
MOST_LETTERS = 20_000  # of their keys together
MOST_NAMED = 3  # of the files that changed
READ_BYTES = 512 << 20  # a folder's files are read for their MD5 up to this many bytes in all


@dataclass(frozen=True)
class DataFile:
    """One object of the data bucket; ``md5`` is that of its bytes, where its ETag is not and somebody has read it.

    ``modified`` is when it was written, ``version`` its version id, where somebody has read it.
    """

    key: str
    etag: str
    size: int
    md5: str | None = None
    modified: datetime | None = field(default=None, compare=False)
    version: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Content:
    """What the bucket holds for a run: the bytes of params.json (None: there is none) and the files per type.

    ``others`` are keys per type that are no data by their names, though nobody hid them. ``replacement`` is the mark of
    a preparation that is about to replace the files, and has not ended. ``parameters_modified`` is when params.json was
    written.
    """

    parameters: bytes | None
    files: Mapping[str, tuple[DataFile, ...]]
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replacement: ReplacementMark | None = None
    parameters_modified: datetime | None = field(default=None, compare=False)

    @property
    def day(self) -> date:
        """The day (UTC) of the newest of params.json and the files; today if there is none of them."""
        times = [self.parameters_modified, *(file.modified for file in itertools.chain(*self.files.values()))]
        return max((time for time in times if time), default=datetime.now(UTC)).astimezone(UTC).date()

    @property
    def fingerprint(self) -> str:
        """What a run over this content is named by; nothing else changes it."""
        return fingerprint_of(itertools.chain(*self.files.values()), self.parameters)

    @property
    def parameters_fingerprint(self) -> str:
        """Of params.json alone."""
        return fingerprint_of((), self.parameters)

    def with_versions(self, versions: Mapping[str, str]) -> Self:
        """The content with the version ids of files, by key."""
        return replace(
            self,
            files={
                kind: tuple(replace(file, version=versions.get(file.key)) for file in files)
                for kind, files in self.files.items()
            },
        )

    def with_md5(self, s3: "S3Client", bucket: str) -> Self:
        """The content with the MD5 of files that were uploaded in parts: the same bytes have one fingerprint."""
        return replace(self, files={kind: with_md5(s3, bucket, files) for kind, files in self.files.items()})


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
    parameters, modified = _read(s3, bucket, parameter_file)
    return Content(parameters, files, others, read_mark(s3, bucket), modified)


def fingerprint_of(files: Iterable[DataFile], parameters: bytes | None = None) -> str:
    """Ten hex digits that change with the bytes of params.json and with any file's name or bytes."""
    digest = hashlib.sha256(parameters or b"")
    for file in sorted(files, key=lambda file: file.key):
        digest.update(f"\0{file.key}\0{file.md5 or file.etag}".encode())
    return digest.hexdigest()[:10]


def input_content(files: Sequence[DataFile]) -> dict[str, Any]:
    """The files of a folder for the run document; their names only where they are few."""
    content: dict[str, Any] = {
        "ETags": fingerprint_of(replace(file, md5=None) for file in files),
        "Bytes": fingerprint_of(files),
    }
    if len(files) <= MOST_FILES and sum(len(file.key) for file in files) <= MOST_LETTERS:
        content["Files"] = [
            {"Key": file.key, "Size": file.size, "ETag": file.etag}
            | ({"VersionId": file.version} if file.version else {})
            for file in files
        ]
    return content


def changed_files(before: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    """What happened to each file that is another one now; both map a key to its ETag.

    >>> list(changed_files({"related/a.csv": "1"}, {"related/b.csv": "1"}))
    ['related/a.csv is gone', 'related/b.csv is new']
    """
    for key in sorted(before.keys() | now.keys()):
        if key not in now:
            yield said("{key} is gone", key=key)
        elif key not in before:
            yield said("{key} is new", key=key)
        elif before[key] != now[key]:
            yield said("{key} was replaced", key=key)


def with_md5(s3: "S3Client", bucket: str, files: Sequence[DataFile]) -> tuple[DataFile, ...]:
    """The files of a folder; those that were uploaded in parts are read, and get the MD5 of their bytes.

    The ETag of an upload in one part is that MD5. A folder of more than READ_BYTES is not read: ETags are compared.
    """
    if sum(file.size for file in files) > READ_BYTES:
        return tuple(files)
    return tuple(replace(file, md5=_md5(s3, bucket, file)) if "-" in file.etag else file for file in files)


def _md5(s3: "S3Client", bucket: str, file: DataFile) -> str | None:
    """None if another object is there by now."""
    try:
        body = s3.get_object(Bucket=bucket, Key=file.key, IfMatch=f'"{file.etag}"')["Body"]
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in {404, 412}:
            return None
        raise
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in body.iter_chunks(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def bytes_of(s3: "S3Client", bucket: str, key: str) -> bytes | None:
    """The content of an object; None if there is none."""
    return _read(s3, bucket, key)[0]


def _read(s3: "S3Client", bucket: str, key: str) -> tuple[bytes | None, datetime | None]:
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.NoSuchKey:
        return None, None
    return answer["Body"].read(), answer["LastModified"]


def files_in(s3: "S3Client", bucket: str, folder: str) -> Iterator[DataFile]:
    """The data of a folder, in the order of their keys."""
    return (file for file in objects_in(s3, bucket, folder) if is_data(file.key.removeprefix(folder)))


def objects_in(s3: "S3Client", bucket: str, folder: str) -> Iterator[DataFile]:
    """Every object of a folder, in the order of their keys."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        for entry in page.get("Contents", []):
            yield DataFile(entry["Key"], entry["ETag"].strip('"'), entry["Size"], modified=entry["LastModified"])
