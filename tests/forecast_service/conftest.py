"""The control plane as its clients meet it: a real boto3 client whose requests reach the handler as URL events."""

import base64
import io
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws

from forecast_service.records import Records

TABLE = "records"
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:forecast-api"


class _Body(io.BytesIO):
    """What botocore reads a response from."""

    def stream(self, **_arguments: Any) -> Iterator[bytes]:
        yield self.read()


def url_event(request: AWSPreparedRequest) -> dict[str, Any]:
    """The function URL event (payload 2.0) of an HTTP request, its body in base64 as Lambda delivers it."""
    body = request.body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    return {
        "version": "2.0",
        "rawPath": urlsplit(request.url).path or "/",
        "headers": headers,
        "body": base64.b64encode(body if isinstance(body, bytes) else body.encode()).decode(),
        "isBase64Encoded": True,
    }


def lambda_context() -> SimpleNamespace:
    """What the runtime tells a function about itself."""
    return SimpleNamespace(
        function_name="forecast-api",
        memory_limit_in_mb=512,
        invoked_function_arn=FUNCTION_ARN,
        aws_request_id="11111111-2222-3333-4444-555555555555",
    )


@pytest.fixture
def aws(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto, with the table of the records and the state machine of the jobs."""
    with mock_aws():
        create_records_table(TABLE)
        machine = boto3.client("stepfunctions").create_state_machine(
            name="forecast-job",
            definition='{"StartAt": "Plan", "States": {"Plan": {"Type": "Pass", "End": true}}}',
            roleArn="arn:aws:iam::123456789012:role/forecast-job",
        )
        monkeypatch.setenv("RECORDS_TABLE", TABLE)
        monkeypatch.setenv("SERVICE_BUCKET", "service-bucket")
        monkeypatch.setenv("JOB_STATE_MACHINE_ARN", machine["stateMachineArn"])
        yield


def create_records_table(name: str) -> None:
    """The table as template.yaml has it."""
    keys = {"": "Arn", "ByCreation": "Created", "ByParent": "Parent"}
    schemas = {
        index: [{"AttributeName": "Kind", "KeyType": "HASH"}, {"AttributeName": key, "KeyType": "RANGE"}]
        for index, key in keys.items()
    }
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("Kind", *keys.values())
        ],
        KeySchema=schemas.pop(""),
        LocalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}
            for index, schema in schemas.items()
        ],
    )


@pytest.fixture
def records(aws: None) -> Records:
    """The records that the handler writes."""
    return Records(TABLE)


@pytest.fixture
def connect(aws: None, load_function: Callable[[str], ModuleType]) -> Callable[[str], Any]:
    """Make a boto3 client of ``forecast`` or ``forecastquery`` that speaks to the handler."""
    handler = load_function("forecast_api").lambda_handler

    def answer(request: AWSPreparedRequest, **_arguments: Any) -> AWSResponse:
        response = handler(url_event(request), lambda_context())
        body = _Body(response["body"].encode())
        return AWSResponse(request.url, response["statusCode"], response["headers"], body)

    def connect(service: str) -> Any:
        # A host that moto does not know: it has some operations of Amazon Forecast itself.
        client = boto3.client(service, endpoint_url="https://forecast-api.test/any/path")  # type: ignore[call-overload]
        client.meta.events.register_first(f"before-send.{service}", answer)
        return client

    return connect


@pytest.fixture
def forecast(connect: Callable[[str], Any]) -> Any:
    """``boto3.client("forecast")``, answered by the handler."""
    return connect("forecast")


@pytest.fixture
def forecastquery(connect: Callable[[str], Any]) -> Any:
    """``boto3.client("forecastquery")``, answered by the handler."""
    return connect("forecastquery")
