"""Sales that their price drives: their imports, a predictor, explainabilities of it, and exports of the scores."""

import csv
import io
import re
from typing import Any

import duckdb
import numpy as np

from forecast_service.records.record import Record
from tests.forecast_service.jobs.sample_data import TARGET
from tests.forecast_service.jobs.service import ROLE_ARN, Service, made_once

ITEMS, DAYS, HORIZON = 24, 140, 7
START = np.datetime64("2020-01-01")
EVERYTHING = {"TimeSeriesGranularity": "ALL", "TimePointGranularity": "ALL"}


def prices() -> np.ndarray:
    """[item, day]: now and then dear, and all through the horizon."""
    random = np.random.default_rng(7)
    found = random.choice([8.0, 12.0], size=(ITEMS, DAYS + HORIZON), p=[0.7, 0.3])
    found[:, DAYS:] = 12.0
    return found


def sold() -> np.ndarray:
    """[item, day], to three decimals: what is dear sells half."""
    season = 100 + 10 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)
    noise = np.random.default_rng(8).normal(size=(ITEMS, DAYS))
    values = np.where(prices()[:, :DAYS] < 10, season, season / 2) + noise
    return np.array([[float(f"{value:.3f}") for value in series] for series in values])


def target_rows() -> str:
    """What was sold, as CSV."""
    values = sold()
    return "".join(
        f"item_{item:02},{START + day},{values[item, day]:.3f}\n" for item in range(ITEMS) for day in range(DAYS)
    )


def related_rows() -> str:
    """The price of each day, and a shelf that never changes."""
    price = prices()
    return "".join(
        f"item_{item:02},{START + day},{price[item, day]},5\n" for item in range(ITEMS) for day in range(DAYS + HORIZON)
    )


def imported_inputs(service: Service) -> dict[str, str]:
    """The imports of a target that its price drives, of the price, and of item metadata."""
    target = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", target_rows()))
    columns = ("item_id:string", "timestamp:timestamp", "price:float", "shelf:float")
    prices_of_items = service.dataset(*columns, name="prices", dataset_type="RELATED_TIME_SERIES")
    related = service.import_data(prices_of_items, service.put("related/a.csv", related_rows()))
    items = service.dataset(
        "item_id:string", "brand:string", name="items", dataset_type="ITEM_METADATA", frequency=None
    )
    brands = "".join(f"item_{item:02},{'plain' if item % 2 else 'fine'}\n" for item in range(ITEMS))
    metadata = service.import_data(items, service.put("metadata/a.csv", brands))
    return {
        "TARGET_TIME_SERIES": target.arn,
        "RELATED_TIME_SERIES": related.arn,
        "ITEM_METADATA": metadata.arn,
    }


def trained(service: Service, inputs: dict[str, str], name: str = "predictor", **members: Any) -> Record:
    group = "arn:aws:forecast:us-east-1:123456789012:dataset-group/group"
    request = {"ForecastHorizon": HORIZON, "ForecastFrequency": "D", "ForecastTypes": ["0.5"]}
    request |= {"DataConfig": {"DatasetGroupArn": group, "AttributeConfigs": []}} | members
    pending = service.create(
        "predictor", f"predictor/{name}", request=request, inputs=inputs, parents={"dataset_group": group}
    )
    return service.run(pending)


def predictor_of_all(service: Service) -> Record:
    """A predictor of ``imported_inputs``."""
    return trained(service, made_once(service, imported_inputs))


def explained(service: Service, of: Record, name: str = "why", **request: Any) -> Record:
    """Create and run an explainability of a predictor or of a forecast."""
    request = {"ResourceArn": of.arn, "ExplainabilityConfig": EVERYTHING} | request
    parents, resource = {of.kind: of.arn}, f"explainability/{name}"
    return service.run(service.create("explainability", resource, request=request, inputs=of.inputs, parents=parents))


def exported(service: Service, explainability: Record, name: str = "scores", **request: Any) -> list[dict[str, str]]:
    """Create and run an export, and read its one part."""
    destination = {"Destination": {"S3Config": {"Path": f"s3://caller-data/{name}", "RoleArn": ROLE_ARN}}}
    resource = f"explainability-export/{explainability.name}/{name}"
    parents = {"explainability": explainability.arn}
    export = service.create("explainability_export", resource, request=destination | request, parents=parents)
    assert service.run(export).message is None
    (key,) = [key for key in service.keys(f"{name}/") if not key.rpartition("/")[2].startswith("_")]
    assert re.fullmatch(rf"{name}/{name}_\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\dZ_part0.(csv|parquet)", key)
    assert {f"{name}/_CHECK", f"{name}/_SUCCESS"} <= set(service.keys(f"{name}/"))
    if key.endswith("parquet"):
        table = duckdb.read_parquet(io.BytesIO(service.read(key)))
        return [
            {name: "" if value is None else str(value) for name, value in zip(table.columns, row, strict=True)}
            for row in table.fetchall()
        ]
    return list(csv.DictReader(io.StringIO(service.read(key).decode())))
