"""Export the forecast, and the backtests that tell how accurate it is, to the data bucket."""

import os
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import create_unless_exists, forecast_client, require_active, sibling_arn
from forecast_pipeline.run_names import tagged

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
            _request(event, forecast, {"ForecastExportJobName": forecast["Name"], "ForecastArn": event["ForecastArn"]}),
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
    require_active(exports)
    return {"Forecast": forecast_arn, "Backtest": backtest_arn}


def _predictor_name(event: dict[str, Any]) -> str:
    predictor = event.get("AutoPredictor") or event["Predictor"]
    return str(predictor["PredictorName"])


def _request(event: dict[str, Any], export: dict[str, str], identity: dict[str, str]) -> dict[str, Any]:
    destination = {"S3Config": {"Path": export["Path"], "RoleArn": os.environ["DATA_ROLE_ARN"]}}
    return tagged(identity | {"Destination": destination}, event["Names"]["Forecast"], event["Run"]["Id"])
