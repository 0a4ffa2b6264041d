"""One step of a job of the forecast service: plan it, run one shard of a round, finish the round, or fail it.

The state machine forecast_job.asl.json calls it with these documents, each with "Arn" and "Action" besides:

    {"Step": "plan"}                                 -> {"Round": 0, "Shards": [..], "Done": false, "Follow": false},
                                                        Arn and Action
    {"Step": "run", "Round", "Shard"}                -> null, for the result lies in S3
    {"Step": "finish", "Round", "Shards": [..]}      -> as plan, of the next round, or "Done": true
    {"Step": "fail", "Failure": {"Error", "Cause"}}  -> {"Follow": false}
    {"Step": "follow", "StateMachineArn"}            -> null; comes only where the answer before said "Follow": true

``Action`` is ``create``, ``stop`` or ``delete``. InputRefused is what the caller can mend: no retry helps, and its text
becomes the resource's Message. Anything else may be retried.
"""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_service.jobs.follow_ups import has_follow_ups, start_follow_ups
from forecast_service.jobs.machine import machine_of
from forecast_service.records.job_start import JobStarter
from forecast_service.records.table import Records
from forecast_service.storage.bucket import Storage

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any] | None:
    """Run the step that the event names."""
    logger.append_keys(arn=event["Arn"], step=event["Step"])
    records, storage = _stores()
    if event["Step"] == "follow":
        start_follow_ups(records, _starter(event["StateMachineArn"]), event["Arn"])
        return None
    machine = machine_of(records, storage, event["Arn"], event["Action"])
    if event["Step"] == "plan":
        return _round(event, 0, machine.plan() if machine else None)
    if event["Step"] == "run":
        if machine:
            machine.run(event["Round"], event["Shard"])
        return None
    if event["Step"] == "finish":
        shards = machine.finish(event["Round"], event["Shards"]) if machine else None
        return _round(event, event["Round"] + 1, shards)
    if event["Step"] == "fail":
        if machine:
            machine.fail(event["Failure"]["Error"], event["Failure"]["Cause"])
        return {"Follow": has_follow_ups(records, event["Arn"])}
    raise ValueError(f"Step: found {event['Step']!r}, wanted plan, run, finish, fail or follow.")


@cache
def _stores() -> tuple[Records, Storage]:
    """The table and the bucket, with clients that a warm function keeps."""
    return Records(os.environ["RECORDS_TABLE"]), Storage(os.environ["SERVICE_BUCKET"], prefix="")


@cache
def _starter(state_machine_arn: str) -> JobStarter:
    """What starts jobs of the machine that calls."""
    return JobStarter(boto3.client("stepfunctions"), state_machine_arn)


def _round(event: dict[str, Any], number: int, shards: list[int] | None) -> dict[str, Any]:
    return {
        "Arn": event["Arn"],
        "Action": event["Action"],
        "Round": number,
        "Shards": shards or [],
        "Done": shards is None,
        "Follow": shards is None and has_follow_ups(_stores()[0], event["Arn"]),
    }
