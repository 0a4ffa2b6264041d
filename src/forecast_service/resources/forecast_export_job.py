"""Exports of a forecast to the caller's bucket."""

from forecast_service.resources.destination import with_defaults
from forecast_service.resources.kind import (
    ControlPlane,
    Document,
    Draft,
    ResourceKind,
    active,
    nothing_more,
    parent_filter,
    require_active,
    status_filter,
)


def draft(control_plane: ControlPlane, request: Document) -> Draft:
    """The forecast has to be ACTIVE."""
    request = with_defaults(request)
    forecast = control_plane.get("forecast", request["ForecastArn"])
    require_active(forecast, "export the forecast")
    record = control_plane.new_record("forecast_export_job", request["ForecastExportJobName"], request, parent=forecast)
    record.parents = {"forecast": forecast.arn}
    return Draft(record, [active(forecast)])


KIND = ResourceKind(
    kind="forecast_export_job",
    noun="ForecastExportJob",
    plural="ForecastExportJobs",
    creates={"CreateForecastExportJob": draft},
    describes={"DescribeForecastExportJob": nothing_more},
    parent_in_arn="forecast",
    filters={"ForecastArn": parent_filter("forecast"), "Status": status_filter},
)
