"""Put the latest forecast right after publishing failed: the run before is in its place again, or the new one whole."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.publishing.outputs.glue_tables import Catalog, CatalogTables
from forecast_pipeline.publishing.outputs.latest_forecast import LatestForecast
from forecast_pipeline.publishing.outputs.replacement import Replacement
from forecast_pipeline.runs.run_document import EndedRun

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take the document of a run whose publishing failed; return what goes to ``$.Restored``."""
    run = EndedRun.model_validate(event).Run
    catalog = Catalog(os.environ["DATABASE_NAME"], os.environ["STACK_NAME"], run.Bucket)
    latest = LatestForecast(boto3.client("s3"), run.Bucket)
    restored = Replacement(latest, CatalogTables(boto3.client("glue"), catalog)).restore(run.Id)
    logger.info("The latest forecast after a failure", extra=restored.model_dump())
    return restored.model_dump()
