"""A monitored predictor, a forecast of values given by hand, and metrics worked by hand."""

import math
from pathlib import Path
from typing import Any

import duckdb

from forecast_files.schema import Column
from forecast_service.monitors.evaluations import state_of
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.records.record import Record
from forecast_service.storage.bucket import Storage
from forecast_service.storage.forecast_table import ForecastTable, shard_name
from forecast_service.storage.imported_dataset import ImportedDataset
from tests.forecast_service.jobs.sample_data import TARGET
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service, made_once

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


def imported_history(service: Service) -> tuple[Record, Record]:
    """A dataset, and its first import."""
    dataset = service.dataset(*TARGET)
    return dataset, service.import_data(dataset, service.put("first.csv", history()), "first")


class Monitored:
    """A monitored predictor with a forecast whose values are those given, each made by hand."""

    def __init__(self, service: Service, folder: Path, request: dict[str, Any] = REQUEST) -> None:
        self.service = service
        self._folder = folder
        self.dataset, self.first_import = made_once(service, imported_history)
        group_request = {"DatasetArns": [self.dataset.arn]}
        group = service.create("dataset_group", "dataset-group/shop", "ACTIVE", request=group_request)
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
            f"COPY (SELECT item_id, date, {columns} FROM (VALUES {', '.join(rows)})"
            f" AS rows(item_id, date, {', '.join(statistics)})) TO '{path}' (FORMAT parquet)"
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


def metrics(evaluation: Record) -> dict[str, float]:
    return {result["MetricName"]: result["MetricValue"] for result in evaluation.outcome["MetricResults"]}


def deleted(monitored: Monitored, record: Record) -> None:
    """Delete a resource, as the control plane asks for it."""
    monitored.service.records.update(record.arn, status="DELETE_PENDING")
    assert monitored.service.machine.run({"Arn": record.arn, "Action": "delete"}) == "Succeeded"
