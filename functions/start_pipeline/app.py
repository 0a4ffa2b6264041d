"""Check params.json and the new data, and start the pipeline once for each content.

The event is a batch of the queue, whose records hold EventBridge's "Object Created" of files that start a run (stack
parameter StartOn) and the inputs of a schedule, or a single input: such an event, ``{}``, ``{"Bucket": "..."}`` or
``{"AsOf": "2025-06-30"}``. Of a batch it returns the records that failed, of a single input the execution that covers
the content, and whether that is a new one.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_files.data_keys import wanted_name
from forecast_language import said
from forecast_pipeline.runs.data_files import is_being_replaced, read_content
from forecast_pipeline.runs.executions import Trigger, execution_arn, start_once
from forecast_pipeline.runs.new_run import new_document
from forecast_pipeline.runs.run_names import content_as_of
from forecast_pipeline.runs.settled_content import settled_content
from forecast_pipeline.runs.triggers import STARTING_FOLDERS, answer, starts_run

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    start = partial(_start, context.get_remaining_time_in_millis)
    return answer(event, os.environ["DATA_BUCKET"], "start_pipeline", start, logger.error)


def _start(remaining_milliseconds: Callable[[], int], triggers: Sequence[Trigger]) -> dict[str, Any]:
    """Look at the bucket once for all triggers, and start one execution at most."""
    start_on, parameter_file = os.environ["START_ON"], os.environ["PARAMETER_FILE"]
    asking = [each for each in triggers if each.key is None or starts_run(each.key, start_on, parameter_file)]
    if not asking:
        logger.info("Nothing to do", extra={"keys": [trigger.key for trigger in triggers]})
        reason = said(
            "{key} is no data under {folders} by its name: wanted {wanted}",
            key=triggers[0].key,
            folders=said(" or ").join(STARTING_FOLDERS[start_on]),
            wanted=wanted_name(),
        )
        return _not_started(reason)
    s3, bucket = boto3.client("s3"), triggers[0].bucket
    read = partial(read_content, s3, bucket, parameter_file)
    if any(trigger.key is not None for trigger in asking):
        content = settled_content(read, remaining_milliseconds, lambda each: not is_being_replaced(each))
    else:
        content = read()
    if is_being_replaced(content):
        return _not_started(said("train/ is being replaced by a preparation; its last file starts the run"))
    content, as_of = content.with_md5(s3, bucket), triggers[0].as_of
    start = start_once(
        boto3.client("stepfunctions"),
        os.environ["STATE_MACHINE_ARN"],
        content_as_of(content.fingerprint, as_of) if as_of else content.fingerprint,
        asking,
        lambda run: new_document(
            s3,
            bucket,
            parameter_file,
            content,
            run=run,
            event=asking[-1].id,
            execution=execution_arn(os.environ["STATE_MACHINE_ARN"], run),
            as_of=as_of,
        ).as_given(),
        day=as_of or content.day,
    )
    logger.info("Pipeline", extra={"run": start.run, "started": start.is_new, "events": len(asking)})
    return {"Started": start.is_new, "Run": start.run, "ExecutionArn": start.arn}


def _not_started(reason: str) -> dict[str, Any]:
    return {"Started": False, "Reason": reason}
