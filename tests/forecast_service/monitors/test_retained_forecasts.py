"""What is retained of a deleted forecast until its monitor has evaluated it."""

from pathlib import Path

import pytest

from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service
from tests.forecast_service.monitors.monitored import ACTUAL, WORKED, Monitored, deleted, history, metrics


@pytest.fixture
def monitored(service: Service, tmp_path: Path) -> Monitored:
    return Monitored(service, tmp_path)


@pytest.mark.parametrize("repeats_steps", [False, True])
@pytest.mark.parametrize("status", ["ACTIVE", "ACTIVE_STOPPED"])
def test_a_forecast_that_was_deleted_is_evaluated_all_the_same(
    monitored: Monitored, status: str, repeats_steps: bool
) -> None:
    service, forecast = monitored.service, monitored.forecast()
    service.records.update(monitored.monitor.arn, status=status)
    service.machine.repeats_steps = repeats_steps
    deleted(monitored, forecast)
    assert service.keys("forecast/", SERVICE_BUCKET) == []
    service.records.update(monitored.monitor.arn, status="ACTIVE")
    namesake = monitored.forecast(start=27)  # it may have the name, and is another forecast
    monitored.import_data(history() + ACTUAL, "later")
    monitored.import_data(history() + ACTUAL, "again")
    found = {evaluation.request["WindowStartDatetime"]: evaluation for evaluation in monitored.evaluations()}
    assert len(found) == len(monitored.evaluations()) == 2
    assert metrics(found[1580256000.0]) == pytest.approx(dict(WORKED), rel=1e-12)
    sources = [evaluation.request["MonitorDataSource"]["ForecastArn"] for evaluation in found.values()]
    assert sources == [forecast.arn, namesake.arn] == [forecast.arn] * 2


def test_nothing_is_retained_of_a_forecast_that_was_evaluated_or_has_no_monitor_or_no_values(
    monitored: Monitored,
) -> None:
    service, evaluated, unmonitored = monitored.service, monitored.forecast(), monitored.forecast("other")
    monitored.import_data(history() + ACTUAL, "later")
    (first, second) = monitored.evaluations()
    parents = {"predictor": monitored.predictor.arn}
    failed = service.create("forecast", "forecast/failed", "CREATE_FAILED", parents=parents)
    for forecast in (evaluated, failed):
        deleted(monitored, forecast)
    assert monitored.evaluations() == [first, second]
    assert service.keys("monitor-evaluation/", SERVICE_BUCKET) == []
    service.records.delete(monitored.monitor.arn)
    deleted(monitored, unmonitored)
    assert service.keys("monitor-evaluation/", SERVICE_BUCKET) == []


def test_what_was_retained_goes_with_the_monitor(monitored: Monitored) -> None:
    deleted(monitored, monitored.forecast())
    assert len(monitored.service.keys("monitor-evaluation/", SERVICE_BUCKET)) == 2
    deleted(monitored, monitored.monitor)
    assert monitored.service.keys("monitor-evaluation/", SERVICE_BUCKET) == []
    assert monitored.service.records.of_kind("monitor_evaluation") == []


def test_a_tree_that_takes_the_monitor_along_retains_nothing(monitored: Monitored) -> None:
    forecast, service = monitored.forecast(), monitored.service
    for record in (forecast, monitored.monitor):
        service.records.update(record.arn, status="DELETE_PENDING")
    deleted(monitored, monitored.predictor)
    assert service.records.of_kind("monitor_evaluation") == []
    assert service.keys("monitor-evaluation/", SERVICE_BUCKET) == []
