"""Exports of a predictor's backtest: the values of each item in each window, and the metrics of each item."""

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
    """The predictor has to be ACTIVE. The ARN has its name, without the ULID of an auto predictor."""
    request = with_defaults(request)
    predictor = control_plane.get("predictor", request["PredictorArn"])
    require_active(predictor, "export the backtest")
    name = request["PredictorBacktestExportJobName"]
    record = control_plane.new_record("predictor_backtest_export_job", name, request, parent=predictor)
    record.parents = {"predictor": predictor.arn}
    return Draft(record, [active(predictor)])


KIND = ResourceKind(
    kind="predictor_backtest_export_job",
    noun="PredictorBacktestExportJob",
    plural="PredictorBacktestExportJobs",
    creates={"CreatePredictorBacktestExportJob": draft},
    describes={"DescribePredictorBacktestExportJob": nothing_more},
    parent_in_arn="predictor",
    filters={"PredictorArn": parent_filter("predictor"), "Status": status_filter},
)
