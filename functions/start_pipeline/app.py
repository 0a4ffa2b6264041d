"""Check params.json and the new data, and start the pipeline once for each content.

The event is one of three: EventBridge's "Object Created" of a file under train/, a schedule, or a hand-written input,
``{}`` or ``{"Bucket": "..."}``. It returns the execution that covers the content, and whether that is a new one.
"""

import os
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_files.data_keys import WANTED
from forecast_pipeline.runs.data_files import is_being_replaced, read_content
from forecast_pipeline.runs.executions import start_once
from forecast_pipeline.runs.new_run import new_document
from forecast_pipeline.runs.settled_content import settled_content
from forecast_pipeline.runs.triggers import read_trigger, starts_run

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    trigger = read_trigger(event, default_bucket=os.environ["DATA_BUCKET"])
    if trigger.key is not None and not starts_run(trigger.key):
        logger.info("Nothing to do", extra={"key": trigger.key})
        return {"Started": False, "Reason": f"{trigger.key} is no data under train/ by its name: wanted {WANTED}"}
    s3, parameter_file = boto3.client("s3"), os.environ["PARAMETER_FILE"]
    read = partial(read_content, s3, trigger.bucket, parameter_file)
    if trigger.key is None:
        content = read()
    else:
        content = settled_content(read, context.get_remaining_time_in_millis, lambda each: not is_being_replaced(each))
    if is_being_replaced(content):
        return {"Started": False, "Reason": "train/ is being replaced by a preparation; its last file starts the run"}
    start = start_once(
        boto3.client("stepfunctions"),
        os.environ["STATE_MACHINE_ARN"],
        content.fingerprint,
        trigger,
        lambda run: new_document(s3, trigger.bucket, parameter_file, content, run=run, event=trigger.id).as_given(),
    )
    logger.info("Pipeline", extra={"run": start.run, "started": start.is_new})
    return {"Started": start.is_new, "Run": start.run, "ExecutionArn": start.arn}
