"""What S3 refuses is told with path and action; what it merely fails at may be tried again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from forecast_files.input_refused import InputRefused
from forecast_service.caller_files.caller_bucket import CallerBucket

ROLE_ARN = "arn:aws:iam::123456789012:role/Data"


@pytest.fixture
def bucket(aws_environment: None) -> Iterator[CallerBucket]:
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="data")
        yield CallerBucket({"Path": "s3://data/train", "RoleArn": ROLE_ARN})


def answer_with(bucket: CallerBucket, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every call of S3 end in this error."""

    def refuse(operation: str, _request: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

    monkeypatch.setattr(bucket._client, "_make_api_call", refuse)


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (lambda bucket, _: bucket.files(), "s3://data/train: s3:ListBucket was refused"),
        (lambda bucket, _: bucket.read("train/a.csv", 0, 10), "s3://data/train/a.csv: s3:GetObject was refused"),
        (lambda bucket, _: bucket.write("_CHECK", b""), "s3://data/train/_CHECK: s3:PutObject was refused"),
        (lambda bucket, path: bucket.upload(path, "part0.csv"), "s3://data/train/part0.csv: s3:PutObject was refused"),
        (lambda bucket, _: bucket.delete("part0.csv"), "s3:ListBucket was refused"),
    ],
    ids=["list", "read", "write", "upload", "delete"],
)
def test_a_refused_action_is_named_with_its_path_and_role(
    bucket: CallerBucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, action: Any, sentence: str
) -> None:
    path = tmp_path / "part0.csv"
    path.write_text("a")
    answer_with(bucket, "AccessDenied", monkeypatch)
    with pytest.raises(InputRefused, match=sentence) as refusal:
        action(bucket, path)
    assert ROLE_ARN in str(refusal.value)


def test_a_fault_of_s3_is_not_the_users(bucket: CallerBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(bucket, "SlowDown", monkeypatch)
    with pytest.raises(ClientError):
        bucket.files()


def test_a_file_that_has_gone_is_named(bucket: CallerBucket) -> None:
    with pytest.raises(InputRefused, match="the file has gone since the job began"):
        bucket.read("train/a.csv", 0, 10)


def test_only_objects_of_the_name_are_deleted(bucket: CallerBucket) -> None:
    for name in ("export_part0.csv", "export_part1.csv", "other_part0.csv"):
        bucket.write(name, b"")
    bucket.delete("export_part")
    bucket.delete("nothing")
    assert [file.key for file in bucket.files()] == ["train/other_part0.csv"]


def test_what_is_no_data_by_its_name_is_not_read(bucket: CallerBucket) -> None:
    names = ("A.CSV", "_temporary/0/part-0.csv", ".part-0.csv.crc", "a.csv.bak", "notes.txt", "2026/part-0")
    for name in names:
        bucket.write(name, b"a")
    assert [file.key for file in bucket.files()] == ["train/2026/part-0", "train/A.CSV"]


def test_a_folder_without_data_names_a_file_that_it_holds(bucket: CallerBucket) -> None:
    bucket.write("_SUCCESS", b"")
    with pytest.raises(InputRefused, match="s3://data/train: found no file, wanted at least one with data"):
        bucket.files()
    bucket.write("sales.csv.bak", b"a")
    with pytest.raises(
        InputRefused, match=r"found sales\.csv\.bak, which is no data by its name, wanted a name such as"
    ):
        bucket.files()


def test_the_folder_of_the_path_itself_may_be_called_anything(bucket: CallerBucket) -> None:
    hidden = CallerBucket({"Path": "s3://data/_staging/", "RoleArn": ROLE_ARN})
    hidden.write("a.csv", b"a")
    assert [file.key for file in hidden.files()] == ["_staging/a.csv"]
    exact = CallerBucket({"Path": "s3://data/_staging/a.txt", "RoleArn": ROLE_ARN})
    hidden.write("a.txt", b"a")
    assert [file.key for file in exact.files()] == ["_staging/a.txt"]


def test_more_files_than_the_quota_are_refused(bucket: CallerBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast_service.caller_files.caller_bucket.MOST_FILES", 2)
    for number in range(3):
        bucket.write(f"{number}.csv", b"a")
    with pytest.raises(InputRefused, match="found 3 files, wanted at most 2"):
        bucket.files()


def test_a_config_without_role_is_refused(aws_environment: None) -> None:
    with pytest.raises(InputRefused, match="found no RoleArn"):
        CallerBucket({"Path": "s3://data/train"})


def test_files_are_written_with_the_key_of_the_config(bucket: CallerBucket, tmp_path: Path) -> None:
    key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    keyed = CallerBucket({"Path": "s3://data/keyed", "RoleArn": ROLE_ARN, "KMSKeyArn": key_arn})
    path = tmp_path / "part0.csv"
    path.write_text("item_id,date\n")
    for target in (keyed, bucket):
        target.write("_CHECK", b"")
        target.upload(path, "part0.csv")
    for name in ("_CHECK", "part0.csv"):
        assert boto3.client("s3").head_object(Bucket="data", Key=f"keyed/{name}")["SSEKMSKeyId"] == key_arn
        assert "SSEKMSKeyId" not in boto3.client("s3").head_object(Bucket="data", Key=f"train/{name}")
