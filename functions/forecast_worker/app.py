"""One step of a job of the forecast service: plan it, run one shard of a round, finish the round, or fail it.

The state machine forecast_job.asl.json calls it with these documents, each with "Arn" and "Action" besides:

    {"Step": "plan"}                                 -> {"Round": 0, "Shards": [..], "Done": false}, Arn and Action
    {"Step": "run", "Round", "Shard"}                -> null, for the result lies in S3
    {"Step": "finish", "Round", "Shards": [..]}      -> as plan, of the next round, or "Done": true
    {"Step": "fail", "Failure": {"Error", "Cause"}}  -> null

``Action`` is ``create``, ``stop`` or ``delete``. InputRefused is what the user can mend: no retry helps, and its text
becomes the resource's Message. Anything else may be retried.
"""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_service.jobs.machine import machine_of
from forecast_service.records import Records
from forecast_service.storage import Storage

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any] | None:
    """Run the step that the event names."""
    logger.append_keys(arn=event["Arn"], step=event["Step"])
    machine = machine_of(*_stores(), event["Arn"], event["Action"])
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
        return None
    raise ValueError(f"Step: found {event['Step']!r}, wanted plan, run, finish or fail.")


@cache
def _stores() -> tuple[Records, Storage]:
    """The table and the bucket, with clients that a warm function keeps."""
    return Records(os.environ["RECORDS_TABLE"]), Storage(os.environ["SERVICE_BUCKET"], prefix="")


def _round(event: dict[str, Any], number: int, shards: list[int] | None) -> dict[str, Any]:
    return {
        "Arn": event["Arn"],
        "Action": event["Action"],
        "Round": number,
        "Shards": shards or [],
        "Done": shards is None,
    }
