"""Predictors, auto and legacy: what is described, listed and measured of both."""

from forecast_service.records.errors import InvalidInputException, ResourceNotFoundException
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources import predictor_auto, predictor_explainability, predictor_legacy, predictor_monitor
from forecast_service.resources.request_rules.optimization_metric import OPTIMIZATION_METRIC
from forecast_service.resources.resource_kind import (
    RequestContext,
    ResourceKind,
    parent_filter,
    require_active,
    status_filter,
)
from forecast_service.resources.training_data import imports_of


def is_auto(predictor: Record) -> bool:
    """Whether CreateAutoPredictor made it: the two operations name its data differently."""
    return "DataConfig" in predictor.request


def forecast_dimensions(predictor: Record) -> list[str]:
    """What tells series of one item apart, of a predictor of either kind."""
    request = predictor.request
    dimensions: list[str] = request.get("FeaturizationConfig", request).get("ForecastDimensions", [])
    return dimensions


def describe_legacy(_context: RequestContext, predictor: Record) -> JsonObject:
    """DescribePredictor. Clients tell the kinds of predictors apart by its refusal."""
    if is_auto(predictor):
        raise InvalidInputException(f"{predictor.arn} is an AutoPredictor: use DescribeAutoPredictor")
    return {"IsAutoPredictor": False, "DatasetImportJobArns": list(imports_of(predictor).values())}


def describe_auto(context: RequestContext, predictor: Record) -> JsonObject:
    """DescribeAutoPredictor."""
    if not is_auto(predictor):
        raise InvalidInputException(f"{predictor.arn} is no AutoPredictor: use DescribePredictor")
    dependents = predictor_explainability.info(context, predictor)
    dependents |= predictor_monitor.info(context, predictor)
    fields = {"DatasetImportJobArns": list(imports_of(predictor).values())} | dependents
    return fields | _reference_summary(context, predictor)


def _reference_summary(context: RequestContext, predictor: Record) -> JsonObject:
    arn = predictor.request.get("ReferencePredictorArn")
    if arn is None:
        return {}
    try:
        context.get("predictor", arn)
    except ResourceNotFoundException:
        return {"ReferencePredictorSummary": {"Arn": arn, "State": "Deleted"}}
    return {"ReferencePredictorSummary": {"Arn": arn, "State": "Active"}}


def summary(context: RequestContext, predictor: Record) -> JsonObject:
    """Clients compare IsAutoPredictor with false: it is there for legacy predictors too."""
    fields = {"IsAutoPredictor": is_auto(predictor), "DatasetGroupArn": predictor.parents["dataset_group"]}
    return fields | _reference_summary(context, predictor)


def get_accuracy_metrics(context: RequestContext, request: JsonObject) -> JsonObject:
    """What the backtest measured, as the job left it."""
    predictor = context.get("predictor", request["PredictorArn"])
    require_active(predictor, "get accuracy metrics")
    strategy = predictor.request.get("AutoMLOverrideStrategy")
    fields = {} if strategy is None else {"AutoMLOverrideStrategy": strategy}
    return fields | {
        "PredictorEvaluationResults": predictor.outcome["PredictorEvaluationResults"],
        "IsAutoPredictor": is_auto(predictor),
        "OptimizationMetric": predictor.request.get("OptimizationMetric", OPTIMIZATION_METRIC),
    }


KIND = ResourceKind(
    name="predictor",
    noun="Predictor",
    plural="Predictors",
    creates={"CreateAutoPredictor": predictor_auto.draft, "CreatePredictor": predictor_legacy.draft},
    describes={"DescribeAutoPredictor": describe_auto, "DescribePredictor": describe_legacy},
    summary=summary,
    filters={"DatasetGroupArn": parent_filter("dataset_group"), "Status": status_filter},
    operations={"GetAccuracyMetrics": get_accuracy_metrics},
)
