"""Make a run of the history the latest forecast: one that was held back, or an earlier one (a roll back).

A person invokes it, or the command ``almanac publish``, with ``{"Run": "9f3c1a2b7d"}``.
"""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.parser import BaseModel, parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ConfigDict

from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.publishing.outputs.glue_tables import Catalog, CatalogTables
from forecast_pipeline.publishing.outputs.kept_run import publish_kept_run
from forecast_pipeline.publishing.outputs.latest_forecast import LatestForecast

logger = Logger()
tracer = Tracer()


class Request(BaseModel):
    """``Run`` is the name of a run, as mails and ``history/clean/`` have it."""

    model_config = ConfigDict(extra="forbid")

    Run: str


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    run_id, bucket = parse(event=event, model=Request).Run, os.environ["DATA_BUCKET"]
    catalog = Catalog(os.environ["DATABASE_NAME"], os.environ["STACK_NAME"], bucket)
    tables = CatalogTables(boto3.client("glue"), catalog)
    before = publish_kept_run(LatestForecast(boto3.client("s3"), bucket), tables, run_id)
    logger.info("The latest forecast was replaced by hand", extra={"run": run_id, "before": before})
    return {"Run": run_id, "Before": before}
