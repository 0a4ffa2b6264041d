"""Delete what runs of this pipeline made in the service and no longer need; files in S3 stay.

PerformDelete true: what this run made. Always: what runs older than the newest ``Pipeline.KeepRuns`` made.
"""

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import forecast_client
from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.runs.run_document import WithDatasets
from forecast_pipeline.runs.run_resources import datasets_made_by_run, delete, expired_runs, read_run_resources

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    document, client = WithDatasets.model_validate(event), forecast_client()
    resources = read_run_resources(client, document)
    in_use = delete(resources.of_runs(expired_runs(resources, document)).levels)
    if document.PerformDelete:
        in_use += delete(datasets_made_by_run(client, document))
    if in_use:
        logger.warning("Still in use, not deleted", extra={"arns": in_use})
    return {"InUse": in_use}
