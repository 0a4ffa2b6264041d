"""Check params.json and the raw files, and start their preparation once for each new content.

The event is a batch of the queue, whose records hold EventBridge's "Object Created" of files under raw_data/, or a
single input: such an event, ``{}`` or ``{"Bucket": "..."}``. Of a batch it returns the records that failed, of a
single input the execution that covers the content, and whether that is a new one.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_language import said
from forecast_pipeline.preparation.new_preparation import NothingNew, Preparations
from forecast_pipeline.preparation.raw_files import is_raw_data, read_raw_content
from forecast_pipeline.runs.executions import Trigger, start_once
from forecast_pipeline.runs.settled_content import settled_content
from forecast_pipeline.runs.triggers import answer

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    start = partial(_start, context.get_remaining_time_in_millis)
    return answer(event, os.environ["DATA_BUCKET"], "plan_preparation", start, logger.error)


def _start(remaining_milliseconds: Callable[[], int], triggers: Sequence[Trigger]) -> dict[str, Any]:
    """Look at the bucket once for all triggers, and start one execution at most."""
    asking = [trigger for trigger in triggers if trigger.key is None or is_raw_data(trigger.key)]
    if not asking:
        logger.info("Nothing to do", extra={"keys": [trigger.key for trigger in triggers]})
        return {"Started": False, "Reason": said("{key} is no data under raw_data/ by its name", key=triggers[0].key)}
    s3, bucket, parameter_file = boto3.client("s3"), triggers[0].bucket, os.environ["PARAMETER_FILE"]
    is_drop = any(trigger.key is not None for trigger in asking)
    read = partial(read_raw_content, s3, bucket, parameter_file)
    content = settled_content(read, remaining_milliseconds) if is_drop else read()
    preparations = Preparations(s3, boto3.client("glue"), os.environ["RAW_DATABASE_NAME"], parameter_file)
    try:
        start = start_once(
            boto3.client("stepfunctions"),
            os.environ["STATE_MACHINE_ARN"],
            content.fingerprint,
            asking,
            lambda run: preparations.document(content, asking[-1], run),
        )
    except NothingNew as reason:
        return {"Started": False, "Reason": str(reason)}
    logger.info("Preparation", extra={"run": start.run, "started": start.is_new, "events": len(asking)})
    return {"Started": start.is_new, "Run": start.run, "ExecutionArn": start.arn}
