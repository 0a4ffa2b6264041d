"""What a monitor finds when an import tells how a forecast turned out: metrics worked by hand, and when it looks."""

import math
from pathlib import Path
from typing import Any

import duckdb
import pytest

from forecast_service.monitors.evaluations import state_of
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.records.record import Record
from forecast_service.storage.bucket import Storage
from forecast_service.storage.forecast_table import ForecastTable, shard_name
from forecast_service.storage.imported_dataset import ImportedDataset
from forecast_service.storage.schema import Column
from tests.forecast_service.jobs.sample_data import TARGET
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service

REQUEST = {
    "ForecastHorizon": 2,
    "ForecastFrequency": "D",
    "ForecastTypes": ["0.1", "0.5", "0.9", "mean"],
    "DataConfig": {},
}
# item: step -> p10, p50, p90, mean; of 2020-01-29 and 2020-01-30
FORECAST = {
    "a": [(20, 30, 40, 30), (20, 28, 40, 28)],
    "b": [(2, 4, 8, 4), (2, 6, 8, 6)],
    "gone": [(1, 2, 3, 2), (1, 2, 3, 2)],
}


def history(days: int = 28) -> str:
    """``a`` rises by 1 a day, so by 7 over its season of a week; ``b`` never changes."""
    return "".join(f"a,2020-01-{day:02},{day}\nb,2020-01-{day:02},5\n" for day in range(1, days + 1))


# a is 27 (two rows of a day are added up) and 32; b is 5 and, with no row on the 30th, filled with 0
ACTUAL = "a,2020-01-29,20\na,2020-01-29,7\na,2020-01-30,32\nb,2020-01-29,5\nnew,2020-01-29,9\nnew,2020-01-30,9\n"
# Errors of the mean: a 3 and 4, b 1 and 6. Sum of the actual values: 64.
WORKED = [
    ("AverageWeightedQuantileLoss", (8 / 64 + 14 / 64 + 6.4 / 64) / 3),
    ("MAPE", (3 / 27 + 4 / 32 + 1 / 5 + 0) / 4),
    ("MASE", 3.5 / 7),  # of a alone: nothing can be measured against a history that never changes
    ("RMSE", math.sqrt((9 + 16 + 1 + 36) / 4)),
    ("WAPE", 14 / 64),
]


class Monitored:
    """A monitored predictor with a forecast whose values are those given, each made by hand."""

    def __init__(self, service: Service, folder: Path, request: dict[str, Any] = REQUEST) -> None:
        self.service = service
        self._folder = folder
        self.dataset = service.dataset(*TARGET)
        group_request = {"DatasetArns": [self.dataset.arn]}
        group = service.create("dataset_group", "dataset-group/shop", "ACTIVE", request=group_request)
        self.first_import = self.import_data(history(), "first")
        self.predictor = service.create(
            "predictor", "predictor/p", "ACTIVE", request=request, parents={"dataset_group": group.arn}
        )
        imported = ImportedDataset.of(self._storage(self.first_import))
        PredictorPlan.of_request(request, imported).save(self._storage(self.predictor))
        parents = {"predictor": self.predictor.arn}
        self.monitor = service.create("monitor", "monitor/m", "ACTIVE", parents=parents)

    def import_data(self, text: str, name: str, **request: Any) -> Record:
        return self.service.import_data(self.dataset, self.service.put(f"{name}.csv", text), name, **request)

    def forecast(
        self, name: str = "f", statistics: tuple[str, ...] = ("mean", "p10", "p50", "p90"), start: int = 29
    ) -> Record:
        """A finished forecast of FORECAST's values for two days."""
        days = [f"2020-01-{start + step}T00:00:00" for step in range(2)]
        facts = {"first_timestamp": days[0], "last_timestamp": days[1]}
        parents = {"predictor": self.predictor.arn}
        record = self.service.create("forecast", f"forecast/{name}", "ACTIVE", facts=facts, parents=parents)
        place = {"p10": 0, "p50": 1, "p90": 2, "mean": 3}
        rows = [
            f"('{item}', TIMESTAMP '{days[step]}', {', '.join(str(values[place[s]]) for s in statistics)})"
            for item, steps in FORECAST.items()
            for step, values in enumerate(steps)
        ]
        path = self._folder / "values.parquet"
        columns = ", ".join(f"{name}::DOUBLE AS {name}" for name in statistics)
        duckdb.sql(
            f"COPY (SELECT item_id, timestamp, {columns} FROM (VALUES {', '.join(rows)})"
            f" AS rows(item_id, timestamp, {', '.join(statistics)})) TO '{path}' (FORMAT parquet)"
        )
        storage = self._storage(record)
        storage.upload(path, shard_name(0))
        column = Column("item_id", "string", "item_id")
        ForecastTable(storage, [column], list(statistics), 1, [0], days[0], days[1]).save()
        return record

    def evaluations(self) -> list[Record]:
        """Those that have ended, after every started job has."""
        self.service.run_started()
        found = self.service.records.children_of(self.monitor.arn)
        return [record for record in found if state_of(record)]

    def _storage(self, record: Record) -> Storage:
        return Storage(SERVICE_BUCKET, "").of(record)


@pytest.fixture
def monitored(service: Service, tmp_path: Path) -> Monitored:
    return Monitored(service, tmp_path)


def metrics(evaluation: Record) -> dict[str, float]:
    return {result["MetricName"]: result["MetricValue"] for result in evaluation.outcome["MetricResults"]}


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
        f"COPY (SELECT 'a' AS item_id, TIMESTAMP '2020-01-29' AS timestamp, 50.0 AS mean) TO '{path}' (FORMAT parquet)"
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


def deleted(monitored: Monitored, record: Record) -> None:
    """Delete a resource, as the control plane asks for it."""
    monitored.service.records.update(record.arn, status="DELETE_PENDING")
    assert monitored.service.machine.run({"Arn": record.arn, "Action": "delete"}) == "Succeeded"


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


def test_nothing_is_kept_of_a_forecast_that_was_evaluated_or_has_no_monitor_or_no_values(monitored: Monitored) -> None:
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


def test_what_was_kept_goes_with_the_monitor(monitored: Monitored) -> None:
    deleted(monitored, monitored.forecast())
    assert len(monitored.service.keys("monitor-evaluation/", SERVICE_BUCKET)) == 2
    deleted(monitored, monitored.monitor)
    assert monitored.service.keys("monitor-evaluation/", SERVICE_BUCKET) == []
    assert monitored.service.records.of_kind("monitor_evaluation") == []


def test_a_tree_that_takes_the_monitor_along_keeps_nothing(monitored: Monitored) -> None:
    forecast, service = monitored.forecast(), monitored.service
    for record in (forecast, monitored.monitor):
        service.records.update(record.arn, status="DELETE_PENDING")
    deleted(monitored, monitored.predictor)
    assert service.records.of_kind("monitor_evaluation") == []
    assert service.keys("monitor-evaluation/", SERVICE_BUCKET) == []
