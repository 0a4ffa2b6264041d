"""Forecasts of all items and of selected ones."""

import math
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import Record
from forecast_service.storage.bucket import resource_prefix
from forecast_service.storage.forecast_query import query_forecast
from tests.forecast_service.jobs.sample_data import daily_rows, exported, forecast_of_sales, imported_sales, selector
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service, made_once


@pytest.fixture
def imported(service: Service) -> Record:
    return made_once(service, imported_sales)


@pytest.fixture
def forecast(service: Service, imported: Record) -> Record:
    return made_once(service, forecast_of_sales)


def test_every_item_is_forecast_for_every_step_behind_the_history(service: Service, forecast: Record) -> None:
    service.export(forecast, "s3://caller-data/out")
    header, *rows = exported(service, "out/")
    assert header == ["item_id", "date", "p10", "p50", "p90"]
    assert len(rows) == 12 * 7
    assert {row[0] for row in rows} == {f"item_{number}" for number in range(12)}
    dates = [row[1] for row in rows if row[0] == "item_3"]
    assert dates == [f"2020-03-{day}T00:00:00Z" for day in range(11, 18)]
    for row in rows:
        low, middle, high = map(float, row[2:])
        assert math.isfinite(low)
        assert low <= middle <= high
    assert forecast.facts["series_count"] == 12


@pytest.mark.parametrize("shard_count", [1, 8])
@pytest.mark.parametrize("header", ["", "item_id\r\n"])
def test_selected_series_are_forecast_as_among_all(
    service: Service, imported: Record, monkeypatch: pytest.MonkeyPatch, shard_count: int, header: str
) -> None:
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: shard_count)
    dataset = service.records.get(imported.parents["dataset"])
    predictor = service.train(service.import_data(dataset, "s3://caller-data/train/", name="sharded"))
    service.put("selected/a.csv", header + "item_3\r\nnobody\r\nitem_3\r\n")
    service.put("selected/b.csv", '"item_11"\n\n')
    chosen = selector("s3://caller-data/selected/", "item_id")
    service.machine.repeats_steps = True
    some = service.forecast(predictor, predictor.inputs, name="some", TimeSeriesSelector=chosen)
    assert some.message is None
    assert some.facts["series_count"] == 2
    everything = service.forecast(predictor, predictor.inputs, name="everything")
    for forecast in (some, everything):
        service.export(forecast, f"s3://caller-data/{forecast.name}")
    wanted = [row for row in exported(service, "everything/") if row[0] in ("item_id", "item_3", "item_11")]
    assert exported(service, "some/") == wanted
    assert len(query_forecast(some, {"item_id": "item_11"})["p50"]) == 7
    with pytest.raises(InvalidInputException, match="found no series with item_id=item_4"):
        query_forecast(some, {"item_id": "item_4"})


def test_series_are_selected_by_their_dimensions_too_also_from_parquet(service: Service, tmp_path: Path) -> None:
    dataset = service.dataset("item_id:string", "timestamp:timestamp", "target_value:float", "store:string")
    lines = [
        f"{item},2020-{1 + day // 28:02}-{1 + day % 28:02},{day % 7},{store}"
        for day in range(84)
        for item in ("shirt", "hat")
        for store in ("north", "")
    ]
    imported = service.import_data(dataset, service.put("train/a.csv", "\n".join(lines)))
    predictor = service.train(imported, ForecastDimensions=["store"])
    path = tmp_path / "selected.parquet"
    duckdb.sql(f"COPY (SELECT 'north' AS store, 'hat' AS item_id UNION SELECT NULL, 'shirt') TO '{path}'")
    chosen = selector(service.put("selected.parquet", path.read_bytes()), "store", "item_id", Format="PARQUET")
    forecast = service.forecast(predictor, predictor.inputs, TimeSeriesSelector=chosen)
    service.export(forecast, "s3://caller-data/out")
    _, *rows = exported(service, "out/")
    assert {tuple(row[:2]) for row in rows} == {("hat", "north"), ("shirt", "")}
    assert len(rows) == 2 * 7


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("nobody\nno one\n", "s3://caller-data/s.csv: found no series that the data hold, wanted at least one."),
        ("", "s3://caller-data/s.csv: found no file with data, wanted one that names series."),
        ("item_1,north\n", "s3://caller-data/s.csv, line 1: found 2 columns, wanted the 1 of the schema (item_id)."),
    ],
)
def test_a_selection_of_nothing_fails_with_one_sentence(
    service: Service, imported: Record, content: str, sentence: str
) -> None:
    predictor = service.train(imported)
    chosen = selector(service.put("s.csv", content), "item_id")
    forecast = service.forecast(predictor, predictor.inputs, TimeSeriesSelector=chosen)
    assert (forecast.status, forecast.message) == ("CREATE_FAILED", sentence)
    assert service.keys(resource_prefix(forecast), SERVICE_BUCKET) == []


def test_forecast_types_may_differ_from_those_of_the_predictor(service: Service, imported: Record) -> None:
    predictor = service.train(imported)
    forecast = service.forecast(predictor, predictor.inputs, ForecastTypes=["0.65", "mean", "0.05"])
    service.export(forecast, "s3://caller-data/out")
    assert exported(service, "out/")[0] == ["item_id", "date", "mean", "p5", "p65"]


