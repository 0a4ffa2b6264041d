"""What a run used, as the histories of its executions tell it.

Counted: the transitions of the pipeline and of the service's jobs, retries included, and how often Lambda was invoked.
Measured: how long an invocation took, from when it was asked for to its answer; some 50 ms of it are not billed.
Estimated: the API, which takes as long as the steps that wait for it; the requests of S3, by the number of invocations
and of shards. A job of somebody else that began while the run went on is counted as well.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from forecast_pipeline.cost.prices import Prices

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ONE_PROCESSOR_MB, SMALL_MB = 1769, 512  # MemorySize of template.yaml
COMPUTING = "PublishForecast"  # what the names of the states begin with that have a whole processor
ENDS = ("Succeeded", "Failed", "TimedOut")
MB_PER_GIGABYTE = 1024
# Requests of S3, as measured runs made them: of a run's steps, of an invocation of the worker, of a shard of a map.
WRITES_OF_A_RUN, WRITES_OF_AN_INVOCATION, WRITES_OF_A_SHARD = 55, 9, 2
READS_OF_A_RUN, READS_OF_AN_INVOCATION, READS_OF_A_SHARD = 33, 10, 5


@dataclass(frozen=True)
class Used:
    """``transitions`` of state machines, ``invocations`` and ``gigabyte_seconds`` of Lambda; of S3 an estimate."""

    transitions: int = 0
    invocations: int = 0
    gigabyte_seconds: float = 0.0
    writes: int = 0
    reads: int = 0

    def __add__(self, other: Self) -> "Used":
        return Used(
            self.transitions + other.transitions,
            self.invocations + other.invocations,
            self.gigabyte_seconds + other.gigabyte_seconds,
            self.writes + other.writes,
            self.reads + other.reads,
        )

    def dollars(self, prices: Prices, architecture: str = "arm64") -> float:
        """What it costs in US dollars."""
        is_arm = architecture in ("arm64", "aarch64")
        second = prices.arm64_gigabyte_second if is_arm else prices.x86_64_gigabyte_second
        return (
            self.transitions * prices.transition
            + self.invocations * prices.invocation
            + self.gigabyte_seconds * second
            + self.writes * prices.write
            + self.reads * prices.read
        )


def used_by_run(states: "SFNClient", execution_arn: str, job_machine_arn: str | None) -> Used:
    """What the run of an execution has used so far, or until its end.

    ``job_machine_arn`` is the machine of the service's jobs; None where Amazon forecasts. Raises ClientError.
    """
    events = _history(states, execution_arn)
    is_over = events[-1]["type"] in ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
    began, ended = events[0]["timestamp"], events[-1]["timestamp"] if is_over else datetime.now(UTC)
    used = _in_steps(events, ended) + _in_children(states, execution_arn, shards=0)
    used += Used(writes=WRITES_OF_A_RUN, reads=READS_OF_A_RUN)
    for arn in _jobs(states, job_machine_arn, began, ended) if job_machine_arn else ():
        job = _history(states, arn)
        used += _in_job(job, ended) + _in_children(states, arn, sum(map(_shards, job)))
    return used


def times_of_steps(states: "SFNClient", execution_arn: str) -> list[dict[str, str]]:
    """When each state of an execution began and ended (ISO 8601), of those that have ended. Raises ClientError.

    A state with retries is one, from its first attempt to its last.
    """
    began: dict[str, datetime] = {}
    ended = []
    for event in _history(states, execution_arn):
        if "stateEnteredEventDetails" in event:
            began[event["stateEnteredEventDetails"]["name"]] = event["timestamp"]
        elif "stateExitedEventDetails" in event:
            name = event["stateExitedEventDetails"]["name"]
            ended.append({"Step": name, "Began": began[name].isoformat(), "Ended": event["timestamp"].isoformat()})
    return ended


def _history(states: "SFNClient", execution_arn: str) -> list[dict[str, Any]]:
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn, PaginationConfig={"PageSize": 1000}
    )
    return [dict(event) for page in pages for event in page["events"]]


def _jobs(states: "SFNClient", machine_arn: str, began: datetime, ended: datetime) -> Iterator[str]:
    """The jobs that began while the run went on; they are listed from the newest."""
    for page in states.get_paginator("list_executions").paginate(stateMachineArn=machine_arn):
        for execution in page["executions"]:
            if execution["startDate"] < began:
                return
            if execution["startDate"] <= ended:
                yield execution["executionArn"]


def _in_steps(events: list[dict[str, Any]], now: datetime) -> Used:
    """The pipeline's own states: each invocation of a step, and of the API that it waits for."""
    attempts = [*_attempts(events, now)]
    small = sum(seconds for state, seconds in attempts if not state.startswith(COMPUTING))
    large = sum(seconds for state, seconds in attempts if state.startswith(COMPUTING))
    megabyte_seconds = 2 * small * SMALL_MB + large * ONE_PROCESSOR_MB
    return Used(_transitions(events, len(attempts)), 2 * len(attempts), megabyte_seconds / MB_PER_GIGABYTE)


def _in_job(events: list[dict[str, Any]], now: datetime) -> Used:
    """The states of a job that are no map: invocations of the worker."""
    attempts = [*_attempts(events, now)]
    return Used(
        _transitions(events, len(attempts)),
        len(attempts),
        sum(seconds for _, seconds in attempts) * ONE_PROCESSOR_MB / MB_PER_GIGABYTE,
        len(attempts) * WRITES_OF_AN_INVOCATION,
        len(attempts) * READS_OF_AN_INVOCATION,
    )


def _in_children(states: "SFNClient", execution_arn: str, shards: int) -> Used:
    """The children of an execution's maps: a state and an invocation each; a retry of theirs is not seen."""
    count, seconds = 0, 0.0
    for run in states.list_map_runs(executionArn=execution_arn)["mapRuns"]:
        for page in states.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"]):
            for child in page["executions"]:
                count += 1
                seconds += (child.get("stopDate", child["startDate"]) - child["startDate"]).total_seconds()
    gigabyte_seconds = seconds * ONE_PROCESSOR_MB / MB_PER_GIGABYTE
    return Used(count, count, gigabyte_seconds, shards * WRITES_OF_A_SHARD, shards * READS_OF_A_SHARD)


def _transitions(events: Iterable[dict[str, Any]], attempts: int) -> int:
    """A state that is entered is one; of its attempts each but the first is one more."""
    entered = [event["type"] for event in events if "stateEnteredEventDetails" in event]
    return len(entered) + max(0, attempts - entered.count("TaskStateEntered"))


def _attempts(events: Iterable[dict[str, Any]], now: datetime) -> Iterator[tuple[str, float]]:
    """Each attempt of a task: its state, and its seconds; until now of one that goes on."""
    state, began = "", None
    for event in events:
        kind, time = event["type"], event["timestamp"]
        if "stateEnteredEventDetails" in event:
            state = event["stateEnteredEventDetails"]["name"]
        elif kind in ("LambdaFunctionScheduled", "TaskScheduled"):
            began = time
        elif began is not None and kind.startswith(("LambdaFunction", "Task")) and kind.endswith(ENDS):
            yield state, (time - began).total_seconds()
            began = None
    if began is not None:
        yield state, (now - began).total_seconds()


def _shards(event: dict[str, Any]) -> int:
    """How many shards a map is given, where the event is its beginning."""
    if event["type"] != "MapStateEntered":
        return 0
    document = json.loads(event["stateEnteredEventDetails"].get("input") or "{}")
    return sum(len(batch) for batch in document.get("Batches", []))
