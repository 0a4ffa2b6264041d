"""Exports of forecasts: their parts and marks, and what made the forecast of each item."""

import csv
import io
import re
from datetime import datetime
from typing import Any

import duckdb
import pytest

from forecast_contract.exports import IDS_AS_GIVEN_TAG
from forecast_engine import MODELS
from forecast_service.caller_files.export_files import ExportFiles
from forecast_service.records.record import Record
from tests.forecast_service.jobs.sample_data import TARGET, daily_rows, exported, forecast_of_sales, imported_sales
from tests.forecast_service.jobs.service import ROLE_ARN, Service, made_once


@pytest.fixture
def imported(service: Service) -> Record:
    return made_once(service, imported_sales)


@pytest.fixture
def forecast(service: Service, imported: Record) -> Record:
    return made_once(service, forecast_of_sales)


def test_an_export_is_marked_at_its_start_and_at_its_end(service: Service, forecast: Record) -> None:
    record = service.export(forecast, "s3://caller-data/deep/out/", name="weekly")
    assert record.status == "ACTIVE"
    names = [key.removeprefix("deep/out/") for key in service.keys("deep/out/")]
    assert sorted(names)[:2] == ["_CHECK", "_SUCCESS"]
    moment = datetime.fromtimestamp(record.creation_time).astimezone(tz=None)
    (part,) = (name for name in names if not name.startswith("_"))
    match = re.fullmatch(r"weekly_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)_part\d.csv", part)
    assert match is not None
    found = datetime.strptime(match[1] + "+0000", "%Y-%m-%dT%H-%M-%SZ%z")
    assert abs((found - moment).total_seconds()) < 1


def test_an_export_as_parquet_holds_the_same(service: Service, forecast: Record) -> None:
    service.export(forecast, "s3://caller-data/csv")
    service.export(forecast, "s3://caller-data/parquet", name="columns", Format="PARQUET")
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
    record = service.export(forecast, "s3://caller-data/out")
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


def export_with_models(service: Service, forecast: Record, folder: str, **request: Any) -> Record:
    """An export as a client asks for it that wants to know what made the forecast."""
    resource = f"forecast-export-job/{forecast.name}/{folder}"
    destination = {"S3Config": {"Path": f"s3://caller-data/{folder}", "RoleArn": ROLE_ARN}}
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
    service.export(forecast, "s3://caller-data/plain")
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


def test_dimensions_may_be_called_like_columns_of_ours(service: Service) -> None:
    names = [
        "Model",
        "p10",
        "file",
        "series",
        "timestamps",
        "RMSE",
        "backtest_window",
        "window_start",
        "dimension_file",
    ]
    dataset = service.dataset(*TARGET, *(f"{name}:string" for name in names))
    beside = ",".join(names[1:])
    lines = [
        f"car,2020-{1 + day // 28:02}-{1 + day % 28:02},{day % 7},{model},{beside}"
        for day in range(84)
        for model in "TZ"
    ]
    imported = service.import_data(dataset, service.put("train/a.csv", "\n".join(lines)))
    predictor = service.train(imported, ForecastDimensions=names)
    forecast = service.forecast(predictor, predictor.inputs)
    assert export_with_models(service, forecast, "out").message is None
    header, *rows = exported(service, "out/item-models/")
    assert header == ["item_id", *names, "forecast_model", "season", "form", "weight", "note"]
    series = {("car", "T", *names[1:]), ("car", "Z", *names[1:])}
    assert {tuple(row[:10]) for row in rows} == series
    (part,) = (key for key in service.keys("out/") if key.count("/") == 1 and key.endswith(".csv"))
    header, *rows = csv.reader(io.StringIO(service.read(part).decode()))
    assert header == ["item_id", *names, "date", "forecast_p10", "p50", "p90"]
    assert {tuple(row[:10]) for row in rows} == series
    assert all(float(row[-3]) <= float(row[-2]) <= float(row[-1]) for row in rows)
    assert service.export(predictor, "s3://caller-data/back").message is None
    times = ["backtestwindow_start_time", "backtestwindow_end_time"]
    header, *rows = exported(service, "back/forecasted-values/")
    assert header == ["item_id", *names, "timestamp", "target_value", *times, "forecast_p10", "p50", "p90"]
    assert {tuple(row[:10]) for row in rows} == series
    header, *rows = exported(service, "back/accuracy-metrics-values/")
    assert header[10:13] == ["forecast_backtest_window", *times]
    assert header[-4:] == ["forecast_RMSE", "WAPE", "MAPE", "MASE"]
    assert {row[10] for row in rows} == {"Computed", "Summary"}


@pytest.mark.parametrize(
    "case",
    [("LowerCase", [], "item a"), ("AsGiven", [], "Item A"), ("LowerCase", [IDS_AS_GIVEN_TAG], "Item A")],
)
def test_ids_are_exported_in_lower_case_where_the_stack_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch, case: tuple[str, list[dict[str, str]], str]
) -> None:
    exported_ids, tags, found = case
    monkeypatch.setenv("EXPORTED_IDS", exported_ids)
    record = service.dataset(*TARGET)
    record.tags = tags
    record.request["Destination"] = {"S3Config": {"Path": "s3://caller-data/out", "RoleArn": ROLE_ARN}}
    with duckdb.connect() as connection:
        expression = ExportFiles(record).of_series("'Item A'")
        assert connection.execute(f"SELECT {expression}").fetchall() == [(found,)]
