"""Exports of explainabilities by the worker."""

import io

import duckdb
import pytest

from forecast_service.records.record import Record
from tests.forecast_service.jobs.explained_sales import START, explained, exported, predictor_of_all, trained
from tests.forecast_service.jobs.service import Service, made_once


@pytest.fixture
def predictor(service: Service) -> Record:
    return made_once(service, predictor_of_all)


def test_an_export_as_parquet_holds_the_same(service: Service, predictor: Record) -> None:
    explainability = explained(service, service.forecast(predictor, predictor.inputs))
    as_csv = exported(service, explainability, "csv")
    assert exported(service, explainability, "parquet", Format="PARQUET") == as_csv
    (key,) = (key for key in service.keys("parquet/") if key.endswith("parquet"))
    table = duckdb.read_parquet(io.BytesIO(service.read(key)))
    types = dict(zip(table.columns, map(str, table.types), strict=True))
    assert {name: kind for name, kind in types.items() if not name.endswith("Score")} == {
        "item_id": "VARCHAR",
        "timestamp": "VARCHAR",
    }
    assert {kind for name, kind in types.items() if name.endswith("Score")} == {"DOUBLE"}


def test_series_of_several_dimensions_are_named_by_all(service: Service) -> None:
    """And item metadata alone give something to explain."""
    columns = ("item_id:string", "timestamp:timestamp", "target_value:float", "store:string")
    rows = "".join(
        f"{item},{START + day},{(30 if item == 'coat' else 10) + day % 7},{store}\n"
        for item in ("coat", "hat")
        for store in ("north", "south")
        for day in range(120)
    )
    target = service.import_data(service.dataset(*columns), service.put("stores/a.csv", rows))
    items = service.dataset("item_id:string", "kind:string", name="kinds", dataset_type="ITEM_METADATA", frequency=None)
    metadata = service.import_data(items, service.put("kinds/a.csv", "coat,outer\nhat,head\n"))
    inputs = {"TARGET_TIME_SERIES": target.arn, "ITEM_METADATA": metadata.arn}
    predictor = trained(service, inputs, ForecastDimensions=["store"])
    explainability = explained(service, service.forecast(predictor, inputs))
    assert explainability.message is None
    rows_of_export = exported(service, explainability)
    assert list(rows_of_export[0])[:4] == ["item_id", "store", "timestamp", "kind-NormalizedImpactScore"]
    named = [(row["item_id"], row["store"], row["timestamp"]) for row in rows_of_export]
    series = [(item, store, "Aggregate") for item in ("coat", "hat") for store in ("north", "south")]
    assert named == [*series, ("Aggregate",) * 3]
