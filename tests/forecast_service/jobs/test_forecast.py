"""Forecasts, their exports, and the query of one series."""

import csv
import io
import math
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from forecast_engine import MODELS
from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.table import Record
from forecast_service.storage.bucket import resource_prefix
from forecast_service.storage.forecast_query import query_forecast
from tests.forecast_service.jobs.conftest import ROLE_ARN, SERVICE_BUCKET, Service
from tests.forecast_service.jobs.test_predictor import TARGET, daily_rows


@pytest.fixture
def imported(service: Service) -> Record:
    return service.import_data(service.dataset(*TARGET), service.put("train/a.csv", daily_rows()))


@pytest.fixture
def forecast(service: Service, imported: Record) -> Record:
    predictor = service.train(imported)
    return service.forecast(predictor, predictor.inputs)


def exported(service: Service, folder: str) -> list[list[str]]:
    """The rows of all CSV parts below a folder, each part's header checked to be the same and kept once."""
    tables = [
        list(csv.reader(io.StringIO(service.read(key).decode()))) for key in service.keys(folder) if key.endswith("csv")
    ]
    assert all(table[0] == tables[0][0] for table in tables)
    return [tables[0][0], *(row for table in tables for row in table[1:])]


def test_every_item_is_forecast_for_every_step_behind_the_history(service: Service, forecast: Record) -> None:
    service.export(forecast, "s3://customer-data/out")
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


def selector(path: str, *names: str, **members: Any) -> dict[str, Any]:
    schema = {"Attributes": [{"AttributeName": name, "AttributeType": "string"} for name in names]}
    source = {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}
    return {"TimeSeriesIdentifiers": {"DataSource": source, "Schema": schema} | members}


@pytest.mark.parametrize("shard_count", [1, 8])
@pytest.mark.parametrize("header", ["", "item_id\r\n"])
def test_selected_series_are_forecast_as_among_all(
    service: Service, imported: Record, monkeypatch: pytest.MonkeyPatch, shard_count: int, header: str
) -> None:
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: shard_count)
    dataset = service.records.get(imported.parents["dataset"])
    predictor = service.train(service.import_data(dataset, "s3://customer-data/train/", name="sharded"))
    service.put("selected/a.csv", header + "item_3\r\nnobody\r\nitem_3\r\n")
    service.put("selected/b.csv", '"item_11"\n\n')
    chosen = selector("s3://customer-data/selected/", "item_id")
    service.machine.repeats_steps = True
    some = service.forecast(predictor, predictor.inputs, name="some", TimeSeriesSelector=chosen)
    assert some.message is None
    assert some.facts["series_count"] == 2
    everything = service.forecast(predictor, predictor.inputs, name="everything")
    for forecast in (some, everything):
        service.export(forecast, f"s3://customer-data/{forecast.name}")
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
    service.export(forecast, "s3://customer-data/out")
    _, *rows = exported(service, "out/")
    assert {tuple(row[:2]) for row in rows} == {("hat", "north"), ("shirt", "")}
    assert len(rows) == 2 * 7


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("nobody\nno one\n", "s3://customer-data/s.csv: found no series that the data hold, wanted at least one."),
        ("", "s3://customer-data/s.csv: found no file with data, wanted one that names series."),
        ("item_1,north\n", "s3://customer-data/s.csv, line 1: found 2 columns, wanted the 1 of the schema (item_id)."),
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


def test_an_export_is_marked_at_its_start_and_at_its_end(service: Service, forecast: Record) -> None:
    record = service.export(forecast, "s3://customer-data/deep/out/", name="weekly")
    assert record.status == "ACTIVE"
    names = [key.removeprefix("deep/out/") for key in service.keys("deep/out/")]
    assert sorted(names)[:2] == ["_CHECK", "_SUCCESS"]
    moment = datetime.fromtimestamp(record.creation_time).astimezone(tz=None)
    (part,) = (name for name in names if not name.startswith("_"))
    match = re.fullmatch(r"weekly_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)_part\d.csv", part)
    assert match is not None
    found = datetime.strptime(match[1] + "+0000", "%Y-%m-%dT%H-%M-%SZ%z")
    assert abs((found - moment).total_seconds()) < 1


def test_forecast_types_may_differ_from_those_of_the_predictor(service: Service, imported: Record) -> None:
    predictor = service.train(imported)
    forecast = service.forecast(predictor, predictor.inputs, ForecastTypes=["0.65", "mean", "0.05"])
    service.export(forecast, "s3://customer-data/out")
    assert exported(service, "out/")[0] == ["item_id", "date", "mean", "p5", "p65"]


