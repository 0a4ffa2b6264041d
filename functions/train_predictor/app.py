"""Train a predictor on the dataset group: Amazon's AutoPredictor, or the legacy request that older params.json hold."""

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import create_unless_exists, forecast_client, require_active, sibling_arn
from forecast_pipeline.forecast_resources import create_or_find, find, passing_errors, step_errors
from forecast_pipeline.runs.run_document import WithDatasets
from forecast_pipeline.runs.run_names import tagged

if TYPE_CHECKING:
    from mypy_boto3_forecast.type_defs import FilterTypeDef

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> str:
    document = WithDatasets.model_validate(event)
    name, request = document.predictor.PredictorName, document.predictor.as_given()
    data_member = "InputDataConfig" if document.AutoPredictor is None else "DataConfig"
    group_arn = document.Arns.DatasetGroupArn
    request[data_member] = request.get(data_member, {}) | {"DatasetGroupArn": group_arn}
    create = _legacy_predictor if document.AutoPredictor is None else _auto_predictor
    return create(name, group_arn, tagged(request, document.Names.Predictor, document.Run.Id, document.Run.Bucket))


def _auto_predictor(name: str, group_arn: str, request: dict[str, Any]) -> str:
    """Its ARN ends in an id of the service's own, so it is found by its name."""
    client = forecast_client()
    arn = _auto_predictor_named(name, group_arn)
    if arn is None:
        arn = create_or_find(client.create_auto_predictor, request)
    require_active({arn: find(client.describe_auto_predictor, PredictorArn=arn) or {"Status": "CREATE_PENDING"}})
    return arn


def _auto_predictor_named(name: str, group_arn: str) -> str | None:
    filters: list[FilterTypeDef] = [{"Key": "DatasetGroupArn", "Value": group_arn, "Condition": "IS"}]
    with step_errors():
        for page in forecast_client().get_paginator("list_predictors").paginate(Filters=filters):
            for predictor in page["Predictors"]:
                if predictor["PredictorName"] == name:
                    return str(predictor["PredictorArn"])
    return None


def _legacy_predictor(name: str, group_arn: str, request: dict[str, Any]) -> str:
    client = forecast_client()
    arn = sibling_arn(group_arn, "predictor", name)
    description = create_unless_exists(
        client.describe_predictor, {"PredictorArn": arn}, client.create_predictor, request
    )
    require_active({arn: description})
    return arn
