"""Check params.json and the raw files, and start their preparation once for each content.

The event is EventBridge's "Object Created" of a file under raw_data/, or a hand-written input, ``{}`` or
``{"Bucket": "..."}``. It returns the execution that covers the content, and whether that is a new one.
"""

import os
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.preparation.new_preparation import NothingNew, Preparations
from forecast_pipeline.preparation.raw_files import is_raw_data, read_raw_content
from forecast_pipeline.runs.executions import start_once
from forecast_pipeline.runs.settled_content import settled_content
from forecast_pipeline.runs.triggers import read_trigger

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    trigger = read_trigger(event, os.environ["DATA_BUCKET"], function="plan_preparation")
    if trigger.key is not None and not is_raw_data(trigger.key):
        logger.info("Nothing to do", extra={"key": trigger.key})
        return {"Started": False, "Reason": f"{trigger.key} is no data under raw_data/ by its name"}
    s3, parameter_file = boto3.client("s3"), os.environ["PARAMETER_FILE"]
    read = partial(read_raw_content, s3, trigger.bucket, parameter_file)
    content = read() if trigger.key is None else settled_content(read, context.get_remaining_time_in_millis)
    preparations = Preparations(s3, boto3.client("glue"), os.environ["RAW_DATABASE_NAME"], parameter_file)
    try:
        start = start_once(
            boto3.client("stepfunctions"),
            os.environ["STATE_MACHINE_ARN"],
            content.fingerprint,
            trigger,
            lambda run: preparations.document(content, trigger, run),
        )
    except NothingNew as reason:
        return {"Started": False, "Reason": str(reason)}
    logger.info("Preparation", extra={"run": start.run, "started": start.is_new})
    return {"Started": start.is_new, "Run": start.run, "ExecutionArn": start.arn}
