"""The function behind the URL: its event, its faults, its cost."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

PROJECT = Path(__file__).parents[2]
CONTEXT = SimpleNamespace(
    function_name="forecast-api",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:forecast-api",
    aws_request_id="11111111-2222-3333-4444-555555555555",
)


@pytest.fixture
def app(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch, load_function: Callable[[str], ModuleType]
) -> Iterator[ModuleType]:
    monkeypatch.setenv("RECORDS_TABLE", "records")
    monkeypatch.setenv("ONLY_READS", "false")
    monkeypatch.setenv("JOB_STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:forecast-job")
    with mock_aws():
        yield load_function("forecast_api")


@pytest.fixture
def lines(app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the function logs."""
    stream = io.StringIO()
    monkeypatch.setattr(app.logger.registered_handler, "stream", stream)
    return stream


@pytest.fixture
def table(app: ModuleType) -> None:
    keys = {"Arn": None, "Created": "ByCreation", "Parent": "ByParent"}
    schemas = {
        name: [{"AttributeName": "Kind", "KeyType": "HASH"}, {"AttributeName": name, "KeyType": "RANGE"}]
        for name in keys
    }
    boto3.client("dynamodb").create_table(
        TableName="records",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("Kind", *keys)],
        KeySchema=schemas["Arn"],
        LocalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": schemas[name], "Projection": {"ProjectionType": "ALL"}}
            for name, index in keys.items()
            if index
        ],
    )


def test_the_example_event_lists_the_dataset_groups(
    app: ModuleType, table: None, load_event: Callable[[str], dict[str, Any]]
) -> None:
    response = app.lambda_handler(load_event("forecast_api"), CONTEXT)
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"] == "application/x-amz-json-1.1"
    assert json.loads(response["body"]) == {"DatasetGroups": []}


def test_a_refused_call_is_an_answer(app: ModuleType, table: None, load_event: Callable[[str], dict[str, Any]]) -> None:
    event = load_event("forecast_api")
    event["headers"]["x-amz-target"] = "AmazonForecast.Nothing"
    response = app.lambda_handler(event, CONTEXT)
    assert response["statusCode"] == 400
    assert json.loads(response["body"])["__type"] == "UnknownOperationException"


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("target", "line"), [("ListDatasetGroups", "answered"), ("Nothing", "refused")])
def test_each_call_is_a_line_of_the_log_with_who_called_and_what_for(
    app: ModuleType, lines: io.StringIO, load_event: Callable[[str], dict[str, Any]], target: str, line: str
) -> None:
    event = load_event("forecast_api")
    event["headers"]["x-amz-target"] = f"AmazonForecast.{target}"
    app.lambda_handler(event, CONTEXT)
    logged = json.loads(lines.getvalue())
    assert logged["message"] == line
    assert logged["caller"] == "arn:aws:sts::123456789012:assumed-role/Analyst/ann"
    assert logged["account"] == "123456789012"
    assert logged["operation"] == f"AmazonForecast.{target}"


def test_the_address_for_reading_answers_what_reads_and_refuses_all_else(
    app: ModuleType, table: None, load_event: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLY_READS", "true")
    event = load_event("forecast_api")
    assert app.lambda_handler(event, CONTEXT)["statusCode"] == 200
    event["headers"]["x-amz-target"] = "AmazonForecast.StopResource"
    response = app.lambda_handler(event, CONTEXT)
    assert response["statusCode"] == 400
    answer = json.loads(response["body"])
    assert answer["__type"] == "AccessDeniedException"
    assert answer["Message"].startswith(
        "User: arn:aws:sts::123456789012:assumed-role/Analyst/ann is not authorized to perform: forecast:StopResource"
    )


def test_our_own_fault_is_logged_and_not_told(
    app: ModuleType, load_event: Callable[[str], dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    # There is no table.
    response = app.lambda_handler(load_event("forecast_api"), CONTEXT)
    assert response["statusCode"] == 500
    assert "records" not in response["body"]
    assert "ResourceNotFoundException" in caplog.text


def test_importing_the_control_plane_loads_neither_numpy_nor_duckdb() -> None:
    program = (
        "import sys; sys.path.insert(0, 'functions/forecast_api'); import app;"
        "print(sorted({'numpy', 'duckdb', 'forecast_engine'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
