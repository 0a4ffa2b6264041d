"""The bucket that publish_forecast fills: its writes refused at will, its objects read."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.forecast_pipeline.publishing.exported_run import ACCURACY_ANSWER

BUCKET = "almanac-data"
DATABASE = "almanac-db"
LATEST = (
    "latest/forecast.csv",
    "quicksight/forecast.csv",
    "latest/item_accuracy.csv",
    "latest/item_models/item_models.csv",
    "latest/report.html",
    "latest/accuracy.json",
)
WRITES = ("PutObject", "CopyObject", "DeleteObject", "CreateTable", "UpdateTable", "DeleteTable")
Publish = Callable[[dict[str, Any]], dict[str, Any]]


class Calls:
    """Refuses every write from the one on that it is told, and answers what moto does not know."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing_copy_of: str | None = None  # the latest key whose copy is the first write that is refused
        self.is_failing = False
        self.answers: dict[str, dict[str, Any] | ClientError] = {}  # of Amazon Forecast, by operation
        self.writes: list[str] = []  # each with the object or table that it is about
        genuine = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if operation == "GetAccuracyMetrics":
                return ACCURACY_ANSWER
            if answer := self.answers.get(operation):
                if isinstance(answer, ClientError):
                    raise answer
                return answer
            if operation == "CopyObject" and parameters["Key"] == self.failing_copy_of:
                self.failing_copy_of, self.is_failing = None, True
            if operation in WRITES:
                written = parameters.get("Key") or parameters.get("Name") or parameters["TableInput"]["Name"]
                self.writes.append(f"{operation} {written}")
            if self.is_failing and operation in WRITES:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, operation)
            return genuine(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)


def body(key: str) -> bytes:
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


def rows(key: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(key).decode())))


def table_rows(table: str) -> list[dict[str, Any]]:
    """The rows of the Parquet files that a table of the catalog lies over."""
    return rows_below(table_locations()[table].removeprefix(f"s3://{BUCKET}/"))


def rows_below(prefix: str) -> list[dict[str, Any]]:
    """The rows of the Parquet files below a folder, or of the one that a key names."""
    listed = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(bodies(listed).values()):
            Path(folder, f"{number}.parquet").write_bytes(content)
        found = duckdb.sql(f"FROM read_parquet('{folder}/*.parquet')")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def table_locations() -> dict[str, str]:
    """Table of the catalog -> what it is about."""
    tables = boto3.client("glue").get_tables(DatabaseName=DATABASE)["TableList"]
    return {table["Name"]: table["StorageDescriptor"]["Location"] for table in tables}


def snapshot() -> dict[str, bytes]:
    return bodies(boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"])


def bodies(objects: Iterable[Any]) -> dict[str, bytes]:
    """Key -> content, by one client: to make one takes longer than to read an object."""
    client = boto3.client("s3")
    keys = [each["Key"] for each in objects]
    return {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def latest() -> dict[str, bytes]:
    """Everything that is published, the rows of runs included."""
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    return bodies(each for each in found if each["Key"].startswith(("latest/", "quicksight/", "dashboard/")))
