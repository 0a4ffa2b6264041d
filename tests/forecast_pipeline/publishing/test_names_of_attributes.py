"""Dimensions and metadata that are called like columns of ours: whatever the service takes is published."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from forecast_contract.exports import own_columns
from forecast_pipeline.publishing.exports.catalog_types import forecast_types, item_models_types
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import compare
from forecast_pipeline.publishing.measures.item_accuracy import write_item_accuracy
from forecast_pipeline.publishing.measures.item_models import write_item_models
from forecast_pipeline.publishing.outputs.forecast_csv import write_long, write_wide
from forecast_pipeline.runs.run_document import WithPredictor
from tests.forecast_pipeline.publishing.loaded_run import loaded_run
from tests.forecast_pipeline.publishing.published_run import report_of

OURS = (
    *("model", "type", "season", "weight", "form", "note", "series", "target", "moment", "actual", "line", "rows"),
    *("step", "window_start", "about_0", "metric_0", "key_0", "key_1", "p10", "p50", "P90", "mean", "forecast_p50"),
    *("backtest_window", "backtestwindow_start_time", "RMSE", "forecast_wape", "forecast_coverage", "item_wape"),
    *(
        "forecast",
        "backtest",
        "history",
        "made",
        "export",
        "chosen",
        "staged_forecast",
        "type_order",
        "order",
        "select",
    ),
    *("group", "from", "file", "value", "level", "name", "forecast_type", "forecast_model", "text_with_1_digit"),
)
DAY = datetime(2024, 1, 1)
HISTORY, HORIZON = 20, 2
TYPES = ("p10", "p50", "mean")


def document_of(document: dict[str, Any], dimensions: tuple[str, ...]) -> WithPredictor:
    types = {"item_id": "string", **dict.fromkeys(dimensions, "string"), "timestamp": "timestamp"}
    document["Datasets"][0]["Schema"]["Attributes"] = [
        {"AttributeName": name, "AttributeType": kind} for name, kind in {**types, "target_value": "float"}.items()
    ]
    document["Imports"][0]["TimestampFormat"] = "yyyy-MM-dd"
    document["AutoPredictor"] |= {"ForecastHorizon": HORIZON, "ForecastFrequency": "D"}
    if dimensions:
        document["AutoPredictor"]["ForecastDimensions"] = list(dimensions)
    return WithPredictor.model_validate(document)


def day(number: int) -> str:
    return f"{DAY + timedelta(days=number):%Y-%m-%d}"


def write(path: Path, *rows: list[Any]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def read(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def loaded(run: FinishedRun, folder: Path, *, about: tuple[str, ...] = ()) -> RunTables:
    """One series, 1 a day, forecast as 1 with a p10 of 0; each dimension and metadata value is its column's name."""
    keys = list(run.key_columns)
    values = ["tea", *keys[1:]]
    beside = [*keys, *about]

    def header(*names: str) -> list[str]:
        return list(own_columns(names, beside).values())

    train = write(folder / "train.csv", *([*values, day(number), 1] for number in range(HISTORY)))
    forecast = write(
        folder / "forecast_export.csv",
        [*keys, *about, *header("date", *TYPES)],
        *([*values, *about, f"{day(HISTORY + step)}T00:00:00Z", 0, 1, 1] for step in range(HORIZON)),
    )
    beside = keys
    window = [f"{day(HISTORY - HORIZON)}T00:00:00", f"{day(HISTORY - 1)}T00:00:00"]
    times = ("backtestwindow_start_time", "backtestwindow_end_time")
    backtest = write(
        folder / "backtest_export.csv",
        [*keys, *header("timestamp", "target_value", *times, *TYPES)],
        *([*values, f"{day(HISTORY - HORIZON + step)}T00:00:00Z", 1, *window, 0, 1, 1] for step in range(HORIZON)),
    )
    accuracy = write(
        folder / "accuracy_export.csv",
        [*keys, *header("backtest_window", *times, "RMSE", "WAPE")],
        [*values, "Computed", *window, 0.5, 0.25],
        [*values, "Summary", *window, 0.5, 0.25],
    )
    models = write(
        folder / "models_export.csv",
        [*keys, *header("model", "season", "form", "weight", "note")],
        [*values, "naive", 7, "level", 1, ""],
    )
    return loaded_run(run, {"train/a.csv": train}, [[forecast], [backtest], [accuracy], [models]], folder)


