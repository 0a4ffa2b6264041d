"""Exports of a forecast to the caller's bucket."""

from forecast_service.records.record import JsonObject
from forecast_service.resources.request_rules.export import draft_below
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    nothing_more,
    parent_filter,
    status_filter,
)


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """The forecast has to be ACTIVE."""
    forecast = context.get("forecast", request["ForecastArn"])
    return draft_below(context, request, "forecast_export_job", request["ForecastExportJobName"], forecast)


KIND = ResourceKind(
    name="forecast_export_job",
    noun="ForecastExportJob",
    plural="ForecastExportJobs",
    creates={"CreateForecastExportJob": draft},
    describes={"DescribeForecastExportJob": nothing_more},
    parent_in_arn="forecast",
    filters={"ForecastArn": parent_filter("forecast"), "Status": status_filter},
)
