"""Exports of what-if forecasts, beside their baseline, to the caller's bucket."""

from collections.abc import Sequence

from forecast_service.records.arn import ulid
from forecast_service.records.errors import InvalidInputException, LimitExceededException
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.request_rules.export import with_defaults
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    active,
    arn_filter,
    nothing_more,
    require_active,
    status_filter,
)
from forecast_service.what_if.export_columns import BASELINE

_MOST_FORECASTS = 3  # Amazon's quota, which cannot be raised


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """The forecasts have to be ACTIVE, and scenarios of one analysis: they share a baseline and its series."""
    request = with_defaults(request)
    arns = request["WhatIfForecastArns"]
    if len(arns) > _MOST_FORECASTS:
        raise LimitExceededException(f"Quota limit of {_MOST_FORECASTS} what-if forecasts per export has been reached")
    forecasts = [context.get("what_if_forecast", arn) for arn in arns]
    for forecast in forecasts:
        require_active(forecast, "export the what-if forecast")
    _check_together(forecasts)
    name = request["WhatIfForecastExportName"]
    record = context.new_record("what_if_forecast_export", name, request, parent=forecasts[0])
    record.arn = f"{record.arn}_{ulid()}"
    record.parents = {"what_if_forecast": forecasts[0].arn}
    return Draft(record, [active(forecast) for forecast in forecasts])


def _check_together(forecasts: Sequence[Record]) -> None:
    """Refuse forecasts of several analyses, and names that would give two columns one name."""
    first, *others = forecasts
    for other in others:
        if other.parents["what_if_analysis"] != first.parents["what_if_analysis"]:
            reason = f"{other.arn} and {first.arn} are scenarios of different analyses"
            raise InvalidInputException(f"WhatIfForecastArns: {reason}; an export holds those of one")
    names = [BASELINE, *(forecast.name for forecast in forecasts)]
    lower = [name.lower() for name in names]
    for name in names:
        if lower.count(name.lower()) > 1:
            reason = f"two columns would be called after {name}, whose case does not matter"
            raise InvalidInputException(f"WhatIfForecastArns: {reason}")


def names_in_arn(context: RequestContext, request: JsonObject) -> Sequence[str]:
    """What precedes the name: that of the first forecast."""
    return (context.get("what_if_forecast", request["WhatIfForecastArns"][0]).name,)


KIND = ResourceKind(
    name="what_if_forecast_export",
    noun="WhatIfForecastExport",
    plural="WhatIfForecastExports",
    creates={"CreateWhatIfForecastExport": draft},
    describes={"DescribeWhatIfForecastExport": nothing_more},
    can_be_stopped=False,
    names_in_arn=names_in_arn,
    filters={"WhatIfForecastExportArn": arn_filter, "Status": status_filter},
)
