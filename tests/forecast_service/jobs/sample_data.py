"""What tests of jobs import and ask for, and how they read what comes of it."""

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from forecast_service.records.record import Record
from forecast_service.storage.bucket import resource_prefix
from tests.forecast_service.jobs.service import ROLE_ARN, SERVICE_BUCKET, Service, made_once

TARGET = ("item_id:string", "timestamp:timestamp", "target_value:float")
LEGACY: dict[str, Any] = {
    "FeaturizationConfig": {"ForecastFrequency": "D"},
    "EvaluationParameters": {"NumberOfBacktestWindows": 2, "BackTestWindowOffset": 10},
}
ROWS = "a,2020-01-01,1.5\nb,2020-01-01,2\na,2020-01-02,3.25\n"


def daily_rows(items: int = 12, days: int = 70) -> str:
    """Sales of some items with a weekly season, a trend and noise."""
    noise = np.random.default_rng(1).normal(0, 1, (items, days))
    start = np.datetime64("2020-01-01")
    return "".join(
        f"item_{item},{start + day},{20 + item + 5 * np.sin(day * 2 * np.pi / 7) + day / 20 + noise[item, day]:.3f}\n"
        for item in range(items)
        for day in range(days)
    )


def rows_of(service: Service, record: Record, tmp_path: Path) -> list[tuple[Any, ...]]:
    """All canonical rows of an import, sorted; timestamps as text."""
    rows: list[tuple[Any, ...]] = []
    prefix = f"{resource_prefix(record)}rows/"
    for key in service.keys(prefix, SERVICE_BUCKET):
        path = tmp_path / "rows.parquet"
        path.write_bytes(service.read(key, SERVICE_BUCKET))
        rows += duckdb.read_parquet(str(path)).project("item_id, timestamp::DATE::VARCHAR, target").fetchall()
    return sorted(rows, key=str)


def parquet(query: str, tmp_path: Path) -> bytes:
    path = tmp_path / "made.parquet"
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


def exported(service: Service, folder: str) -> list[list[str]]:
    """The rows of all CSV parts below a folder, each part's header checked to be the same and kept once."""
    tables = [
        list(csv.reader(io.StringIO(service.read(key).decode()))) for key in service.keys(folder) if key.endswith("csv")
    ]
    assert all(table[0] == tables[0][0] for table in tables)
    return [tables[0][0], *(row for table in tables for row in table[1:])]


def selector(path: str, *names: str, **members: Any) -> dict[str, Any]:
    schema = {"Attributes": [{"AttributeName": name, "AttributeType": "string"} for name in names]}
    source = {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}
    return {"TimeSeriesIdentifiers": {"DataSource": source, "Schema": schema} | members}


def imported_sales(service: Service) -> Record:
    """An import of ``daily_rows``."""
    return service.import_data(service.dataset(*TARGET), service.put("train/a.csv", daily_rows()))


def forecast_of_sales(service: Service) -> Record:
    """A week's forecast of all items of ``imported_sales``."""
    predictor = service.train(made_once(service, imported_sales))
    return service.forecast(predictor, predictor.inputs)