def test_an_export_as_parquet_holds_the_same(service: Service, forecast: Record) -> None:
    service.export(forecast, "s3://customer-data/csv")
    service.export(forecast, "s3://customer-data/parquet", name="columns", Format="PARQUET")
    (key,) = (key for key in service.keys("parquet/") if key.endswith(".parquet"))
    table = duckdb.read_parquet(io.BytesIO(service.read(key)))
    header, *rows = exported(service, "csv/")
    assert table.columns == header
    assert [[*map(str, row)] for row in table.fetchall()] == rows


def test_a_failed_export_leaves_no_file(service: Service, forecast: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: object) -> None:
        raise RuntimeError("no success today")

    monkeypatch.setattr("forecast_service.caller_files.export_files.ExportFiles.succeed", fail)
    service.put("out/other_export.csv", "kept")
    record = service.export(forecast, "s3://customer-data/out")
    assert record.status == "CREATE_FAILED"
    assert record.message == (
        "The job failed inside the service (RuntimeError). Nothing was left behind; it may be created again."
    )
    assert service.keys("out/") == ["out/other_export.csv"]


def test_an_export_into_no_bucket_fails_with_one_sentence(service: Service, forecast: Record) -> None:
    record = service.export(forecast, "s3://nobody-has-it/out")
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert "the bucket nobody-has-it does not exist" in record.message


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
    service.export(forecast, "s3://customer-data/out")
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
        sharded = service.import_data(dataset, "s3://customer-data/train/", name="sharded")
    predictor = service.train(sharded)
    for name, data in (("four", sharded), ("one", imported)):
        forecast = service.forecast(predictor, {"TARGET_TIME_SERIES": data.arn}, name=name)
        service.export(forecast, f"s3://customer-data/{name}")
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
    service.export(forecast, "s3://customer-data/out")
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
    service.export(forecast, "s3://customer-data/out")
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


def test_a_query_answers_what_the_export_holds(service: Service, forecast: Record) -> None:
    service.export(forecast, "s3://customer-data/out")
    rows = [row for row in exported(service, "out/") if row[0] == "item_5"]
    predictions = query_forecast(forecast, {"item_id": "item_5"})
    assert list(predictions) == ["p10", "p50", "p90"]
    for position, steps in enumerate(predictions.values(), start=2):
        assert [step["Timestamp"] + "Z" for step in steps] == [row[1] for row in rows]
        assert [step["Value"] for step in steps] == [float(row[position]) for row in rows]


def test_a_query_is_cut_to_its_dates_both_inclusive(forecast: Record) -> None:
    predictions = query_forecast(forecast, {"item_id": "item_0"}, datetime(2020, 3, 12), datetime(2020, 3, 13, 5))
    assert [step["Timestamp"] for step in predictions["p90"]] == ["2020-03-12T00:00:00", "2020-03-13T00:00:00"]


@pytest.mark.parametrize(
    ("filters", "start", "end", "sentence"),
    [
        ({"item_id": "nobody"}, None, None, "found no series with item_id=nobody"),
        ({"item_id": "'; DROP"}, None, None, "found no series"),
        ({"sku": "item_1"}, None, None, "found the key sku, wanted item_id"),
        ({}, None, None, "found no key, wanted the key item_id too"),
        ({"item_id": "item_1"}, datetime(2020, 4, 1), None, "StartDate: found 2020-04-01T00:00:00, wanted a time from"),
        ({"item_id": "item_1"}, None, datetime(2020, 3, 10), "EndDate: found 2020-03-10T00:00:00"),
    ],
)
def test_a_query_that_names_no_series_or_no_step_is_refused(
    forecast: Record, filters: dict[str, str], start: datetime | None, end: datetime | None, sentence: str
) -> None:
    with pytest.raises(InvalidInputException, match=re.escape(sentence)):
        query_forecast(forecast, filters, start, end)


def test_a_query_reads_the_shard_of_its_item_only(
    service: Service, imported: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 8)
    dataset = service.records.get(imported.parents["dataset"])
    predictor = service.train(service.import_data(dataset, "s3://customer-data/train/", name="sharded"))
    forecast = service.forecast(predictor, predictor.inputs)
    values = service.keys(f"{resource_prefix(forecast)}values/", SERVICE_BUCKET)
    assert len(values) > 1
    holding = [
        key
        for key in values
        if duckdb.read_parquet(io.BytesIO(service.read(key, SERVICE_BUCKET))).filter("item_id = 'item_7'").fetchall()
    ]
    assert len(holding) == 1
    for key in set(values) - set(holding):
        service.s3.delete_object(Bucket=SERVICE_BUCKET, Key=key)
    assert len(query_forecast(forecast, {"item_id": "item_7"})["p50"]) == 7


