"""The query of one series, beside the export of all."""

import io
import re
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import Record
from forecast_service.storage.bucket import Storage, resource_prefix
from forecast_service.storage.forecast_query import query_forecast
from forecast_service.storage.forecast_table import ForecastTable
from tests.forecast_service.jobs.sample_data import TARGET, exported, forecast_of_sales, imported_sales
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service, made_once


@pytest.fixture
def imported(service: Service) -> Record:
    return made_once(service, imported_sales)


@pytest.fixture
def forecast(service: Service, imported: Record) -> Record:
    return made_once(service, forecast_of_sales)


def test_a_query_answers_what_the_export_holds(service: Service, forecast: Record) -> None:
    service.export(forecast, "s3://caller-data/out")
    rows = [row for row in exported(service, "out/") if row[0] == "item_5"]
    predictions = query_forecast(forecast, {"item_id": "item_5"})
    assert list(predictions) == ["p10", "p50", "p90"]
    for position, steps in enumerate(predictions.values(), start=2):
        assert [step["Timestamp"] + "Z" for step in steps] == [row[1] for row in rows]
        assert [step["Value"] for step in steps] == [float(row[position]) for row in rows]


def test_the_columns_of_stored_values_are_those_of_the_first_build_whose_forecasts_are_answered_still(
    forecast: Record, tmp_path: Path
) -> None:
    table = ForecastTable.of(Storage(SERVICE_BUCKET, resource_prefix(forecast)))
    path = table.storage.download(f"values/{table.shards[0]:04}.parquet", tmp_path / "values.parquet")
    columns = [row[:2] for row in duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()]
    statistics = [(name, "DOUBLE") for name in ("p10", "p50", "p90")]
    assert columns == [("item_id", "VARCHAR"), ("date", "TIMESTAMP"), *statistics]


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
    predictor = service.train(service.import_data(dataset, "s3://caller-data/train/", name="sharded"))
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


CASED_ROWS = "".join(
    f"{item},2020-01-{day:02},{level + day % 7}\n"
    for item, level in (("ABC", 10), ("abc", 20), ("Xyz", 30), ("plain", 40), ("ÄÖ", 50))
    for day in range(1, 31)
)


def forecast_of_cased_ids(service: Service) -> Record:
    """A forecast in two shards of items of which some have capital letters."""
    imported = service.import_data(service.dataset(*TARGET), service.put("cased/a.csv", CASED_ROWS))
    predictor = service.train(imported)
    return service.forecast(predictor, predictor.inputs)


@pytest.fixture
def cased(service: Service, monkeypatch: pytest.MonkeyPatch) -> Record:
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 2)
    return made_once(service, forecast_of_cased_ids)


@pytest.mark.parametrize(
    ("asked", "found"),
    [("xyz", "Xyz"), ("XYZ", "Xyz"), ("PLAIN", "plain"), ("äö", "ÄÖ"), ("ABC", "ABC"), ("abc", "abc")],
)
def test_an_id_is_found_whatever_its_case_where_one_alone_fits(cased: Record, asked: str, found: str) -> None:
    assert query_forecast(cased, {"item_id": asked}) == query_forecast(cased, {"item_id": found})


def test_an_id_that_fits_two_is_not_guessed(cased: Record) -> None:
    with pytest.raises(InvalidInputException, match=r"found ABC and abc for item_id=Abc, wanted the case"):
        query_forecast(cased, {"item_id": "Abc"})


def test_a_long_id_that_nobody_has_is_cut_in_the_refusal(cased: Record) -> None:
    with pytest.raises(InvalidInputException, match=r"item_id=N{117}\.\.\., wanted"):
        query_forecast(cased, {"item_id": "N" * 250})
