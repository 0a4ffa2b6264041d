"""What a monitor finds when an import tells how a forecast turned out: metrics worked by hand, and when it looks."""

from pathlib import Path

import duckdb
import pytest

from forecast_files.schema import Column
from forecast_service.monitors.evaluations import state_of
from forecast_service.storage.forecast_table import ForecastTable, shard_name
from tests.forecast_service.jobs.sample_data import TARGET
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service
from tests.forecast_service.monitors.monitored import ACTUAL, REQUEST, WORKED, Monitored, history, metrics


@pytest.fixture
def monitored(service: Service, tmp_path: Path) -> Monitored:
    return Monitored(service, tmp_path)


@pytest.mark.parametrize("repeats_steps", [False, True])
def test_the_metrics_are_those_worked_by_hand_in_amazons_order(monitored: Monitored, repeats_steps: bool) -> None:
    forecast = monitored.forecast()
    monitored.service.machine.repeats_steps = repeats_steps
    later = monitored.import_data(history() + ACTUAL, "later")
    (evaluation,) = monitored.evaluations()
    assert evaluation.message is None
    assert [result["MetricName"] for result in evaluation.outcome["MetricResults"]] == [name for name, _ in WORKED]
    assert metrics(evaluation) == pytest.approx(dict(WORKED), rel=1e-12)
    assert evaluation.outcome["NumItemsEvaluated"] == 2
    assert evaluation.request == {
        "WindowStartDatetime": 1580256000.0,  # 2020-01-29T00:00:00Z
        "WindowEndDatetime": 1580342400.0,  # 2020-01-30T00:00:00Z: the start of the last step
        "MonitorDataSource": {
            "DatasetImportJobArn": later.arn,
            "ForecastArn": forecast.arn,
            "PredictorArn": monitored.predictor.arn,
        },
    }
    assert evaluation.creation_time == later.last_modification_time
    assert monitored.service.keys("monitor-evaluation/", SERVICE_BUCKET) == []


def test_a_forecast_is_evaluated_once_however_often_its_window_is_imported(monitored: Monitored) -> None:
    monitored.forecast()
    for name in ("later", "again"):
        monitored.import_data(history() + ACTUAL, name)
    assert len(monitored.evaluations()) == 1
    monitored.forecast("second")
    monitored.import_data(history() + ACTUAL, "third")
    assert len(monitored.evaluations()) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (history() + "a,2020-01-29,5\n", "its last step is missing"),
        ("a,2020-01-30,5\na,2020-02-09,5\n", "its first step is missing"),
    ],
)
def test_an_import_that_holds_a_part_of_the_window_is_no_reason_to_evaluate(
    monitored: Monitored, text: str, why: str
) -> None:
    monitored.forecast()
    assert monitored.import_data(text, "part").status == "ACTIVE"
    assert monitored.evaluations() == [], why


def test_only_an_import_after_the_forecast_counts(monitored: Monitored) -> None:
    monitored.import_data(history() + ACTUAL, "before")
    monitored.forecast()
    assert monitored.evaluations() == []


def test_only_the_target_of_the_predictors_own_group_counts(monitored: Monitored) -> None:
    service = monitored.service
    monitored.forecast()
    path = service.put("other.csv", history() + ACTUAL)
    assert service.import_data(service.dataset(*TARGET, name="other"), path).status == "ACTIVE"
    metadata = service.dataset(
        "item_id:string", "colour:string", name="m", dataset_type="ITEM_METADATA", frequency=None
    )
    assert service.import_data(metadata, service.put("m.csv", "a,red\n")).status == "ACTIVE"
    assert monitored.evaluations() == []


@pytest.mark.parametrize("status", ["ACTIVE_STOPPED", "ACTIVE_STOPPING", "CREATE_PENDING", "CREATE_FAILED"])
def test_a_monitor_that_is_not_active_evaluates_nothing(monitored: Monitored, status: str) -> None:
    monitored.forecast()
    monitored.service.records.update(monitored.monitor.arn, status=status)
    monitored.import_data(history() + ACTUAL, "later")
    assert monitored.evaluations() == []


