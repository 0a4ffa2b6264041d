"""Items whose price drives their demand, their baseline forecast, and scenarios of other prices."""

import csv
import io
from typing import Any

import numpy as np

from forecast_service.records.record import Record
from tests.forecast_service.jobs.service import ROLE_ARN, Service

ITEMS, DAYS, HORIZON = 24, 140, 7
START = np.datetime64("2020-01-01")
STEPS = [str(START + day) for day in range(DAYS, DAYS + HORIZON)]
REPLACED = ("item_id:string", "timestamp:timestamp", "price:float")


def prices() -> np.ndarray:
    """[item, day]: between 8 and 14, and 10 all through the horizon."""
    found = np.random.default_rng(7).choice([8.0, 10.0, 12.0, 14.0], size=(ITEMS, DAYS + HORIZON))
    found[:, DAYS:] = 10.0
    return found


def target_rows() -> str:
    """What is dear sells less."""
    noise, price = np.random.default_rng(8).normal(size=(ITEMS, DAYS)), prices()
    week = 1 + 0.1 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)
    demand = 100 * week * (10 / price[:, :DAYS]) ** 2 + noise
    return "".join(
        f"item_{item:02},{START + day},{demand[item, day]:.3f}\n" for item in range(ITEMS) for day in range(DAYS)
    )


def related_rows() -> str:
    """The price of each day, and a stock that says nothing and is known for the past only."""
    price = prices()
    return "".join(
        f"item_{item:02},{START + day},{price[item, day]},{5 if day < DAYS else ''}\n"
        for item in range(ITEMS)
        for day in range(DAYS + HORIZON)
    )


class Scenarios:
    """A baseline forecast, and what is made from it."""

    def __init__(self, service: Service, baseline: Record) -> None:
        self.service = service
        self.baseline = baseline

    def of_another_forecast(self, name: str, **request: Any) -> "Scenarios":
        """Scenarios of a forecast that the same predictor makes now."""
        predictor = self.service.records.get(self.baseline.parents["predictor"])
        return Scenarios(self.service, self.service.forecast(predictor, self.baseline.inputs, name, **request))

    def analysis(self, name: str = "prices", **request: Any) -> Record:
        """Create and run a what-if analysis of the baseline."""
        resource = f"what-if-analysis/{self.baseline.name}/{name}"
        parents = {"forecast": self.baseline.arn}
        return self.service.run(self.service.create("what_if_analysis", resource, request=request, parents=parents))

    def forecast(self, analysis: Record, name: str, **request: Any) -> Record:
        """Create and run a what-if forecast."""
        resource = f"what-if-forecast/{self.baseline.name}/{analysis.name}/{name}"
        parents = {"what_if_analysis": analysis.arn, "forecast": self.baseline.arn}
        return self.service.run(self.service.create("what_if_forecast", resource, request=request, parents=parents))

    def export(self, *forecasts: Record, name: str = "export", **request: Any) -> Record:
        """Create and run an export to the folder of its name."""
        destination = {"Destination": {"S3Config": {"Path": f"s3://caller-data/{name}", "RoleArn": ROLE_ARN}}}
        request |= destination | {"WhatIfForecastArns": [forecast.arn for forecast in forecasts]}
        resource = f"what-if-forecast-export/{forecasts[0].name}/{name}"
        parents = {"what_if_forecast": forecasts[0].arn}
        return self.service.run(
            self.service.create("what_if_forecast_export", resource, request=request, parents=parents)
        )

    def rows(self, *forecasts: Record, name: str = "export") -> list[dict[str, str]]:
        """The rows of a CSV export, all parts."""
        export = self.export(*forecasts, name=name)
        assert export.message is None
        keys = [key for key in self.service.keys(f"{name}/") if key.endswith(".csv")]
        return [row for key in keys for row in csv.DictReader(io.StringIO(self.service.read(key).decode()))]


def transformation(operation: str, value: float, *conditions: tuple[str, str, str]) -> dict[str, Any]:
    members = ("AttributeName", "Condition", "AttributeValue")
    named = [dict(zip(members, condition, strict=True)) for condition in conditions]
    return {
        "TimeSeriesTransformations": [
            {
                "Action": {"AttributeName": "price", "Operation": operation, "Value": value},
                "TimeSeriesConditions": named,
            }
        ]
    }


def replacement(path: str, *attributes: str) -> dict[str, Any]:
    """Attributes are given as ``name:type``."""
    schema = [dict(zip(("AttributeName", "AttributeType"), text.split(":"), strict=True)) for text in attributes]
    config = {"Path": path, "RoleArn": ROLE_ARN}
    source = {"S3Config": config, "Schema": {"Attributes": schema}, "Format": "CSV", "TimestampFormat": "yyyy-MM-dd"}
    return {"TimeSeriesReplacementsDataSource": source}


def baseline(service: Service, name: str = "auto") -> Record:
    """Import, train, and forecast."""
    target = service.import_data(
        service.dataset("item_id:string", "timestamp:timestamp", "target_value:float", name=f"{name}_sales"),
        service.put("train/a.csv", target_rows()),
    )
    columns = ("item_id:string", "timestamp:timestamp", "price:float", "stock:integer")
    related = service.dataset(*columns, name=f"{name}_prices", dataset_type="RELATED_TIME_SERIES")
    items = service.dataset(
        "item_id:string", "brand:string", name=f"{name}_items", dataset_type="ITEM_METADATA", frequency=None
    )
    brands = "".join(f"item_{item:02},{'plain' if item % 2 else 'fine'}\n" for item in range(ITEMS))
    inputs = {
        "TARGET_TIME_SERIES": target.arn,
        "RELATED_TIME_SERIES": service.import_data(related, service.put("related/a.csv", related_rows())).arn,
        "ITEM_METADATA": service.import_data(items, service.put("metadata/a.csv", brands)).arn,
    }
    predictor = trained(service, inputs, name)
    assert predictor.message is None
    return service.forecast(predictor, inputs, name=f"{name}_week")


def trained(service: Service, inputs: dict[str, str], name: str, **request: Any) -> Record:
    """Create and run an auto predictor."""
    group = "arn:aws:forecast:us-east-1:123456789012:dataset-group/group"
    request = {
        "ForecastHorizon": HORIZON,
        "ForecastFrequency": "D",
        "ForecastTypes": ["0.1", "0.5", "0.9"],
        "DataConfig": {"DatasetGroupArn": group, "AttributeConfigs": []},
    } | request
    return service.run(
        service.create(
            "predictor", f"predictor/{name}", request=request, inputs=inputs, parents={"dataset_group": group}
        )
    )


def selector(path: str) -> dict[str, Any]:
    schema = {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"}]}
    source = {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}
    return {"TimeSeriesSelector": {"TimeSeriesIdentifiers": {"DataSource": source, "Schema": schema}}}


def values(rows: list[dict[str, str]], name: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """(item, day) -> the three quantiles of a forecast in an export."""
    return {
        (row["item_id"], row["date"][:10]): tuple(
            float(row[f"{name}_{quantile}"]) for quantile in ("p10", "p50", "p90")
        )
        for row in rows
    }