@pytest.mark.parametrize(
    "dimensions", [OURS[first : first + 9] for first in range(0, len(OURS), 9)], ids=lambda names: names[0]
)
def test_a_dimension_may_have_any_name(
    load_event: Callable[[str], dict[str, Any]], tmp_path: Path, dimensions: tuple[str, ...]
) -> None:
    run = FinishedRun.from_document(document_of(load_event("publish_forecast"), dimensions))
    tables = loaded(run, tmp_path)
    history = AlignedHistory(tables)
    comparison = compare(tables, history)
    write_wide(tables, tmp_path / "wide.csv")
    write_long(tables, tmp_path / "long.csv", tmp_path / "forecast.parquet")
    write_item_accuracy(tables, comparison.items, tmp_path / "items.csv")
    write_item_models(tables, tmp_path / "models.csv", tmp_path / "models.parquet")
    beside = ["item_id", *dimensions]
    series = ["tea", *dimensions]

    def named(*names: str) -> list[str]:
        return list(own_columns(names, beside).values())

    assert read(tmp_path / "wide.csv") == [
        [*beside, *named("date", *TYPES)],
        [*series, "2024-01-21T00:00:00Z", "0.0", "1.0", "1.0"],
        [*series, "2024-01-22T00:00:00Z", "0.0", "1.0", "1.0"],
    ]
    long = read(tmp_path / "long.csv")
    assert long[:2] == [
        [*beside, "timestamp", "target_value", *named("type")],
        [*series, "2024-01-20", "1.0", "p10"],
    ]
    assert [row[-1] for row in long[1:]] == ["p10"] * 3 + ["p50"] * 3 + ["mean"] * 3
    assert read(tmp_path / "items.csv")[1:] == [[*series, "0.5", "0.25", "0.0", "0.0", "1.0"]]
    header = read(tmp_path / "items.csv")[0]
    assert header[: len(beside)] == beside
    assert len({name.lower() for name in header}) == len(header)
    assert read(tmp_path / "models.csv") == [
        [*beside, *named("model", "season", "form", "weight", "note")],
        [*series, "naive", "7", "level", "1.0", ""],
    ]
    (item,) = report_of(tables, history, DAY)["items"]
    assert item["name"] == " · ".join(series)
    for types, path in ((forecast_types(run), "long.csv"), (item_models_types(run), "models.csv")):
        assert list(types) == read(tmp_path / path)[0]
    for path, parquet in (("long.csv", "forecast.parquet"), ("models.csv", "models.parquet")):
        copied = duckdb.sql(f"FROM read_parquet('{tmp_path / parquet}')")
        assert copied.columns == [name.lower() for name in read(tmp_path / path)[0]]
        assert len(copied.fetchall()) == len(read(tmp_path / path)) - 1


def test_item_metadata_may_have_any_name(load_event: Callable[[str], dict[str, Any]], tmp_path: Path) -> None:
    about = ("p50", "mean", "series", "timestamp", "key_0", "forecast", "type")
    document = load_event("publish_forecast")
    document["Datasets"].append(
        {
            "DatasetName": "goods",
            "Domain": "CUSTOM",
            "DatasetType": "ITEM_METADATA",
            "Schema": {"Attributes": [{"AttributeName": n, "AttributeType": "string"} for n in ("item_id", *about)]},
        }
    )
    run = FinishedRun.from_document(document_of(document, ()))
    tables = loaded(run, tmp_path, about=about)
    assert tables.forecast_types.names == TYPES
    write_wide(tables, tmp_path / "wide.csv")
    assert read(tmp_path / "wide.csv")[:2] == [
        ["item_id", *about, "date", "p10", "forecast_p50", "forecast_mean"],
        ["tea", *about, "2024-01-21T00:00:00Z", "0.0", "1.0", "1.0"],
    ]


def test_the_column_of_types_gives_way_to_an_attribute_called_type(
    load_event: Callable[[str], dict[str, Any]],
) -> None:
    document = load_event("publish_forecast")
    assert FinishedRun.from_document(WithPredictor.model_validate(document)).type_column == "type"
    assert FinishedRun.from_document(document_of(document, ("Type",))).type_column == "forecast_type"