def test_without_a_quantile_there_is_no_loss_and_without_a_mean_the_median_is_judged(
    service: Service, tmp_path: Path
) -> None:
    monitored = Monitored(service, tmp_path)
    monitored.forecast("points", ("mean",))
    monitored.forecast("quantiles", ("p10", "p50"))
    monitored.forecast("low", ("p10", "p90"))
    monitored.import_data(history() + ACTUAL, "later")
    found = {
        e.request["MonitorDataSource"]["ForecastArn"].rpartition("/")[2]: metrics(e) for e in monitored.evaluations()
    }
    worked = dict(WORKED)
    assert found["points"] == pytest.approx({name: worked[name] for name in ("MAPE", "MASE", "RMSE", "WAPE")})
    assert found["quantiles"] == pytest.approx(worked | {"AverageWeightedQuantileLoss": (8 / 64 + 14 / 64) / 2})
    assert found["low"]["WAPE"] == pytest.approx((7 + 12 + 3 + 2) / 64)  # of p10: as near to the median as p90


def test_nothing_to_compare_is_a_failure_that_says_so_and_the_next_import_is_tried(monitored: Monitored) -> None:
    forecast = monitored.forecast()
    empty = monitored.import_data("new,2020-01-01,1\nnew,2020-01-30,1\n", "empty")
    (failed,) = monitored.evaluations()
    assert state_of(failed) == "FAILURE"
    assert failed.message == (
        "Wanted at least one series of the forecast with a value in each step from 2020-01-29T00:00:00 to "
        f"2020-01-30T00:00:00, found none in {empty.arn}."
    )
    assert monitored.service.records.get(monitored.monitor.arn).status == "ACTIVE"
    monitored.import_data(history() + ACTUAL, "later")
    newest, oldest = monitored.evaluations()
    assert (state_of(newest), oldest) == ("SUCCESS", failed)
    assert newest.inputs["forecast"] == forecast.arn


@pytest.mark.parametrize("shard_count", [1, 8])
def test_the_shards_of_the_import_need_not_be_those_of_the_forecast(
    monitored: Monitored, monkeypatch: pytest.MonkeyPatch, shard_count: int
) -> None:
    monitored.forecast()
    monkeypatch.setattr(
        "forecast_service.jobs.dataset_import_job.read_files.shard_count_for", lambda csv_bytes: shard_count
    )
    monitored.import_data(history() + ACTUAL, "later")
    (evaluation,) = monitored.evaluations()
    assert metrics(evaluation) == pytest.approx(dict(WORKED), rel=1e-12)


def test_periods_of_several_days_are_counted_from_the_forecast_not_from_what_an_import_begins_with(
    service: Service, tmp_path: Path
) -> None:
    monitored = Monitored(service, tmp_path, REQUEST | {"ForecastFrequency": "2D", "ForecastHorizon": 1})
    facts = {"first_timestamp": "2020-01-29T00:00:00", "last_timestamp": "2020-01-29T00:00:00"}
    forecast = monitored.forecast()
    path = tmp_path / "one_step.parquet"
    duckdb.sql(
        f"COPY (SELECT 'a' AS item_id, TIMESTAMP '2020-01-29' AS date, 50.0 AS mean) TO '{path}' (FORMAT parquet)"
    )
    storage = monitored._storage(forecast)
    storage.upload(path, shard_name(0))
    column = Column("item_id", "string", "item_id")
    ForecastTable(storage, [column], ["mean"], 1, [0], facts["first_timestamp"], facts["last_timestamp"]).save()
    service.records.update(forecast.arn, facts=facts)
    half = "".join(f"a,2020-01-{day:02},1\n" for day in range(2, 30))
    monitored.import_data(half, "half")  # the 29th alone is half of the step
    assert monitored.evaluations() == []
    monitored.import_data(half + "a,2020-01-30,59\n", "whole")  # periods from the 2nd on would be the 28th and 29th
    (evaluation,) = monitored.evaluations()
    assert metrics(evaluation)["RMSE"] == pytest.approx(10)


def test_an_evaluation_of_a_retrained_predictor_says_when_that_was(monitored: Monitored) -> None:
    reference = monitored.predictor.arn.replace("predictor/p", "predictor/before_01FTHF1KK7E6VVR676WVN24MXC")
    request = monitored.predictor.request | {"ReferencePredictorArn": reference}
    monitored.service.records.update(monitored.predictor.arn, request=request)
    monitored.forecast()
    monitored.import_data(history() + ACTUAL, "later")
    (evaluation,) = monitored.evaluations()
    event = {"Detail": "Retrain", "Datetime": monitored.predictor.creation_time}
    assert evaluation.request["PredictorEvent"] == event
