"""What the tests of the handlers share: the runtime's context, Amazon Forecast in memory, the buckets of a run."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID

from forecast_pipeline import ResourcePending, forecast_resources
from tests.forecast_pipeline.fake_forecast import FakeForecast
from tests.functions.published_bucket import DATABASE, Calls, Publish
from tests.functions.watched_bucket import BUCKET, HOURLY, RAW, Pipeline, Preparation

PUBLISH_CONTEXT = SimpleNamespace(
    function_name="publish_forecast",
    memory_limit_in_mb=3008,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:publish_forecast",
    aws_request_id="00000000-0000-0000-0000-000000000000",
)


@pytest.fixture
def lambda_context() -> SimpleNamespace:
    """What the Lambda runtime tells a function about itself."""
    return SimpleNamespace(
        function_name="step",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:step",
        aws_request_id="11111111-2222-3333-4444-555555555555",
        get_remaining_time_in_millis=lambda: 300_000,
    )


@pytest.fixture
def amazon_forecast(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeForecast]:
    """The service behind ``boto3.client("forecast")``; moto answers for the other services."""
    fake = FakeForecast()
    monkeypatch.setenv("AWS_ENDPOINT_URL_FORECAST", "https://forecast.example")  # moto leaves this host alone
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # botocore's own retries would hide a refusal
    monkeypatch.setenv("DATA_ROLE_ARN", "arn:aws:iam::123456789012:role/data")
    monkeypatch.setenv("SERVICE_TELLS_LEFT_OUT", "true")
    with mock_aws():
        session = boto3.Session()
        session.events.register_first("before-send", fake)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
        forecast_resources._forecast_client.cache_clear()
        yield fake
    forecast_resources._forecast_client.cache_clear()


Step = Callable[[dict[str, Any]], Any]
STEPS = ("create_dataset", "import_data", "train_predictor", "create_forecast", "export_forecast")


@pytest.fixture
def run_step(
    load_function: Callable[[str], ModuleType], amazon_forecast: FakeForecast, lambda_context: SimpleNamespace
) -> Callable[[str], Step]:
    """The handler of a name, as a function of its event."""

    def step(name: str) -> Step:
        handler = load_function(name).lambda_handler
        return lambda event: handler(event, lambda_context)

    return step


@pytest.fixture
def run_until_active(run_step: Callable[[str], Step], amazon_forecast: FakeForecast) -> Callable[..., Any]:
    """Call a handler as the state machine does: again when it is pending, after the service has gone on."""

    def run(name: str, event: dict[str, Any]) -> Any:
        for _ in range(9):
            try:
                return run_step(name)(event)
            except ResourcePending:
                amazon_forecast.settle()
        raise AssertionError(f"{name} is still pending")

    return run


@pytest.fixture
def steps_before(
    run_until_active: Callable[..., Any], load_event: Callable[[str], dict[str, Any]]
) -> Callable[[str], dict[str, Any]]:
    """Run every step before the one named, each on its own event, and return the event of the one named."""

    def run(name: str) -> dict[str, Any]:
        for step in STEPS[: STEPS.index(name) if name in STEPS else None]:
            run_until_active(step, load_event(step))
        return load_event(name)

    return run


@pytest.fixture
def calls(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Calls]:
    """The writes of publish_forecast to its bucket."""
    monkeypatch.setenv("STACK_NAME", "almanac")
    monkeypatch.setenv("DATABASE_NAME", DATABASE)
    monkeypatch.setenv("TRAIN_TABLE_NAME", "train")
    monkeypatch.setenv("FORECAST_TABLE_NAME", "forecast")
    monkeypatch.setenv("ITEM_MODELS_TABLE_NAME", "item_models")
    monkeypatch.setenv("APPROVAL_HOURS", "0")
    monkeypatch.setenv("APPROVAL_URL", "")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        boto3.client("glue").create_database(DatabaseInput={"Name": DATABASE})
        yield Calls(monkeypatch)


@pytest.fixture
def run_document(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The run document as it reaches publish_forecast."""
    return load_event("publish_forecast")


@pytest.fixture
def publish(load_function: Callable[[str], ModuleType], calls: Calls) -> Publish:
    """The handler of publish_forecast, as a function of the run document."""

    def run(document: dict[str, Any]) -> dict[str, Any]:
        published: dict[str, Any] = load_function("publish_forecast").lambda_handler(document, PUBLISH_CONTEXT)
        return published

    return run


@pytest.fixture
def pipeline(
    aws_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
) -> Iterator[Pipeline]:
    """A bucket with the workshop's parameters and one training file, and start_pipeline watching it."""
    with mock_aws():
        machine = _watched(monkeypatch)
        app = load_function("start_pipeline")
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        pipeline = Pipeline(lambda event: app.lambda_handler(event, lambda_context), machine)
        pipeline.parameters()
        pipeline.put("train/electricity.csv", HOURLY)
        yield pipeline


@pytest.fixture
def preparation(
    aws_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
) -> Iterator[Preparation]:
    """A bucket with the workshop's parameters and its raw file, and the functions that prepare it."""
    with mock_aws():
        machine = _watched(monkeypatch)
        monkeypatch.setenv("RAW_DATABASE_NAME", "almanac-db")
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        plan, replace = (load_function(name).lambda_handler for name in ("plan_preparation", "replace_train_data"))
        preparation = Preparation(
            lambda event: plan(event, lambda_context), lambda event: replace(event, lambda_context), machine
        )
        preparation.bucket.parameters()
        preparation.bucket.put("raw_data/forecast_data.csv", RAW)
        yield preparation


def _watched(monkeypatch: pytest.MonkeyPatch) -> str:
    """The bucket, and a machine that stands for the one that is started; returns its ARN."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    definition = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}})
    role = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/machine"
    states = boto3.client("stepfunctions")
    machine = states.create_state_machine(name="forecast", definition=definition, roleArn=role)["stateMachineArn"]
    monkeypatch.setenv("START_ON", "Train")
    for name, value in (("STATE_MACHINE_ARN", machine), ("DATA_BUCKET", BUCKET), ("PARAMETER_FILE", "params.json")):
        monkeypatch.setenv(name, value)
    return machine
