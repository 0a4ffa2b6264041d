"""What services say when they are asked too much, or fail by themselves, ends no step: its state asks again."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError

from forecast_pipeline import forecast_resources
from forecast_pipeline.forecast_resources import ServiceUnreachable, passing_errors
from tests.conftest import load_app
from tests.statemachine.machine import definition_of

PROJECT = Path(__file__).parent.parent.parent
STEPS = {
    "forecast_pipeline": (
        "create_dataset",
        "import_data",
        "train_predictor",
        "create_forecast",
        "export_forecast",
        "publish_forecast",
        "delete_resources",
    ),
    "prepare_data": ("replace_train_data",),
}
WAYS = [
    ("429", 429),  # what botocore makes of a function URL's answer, which has no code
    ("TooManyRequestsException", 429),
    ("ThrottlingException", 400),
    ("SlowDown", 503),
    ("InternalError", 500),
]


def failure(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


def retried_errors(machine: str, step: str) -> set[str]:
    """The errors that the state of a step retries."""
    states = definition_of(machine)["States"]
    return {error for each in states[step.title().replace("_", "")]["Retry"] for error in each["ErrorEquals"]}


@pytest.fixture(autouse=True)
def step_environment(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("STACK_NAME", "DATABASE_NAME", "TRAIN_TABLE_NAME", "FORECAST_TABLE_NAME", "ITEM_MODELS_TABLE_NAME")
    for name in (*names, "DATA_ROLE_ARN"):
        monkeypatch.setenv(name, "name")
    monkeypatch.setenv("SERVICE_TELLS_LEFT_OUT", "true")
    monkeypatch.setenv("APPROVAL_HOURS", "0")
    monkeypatch.setenv("APPROVAL_URL", "")
    forecast_resources._forecast_client.cache_clear()


@pytest.mark.parametrize(("code", "status"), WAYS)
@pytest.mark.parametrize(("machine", "step"), [(machine, step) for machine, steps in STEPS.items() for step in steps])
def test_a_step_raises_what_its_state_retries(
    lambda_context: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, *, machine: str, step: str, code: str, status: int
) -> None:
    def refuse(*_: Any) -> Any:
        raise failure(code, status)

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)
    event = json.loads((PROJECT / "events" / f"{step}.json").read_text())
    with pytest.raises(Exception, match="no") as caught:
        load_app(step).lambda_handler(event, lambda_context)
    assert type(caught.value).__name__ in retried_errors(machine, step)


@pytest.mark.parametrize(("code", "status"), WAYS)
def test_what_a_transfer_of_boto3_hides_is_found(code: str, status: int) -> None:
    @passing_errors()
    def upload() -> None:
        try:
            raise failure(code, status)
        except ClientError:
            raise S3UploadFailedError("Failed to upload a file") from None

    with pytest.raises(ServiceUnreachable, match=code):
        upload()


def test_no_answer_is_retried_and_a_refusal_stays_what_it_is() -> None:
    with pytest.raises(ServiceUnreachable), passing_errors():
        raise EndpointConnectionError(endpoint_url="https://s3.example")
    with pytest.raises(ClientError, match="AccessDenied"), passing_errors():
        raise failure("AccessDenied", 403)
