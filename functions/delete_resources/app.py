"""Delete what runs of this pipeline made in the service and no longer need; files in S3 stay.

PerformDelete true: what this run made. Always: what was made by runs older than the newest ``Pipeline.KeepRuns`` that
published a forecast, and datasets of this pipeline under names that params.json no longer has. What a monitor still
needs to measure an earlier forecast stays until it has.
"""

from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import forecast_client
from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.published_runs import published_runs
from forecast_pipeline.retention.awaited_evaluations import without_awaited
from forecast_pipeline.retention.run_resources import delete, expired_runs, read_run_resources
from forecast_pipeline.retention.unused_datasets import datasets_made_by_run, unused_datasets
from forecast_pipeline.runs.run_document import WithDatasets
from forecast_pipeline.runs.run_names import is_as_of

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    document, client = WithDatasets.model_validate(event), forecast_client()
    resources = read_run_resources(client, document)
    published = published_runs(boto3.client("s3"), document.Run.Bucket)
    expired = expired_runs(resources, document, published)
    in_use = delete(without_awaited(client, document, resources, expired, published).levels)
    if not is_as_of(document.Run.Id):  # its datasets have names of their own: it does not know which are in use
        in_use += delete(unused_datasets(client, document))
    if document.PerformDelete:
        in_use += delete(datasets_made_by_run(client, document))
    if in_use:
        logger.warning("Still in use, not deleted", extra={"arns": in_use})
    return {"InUse": in_use}
