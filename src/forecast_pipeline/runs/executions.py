"""Starting the state machine once for each content, whatever events come twice, late or together."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forecast_pipeline.forecast_resources import Superseded
from forecast_pipeline.runs.run_names import content_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

UNSUCCESSFUL = {"FAILED", "TIMED_OUT", "ABORTED"}


@dataclass(frozen=True)
class Trigger:
    """What asks for a run: the bucket, and of an event also the object's key, its id and when it happened."""

    bucket: str
    key: str | None = None
    id: str | None = None
    time: datetime | None = None

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
) -> Start:
    """Start an execution named by the content, unless earlier executions cover every trigger.

    The first execution over a content has the content's fingerprint as its name. A later one has the name with ``-2``,
    ``-3`` and so on. It is started if the earlier ones did not succeed and another event asks, or if the bucket went
    back to an earlier content. ``document`` makes the input from the name.
    """
    attempt = 0
    while True:
        attempt += 1
        run = fingerprint if attempt == 1 else f"{fingerprint}-{attempt}"
        arn = execution_arn(machine_arn, run)
        earlier = _describe(states, arn)
        if earlier is None:
            try:
                return Start(_start(states, machine_arn, run, document(run)), run, is_new=True)
            except states.exceptions.ExecutionAlreadyExists:  # another event of the same drop was faster
                return Start(arn, run, is_new=False)
        if earlier["status"] in UNSUCCESSFUL:
            is_answered = all(_covers(earlier, trigger) for trigger in triggers)
        else:
            is_answered = _is_in_place(states, machine_arn, fingerprint)
        if is_answered:
            return Start(arn, run, is_new=False)


def execution_arn(machine_arn: str, run: str) -> str:
    """The execution of a run."""
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{run}"


def _start(states: "SFNClient", machine_arn: str, run: str, document: dict[str, Any]) -> str:
    return states.start_execution(stateMachineArn=machine_arn, name=run, input=json.dumps(document))["executionArn"]


def _describe(states: "SFNClient", arn: str) -> dict[str, Any] | None:
    try:
        return dict(states.describe_execution(executionArn=arn))
    except states.exceptions.ExecutionDoesNotExist:
        return None


def _is_in_place(states: "SFNClient", machine_arn: str, fingerprint: str) -> bool:
    """Whether the newest execution that succeeded or is under way is one of this content."""
    for page in states.get_paginator("list_executions").paginate(stateMachineArn=machine_arn):
        for execution in page["executions"]:  # newest first
            if execution["status"] not in UNSUCCESSFUL:
                return content_of(execution["name"]) == fingerprint
    return False


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
