"""A location in S3, and the files of a run below it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from forecast_files.data_keys import is_data

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EXPORT_STAMP = re.compile(r"_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)_(?:part)?\d+\.csv$")


@dataclass(frozen=True)
class S3File:
    """An object of ``size`` bytes, and when it was written."""

    bucket: str
    key: str
    size: int
    written: datetime


@dataclass(frozen=True)
class S3Location:
    """A bucket and a key prefix."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, path: str) -> "S3Location":
        """Split ``s3://bucket/prefix``; ValueError where it is none."""
        match = re.fullmatch(r"s3://([^/]+)/?(.*)", path)
        if match is None:
            raise ValueError(f"found {path!r}, wanted a path like s3://bucket/folder/")
        return cls(match[1], match[2])

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    @property
    def folder(self) -> str:
        """The folder that holds it, with its closing slash: what Athena takes for a table's location."""
        return f"s3://{self.bucket}/{self.prefix.rpartition('/')[0]}".rstrip("/") + "/"

    def holds(self, key: str) -> bool:
        """Whether the key is the location itself, or lies below it as a folder."""
        return key == self.prefix or key.startswith(f"{self.prefix.rstrip('/')}/".lstrip("/"))

    def holds_directly(self, key: str) -> bool:
        """Whether the key lies in this folder itself, not in one below."""
        return key.rpartition("/")[0] == self.prefix.rstrip("/")

    def below(self, folder: str) -> "S3Location":
        """A sub-folder; exports accept a path with or without its closing slash."""
        return S3Location(self.bucket, f"{self.prefix.rstrip('/')}/{folder}/".lstrip("/"))

    def files(self, client: "S3Client") -> Iterator[S3File]:
        """The file at the location, or all files below it, in the order of their keys; empty objects hold no rows."""
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        for page in pages:
            for each in page.get("Contents", []):
                if each["Size"] > 0 and self.holds(each["Key"]):
                    yield S3File(self.bucket, each["Key"], each["Size"], each["LastModified"])


def data_files(client: "S3Client", location: S3Location) -> list[S3File]:
    """The user's files at a location: a file, or a folder with all data below it, as in an import job."""
    folder = f"{location.prefix.rstrip('/')}/".lstrip("/")
    return [
        each for each in location.files(client) if each.key == location.prefix or is_data(each.key.removeprefix(folder))
    ]


def export_files(client: "S3Client", location: S3Location) -> list[S3File]:
    """The CSV parts of an export; ValueError if there are none.

    If a run was started again, its folder holds several exports, and rows of two would be counted twice. So only the
    newest export counts, by the time in the names of its parts. Folders below hold other exports.
    """
    parts = export_files_if_any(client, location)
    if not parts:
        raise ValueError(f"{location}: found no CSV part of an export, wanted one or more")
    return parts


def export_files_if_any(client: "S3Client", location: S3Location) -> list[S3File]:
    """``export_files``, but [] if there are no parts: Almanac's service writes exports that Amazon's does not know."""
    stamped = [
        (match[1], each)
        for each in location.files(client)
        if (match := EXPORT_STAMP.search(each.key)) and location.holds_directly(each.key)
    ]
    newest = max((stamp for stamp, _ in stamped), default="")
    return [each for stamp, each in stamped if stamp == newest]
