"""Imports of one dataset group, and the panels that are made of them."""

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np

from forecast_service.panel.panel_source import PanelSource
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.storage.bucket import Storage, resource_prefix
from forecast_service.storage.imported_dataset import ImportedDataset
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service

ITEM = "item_id:string"
TARGET = (ITEM, "timestamp:timestamp", "target_value:float")
PRICES = (ITEM, "timestamp:timestamp", "price:float")
NAN = float("nan")


def days(first: str, count: int) -> list[str]:
    return [str(np.datetime64(first) + day) for day in range(count)]


def rows(item: str, dated: Iterable[tuple[str, Any]]) -> str:
    return "".join(f"{item},{date},{value}\n" for date, value in dated)


class Data:
    """Imports of one dataset group, and panels made of them. The horizon is two periods."""

    def __init__(self, service: Service, inputs: dict[str, str] | None = None) -> None:
        """``inputs`` are imports that are there already."""
        self.inputs = inputs or {}
        self._service = service
        self._numbers = itertools.count(len(self.inputs))

    def add(self, text: str, *attributes: str, dataset_type: str = "TARGET_TIME_SERIES", frequency: str = "D") -> None:
        """Import a file; it is the newest of its type from now on."""
        name = f"{dataset_type.lower()}_{next(self._numbers)}"
        timeless = dataset_type == "ITEM_METADATA"
        dataset = self._service.dataset(
            *attributes, name=name, dataset_type=dataset_type, frequency=None if timeless else frequency
        )
        record = self._service.import_data(dataset, self._service.put(f"{name}.csv", text))
        assert record.status == "ACTIVE", record.message
        self.inputs[dataset_type] = record.arn

    def target(self, text: str, *dimensions: str) -> None:
        self.add(text, *TARGET, *dimensions)

    def related(self, text: str, *attributes: str) -> None:
        self.add(text, *(attributes or PRICES), dataset_type="RELATED_TIME_SERIES")

    def metadata(self, text: str, *attributes: str) -> None:
        self.add(text, ITEM, *attributes, dataset_type="ITEM_METADATA")

    def storage_of(self, arn: str) -> Storage:
        return Storage(SERVICE_BUCKET, resource_prefix(self._service.records.get(arn)))

    def plan(self, **request: Any) -> PredictorPlan:
        """The plan of an auto predictor, as its job makes it."""
        request = {"ForecastHorizon": 2, "ForecastFrequency": "D"} | request
        imported = {kind: ImportedDataset.of(self.storage_of(arn)) for kind, arn in self.inputs.items()}
        related, metadata = imported.get("RELATED_TIME_SERIES"), imported.get("ITEM_METADATA")
        return PredictorPlan.of_request(request, imported["TARGET_TIME_SERIES"], related, metadata)

    def source(self, **request: Any) -> PanelSource:
        return PanelSource.of(self.plan(**request), self.inputs, self.storage_of)

    def prices(self, item: str = "hat", **fillings: str) -> list[float]:
        """The prices of an item that the panel of the only shard holds."""
        keys, panel = self.source(DataConfig=filled(price=fillings)).panel(0, 1)
        return [float(price) for price in panel.covariates.related["price"][keys.index((item,))]]


def filled(**fillings: dict[str, str]) -> dict[str, Any]:
    """DataConfig with fillings by attribute."""
    return {"AttributeConfigs": [{"AttributeName": name, "Transformations": fills} for name, fills in fillings.items()]}


GAPS = [("2020-01-01", 1), ("2020-01-02", 2), ("2020-01-04", 6), ("2020-01-08", 10)]
ALL_FILLED = {"middlefill": "mean", "backfill": "max", "futurefill": "median"}
