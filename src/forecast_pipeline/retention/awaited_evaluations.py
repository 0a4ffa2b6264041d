"""Which old resources stay since a monitor has not measured its forecast yet.

A monitor measures a forecast once the values of its last step have been imported. It needs itself and its predictor for
that; the service keeps the values of a forecast that is deleted before.
"""

from collections.abc import Container, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from forecast_contract.periods import period_end
from forecast_pipeline.forecast_resources import find, step_errors
from forecast_pipeline.retention.run_resources import Resource, RunResources
from forecast_pipeline.runs.run_document import WithDatasets

if TYPE_CHECKING:
    from mypy_boto3_forecast import ForecastServiceClient

VALUES_COME_WITHIN = timedelta(days=14)  # of the end of the forecast; what has not come by then may never come


def without_awaited(
    client: "ForecastServiceClient",
    document: WithDatasets,
    resources: RunResources,
    expired_runs: set[str],
    published: Container[str],
) -> RunResources:
    """What expired runs made, but for monitors that still wait for values, and the predictors that they watch.

    Values come where the predictor is in the dataset group that this pipeline fills. Only the forecasts of runs that
    were ``published`` are waited for, each until VALUES_COME_WITHIN its end at the latest, counted from its making to
    the newest resource.
    """
    expired = resources.of_runs(expired_runs)
    now = max((each.created for level in resources.levels for each in level), default=datetime.min)
    waited_for = [run for run in expired.runs() if run in published]
    awaited = {arn for run in waited_for for arn in _awaited(client, document, expired.of_runs({run}), now)}
    return RunResources(tuple(tuple(each for each in level if each.arn not in awaited) for level in expired.levels))


def _awaited(
    client: "ForecastServiceClient", document: WithDatasets, of_run: RunResources, now: datetime
) -> Iterator[str]:
    _, dependents, predictors, _ = of_run.levels
    watching = [each.arn for each in dependents if ":monitor/" in each.arn and each.status == "ACTIVE"]
    if watching and not any(_has_measured(client, arn) for arn in watching):
        for predictor in predictors:
            if _may_be_measured(client, document, predictor, now):
                yield from (predictor.arn, *watching)


def _has_measured(client: "ForecastServiceClient", monitor: str) -> bool:
    with step_errors():
        answer = client.list_monitor_evaluations(
            MonitorArn=monitor, Filters=[{"Key": "EvaluationState", "Value": "SUCCESS", "Condition": "IS"}]
        )
    return bool(answer["PredictorMonitorEvaluations"])


def _may_be_measured(
    client: "ForecastServiceClient", document: WithDatasets, predictor: Resource, now: datetime
) -> bool:
    """Whether this pipeline still imports into the predictor's datasets, and its forecast ended not long ago."""
    described = find(client.describe_auto_predictor, PredictorArn=predictor.arn)
    if described is None or described["DataConfig"]["DatasetGroupArn"] != document.Arns.DatasetGroupArn:
        return False
    horizon, frequency = described["ForecastHorizon"], described["ForecastFrequency"]
    return now < period_end(predictor.created, frequency, horizon) + VALUES_COME_WITHIN
