"""The control plane as its clients meet it: a real boto3 client whose requests reach the handler as URL events."""

import json
import os
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from forecast_service.records.table import Records
from tests.forecast_service.api_client import FUNCTION_CONTEXT, Refused, StartedJobs, connected_client, refused
from tests.forecast_service.api_environment import TABLE, create_service
from tests.forecast_service.jobs.service import Service, service_on_moto
from tests.forecast_service.shop import Shop


@pytest.fixture
def function_context() -> SimpleNamespace:
    """What the runtime tells the function about itself."""
    return FUNCTION_CONTEXT


@pytest.fixture
def aws(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto, with the table of the records and the state machine of the jobs."""
    with mock_aws():
        create_service(monkeypatch)
        yield


@pytest.fixture
def service(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch, load_function: Callable[[str], ModuleType]
) -> Iterator[Service]:
    """The service's jobs, on moto."""
    with service_on_moto(monkeypatch, load_function) as service:
        yield service


@pytest.fixture
def records(aws: None) -> Records:
    """The records that the handler writes."""
    return Records(TABLE)


@pytest.fixture
def connect(aws: None, load_function: Callable[[str], ModuleType]) -> Callable[[str], Any]:
    """Make a boto3 client of ``forecast`` or ``forecastquery`` that speaks to the handler."""
    handler = load_function("forecast_api").lambda_handler
    return lambda service: connected_client(service, handler)


@pytest.fixture
def forecast(connect: Callable[[str], Any]) -> Any:
    """``boto3.client("forecast")``, answered by the handler."""
    return connect("forecast")


@pytest.fixture
def forecastquery(connect: Callable[[str], Any]) -> Any:
    """``boto3.client("forecastquery")``, answered by the handler."""
    return connect("forecastquery")


@pytest.fixture
def shop(forecast: Any, records: Records) -> Shop:
    """Resources by their names."""
    return Shop(forecast, records)


@pytest.fixture(name="refused")
def refused_fixture() -> Refused:
    return refused


@pytest.fixture
def started_jobs(aws: None) -> StartedJobs:
    """The inputs of the executions of the job machine, in the order of their start."""

    def jobs() -> list[dict[str, str]]:
        client = boto3.client("stepfunctions")
        executions = client.list_executions(stateMachineArn=os.environ["JOB_STATE_MACHINE_ARN"])["executions"]
        arns = [execution["executionArn"] for execution in sorted(executions, key=lambda e: e["startDate"])]
        return [json.loads(client.describe_execution(executionArn=arn)["input"]) for arn in arns]

    return jobs
