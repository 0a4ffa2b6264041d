"""Exports of a forecast to the caller's bucket."""

from forecast_service.resources.export import draft_below
from forecast_service.resources.kind import (
    ControlPlane,
    Document,
    Draft,
    ResourceKind,
    nothing_more,
    parent_filter,
    status_filter,
)


def draft(control_plane: ControlPlane, request: Document) -> Draft:
    """The forecast has to be ACTIVE."""
    forecast = control_plane.get("forecast", request["ForecastArn"])
    return draft_below(control_plane, request, "forecast_export_job", request["ForecastExportJobName"], forecast)


KIND = ResourceKind(
    kind="forecast_export_job",
    noun="ForecastExportJob",
    plural="ForecastExportJobs",
    creates={"CreateForecastExportJob": draft},
    describes={"DescribeForecastExportJob": nothing_more},
    parent_in_arn="forecast",
    filters={"ForecastArn": parent_filter("forecast"), "Status": status_filter},
)
