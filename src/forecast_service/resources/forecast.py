"""Forecasts of all items of a dataset group, and the query of one of them."""

import re
from datetime import date, datetime, time
from typing import cast

from forecast_contract.domains import DOMAINS
from forecast_service.records.errors import InvalidInputException, InvalidNextTokenException, shown
from forecast_service.records.kinds import KINDS
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.predictor import forecast_dimensions, is_auto
from forecast_service.resources.request_rules import forecast_types
from forecast_service.resources.request_rules.time_series_selector import check_selector
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    active,
    parent_filter,
    require_active,
    status_filter,
)
from forecast_service.resources.training_data import training_data

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]00:00)?", re.ASCII)
_END_OF_DAY = time(23, 59, 59)


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """A forecast is made from the newest data of the group, which may be newer than what the predictor learnt from."""
    predictor = context.get("predictor", request["PredictorArn"])
    require_active(predictor, "create the forecast")
    request = {"ForecastTypes": predictor.request["ForecastTypes"]} | request
    forecast_types.check_forecast_types(request["ForecastTypes"])
    data = training_data(context, predictor.parents["dataset_group"], "create the forecast")
    check_selector(request, [DOMAINS[data.target.request["Domain"]].identifier, *forecast_dimensions(predictor)])
    record = context.new_record("forecast", request["ForecastName"], request)
    record.parents = {"predictor": predictor.arn, "dataset_group": data.group.arn}
    record.inputs = {**data.inputs(), "is_auto_predictor": is_auto(predictor)}
    return Draft(record, [active(used) for used in (predictor, *data.datasets.values(), *data.imports.values())])


def describe(_context: RequestContext, forecast: Record) -> JsonObject:
    return {"DatasetGroupArn": forecast.parents["dataset_group"]}


def summary(context: RequestContext, forecast: Record) -> JsonObject:
    return describe(context, forecast) | {"CreatedUsingAutoPredictor": forecast.inputs["is_auto_predictor"]}


def query(context: RequestContext, request: JsonObject) -> JsonObject:
    """QueryForecast: the forecast of one series, or a part of it."""
    return predictions(context.get("forecast", request["ForecastArn"]), request)


def predictions(forecast: Record, request: JsonObject) -> JsonObject:
    """The answer to a query of a forecast, or of a what-if forecast."""
    require_active(forecast, f"query the {KINDS[forecast.kind].noun}")
    if "NextToken" in request:  # the answer holds the whole range, and never such a token
        raise InvalidNextTokenException("NextToken is not one that a query gave")
    start, end = timestamp_in(request, "StartDate"), timestamp_in(request, "EndDate", day=_END_OF_DAY)
    if start and end and start > end:
        raise InvalidInputException(
            f"StartDate {shown(request['StartDate'])} is after EndDate {shown(request['EndDate'])}"
        )
    # Imported here: only a query reads data, and so only a query loads the database.
    from forecast_service.storage.forecast_query import query_forecast  # noqa: PLC0415

    predictions = query_forecast(forecast, request["Filters"], start, end)
    return {"Forecast": {"Predictions": cast(JsonObject, predictions)}}


def timestamp_in(request: JsonObject, field: str, day: time = time.min) -> datetime | None:
    """The time that a field gives; None where it is left out. Raises InvalidInputException for another form.

    The time has no zone: it is that of the data, also where programs write a Z behind it. Of a day alone, ``day`` is
    the time that is meant.
    """
    if field not in request:
        return None
    found = request[field]
    try:
        if _DAY.fullmatch(found):
            return datetime.combine(date.fromisoformat(found), day)
        if _TIME.fullmatch(found):
            return datetime.fromisoformat(found).replace(tzinfo=None)
    except ValueError:  # such as 2015-02-30
        pass
    wanted = "yyyy-MM-ddTHH:mm:ss, such as 2015-01-01T20:00:00, or yyyy-MM-dd"
    raise InvalidInputException(f"{field} is {shown(repr(found))}, and must have the form {wanted}")


KIND = ResourceKind(
    name="forecast",
    noun="Forecast",
    plural="Forecasts",
    creates={"CreateForecast": draft},
    describes={"DescribeForecast": describe},
    summary=summary,
    deleted_with_it=("forecast_export_job",),
    filters={
        "DatasetGroupArn": parent_filter("dataset_group"),
        "PredictorArn": parent_filter("predictor"),
        "Status": status_filter,
    },
    operations={"QueryForecast": query},
)
