"""What a run used, from histories as Step Functions writes them; counted and added up by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forecast_pipeline.cost.prices import PRICES
from forecast_pipeline.cost.used import ONE_PROCESSOR_MB, SMALL_MB, Used, times_of_steps, used_by_run
from tests.project.resolved_template import project_template, resolved

START = datetime(2026, 1, 5, 2, tzinfo=UTC)
RUN = "arn:aws:states:us-east-1:123456789012:execution:pipeline:9f3c"
JOB_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:job"
JOB = "arn:aws:states:us-east-1:123456789012:execution:job:create-predictor"


def at(seconds: float, kind: str, state: str | None = None, document: str = "") -> dict[str, Any]:
    event = {"type": kind, "timestamp": START + timedelta(seconds=seconds)}
    return event | ({"stateEnteredEventDetails": {"name": state, "input": document}} if state else {})


# A poll that finds the job at work, one that finds it done, and five seconds of publishing.
OF_THE_RUN = [
    at(0, "ExecutionStarted"),
    at(0, "ChoiceStateEntered", "CheckProblem"),
    at(0, "TaskStateEntered", "TrainPredictor"),
    at(0, "LambdaFunctionScheduled"),
    at(0, "LambdaFunctionStarted"),
    at(1, "LambdaFunctionFailed"),
    at(3, "LambdaFunctionScheduled"),
    at(4, "LambdaFunctionSucceeded"),
    at(4, "TaskStateExited") | {"stateExitedEventDetails": {"name": "TrainPredictor"}},
    at(4, "TaskStateEntered", "PublishForecast"),
    at(4, "LambdaFunctionScheduled"),
    at(9, "LambdaFunctionSucceeded"),
    at(9, "SucceedStateEntered", "Published"),
    at(9, "ExecutionSucceeded"),
]
# A second of planning, two batches of three shards in two children, two seconds of finishing.
OF_THE_JOB = [
    at(1, "ExecutionStarted"),
    at(1, "TaskStateEntered", "Plan"),
    at(1, "LambdaFunctionScheduled"),
    at(2, "LambdaFunctionSucceeded"),
    at(2, "ChoiceStateEntered", "AnotherRound"),
    at(2, "MapStateEntered", "RunShards", '{"Batches": [[0, 2], [1]]}'),
    at(3, "TaskStateEntered", "Finish"),
    at(3, "LambdaFunctionScheduled"),
    at(5, "LambdaFunctionSucceeded"),
    at(5, "SucceedStateEntered", "Succeeded"),
    at(5, "ExecutionSucceeded"),
]


class States:
    """Step Functions with one run, its job, the job of an earlier run, and the children of the job's map."""

    def get_paginator(self, operation: str) -> Any:
        answer = getattr(self, operation)
        return type("Pages", (), {"paginate": lambda self, **request: [answer(**request)]})()

    def get_execution_history(self, executionArn: str, **_page: Any) -> dict[str, Any]:  # noqa: N803 - boto3's
        return {"events": {RUN: OF_THE_RUN, JOB: OF_THE_JOB}[executionArn]}

    def list_map_runs(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        return {"mapRuns": [{"mapRunArn": "map"}] if executionArn == JOB else []}

    def list_executions(self, **of: str) -> dict[str, Any]:
        if "mapRunArn" in of:
            child = {"startDate": START, "stopDate": START + timedelta(seconds=10)}
            return {"executions": [child, child]}
        job, earlier = ({"executionArn": arn, "startDate": START} for arn in (JOB, "earlier"))
        return {"executions": [job, earlier | {"startDate": START - timedelta(seconds=1)}]}


def test_transitions_are_states_and_retries_and_seconds_those_of_each_invocation() -> None:
    used = used_by_run(States(), RUN, None)  # type: ignore[arg-type]
    assert used.transitions == 4 + 1  # four states, and a retry
    assert used.invocations == 2 * 3  # three of steps, each waiting for the API
    assert used.gigabyte_seconds == pytest.approx((2 * 2 * 512 + 5 * 1769) / 1024)
    assert used.writes > 0


def test_each_state_that_has_ended_has_its_times() -> None:
    times = times_of_steps(States(), RUN)  # type: ignore[arg-type]
    assert times == [
        {"Step": "TrainPredictor", "Began": "2026-01-05T02:00:00+00:00", "Ended": "2026-01-05T02:00:04+00:00"}
    ]


def test_a_job_has_states_children_and_shards() -> None:
    both, alone = (used_by_run(States(), RUN, machine) for machine in (JOB_MACHINE, None))  # type: ignore[arg-type]
    assert both.transitions - alone.transitions == 5 + 2
    assert both.invocations - alone.invocations == 2 + 2
    assert both.gigabyte_seconds - alone.gigabyte_seconds == pytest.approx((1 + 2 + 2 * 10) * 1769 / 1024)
    assert both.writes - alone.writes == 2 * 9 + 3 * 2
    assert both.reads - alone.reads == 2 * 10 + 3 * 5


def test_the_price_is_the_sum_over_what_was_used() -> None:
    used = Used(transitions=1000, invocations=1_000_000, gigabyte_seconds=1000, writes=1000, reads=1000)
    assert used.dollars(PRICES["us-east-1"]) == pytest.approx(0.025 + 0.20 + 0.0133334 + 0.005 + 0.0004)
    assert used.dollars(PRICES["ap-northeast-2"], "x86_64") == pytest.approx(
        0.0271 + 0.20 + 0.0166667 + 0.0045 + 0.00035
    )


def test_memory_is_that_of_the_template() -> None:
    sizes = {
        name: body["Properties"].get("MemorySize", SMALL_MB)
        for name, body in resolved(project_template())["Resources"].items()
        if body["Type"] == "AWS::Serverless::Function"
    }
    large = {name.removesuffix("Function") for name, size in sizes.items() if size == ONE_PROCESSOR_MB}
    assert all(name.startswith(("PublishForecast", "ForecastWorker")) for name in large)
    assert set(sizes.values()) == {ONE_PROCESSOR_MB, SMALL_MB}
    assert project_template()["Globals"]["Function"]["MemorySize"] == SMALL_MB
