"""Explainabilities: how much each attribute raises or lowers the forecasts of a predictor, or of one forecast."""

from datetime import datetime
from typing import cast

from forecast_contract.domains import DOMAINS
from forecast_service.panel.series_limits import MOST_EXPLAINED_SERIES
from forecast_service.records.arn import kind_of
from forecast_service.records.errors import InvalidInputException, shown
from forecast_service.records.facts import ForecastFacts
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources import predictor_explainability
from forecast_service.resources.forecast import timestamp_in
from forecast_service.resources.predictor import forecast_dimensions, is_auto
from forecast_service.resources.request_rules.time_series_selector import check_identifiers
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    active,
    nothing_more,
    require_active,
    status_filter,
)
from forecast_service.resources.training_data import data_inputs, imports_of

_ACTION = "create the explainability"
_SERIES = ("TimeSeriesGranularity", ("DataSource", "Schema"))
_POINTS = ("TimePointGranularity", ("StartDateTime", "EndDateTime"))


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """Of a predictor as a whole, or of some series and time points of a forecast that an auto predictor made."""
    defaults: JsonObject = {"EnableVisualization": False}
    request = defaults | request
    of_forecast = kind_of(request["ResourceArn"]) == "forecast"
    explained = context.get("forecast" if of_forecast else "predictor", request["ResourceArn"])
    require_active(explained, _ACTION)
    predictor = context.get("predictor", explained.parents["predictor"]) if of_forecast else explained
    if not is_auto(predictor):
        raise InvalidInputException(f"{explained.arn} is not of an AutoPredictor, and cannot be explained")
    predictor_explainability.check_attributes(predictor, "An explainability")
    for granularity, fields in (_SERIES, _POINTS):
        _check_granularity(request, granularity, fields, explained)
    if of_forecast:
        _check_series(context, request, explained, predictor)
        _check_points(request, explained)
    else:
        predictor_explainability.refuse_second(context, predictor)
    imports = predictor_explainability.imports_still_there(context, explained)
    record = context.new_record("explainability", request["ExplainabilityName"], request)
    record.parents = {explained.kind: explained.arn}
    record.inputs = data_inputs(imports_of(explained))
    return Draft(record, [active(used) for used in (explained, *imports)])


def _check_granularity(request: JsonObject, granularity: str, fields: tuple[str, ...], explained: Record) -> None:
    """Members that choose come with SPECIFIC and only with it; a predictor is explained as a whole."""
    choice = request["ExplainabilityConfig"][granularity]
    if choice == "ALL":
        given = [field for field in fields if field in request]
        if given:
            raise InvalidInputException(f"{given[0]} is given, and {granularity} is ALL: it chooses nothing")
        return
    if explained.kind == "predictor":
        raise InvalidInputException(f"{granularity} of a predictor's explainability must be ALL; found {choice}")
    missing = [field for field in fields if field not in request]
    if missing:
        raise InvalidInputException(f"{granularity} is {choice}, which needs {missing[0]}")


def _check_series(context: RequestContext, request: JsonObject, forecast: Record, predictor: Record) -> None:
    """The schema of chosen series; where all are wanted, how many the forecast has."""
    if "Schema" in request:
        group = context.get("dataset_group", forecast.parents["dataset_group"])
        key_names = [DOMAINS[group.request["Domain"]].identifier, *forecast_dimensions(predictor)]
        check_identifiers(request, key_names)
        return
    count = cast(ForecastFacts, forecast.facts)["series_count"]
    if count > MOST_EXPLAINED_SERIES:
        found = f"{forecast.arn} has {count} series, and at most {MOST_EXPLAINED_SERIES} are explained at a time"
        raise InvalidInputException(f"TimeSeriesGranularity is ALL: {found}; choose some with SPECIFIC")


def _check_points(request: JsonObject, forecast: Record) -> None:
    start, end = (timestamp_in(request, field) for field in ("StartDateTime", "EndDateTime"))
    if start is None or end is None:
        return
    if start > end:
        raise InvalidInputException(f"StartDateTime {shown(request['StartDateTime'])} is after EndDateTime")
    facts = cast(ForecastFacts, forecast.facts)
    first, last = map(datetime.fromisoformat, (facts["first_timestamp"], facts["last_timestamp"]))
    if start > last or end < first:
        horizon = f"the forecast reaches from {first.isoformat()} to {last.isoformat()}"
        found = f"found {shown(request['StartDateTime'])} to {shown(request['EndDateTime'])}"
        raise InvalidInputException(f"StartDateTime and EndDateTime hold no time point: {found}, {horizon}")


def explained_arn(explainability: Record) -> str:
    """The predictor or forecast that is explained."""
    return str(explainability.request["ResourceArn"])


KIND = ResourceKind(
    name="explainability",
    noun="Explainability",
    plural="Explainabilities",
    creates={"CreateExplainability": draft},
    describes={"DescribeExplainability": nothing_more},
    filters={"ResourceArn": explained_arn, "Status": status_filter},
)
