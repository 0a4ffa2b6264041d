"""A location in S3, and the CSV files below it downloaded to the local disk."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_files.data_keys import is_data

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

EXPORT_STAMP = re.compile(r"_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)_(?:part)?\d+\.csv$")


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


@dataclass(frozen=True)
class FetchedFile:
    """An object, its copy on the local disk, and when the object was written."""

    key: str
    path: Path
    written: "datetime"


def fetch_files(client: "S3Client", location: S3Location, directory: Path) -> list[FetchedFile]:
    """Download every file of the user's at a location, in the order of the keys.

    A location is a file, or a folder with all data below it, as in an import job. Empty objects hold no rows.
    """
    folder = f"{location.prefix.rstrip('/')}/".lstrip("/")
    return [
        _fetch(client, location.bucket, each, directory)
        for each in _objects(client, location)
        if each["Key"] == location.prefix or is_data(each["Key"].removeprefix(folder))
    ]


def fetch_export(client: "S3Client", location: S3Location, directory: Path) -> list[FetchedFile]:
    """Download the CSV parts of an export; ValueError if there are none.

    If a run was started again, its folder holds several exports, and rows of two would be counted twice. So only the
    newest export counts, by the time in the names of its parts. Folders below hold other exports.
    """
    parts = fetch_export_if_any(client, location, directory)
    if not parts:
        raise ValueError(f"{location}: found no CSV part of an export, wanted one or more")
    return parts


def fetch_export_if_any(client: "S3Client", location: S3Location, directory: Path) -> list[FetchedFile]:
    """``fetch_export``, but [] if there are no parts: Almanac's service writes exports that Amazon's does not know."""
    stamped = [
        (match[1], each)
        for each in _objects(client, location)
        if (match := EXPORT_STAMP.search(each["Key"])) and location.holds_directly(each["Key"])
    ]
    newest = max((stamp for stamp, _ in stamped), default="")
    return [_fetch(client, location.bucket, each, directory) for stamp, each in stamped if stamp == newest]


def _objects(client: "S3Client", location: S3Location) -> Iterator["ObjectTypeDef"]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.prefix)
    for page in pages:
        yield from (each for each in page.get("Contents", []) if each["Size"] > 0 and location.holds(each["Key"]))


def _fetch(client: "S3Client", bucket: str, entry: "ObjectTypeDef", directory: Path) -> FetchedFile:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{len(list(directory.iterdir())):05}.csv"
    client.download_file(bucket, entry["Key"], str(path))
    return FetchedFile(entry["Key"], path, entry["LastModified"])
