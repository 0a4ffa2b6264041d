"""What-if analyses: a forecast as the baseline of scenarios, for all of its series or some."""

from forecast_contract.domains import DOMAINS, RELATED_TIME_SERIES
from forecast_service.records.arn import ulid
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.predictor import forecast_dimensions
from forecast_service.resources.request_rules.time_series_selector import check_selector
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    active,
    arn_filter,
    nothing_more,
    parent_filter,
    require_active,
    status_filter,
)

_ACTION = "create the what-if analysis"


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """The forecast has to be ACTIVE, and made by an AutoPredictor that has learnt from related time series."""
    forecast = context.get("forecast", request["ForecastArn"])
    require_active(forecast, _ACTION)
    predictor = context.get("predictor", forecast.parents["predictor"])
    _check_baseline(forecast, predictor)
    group = context.get("dataset_group", forecast.parents["dataset_group"])
    check_selector(request, [DOMAINS[group.request["Domain"]].identifier, *forecast_dimensions(predictor)])
    record = context.new_record("what_if_analysis", request["WhatIfAnalysisName"], request, parent=forecast)
    record.arn = f"{record.arn}_{ulid()}"
    record.parents = {"forecast": forecast.arn}
    return Draft(record, [active(forecast)])


def _check_baseline(forecast: Record, predictor: Record) -> None:
    if not forecast.inputs["is_auto_predictor"]:
        reason = f"{predictor.arn} is a legacy predictor, and only forecasts of an AutoPredictor can be a baseline"
        raise InvalidInputException(f"Cannot {_ACTION}: {reason}")
    for record in (predictor, forecast):
        if RELATED_TIME_SERIES not in record.inputs:
            reason = (
                f"{record.arn} was made without data of a {RELATED_TIME_SERIES} dataset, which a scenario would change"
            )
            raise InvalidInputException(f"Cannot {_ACTION}: {reason}")


KIND = ResourceKind(
    name="what_if_analysis",
    noun="WhatIfAnalysis",
    plural="WhatIfAnalyses",
    creates={"CreateWhatIfAnalysis": draft},
    describes={"DescribeWhatIfAnalysis": nothing_more},
    can_be_stopped=False,
    parent_in_arn="forecast",
    deleted_with_it=("what_if_forecast",),
    filters={"WhatIfAnalysisArn": arn_filter, "ForecastArn": parent_filter("forecast"), "Status": status_filter},
)