def test_a_repeated_step_makes_the_same_forecast_and_export(service: Service, imported: Record) -> None:
    predictor = service.train(imported)
    for name in ("once", "twice"):
        service.machine.repeats_steps = name == "twice"
        forecast = service.forecast(predictor, predictor.inputs, name=name)
        assert service.export(forecast, f"s3://customer-data/{name}").status == "ACTIVE"
    assert exported(service, "twice/") == exported(service, "once/")
    assert len(service.keys("twice/")) == len(service.keys("once/"))


def export_with_models(service: Service, forecast: Record, folder: str, **request: Any) -> Record:
    """An export as a client asks for it that wants to know what made the forecast."""
    resource = f"forecast-export-job/{forecast.name}/{folder}"
    destination = {"S3Config": {"Path": f"s3://customer-data/{folder}", "RoleArn": ROLE_ARN}}
    record = service.create(
        "forecast_export_job",
        resource,
        request={"Destination": destination} | request,
        parents={"forecast": forecast.arn},
        tags=[{"Key": "team", "Value": "a"}, {"Key": "almanac:item-models", "Value": "true"}],
    )
    return service.run(record)


def test_an_export_with_the_tag_says_what_made_the_forecast_of_each_item(service: Service) -> None:
    rows = daily_rows() + "".join(f"still,2020-{1 + day // 28:02}-{1 + day % 28:02},4\n" for day in range(56))
    imported = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", rows))
    predictor = service.train(imported)
    forecast = service.forecast(predictor, predictor.inputs)
    service.machine.repeats_steps = True
    assert export_with_models(service, forecast, "out").status == "ACTIVE"
    header, *rows = exported(service, "out/item-models/")
    assert header == ["item_id", "model", "season", "form", "weight", "note"]
    by_item: dict[str, list[list[str]]] = {}
    for item, *row in rows:
        by_item.setdefault(item, []).append(row)
    assert set(by_item) == {"still", *(f"item_{number}" for number in range(12))}
    for made in by_item.values():
        weights = [float(row[3]) for row in made]
        assert sum(weights) == pytest.approx(1, abs=1e-5)
        assert weights == sorted(weights, reverse=True)
        assert {row[0] for row in made} <= set(MODELS)
        assert len({tuple(row[:3]) for row in made}) == len(made)
    assert by_item["still"][0][4].startswith("not observed in its last")
    assert ["theta", "7", "logarithms"] in [row[:3] for row in by_item["item_3"]]


def test_without_the_tag_an_export_holds_what_amazons_does_and_with_it_the_same_values(
    service: Service, forecast: Record
) -> None:
    service.export(forecast, "s3://customer-data/plain")
    assert not service.keys("plain/item-models/")
    export_with_models(service, forecast, "tagged")
    values = [key for key in service.keys("tagged/") if key.endswith("csv") and "/item-models/" not in key]
    (plain,) = (key for key in service.keys("plain/") if key.endswith("csv"))
    assert [service.read(key) for key in values] == [service.read(plain)]


def test_what_made_a_forecast_is_exported_as_parquet_too(service: Service, forecast: Record) -> None:
    export_with_models(service, forecast, "csv")
    export_with_models(service, forecast, "parquet", Format="PARQUET")
    (key,) = service.keys("parquet/item-models/")
    table = duckdb.read_parquet(io.BytesIO(service.read(key)))
    header, *rows = exported(service, "csv/item-models/")
    assert table.columns == header
    assert [[*map(str, row)] for row in table.fetchall()] == rows


def test_a_failed_export_leaves_no_file_of_what_made_the_forecast(
    service: Service, forecast: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object) -> None:
        raise RuntimeError("no success today")

    monkeypatch.setattr("forecast_service.caller_files.export_files.ExportFiles.succeed", fail)
    assert export_with_models(service, forecast, "out").status == "CREATE_FAILED"
    assert service.keys("out/") == []


def test_a_dimension_may_be_called_like_a_column_of_ours(service: Service) -> None:
    dataset = service.dataset("item_id:string", "timestamp:timestamp", "target_value:float", "Model:string")
    lines = [f"car,2020-{1 + day // 28:02}-{1 + day % 28:02},{day % 7},{model}" for day in range(84) for model in "TZ"]
    imported = service.import_data(dataset, service.put("train/a.csv", "\n".join(lines)))
    predictor = service.train(imported, ForecastDimensions=["Model"])
    forecast = service.forecast(predictor, predictor.inputs)
    assert export_with_models(service, forecast, "out").message is None
    header, *rows = exported(service, "out/item-models/")
    assert header == ["item_id", "Model", "forecast_model", "season", "form", "weight", "note"]
    assert {tuple(row[:2]) for row in rows} == {("car", "T"), ("car", "Z")}
