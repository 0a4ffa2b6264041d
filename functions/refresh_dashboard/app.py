"""Have QuickSight read the new forecast into SPICE: one ingestion for each data set of the dashboard."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from forecast_pipeline.forecast_resources import is_throttled, passing_errors, step_errors
from forecast_pipeline.runs.run_document import WithDashboard

logger = Logger()
tracer = Tracer()

# QuickSight takes so many ingestions of a data set a day. The next run refreshes the dashboard, so this fails none.
LIMIT = "LimitExceededException"


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take a run document whose forecast is published; return what goes to ``$.Refreshed``."""
    document = WithDashboard.model_validate(event)
    account = context.invoked_function_arn.split(":")[4]
    client = boto3.client("quicksight")
    started: list[str] = []
    not_refreshed: dict[str, str] = {}
    for data_set in document.Dashboard.data_sets:
        refusal = _start_ingestion(client, account, data_set, document.Run.Id)
        if refusal is None:
            started.append(data_set)
        else:
            not_refreshed[data_set] = refusal
    if not_refreshed:
        logger.warning("Not refreshed", extra={"data_sets": not_refreshed})
    return {"DataSets": started, "NotRefreshed": not_refreshed}


def _start_ingestion(client: Any, account: str, data_set: str, run: str) -> str | None:
    """Start the ingestion of a run, unless an earlier try has done so; returns what QuickSight says of a limit."""
    with step_errors():
        try:
            client.create_ingestion(AwsAccountId=account, DataSetId=data_set, IngestionId=run)
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
            if code == LIMIT or is_throttled(error):
                return f"{code}: {message}"
            if code != "ResourceExistsException":
                raise
    return None
