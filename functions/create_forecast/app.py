"""Forecast every item with the trained predictor."""

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import create_unless_exists, forecast_client, require_active, sibling_arn
from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.runs.run_document import WithPredictor
from forecast_pipeline.runs.run_names import tagged

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> str:
    document, client = WithPredictor.model_validate(event), forecast_client()
    request = document.Forecast.as_given() | {"PredictorArn": document.PredictorArn}
    arn = sibling_arn(document.PredictorArn, "forecast", document.Forecast.ForecastName)
    description = create_unless_exists(
        client.describe_forecast,
        {"ForecastArn": arn},
        client.create_forecast,
        tagged(request, document.Names.Forecast, document.Run.Id, document.Run.Bucket),
    )
    require_active({arn: description})
    return arn
