"""A drop of several files is waited for, as long as the function may run."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from forecast_pipeline.runs.data_files import read_content
from forecast_pipeline.runs.settled_content import RESERVE_MILLISECONDS, settled_content

BUCKET = "almanac-data"


@pytest.fixture
def waits(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The waits, none of which is waited; with every one of them another file arrives, three in all."""
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="train/0.csv", Body=b"0")
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) < 3:
                s3.put_object(Bucket=BUCKET, Key=f"train/{len(waits)}.csv", Body=b"0")

        monkeypatch.setattr("time.sleep", sleep)
        yield waits


def test_a_content_is_settled_once_nothing_has_changed_during_one_wait(waits: list[float]) -> None:
    s3 = boto3.client("s3")
    content = settled_content(lambda: read_content(s3, BUCKET, "params.json"), lambda: 300_000)
    assert content == read_content(s3, BUCKET, "params.json")
    assert [file.key for file in content.files["TARGET_TIME_SERIES"]] == ["train/0.csv", "train/1.csv", "train/2.csv"]
    assert waits == [5, 5, 5]  # the default, since there is no params.json


def test_a_wait_that_would_outlast_the_function_is_not_begun(waits: list[float]) -> None:
    remaining = iter([RESERVE_MILLISECONDS + 5_000, RESERVE_MILLISECONDS + 4_999])
    s3 = boto3.client("s3")
    content = settled_content(lambda: read_content(s3, BUCKET, "params.json"), lambda: next(remaining))
    assert len(content.files["TARGET_TIME_SERIES"]) == 2
    assert waits == [5]


def test_a_params_json_that_can_be_read_says_how_long(
    waits: list[float], load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("create_dataset")
    predictor = event["AutoPredictor"] | {"PredictorName": "electricity"}
    members = {name: event[name] for name in ("DatasetGroup", "Datasets")}
    parameters = members | {
        "AutoPredictor": predictor,
        "Forecast": {"ForecastName": "electricity"},
        "Pipeline": {"QuietSeconds": 0.5},
    }
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key="params.json", Body=json.dumps(parameters).encode())
    settled_content(lambda: read_content(s3, BUCKET, "params.json"), lambda: 300_000)
    assert waits == [0.5, 0.5, 0.5]
