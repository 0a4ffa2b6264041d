"""Export the forecast, the backtests that tell how accurate it is, and, if asked for, what it was made by."""

import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_contract.exports import IDS_AS_GIVEN_TAG, ITEM_MODELS_TAG
from forecast_language import said
from forecast_pipeline import (
    ResourceFailed,
    ResourcePending,
    create_unless_exists,
    forecast_client,
    require_active,
    sibling_arn,
)
from forecast_pipeline.forecast_resources import Description, create_or_find, find, passing_errors
from forecast_pipeline.runs.run_document import WithForecast
from forecast_pipeline.runs.run_names import tagged
from forecast_pipeline.runs.run_requests import Export

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    document = WithForecast.model_validate(event)
    exports = {"Forecast": _forecast_export(document), "Backtest": _backtest_export(document)}
    if document.Exports.Explainability is not None:
        exports["Explainability"] = _explainability_export(document, document.Exports.Explainability)
    require_active(dict(exports.values()))
    return {name: arn for name, (arn, _) in exports.items()}


def _forecast_export(document: WithForecast) -> tuple[str, Description]:
    """The ARN and the description of the forecast's export, created if it was not there."""
    client, export = forecast_client(), document.Exports.Forecast
    arn = sibling_arn(document.ForecastArn, "forecast-export-job", document.Forecast.ForecastName, export.Name)
    identity = {
        "ForecastExportJobName": export.Name,
        "ForecastArn": document.ForecastArn,
        "Tags": [ITEM_MODELS_TAG, IDS_AS_GIVEN_TAG],
    }
    return arn, create_unless_exists(
        client.describe_forecast_export_job,
        {"ForecastExportJobArn": arn},
        client.create_forecast_export_job,
        _request(document, export, identity),
    )


def _backtest_export(document: WithForecast) -> tuple[str, Description]:
    """The ARN has the bare name of the predictor, though an auto predictor's own ARN ends in an id besides."""
    client, export = forecast_client(), document.Exports.Backtest
    predictor_name = document.predictor.PredictorName
    arn = sibling_arn(document.PredictorArn, "predictor-backtest-export-job", predictor_name, export.Name)
    identity = {
        "PredictorBacktestExportJobName": export.Name,
        "PredictorArn": document.PredictorArn,
        "Tags": [IDS_AS_GIVEN_TAG],
    }
    return arn, create_unless_exists(
        client.describe_predictor_backtest_export_job,
        {"PredictorBacktestExportJobArn": arn},
        client.create_predictor_backtest_export_job,
        _request(document, export, identity),
    )


def _explainability_export(document: WithForecast, export: Export) -> tuple[str, Description]:
    """The export of the explainability that came with the predictor; its ARN has a form of the service's own."""
    client = forecast_client()
    predictor = _described(client.describe_auto_predictor, PredictorArn=document.PredictorArn)
    if "ExplainabilityInfo" not in predictor:
        raise ResourceFailed(
            said("{predictor} has no explainability, though ExplainPredictor is true.", predictor=document.PredictorArn)
        )
    explainability_arn = predictor["ExplainabilityInfo"]["ExplainabilityArn"]
    require_active(
        {explainability_arn: _described(client.describe_explainability, ExplainabilityArn=explainability_arn)}
    )
    identity = {"ExplainabilityExportName": export.Name, "ExplainabilityArn": explainability_arn}
    arn = create_or_find(client.create_explainability_export, _request(document, export, identity))
    return arn, _described(client.describe_explainability_export, ExplainabilityExportArn=arn)


def _described(describe: Callable[..., Any], **identity: str) -> Description:
    description = find(describe, **identity)
    if description is None:
        raise ResourcePending(f"{next(iter(identity.values()))} cannot be described yet")
    return description


def _request(document: WithForecast, export: Export, identity: dict[str, Any]) -> dict[str, Any]:
    destination = {"S3Config": {"Path": export.Path, "RoleArn": os.environ["DATA_ROLE_ARN"]}}
    return tagged(
        identity | {"Destination": destination}, document.Names.Forecast, document.Run.Id, document.Run.Bucket
    )
