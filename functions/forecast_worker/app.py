"""One step of a job of the forecast service: plan it, run a batch of a round's shards, finish the round, or fail it.

The state machine forecast_job.asl.json calls it with these documents, each with "Arn" and "Action" besides:

    {"Step": "plan"}                                 -> {"Round": 0, "Batches": [[..], ..], "Done": false,
                                                        "Follow": false}, Arn and Action
    {"Step": "run", "Round", "Shards": [..]}         -> null, for the results lie in S3
    {"Step": "finish", "Round", "Batches": [..]}     -> as plan, of the next round, or "Done": true
    {"Step": "fail", "Failure": {"Error", "Cause"}}  -> {"Follow": false}
    {"Step": "follow", "StateMachineArn"}            -> null; comes only where the answer before said "Follow": true

A round of one shard takes no map: plan and finish run it and finish it themselves, and go on to the next one. So a
small job is one invocation.

``Action`` is ``create``, ``stop`` or ``delete``. InputRefused is what the caller can mend: no retry helps, and its text
becomes the resource's Message. Anything else may be retried.
"""

import os
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_service.jobs.base.batches import SECONDS_FOR_A_SHARD, batches
from forecast_service.jobs.follow_ups import has_follow_ups, start_follow_ups
from forecast_service.jobs.machine import Machine, machine_of
from forecast_service.records.job_start import JobStarter
from forecast_service.records.table import Records
from forecast_service.storage.bucket import Storage

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """Run the step that the event names."""
    logger.append_keys(arn=event["Arn"], step=event["Step"])
    is_time_left = partial(_is_time_left, context)
    if event["Step"] == "follow":
        start_follow_ups(_stores()[0], _starter(event["StateMachineArn"]), event["Arn"])
        return None
    machine = _machine(event)
    if event["Step"] == "plan":
        return _answer(event, 0, machine.plan() if machine else None, is_time_left)
    if event["Step"] == "run":
        if machine:
            machine.run(event["Round"], event["Shards"], is_time_left)
        return None
    if event["Step"] == "finish":
        shards = [shard for batch in event["Batches"] for shard in batch]
        return _answer(
            event, event["Round"] + 1, machine.finish(event["Round"], sorted(shards)) if machine else None, is_time_left
        )
    if event["Step"] == "fail":
        if machine:
            machine.fail(event["Failure"]["Error"], event["Failure"]["Cause"])
        return {"Follow": has_follow_ups(_stores()[0], event["Arn"])}
    raise ValueError(f"Step: found {event['Step']!r}, wanted plan, run, finish, fail or follow.")


def _machine(event: dict[str, Any]) -> Machine | None:
    """The machine of the job as its record stands now: it may have been stopped since the step before."""
    return machine_of(*_stores(), event["Arn"], event["Action"])


@cache
def _stores() -> tuple[Records, Storage]:
    """The table and the bucket, with clients that a warm function keeps."""
    return Records(os.environ["RECORDS_TABLE"]), Storage(os.environ["SERVICE_BUCKET"], prefix="")


@cache
def _starter(state_machine_arn: str) -> JobStarter:
    """What starts jobs of the machine that calls."""
    return JobStarter(boto3.client("stepfunctions"), state_machine_arn)


def _is_time_left(context: LambdaContext) -> bool:
    """Whether another shard, or another round, may be begun."""
    return context.get_remaining_time_in_millis() >= SECONDS_FOR_A_SHARD * 1000


def _answer(
    event: dict[str, Any], number: int, shards: list[int] | None, is_time_left: Callable[[], bool]
) -> dict[str, Any]:
    """The next round that takes a map, or the end; the rounds before it are run and finished here."""
    while shards is not None and len(shards) <= 1 and is_time_left():
        if machine := _machine(event):
            machine.run(number, shards, is_time_left)
        machine = _machine(event)
        shards = machine.finish(number, shards) if machine else None
        number += 1
    return {
        "Arn": event["Arn"],
        "Action": event["Action"],
        "Round": number,
        "Batches": batches(shards or [], int(os.environ["MAX_CONCURRENT_WORKERS"])),
        "Done": shards is None,
        "Follow": shards is None and has_follow_ups(_stores()[0], event["Arn"]),
    }
