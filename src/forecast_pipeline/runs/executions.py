"""Starting the state machine once for each content, whatever events come twice, late or together."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from forecast_pipeline.forecast_resources import Superseded
from forecast_pipeline.runs.run_names import attempt_of, content_of, is_as_of, run_id

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

UNSUCCESSFUL = {"FAILED", "TIMED_OUT", "ABORTED"}
MOST_EXECUTIONS = 10_000  # that are looked through; Step Functions keeps those of 90 days


@dataclass(frozen=True)
class Trigger:
    """What asks for a run: the bucket, and of an event also the object's key, its id and when it happened.

    ``as_of`` is the last day whose history the run may know; None for all that there is.
    """

    bucket: str
    key: str | None = None
    id: str | None = None
    time: datetime | None = None
    as_of: date | None = None

    @property
    def is_scheduled(self) -> bool:
        """Whether a schedule asks: its event is of no object, and a person's input has no time."""
        return self.key is None and self.time is not None


@dataclass(frozen=True)
class Start:
    """The execution that covers a content, and whether it is a new one."""

    arn: str
    run: str
    is_new: bool


def start_once(
    states: "SFNClient",
    machine_arn: str,
    fingerprint: str,
    triggers: Sequence[Trigger],
    document: Callable[[str], dict[str, Any]],
    *,
    day: date | None = None,
) -> Start:
    """Start an execution named by the content, unless earlier executions cover every trigger.

    The first execution over a content has the content's ``day`` and fingerprint as its name; earlier ones are found by
    the fingerprint, whatever their day. A later one has the name with ``-2``, ``-3`` and so on. It is started if the
    earlier ones did not succeed and another event asks, or if the bucket went back to an earlier content. ``document``
    makes the input from the name. A run as of an old date replaces nothing: to go back to one is no new content.
    """
    newest_first = _executions(states, machine_arn)
    done = [each["name"] for each in newest_first if each["status"] not in UNSUCCESSFUL and not is_as_of(each["name"])]
    is_in_place = is_as_of(fingerprint) or (bool(done) and content_of(done[0]) == fingerprint)
    earlier = [each for each in reversed(newest_first) if content_of(each["name"]) == fingerprint]
    for each in earlier:
        is_failed = each["status"] in UNSUCCESSFUL
        if _is_answered(states, each["executionArn"], triggers) if is_failed else is_in_place:
            return Start(each["executionArn"], each["name"], is_new=False)
    attempt = max((attempt_of(each["name"]) for each in earlier), default=0)
    while True:
        attempt += 1
        run = run_id(fingerprint, attempt, day)
        try:
            return Start(_start(states, machine_arn, run, document(run)), run, is_new=True)
        except states.exceptions.ExecutionAlreadyExists:  # another event was faster, and the list did not know it yet
            arn = execution_arn(machine_arn, run)
            if _is_answered(states, arn, triggers):
                return Start(arn, run, is_new=False)


def execution_arn(machine_arn: str, run: str) -> str:
    """The execution of a run."""
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{run}"


def _start(states: "SFNClient", machine_arn: str, run: str, document: dict[str, Any]) -> str:
    return states.start_execution(stateMachineArn=machine_arn, name=run, input=json.dumps(document))["executionArn"]


def _executions(states: "SFNClient", machine_arn: str) -> list[Any]:
    """The newest executions of the machine, newest first."""
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=machine_arn, PaginationConfig={"PageSize": 1000, "MaxItems": MOST_EXECUTIONS}
    )
    return [execution for page in pages for execution in page["executions"]]


def _is_answered(states: "SFNClient", arn: str, triggers: Sequence[Trigger]) -> bool:
    """Whether an execution is under way, has succeeded, or has tried what every trigger asks for."""
    execution = dict(states.describe_execution(executionArn=arn))
    return execution["status"] not in UNSUCCESSFUL or all(_covers(execution, trigger) for trigger in triggers)


def _covers(execution: dict[str, Any], trigger: Trigger) -> bool:
    """Whether the trigger asks for nothing that the execution has not tried.

    An event from before the execution's start belongs to the same drop, or is a repetition. So five files with one
    mistake make one failed run and one mail, not five. A schedule never repeats a failed content: it was mailed, and a
    person drops it again or starts it by hand. What was superseded was not tried.
    """
    if trigger.is_scheduled and execution.get("error") != Superseded.__name__:
        return True
    if trigger.id is not None and trigger.id == json.loads(execution.get("input", "{}")).get("Run", {}).get("Event"):
        return True
    return trigger.time is not None and trigger.time <= execution["startDate"]
