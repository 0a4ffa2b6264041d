"""Every call of every handler fails in every way: its state asks again and ends as undisturbed, or the run is red.

The calls with which publishing makes a run the latest are in tests/forecast_pipeline/publishing/outputs.
"""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from forecast_pipeline import ResourcePending
from forecast_pipeline.notification import failure_mail
from forecast_pipeline.runs.run_document import EndedRun
from tests.forecast_pipeline.fake_forecast import FakeForecast
from tests.forecast_pipeline.faults import FAULTS, PASSING, FailingCalls
from tests.functions.watched_bucket import HOURLY, RAW, Pipeline
from tests.statemachine.machine import definition_of

STEPS = ("create_dataset", "import_data", "train_predictor", "create_forecast", "export_forecast", "delete_resources")
MANY = 8
KINDS = [kind for kind in FAULTS if kind != "killed"]  # a killed step is one whose answer is lost, and every step is


def retried_errors(step: str) -> set[str]:
    """The errors that the state of a step retries."""
    states = definition_of("forecast_pipeline")["States"]
    return {error for each in states[step.title().replace("_", "")]["Retry"] for error in each["ErrorEquals"]}


def mail_about(document: dict[str, Any], step: str, error: Exception) -> str:
    cause = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
    failure = {step.title().replace("_", ""): {"Error": type(error).__name__, "Cause": cause}}
    return failure_mail(EndedRun.model_validate(document | {"Failure": failure})).text


def tried(handler: Callable[..., Any], *arguments: Any) -> tuple[Any, Exception | None]:
    """The answer of a handler, and what it raised."""
    try:
        return handler(*arguments), None
    except Exception as error:
        return None, error


@dataclass
class Disturbed:
    """A step over a service whose resources come back to what they were before each trial."""

    name: str
    handler: Callable[[dict[str, Any]], Any]
    event: dict[str, Any]
    service: FakeForecast
    before: dict[str, Any]

    def reset(self) -> None:
        self.service.resources.clear()
        self.service.resources.update(copy.deepcopy(self.before))

    def finish(self) -> tuple[Any, list[tuple[str, str]]]:
        """Ask until it is not pending; the answer, and every resource with its status."""
        for _ in range(9):
            try:
                answer = self.handler(self.event)
            except ResourcePending:
                self.service.settle()
            else:
                return answer, sorted((arn, each["Status"]) for arn, each in self.service.resources.items())
        raise AssertionError("it is still pending")

    def trials(self) -> Iterator[tuple[int, int, str]]:
        """(passes before, number of the call, kind) of every call of the first two passes; of many, a kind each."""
        for passed in range(2):
            self.reset()
            if not self.go_on(passed):
                return
            with pytest.MonkeyPatch.context() as patch:
                calls = FailingCalls(patch)
                self.once()
            numbers = calls.numbers()
            for number in numbers:
                kinds = KINDS if len(numbers) <= MANY else [KINDS[number % len(KINDS)]]
                yield from ((passed, number, kind) for kind in kinds)

    def go_on(self, passes: int) -> bool:
        """Whether the step is not done after so many passes."""
        for _ in range(passes):
            if self.once() is None:
                return False
            self.service.settle()
        return True

    def once(self) -> Exception | None:
        """Ask once; what it raised."""
        return tried(self.handler, self.event)[1]


@pytest.fixture(params=STEPS)
def disturbed(
    request: pytest.FixtureRequest,
    run_step: Callable[[str], Any],
    steps_before: Callable[[str], dict[str, Any]],
    amazon_forecast: FakeForecast,
    load_event: Callable[[str], dict[str, Any]],
) -> Disturbed:
    event = steps_before(request.param)
    if request.param == "delete_resources":
        event |= {"PerformDelete": True, "Published": load_event("notify")["Published"]}
    boto3.client("s3").create_bucket(Bucket=event["Run"]["Bucket"])
    before = copy.deepcopy(amazon_forecast.resources)
    return Disturbed(request.param, run_step(request.param), event, amazon_forecast, before)


