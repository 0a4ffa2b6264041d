"""What the monitors of this pipeline's predictors found: the service's own evaluations of earlier forecasts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from forecast_pipeline.forecast_resources import ResourceFailed, step_errors
from forecast_pipeline.publishing.outputs.latest_forecast import LatestForecast
from forecast_pipeline.runs.published import MonitorEvaluation
from forecast_pipeline.runs.run_document import RunDocument
from forecast_pipeline.runs.run_names import is_as_of, run_name, run_of

if TYPE_CHECKING:
    from mypy_boto3_forecast import ForecastServiceClient
    from mypy_boto3_forecast.type_defs import PredictorMonitorEvaluationTypeDef

MOST_TOLD = 12
LOSS, WAPE = "AverageWeightedQuantileLoss", "WAPE"  # as the service calls them


def newest_evaluations(
    client: "ForecastServiceClient", latest: LatestForecast, document: RunDocument
) -> tuple[list[MonitorEvaluation], str | None]:
    """The newest evaluation of each monitor of the runs in this bucket, or why there is none to be had.

    The service is asked nothing where params.json names no monitor, nor by a run as of an old date, which is to know
    nothing of what came since. Raises ResourcePending and ServiceUnreachable for what passes with time.
    """
    config = document.predictor.as_given().get("MonitorConfig")
    if config is None or is_as_of(document.Run.Id):
        return [], None
    name = config["MonitorName"].removesuffix(run_name("", document.Run.Id))
    try:
        with step_errors():
            monitors = [*_monitors(client, name, latest, document.DatasetGroup.DatasetGroupName)]
            newest = [each for arn in monitors if (each := _newest(client, arn))]
            newest.sort(key=lambda each: each["WindowEndDatetime"], reverse=True)
            return [_told(client, each) for each in newest[:MOST_TOLD]], None
    except ResourceFailed as refusal:
        return [], str(refusal)


def _monitors(client: "ForecastServiceClient", name: str, latest: LatestForecast, dataset_group: str) -> Iterator[str]:
    """The monitors that are called ``name`` and a run, which forecast for this bucket and dataset group."""
    for page in client.get_paginator("list_monitors").paginate():
        for monitor in page["Monitors"]:
            run = run_of(monitor["MonitorName"])
            if run and run_name(name, run) == monitor["MonitorName"]:
                mark = latest.mark_of(run)
                if mark and mark.get("DatasetGroup") == dataset_group:
                    yield monitor["MonitorArn"]


def _newest(client: "ForecastServiceClient", monitor: str) -> "PredictorMonitorEvaluationTypeDef | None":
    """The evaluation of the latest forecast; None where none has ended well."""
    pages = client.get_paginator("list_monitor_evaluations").paginate(
        MonitorArn=monitor, Filters=[{"Key": "EvaluationState", "Value": "SUCCESS", "Condition": "IS"}]
    )
    evaluations = [each for page in pages for each in page["PredictorMonitorEvaluations"]]
    return max(evaluations, key=lambda each: each["WindowEndDatetime"], default=None)


def _told(client: "ForecastServiceClient", evaluation: "PredictorMonitorEvaluationTypeDef") -> MonitorEvaluation:
    described = client.describe_monitor(MonitorArn=evaluation["MonitorArn"])
    at_training = described.get("Baseline", {}).get("PredictorBaseline", {}).get("BaselineMetrics", [])
    measured = {each["MetricName"]: each["MetricValue"] for each in evaluation["MetricResults"]}
    return MonitorEvaluation(
        Monitor=described["MonitorName"],
        Evaluated=_utc(evaluation["EvaluationTime"]),
        First=_utc(evaluation["WindowStartDatetime"]),
        Last=_utc(evaluation["WindowEndDatetime"]),
        Items=evaluation["NumItemsEvaluated"],
        AverageWeightedQuantileLoss=measured.get(LOSS),
        WAPE=measured.get(WAPE),
        BaselineAverageWeightedQuantileLoss={each["Name"]: each["Value"] for each in at_training}.get(LOSS),
    )


def _utc(moment: datetime) -> str:
    """The timestamps of data have no zone, and reach boto3 as seconds of UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
