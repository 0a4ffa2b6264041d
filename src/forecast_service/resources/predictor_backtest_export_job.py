"""Exports of a predictor's backtest: the values of each item in each window, and the metrics of each item."""

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
    """The predictor has to be ACTIVE. The ARN has its name, without the ULID of an auto predictor."""
    predictor = context.get("predictor", request["PredictorArn"])
    return draft_below(
        context, request, "predictor_backtest_export_job", request["PredictorBacktestExportJobName"], predictor
    )


KIND = ResourceKind(
    name="predictor_backtest_export_job",
    noun="PredictorBacktestExportJob",
    plural="PredictorBacktestExportJobs",
    creates={"CreatePredictorBacktestExportJob": draft},
    describes={"DescribePredictorBacktestExportJob": nothing_more},
    parent_in_arn="predictor",
    filters={"PredictorArn": parent_filter("predictor"), "Status": status_filter},
)
