"""Jobs that were at work when the embedded AWS ended."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from local_aws.embedded.keeping.cut_off import begin_again

SAVED = "2026-11-26T20:50:00+00:00"
RESOURCES = [
    {"LogicalResourceId": "ForecastPipeline", "PhysicalResourceId": "pipeline"},
    {"LogicalResourceId": "ForecastJob", "PhysicalResourceId": "job"},
]
EXECUTIONS = {  # when each was ended, and of what
    "cut-off-now": (datetime(2026, 11, 26, 21, 0, tzinfo=UTC), "States.ServiceRestart"),
    "cut-off-at-an-earlier-start": (datetime(2026, 11, 26, 9, 0, tzinfo=UTC), "States.ServiceRestart"),
    "failed-by-itself": (datetime(2026, 11, 26, 20, 51, tzinfo=UTC), "ShardsLeft"),
}


class StepFunctions:
    """Has the failed executions, and what is started."""

    def __init__(self) -> None:
        self.started: list[dict[str, str]] = []

    def get_paginator(self, _operation: str) -> Any:
        return self

    def paginate(self, **_filter: str) -> list[dict[str, Any]]:
        return [{"executions": [{"executionArn": name, "stopDate": ended} for name, (ended, _) in EXECUTIONS.items()]}]

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 - as boto3 names it
        return {"error": EXECUTIONS[executionArn][1], "input": f'{{"Arn": "{executionArn}"}}'}

    def start_execution(self, **request: str) -> None:
        self.started.append(request)


def test_a_job_that_was_cut_off_is_begun_again_once_and_no_other() -> None:
    step_functions = StepFunctions()
    cloudformation = SimpleNamespace(describe_stack_resources=lambda **_: {"StackResources": RESOURCES})
    begin_again(cloudformation, step_functions, "almanac", SAVED)
    assert step_functions.started == [{"stateMachineArn": "job", "input": '{"Arn": "cut-off-now"}'}]
