"""Finding a run's files in S3."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from forecast_pipeline.publishing.exports.s3_location import (
    S3Location,
    data_files,
    export_files,
    export_files_if_any,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def s3(aws_environment: None) -> Iterator["S3Client"]:
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="data")
        yield client


def put(s3: "S3Client", *keys: str, body: bytes = b"x\n") -> None:
    for key in keys:
        s3.put_object(Bucket="data", Key=key, Body=body)


@pytest.mark.parametrize(
    ("path", "folder", "below"),
    [
        ("s3://b/train/", "s3://b/train/", "s3://b/train/x/"),
        ("s3://b/train", "s3://b/", "s3://b/train/x/"),
        ("s3://b/train/one.csv", "s3://b/train/", "s3://b/train/one.csv/x/"),
        ("s3://b", "s3://b/", "s3://b/x/"),
    ],
)
def test_a_path_is_a_file_a_folder_or_a_bucket(path: str, folder: str, below: str) -> None:
    location = S3Location.parse(path)
    assert (location.folder, str(location.below("x"))) == (folder, below)


@pytest.mark.parametrize("path", ["train/", "https://b/train/", "s3://"])
def test_what_is_no_path_in_s3_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="wanted a path like s3://bucket/folder/"):
        S3Location.parse(path)


def test_all_files_of_a_folder_are_found_and_neighbours_are_not(s3: "S3Client") -> None:
    put(s3, "train/a.csv", "train/deeper/b", "train2/c.csv", "trainer.csv")
    put(s3, "train/.a.csv.crc", "train/_temporary/0/a.csv", "train/a.csv.bak", "train/notes.txt")
    put(s3, "train/", "train/_SUCCESS", body=b"")
    found = data_files(s3, S3Location("data", "train/"))
    assert [(each.key, each.size) for each in found] == [("train/a.csv", 2), ("train/deeper/b", 2)]


def test_an_export_has_no_parts_in_folders_below(s3: "S3Client") -> None:
    part = "x_2024-01-01T00-00-00Z_part0.csv"
    put(s3, f"out/{part}", f"out/item-models/{part}")
    for prefix in ("out/", "out"):
        assert [each.key for each in export_files(s3, S3Location("data", prefix))] == [f"out/{part}"]
    below = S3Location("data", "out").below("item-models")
    assert [each.key for each in export_files_if_any(s3, below)] == [f"out/item-models/{part}"]
    assert export_files_if_any(s3, S3Location("data", "elsewhere/")) == []


def test_a_single_file_does_not_bring_its_backup(s3: "S3Client") -> None:
    put(s3, "train/a.csv", "train/a.csv.bak")
    assert [each.key for each in data_files(s3, S3Location("data", "train/a.csv"))] == ["train/a.csv"]


def test_of_two_exports_in_one_folder_the_newest_counts(s3: "S3Client") -> None:
    put(s3, "out/e_2024-01-01T00-00-00Z_part0.csv", "out/e_2024-01-02T00-00-00Z_part0.csv")
    put(s3, "out/e_2024-01-02T00-00-00Z_part1.csv", "out/notes.csv", "out/_CHECK")
    found = export_files(s3, S3Location("data", "out"))
    assert [each.key for each in found] == [
        "out/e_2024-01-02T00-00-00Z_part0.csv",
        "out/e_2024-01-02T00-00-00Z_part1.csv",
    ]