def test_the_newest_import_is_forecast_with_items_that_training_did_not_see(
    service: Service, imported: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = service.train(imported)
    newer = daily_rows(days=75) + "newcomer,2020-03-10,5\nnewcomer,2020-03-12,6\n"
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 4)  # the newer data have more shards
    dataset = service.records.get(imported.parents["dataset"])
    latest = service.import_data(dataset, service.put("newer/a.csv", newer), name="newer")
    forecast = service.forecast(predictor, {"TARGET_TIME_SERIES": latest.arn})
    assert forecast.message is None
    service.export(forecast, "s3://caller-data/out")
    _, *rows = exported(service, "out/")
    assert len(rows) == 13 * 7
    assert {row[1] for row in rows} == {f"2020-03-{day}T00:00:00Z" for day in range(16, 23)}
    assert len([row for row in rows if row[0] == "newcomer"]) == 7


def test_fewer_shards_than_at_training_give_the_same_forecast(
    service: Service, imported: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = service.records.get(imported.parents["dataset"])
    with monkeypatch.context() as patch:
        patch.setattr(read_files, "shard_count_for", lambda csv_bytes: 4)
        sharded = service.import_data(dataset, "s3://caller-data/train/", name="sharded")
    predictor = service.train(sharded)
    for name, data in (("four", sharded), ("one", imported)):
        forecast = service.forecast(predictor, {"TARGET_TIME_SERIES": data.arn}, name=name)
        service.export(forecast, f"s3://caller-data/{name}")
    assert sorted(exported(service, "one/")) == sorted(exported(service, "four/"))


def test_dimensions_follow_the_item_and_others_are_aggregated_away(service: Service) -> None:
    dataset = service.dataset(
        "timestamp:timestamp", "sku_color:string", "demand:float", "store:string", "item_id:string", domain="RETAIL"
    )
    start = datetime(2020, 1, 1)
    lines = [
        f"2020-{1 + day // 28:02}-{1 + day % 28:02},{color},1.5,{store},shirt"
        for day in range(84)
        for color in ("red", "blue")
        for store in ("north", "south")
    ]
    imported = service.import_data(dataset, service.put("train/a.csv", "\n".join(lines)))
    predictor = service.train(imported, ForecastDimensions=["store"])
    forecast = service.forecast(predictor, predictor.inputs)
    service.export(forecast, "s3://caller-data/out")
    header, *rows = exported(service, "out/")
    assert header == ["item_id", "store", "date", "p10", "p50", "p90"]
    assert {tuple(row[:2]) for row in rows} == {("shirt", "north"), ("shirt", "south")}
    south = query_forecast(forecast, {"item_id": "shirt", "store": "south"})
    assert len(south["p50"]) == 7
    with pytest.raises(InvalidInputException, match="wanted the key store too"):
        query_forecast(forecast, {"item_id": "shirt"}, start)


def test_item_metadata_are_shown_where_there_are_no_dimensions(service: Service, imported: Record) -> None:
    items = service.dataset(
        "item_id:string", "brand:string", name="items", dataset_type="ITEM_METADATA", frequency=None
    )
    metadata = service.import_data(items, service.put("metadata/a.csv", "item_1,first\nitem_2,second\n"))
    predictor = service.train(imported)
    forecast = service.forecast(predictor, predictor.inputs | {"ITEM_METADATA": metadata.arn})
    service.export(forecast, "s3://caller-data/out")
    header, *rows = exported(service, "out/")
    assert header == ["item_id", "brand", "date", "p10", "p50", "p90"]
    assert {(row[0], row[1]) for row in rows} >= {("item_1", "first"), ("item_2", "second"), ("item_3", "")}
    assert query_forecast(forecast, {"item_id": "item_1", "brand": "first"})
    with pytest.raises(InvalidInputException, match="found no series with item_id=item_1, brand=second"):
        query_forecast(forecast, {"item_id": "item_1", "brand": "second"})


def test_of_several_metadata_rows_that_no_model_reads_the_first_in_order_is_shown(
    service: Service, imported: Record
) -> None:
    items = service.dataset(
        "item_id:string", "brand:string", name="items", dataset_type="ITEM_METADATA", frequency=None
    )
    metadata = service.import_data(items, service.put("metadata/a.csv", "item_1,second\nitem_1,first\n"))
    arn = "arn:aws:forecast:::algorithm/ETS"
    predictor = service.train(imported, AlgorithmArn=arn, FeaturizationConfig={"ForecastFrequency": "D"})
    forecast = service.forecast(predictor, predictor.inputs | {"ITEM_METADATA": metadata.arn})
    assert query_forecast(forecast, {"item_id": "item_1", "brand": "first"})
    with pytest.raises(InvalidInputException, match="found no series"):
        query_forecast(forecast, {"item_id": "item_1", "brand": "second"})


def test_a_repeated_step_makes_the_same_forecast_and_export(service: Service, imported: Record) -> None:
    predictor = service.train(imported)
    for name in ("once", "twice"):
        service.machine.repeats_steps = name == "twice"
        forecast = service.forecast(predictor, predictor.inputs, name=name)
        assert service.export(forecast, f"s3://caller-data/{name}").status == "ACTIVE"
    assert exported(service, "twice/") == exported(service, "once/")
    assert len(service.keys("twice/")) == len(service.keys("once/"))
