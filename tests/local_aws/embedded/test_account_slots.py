"""An account of one slot: who comes second is refused as Lambda refuses, or waits in Lambda's queue."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from ministack.services import eventbridge, lambda_svc, stepfunctions

from local_aws.embedded import account_slots
from local_aws.embedded.deployment import Deployment, deploy
from local_aws.embedded.launcher import REGION, embedded_aws
from local_aws.embedded.pace import machine_pace
from tests.local_aws.conftest import SMALL_STACK
from tests.local_aws.embedded.test_embedded_aws import ended, eventually

FUNCTION = {"config": {"FunctionName": "step"}, "event_invoke_config": {"MaximumEventAgeInSeconds": 60}}
NAMES = [
    (lambda_svc, "_ACCOUNT_CONCURRENCY_CAP"),
    (lambda_svc, "_execute_function"),
    (lambda_svc, "_run_sqs_batch"),
    (lambda_svc, "invoke_async_with_retry"),
    (lambda_svc, "lambda_execute_result_to_api_proxy_response"),
    (stepfunctions, "_call_lambda"),
    (eventbridge, "_dispatch_to_lambda"),
]


@pytest.fixture(scope="module")
def one_slot() -> Iterator[Deployment]:
    """The small stack in an account of one slot, which a function holds until there is an object `release`."""
    with embedded_aws(slots=1) as endpoint:
        deployment = deploy(endpoint, SMALL_STACK)
        invoke_later(deployment, {"Leave": "held", "Until": "release"})
        eventually(lambda: "held" in keys(deployment))
        yield deployment


def invoke_later(deployment: Deployment, event: dict[str, Any]) -> None:
    name, payload = deployment.outputs["StepName"], json.dumps(event).encode()
    deployment.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=payload)


def keys(deployment: Deployment) -> list[str]:
    listed = deployment.client("s3").list_objects_v2(Bucket=deployment.outputs["BucketName"])
    return [entry["Key"] for entry in listed.get("Contents", [])]


def test_a_task_fails_with_lambdas_error(one_slot: Deployment) -> None:
    states = one_slot.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=one_slot.outputs["MachineArn"], input="{}")["executionArn"]
    execution = ended(one_slot, arn)
    assert (execution["status"], execution["error"]) == ("FAILED", "Lambda.TooManyRequestsException")


def test_a_call_of_the_service_is_answered_429_without_a_code(one_slot: Deployment) -> None:
    once = Config(retries={"total_max_attempts": 1})
    session = boto3.Session("test", "test", region_name=REGION)
    forecast = session.client("forecast", endpoint_url=one_slot.endpoint, config=once)
    with pytest.raises(ClientError) as refused:
        forecast.list_dataset_groups(NextToken="any")
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("429", 429)
    assert answer["Error"]["Message"] == "Rate Exceeded."


def test_an_asynchronous_invocation_waits_for_the_slot(one_slot: Deployment) -> None:
    invoke_later(one_slot, {"Leave": "waited"})
    assert "waited" not in keys(one_slot)
    one_slot.client("s3").put_object(Bucket=one_slot.outputs["BucketName"], Key="release")
    eventually(lambda: "waited" in keys(one_slot))


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> mock.MagicMock:
    """ministack as `account_slots.py` leaves it, and what executes a function; no wait is waited."""
    for owner, name in NAMES:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    execute = mock.MagicMock(return_value={"body": "done"})
    monkeypatch.setattr(lambda_svc, "_execute_function", execute)
    monkeypatch.setattr(account_slots, "time", mock.MagicMock(monotonic=lambda: 0.0))
    account_slots.install(10)
    return execute


def test_an_event_that_is_too_old_is_given_up(slots: mock.MagicMock, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    clock = mock.MagicMock(monotonic=lambda: now[0])
    clock.sleep.side_effect = lambda seconds: now.__setitem__(0, now[0] + seconds)
    monkeypatch.setattr(account_slots, "time", clock)
    slots.return_value = {"throttle": True, "error": True, "body": {}}
    token = account_slots._from_the_queue.set(True)
    assert lambda_svc._execute_function(FUNCTION, {})["throttle"]
    account_slots._from_the_queue.reset(token)
    assert [call.args[0] for call in clock.sleep.call_args_list] == [1, 2, 4, 8, 16]  # 32 more would be 63 of 60


def test_who_waits_for_the_answer_is_refused_at_once(slots: mock.MagicMock) -> None:
    slots.return_value = {"throttle": True, "error": True, "body": {}}
    assert lambda_svc._execute_function(FUNCTION, {})["throttle"]
    slots.assert_called_once()


def test_without_a_limit_nothing_is_refused_or_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in NAMES:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    before = [getattr(owner, name) for owner, name in NAMES[1:]]
    account_slots.install(0)
    assert lambda_svc._ACCOUNT_CONCURRENCY_CAP == 0  # ministack: "0 = unbounded"
    assert [getattr(owner, name) for owner, name in NAMES[1:]] == before


def test_retries_at_the_pace_of_aws_have_its_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: (low, high))
    retrier = {"IntervalSeconds": 2, "BackoffRate": 1.5, "MaxDelaySeconds": 60}
    assert machine_pace.delay_of_aws(retrier, 1) == 3
    assert machine_pace.delay_of_aws(retrier | {"JitterStrategy": "FULL"}, 6000) == (0, 60)


def test_ministack_still_asks_where_we_answer() -> None:
    assert "_execute_function(func, event)" in inspect.getsource(lambda_svc.invoke_async_with_retry)
    assert "copy_context()" in inspect.getsource(lambda_svc.invoke_async_with_retry)
    assert "_ACCOUNT_CONCURRENCY_CAP > 0" in inspect.getsource(lambda_svc._acquire_execution_slot)
    url = inspect.getsource(lambda_svc.handle_function_url_request)
    assert "lambda_execute_result_to_api_proxy_response(result)" in url
    assert list(inspect.signature(eventbridge._dispatch_to_lambda).parameters) == ["arn", "payload"]
    assert list(inspect.signature(stepfunctions._call_lambda).parameters) == ["func_ref", "event"]
    assert "invoke_async_with_retry(exec_record, event)" in inspect.getsource(lambda_svc._invoke)
    assert Path(lambda_svc.__file__).read_text().count('reason_code="ConcurrentInvocationLimitExceeded"') == 2