def test_a_step_whose_call_fails_is_asked_again_or_red_and_ends_as_undisturbed_after_that(disturbed: Disturbed) -> None:
    wanted = disturbed.finish()
    for passed, number, kind in disturbed.trials():
        disturbed.reset()
        disturbed.go_on(passed)
        with pytest.MonkeyPatch.context() as patch:
            FailingCalls(patch, kind, number)
            error = disturbed.once()
        where = f"{kind} at call {number} after {passed} passes"
        if error is not None and type(error).__name__ not in retried_errors(disturbed.name):
            assert kind not in PASSING, f"{where}: {error!r}"
            text = mail_about(disturbed.event, disturbed.name, error)
            assert f"failed in step {disturbed.name.title().replace('_', '')}" in text
            is_published = disturbed.name == "delete_resources"
            assert ("The new forecast was published" if is_published else "is untouched") in text
        assert disturbed.finish() == wanted, where


@pytest.mark.parametrize("kind", KINDS)
def test_an_ingestion_that_fails_is_asked_for_again_or_told_or_red(
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
    load_event: Callable[[str], dict[str, Any]],
    aws_environment: None,
    *,
    kind: str,
) -> None:
    handler, event = load_function("refresh_dashboard").lambda_handler, load_event("refresh_dashboard")
    sets = event["Dashboard"]["DataSets"].split(",")
    for number in range(len(sets)):
        with mock_aws(), pytest.MonkeyPatch.context() as patch:
            FailingCalls(patch, kind, number)
            answer, error = tried(handler, event, lambda_context)
        if error:
            assert (type(error).__name__ in retried_errors("refresh_dashboard")) == (kind in PASSING)
            assert "The new forecast was published" in mail_about(event, "refresh_dashboard", error)
        else:
            assert kind == "throttled"
            assert list(answer["NotRefreshed"]) == [sets[number]]
            assert answer["NotRefreshed"][sets[number]].startswith("SlowDown")


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_that_fails_is_raised_so_that_its_state_tries_again(
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
    load_event: Callable[[str], dict[str, Any]],
    aws_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    *,
    kind: str,
) -> None:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        monkeypatch.setenv("TOPIC_ARN", boto3.client("sns").create_topic(Name="notifications")["TopicArn"])
        monkeypatch.setenv("STACK_NAME", "almanac")
        FailingCalls(patch, kind, 1)  # behind the events for other programs
        with pytest.raises(type(FAULTS[kind]("Publish"))):
            load_function("notify").lambda_handler(load_event("notify"), lambda_context)
    assert retried_errors("notify") >= {"States.ALL"}


@pytest.mark.parametrize("name", ["start_pipeline", "plan_preparation"])
def test_a_start_that_fails_at_any_call_is_one_run_after_the_next_try(
    request: pytest.FixtureRequest, load_event: Callable[[str], dict[str, Any]], name: str
) -> None:
    """An event that was not taken comes again; what failed three times lies in the queue of undelivered events."""
    is_raw = name == "plan_preparation"
    given = request.getfixturevalue("preparation" if is_raw else "pipeline")
    pipeline: Pipeline = given.bucket if is_raw else given
    key, content = ("raw_data/forecast_data.csv", RAW) if is_raw else ("train/electricity.csv", HOURLY)
    known: set[str] = set()

    def event(number: int) -> dict[str, Any]:
        pipeline.put(key, content + content.splitlines(keepends=True)[-1] * number)
        return load_event(name) | {"time": datetime.now(UTC).isoformat(), "id": f"event_{number}"}

    with pytest.MonkeyPatch.context() as patch:
        calls = FailingCalls(patch)
        pipeline.start(event(1))
    known.update(pipeline.executions())
    for number in calls.numbers(each_read=2)[:-1]:
        kind, again = ("lost", "denied", "500")[number % 3], event(number + 2)
        with pytest.MonkeyPatch.context() as patch:
            FailingCalls(patch, kind, number)
            tried(pipeline.start, again)
        pipeline.start(again)
        (run,) = set(pipeline.executions()) - known
        assert pipeline.document(run).get("Problem") is None, f"{kind} at call {number}"
        known.add(run)
        pipeline.end(run, "SUCCEEDED")
