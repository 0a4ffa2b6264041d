"""Put what the Glue job prepared in the place of the files in train/, related/ and metadata/."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.preparation.preparation_document import PreparationDocument
from forecast_pipeline.preparation.replacement import Replacement, SupersededError

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    replacement = Replacement(boto3.client("s3"), PreparationDocument.model_validate(event))
    try:
        count = replacement.perform()
    except SupersededError as reason:
        replacement.discard()
        logger.info("Superseded", extra={"reason": str(reason)})
        return {"Superseded": str(reason), "FileCount": 0}
    logger.info("Replaced", extra={"files": count})
    return {"Superseded": None, "FileCount": count}
