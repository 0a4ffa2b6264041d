"""The bucket that publish_forecast fills: its writes counted and failed at will, its objects read."""

import csv
import io
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.forecast_pipeline.publishing.exported_run import ACCURACY_ANSWER

BUCKET = "almanac-data"
LATEST = (
    "latest/forecast.csv",
    "quicksight/forecast.csv",
    "latest/item_accuracy.csv",
    "latest/item_models/item_models.csv",
    "latest/report.html",
    "latest/accuracy.json",
)
S3_WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "DeleteObject")
GLUE_WRITES = ("CreateDatabase", "CreateTable", "UpdateTable")
Publish = Callable[[dict[str, Any]], dict[str, Any]]


class Calls:
    """Counts the writes to S3 and Glue, fails the one it is told to, and answers what moto does not know."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes: list[str] = []
        self.failing_write: int | None = None
        genuine = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if operation == "GetAccuracyMetrics":
                return ACCURACY_ANSWER
            if operation in S3_WRITES + GLUE_WRITES:
                self.writes.append(operation)
                if len(self.writes) == self.failing_write:
                    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, operation)
            return genuine(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)


def body(key: str) -> bytes:
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


def rows(key: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(key).decode())))


def snapshot() -> dict[str, bytes]:
    client = boto3.client("s3")
    return {each["Key"]: body(each["Key"]) for each in client.list_objects_v2(Bucket=BUCKET)["Contents"]}
