"""The control plane as its clients meet it: a real boto3 client whose requests reach the handler as URL events."""

import base64
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from forecast_service.records.lifecycle import begin, finish
from forecast_service.records.table import Records
from tests.forecast_service.jobs.service import Service, service_on_moto
from tests.forecast_service.records_table import create_records_table

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


# What the runtime tells the function about itself.
FUNCTION_CONTEXT = SimpleNamespace(
    function_name="forecast-api",
    memory_limit_in_mb=512,
    invoked_function_arn=FUNCTION_ARN,
    aws_request_id="11111111-2222-3333-4444-555555555555",
)


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


def create_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the functions of the service need, and the environment that names it."""
    create_records_table(TABLE)
    machine = boto3.client("stepfunctions").create_state_machine(
        name="forecast-job",
        definition='{"StartAt": "Plan", "States": {"Plan": {"Type": "Pass", "End": true}}}',
        roleArn="arn:aws:iam::123456789012:role/forecast-job",
    )
    monkeypatch.setenv("RECORDS_TABLE", TABLE)
    monkeypatch.setenv("SERVICE_BUCKET", "service-bucket")
    monkeypatch.setenv("JOB_STATE_MACHINE_ARN", machine["stateMachineArn"])


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


def connected_client(service: str, handler: Callable[[dict[str, Any], Any], dict[str, Any]]) -> Any:
    """A boto3 client whose requests reach the handler as events of a function URL."""

    def answer(request: AWSPreparedRequest, **_arguments: Any) -> AWSResponse:
        response = handler(url_event(request), FUNCTION_CONTEXT)
        body = _Body(response["body"].encode())
        return AWSResponse(request.url, response["statusCode"], response["headers"], body)

    # A host that moto does not know, since it answers some operations itself; and no second attempts, which wait.
    options = {
        "endpoint_url": "https://forecast-api.test/any/path",
        "config": Config(retries={"total_max_attempts": 1}),
    }
    client = boto3.client(service, **options)  # type: ignore[call-overload]
    client.meta.events.register_first(f"before-send.{service}", answer)
    return client


@pytest.fixture
def forecast(connect: Callable[[str], Any]) -> Any:
    """``boto3.client("forecast")``, answered by the handler."""
    return connect("forecast")


@pytest.fixture
def forecastquery(connect: Callable[[str], Any]) -> Any:
    """``boto3.client("forecastquery")``, answered by the handler."""
    return connect("forecastquery")


TARGET_SCHEMA = {"item_id": "string", "timestamp": "timestamp", "target_value": "float"}
S3_CONFIG = {"Path": "s3://data-bucket/train/", "RoleArn": "arn:aws:iam::123456789012:role/data"}


def schema(attributes: dict[str, str]) -> dict[str, Any]:
    """A schema in the form of the API."""
    return {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in attributes.items()]}


class Shop:
    """Makes resources through the API and ends their jobs as the worker would. Every method returns an ARN."""

    def __init__(self, client: Any, records: Records) -> None:
        self.client = client
        self.records = records

    def end(self, arn: str, outcome: dict[str, Any] | None = None, facts: dict[str, Any] | None = None) -> str:
        """The worker's part: the job of a creation runs and succeeds."""
        begin(self.records, arn)
        finish(self.records, arn, outcome or {}, facts or {})
        return arn

    def dataset(self, name: str = "sales", attributes: dict[str, str] | None = None, **request: Any) -> str:
        request = {"Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES", "DataFrequency": "D"} | request
        answer = self.client.create_dataset(DatasetName=name, Schema=schema(attributes or TARGET_SCHEMA), **request)
        return str(answer["DatasetArn"])

    def pending_import(self, dataset: str, name: str = "first", **request: Any) -> str:
        answer = self.client.create_dataset_import_job(
            DatasetImportJobName=name, DatasetArn=dataset, DataSource={"S3Config": S3_CONFIG}, **request
        )
        return str(answer["DatasetImportJobArn"])

    def imported(self, dataset: str, name: str = "first", length: int = 100, **request: Any) -> str:
        """``length`` days from 2024-01-01 on."""
        last = datetime(2024, 1, 1) + timedelta(days=length - 1)
        facts = {"length": length, "first_timestamp": "2024-01-01T00:00:00", "last_timestamp": last.isoformat()}
        return self.end(self.pending_import(dataset, name, **request), {"DataSize": 0.25}, facts)

    def group(self, *datasets: str, name: str = "shop", domain: str = "CUSTOM") -> str:
        answer = self.client.create_dataset_group(DatasetGroupName=name, Domain=domain, DatasetArns=list(datasets))
        return str(answer["DatasetGroupArn"])

    def imported_group(self, length: int = 100, **dataset: Any) -> str:
        """A group whose one dataset holds data."""
        target = self.dataset(**dataset)
        self.imported(target, length=length)
        return self.group(target)

    def imported_items(self, name: str = "items") -> str:
        """Item metadata that hold data: something beside the target that forecasts can be explained by."""
        answer = self.client.create_dataset(
            DatasetName=name,
            Domain="CUSTOM",
            DatasetType="ITEM_METADATA",
            Schema=schema({"item_id": "string", "brand": "string"}),
        )
        dataset = str(answer["DatasetArn"])
        self.imported(dataset)
        return dataset

    def imported_prices(self, attributes: dict[str, str] | None = None) -> str:
        """Related time series that hold data: something that a scenario can change."""
        columns = attributes or {"item_id": "string", "timestamp": "timestamp", "price": "float", "stock": "integer"}
        dataset = self.dataset("prices", columns, DatasetType="RELATED_TIME_SERIES")
        self.imported(dataset, length=107)
        return dataset

    def pending_auto_predictor(self, group: str, name: str = "auto", **request: Any) -> str:
        data = {"DatasetGroupArn": group} | request.pop("DataConfig", {})
        request = {"ForecastHorizon": 7, "ForecastFrequency": "D", "DataConfig": data} | request
        return str(self.client.create_auto_predictor(PredictorName=name, **request)["PredictorArn"])

    def auto_predictor(self, group: str, name: str = "auto", **request: Any) -> str:
        return self.end(self.pending_auto_predictor(group, name, **request), {"PredictorEvaluationResults": []})

    def pending_legacy_predictor(self, group: str, name: str = "legacy", **request: Any) -> str:
        configuration = {"ForecastFrequency": "D"} | request.pop("FeaturizationConfig", {})
        request = {
            "AlgorithmArn": "arn:aws:forecast:::algorithm/NPTS",
            "ForecastHorizon": 7,
            "InputDataConfig": {"DatasetGroupArn": group},
            "FeaturizationConfig": configuration,
        } | request
        given = {member: value for member, value in request.items() if value is not None}
        return str(self.client.create_predictor(PredictorName=name, **given)["PredictorArn"])

    def legacy_predictor(self, group: str, name: str = "legacy", **request: Any) -> str:
        return self.end(self.pending_legacy_predictor(group, name, **request), {"PredictorEvaluationResults": []})

    def pending_forecast(self, predictor: str, name: str = "week", **request: Any) -> str:
        return str(self.client.create_forecast(ForecastName=name, PredictorArn=predictor, **request)["ForecastArn"])

    def forecast(self, predictor: str, name: str = "week", series_count: int = 3, **request: Any) -> str:
        """The week behind 100 days of history."""
        ends = {"first_timestamp": "2024-04-10T00:00:00", "last_timestamp": "2024-04-16T00:00:00"}
        return self.end(self.pending_forecast(predictor, name, **request), facts={"series_count": series_count} | ends)

    def pending_export(self, forecast: str, name: str = "csv") -> str:
        answer = self.client.create_forecast_export_job(
            ForecastExportJobName=name, ForecastArn=forecast, Destination={"S3Config": S3_CONFIG}
        )
        return str(answer["ForecastExportJobArn"])

    def pending_backtest_export(self, predictor: str, name: str = "backtest") -> str:
        answer = self.client.create_predictor_backtest_export_job(
            PredictorBacktestExportJobName=name, PredictorArn=predictor, Destination={"S3Config": S3_CONFIG}
        )
        return str(answer["PredictorBacktestExportJobArn"])

    def pending_monitor(self, predictor: str, name: str = "watch", **request: Any) -> str:
        answer = self.client.create_monitor(MonitorName=name, ResourceArn=predictor, **request)
        return str(answer["MonitorArn"])

    def monitor(self, predictor: str, name: str = "watch", **request: Any) -> str:
        return self.end(self.pending_monitor(predictor, name, **request))

    def pending_explainability(self, explained: str, name: str = "why", **request: Any) -> str:
        granularity = {"TimeSeriesGranularity": "ALL", "TimePointGranularity": "ALL"}
        request = {"ExplainabilityConfig": granularity} | request
        answer = self.client.create_explainability(ExplainabilityName=name, ResourceArn=explained, **request)
        return str(answer["ExplainabilityArn"])

    def explainability(self, explained: str, name: str = "why", **request: Any) -> str:
        return self.end(self.pending_explainability(explained, name, **request))

    def pending_explainability_export(self, explainability: str, name: str = "scores") -> str:
        answer = self.client.create_explainability_export(
            ExplainabilityExportName=name, ExplainabilityArn=explainability, Destination={"S3Config": S3_CONFIG}
        )
        return str(answer["ExplainabilityExportArn"])

    def pending_what_if_analysis(self, forecast: str, name: str = "prices", **request: Any) -> str:
        answer = self.client.create_what_if_analysis(WhatIfAnalysisName=name, ForecastArn=forecast, **request)
        return str(answer["WhatIfAnalysisArn"])

    def what_if_analysis(self, forecast: str, name: str = "prices", **request: Any) -> str:
        return self.end(self.pending_what_if_analysis(forecast, name, **request))

    def pending_what_if_forecast(self, analysis: str, name: str = "dear", **request: Any) -> str:
        """A price that is a tenth higher, unless the request has another scenario."""
        if not request:
            action = {"AttributeName": "price", "Operation": "MULTIPLY", "Value": 1.1}
            request = {"TimeSeriesTransformations": [{"Action": action}]}
        answer = self.client.create_what_if_forecast(WhatIfForecastName=name, WhatIfAnalysisArn=analysis, **request)
        return str(answer["WhatIfForecastArn"])

    def what_if_forecast(self, analysis: str, name: str = "dear", **request: Any) -> str:
        return self.end(self.pending_what_if_forecast(analysis, name, **request))

    def pending_what_if_export(self, *forecasts: str, name: str = "compared", **request: Any) -> str:
        answer = self.client.create_what_if_forecast_export(
            WhatIfForecastExportName=name,
            WhatIfForecastArns=list(forecasts),
            Destination={"S3Config": S3_CONFIG},
            **request,
        )
        return str(answer["WhatIfForecastExportArn"])


@pytest.fixture
def shop(forecast: Any, records: Records) -> Shop:
    """Resources by their names."""
    return Shop(forecast, records)


@contextmanager
def refused(code: str, text: str = "") -> Iterator[None]:
    """Expect an API error of a code whose message contains the text."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error["Message"]
    assert text in error["Message"]


@pytest.fixture(name="refused")
def refused_fixture() -> Callable[..., AbstractContextManager[None]]:
    return refused


@pytest.fixture
def started_jobs(aws: None) -> Callable[[], list[dict[str, str]]]:
    """The inputs of the executions of the job machine, in the order of their start."""

    def jobs() -> list[dict[str, str]]:
        client = boto3.client("stepfunctions")
        executions = client.list_executions(stateMachineArn=os.environ["JOB_STATE_MACHINE_ARN"])["executions"]
        arns = [execution["executionArn"] for execution in sorted(executions, key=lambda e: e["startDate"])]
        return [json.loads(client.describe_execution(executionArn=arn)["input"]) for arn in arns]

    return jobs
