"""Export the forecast, the backtests that tell how accurate it is, and, if asked for, what it was made by."""

import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import (
    ResourceFailed,
    ResourcePending,
    create_unless_exists,
    forecast_client,
    require_active,
    sibling_arn,
)
from forecast_pipeline.forecast_resources import Description, create_or_find, find
from forecast_pipeline.runs.run_names import tagged

# Almanac's service then exports what made each item's forecast, too; to Amazon's it is a tag like any other.
WITH_ITEM_MODELS = {"Key": "almanac:item-models", "Value": "true"}

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    client = forecast_client()
    forecast, backtest = event["Exports"]["Forecast"], event["Exports"]["Backtest"]
    forecast_arn = sibling_arn(
        event["ForecastArn"], "forecast-export-job", event["Forecast"]["ForecastName"], forecast["Name"]
    )
    # The bare name of the predictor, though an auto predictor's own ARN ends in an id besides.
    backtest_arn = sibling_arn(
        event["PredictorArn"], "predictor-backtest-export-job", _predictor_name(event), backtest["Name"]
    )
    exports = {
        forecast_arn: create_unless_exists(
            client.describe_forecast_export_job,
            {"ForecastExportJobArn": forecast_arn},
            client.create_forecast_export_job,
            _request(
                event,
                forecast,
                {
                    "ForecastExportJobName": forecast["Name"],
                    "ForecastArn": event["ForecastArn"],
                    "Tags": [WITH_ITEM_MODELS],
                },
            ),
        ),
        backtest_arn: create_unless_exists(
            client.describe_predictor_backtest_export_job,
            {"PredictorBacktestExportJobArn": backtest_arn},
            client.create_predictor_backtest_export_job,
            _request(
                event,
                backtest,
                {"PredictorBacktestExportJobName": backtest["Name"], "PredictorArn": event["PredictorArn"]},
            ),
        ),
    }
    arns = {"Forecast": forecast_arn, "Backtest": backtest_arn}
    if "Explainability" in event["Exports"]:
        arns["Explainability"], exports[arns["Explainability"]] = _explainability_export(event)
    require_active(exports)
    return arns


def _explainability_export(event: dict[str, Any]) -> tuple[str, Description]:
    """The export of the explainability that came with the predictor; its ARN has a form of the service's own."""
    client = forecast_client()
    predictor = _described(client.describe_auto_predictor, PredictorArn=event["PredictorArn"])
    if "ExplainabilityInfo" not in predictor:
        raise ResourceFailed(f"{event['PredictorArn']} has no explainability, though ExplainPredictor is true.")
    explainability_arn = predictor["ExplainabilityInfo"]["ExplainabilityArn"]
    require_active(
        {explainability_arn: _described(client.describe_explainability, ExplainabilityArn=explainability_arn)}
    )
    export = event["Exports"]["Explainability"]
    identity = {"ExplainabilityExportName": export["Name"], "ExplainabilityArn": explainability_arn}
    arn = create_or_find(client.create_explainability_export, _request(event, export, identity))
    return arn, _described(client.describe_explainability_export, ExplainabilityExportArn=arn)


def _described(describe: Callable[..., Any], **identity: str) -> Description:
    description = find(describe, **identity)
    if description is None:
        raise ResourcePending(f"{next(iter(identity.values()))} cannot be described yet")
    return description


def _predictor_name(event: dict[str, Any]) -> str:
    predictor = event.get("AutoPredictor") or event["Predictor"]
    return str(predictor["PredictorName"])


def _request(event: dict[str, Any], export: dict[str, str], identity: dict[str, Any]) -> dict[str, Any]:
    destination = {"S3Config": {"Path": export["Path"], "RoleArn": os.environ["DATA_ROLE_ARN"]}}
    return tagged(identity | {"Destination": destination}, event["Names"]["Forecast"], event["Run"]["Id"])
