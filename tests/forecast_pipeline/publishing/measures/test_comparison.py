"""Accuracy beside seasonal naive, against formulas written out here once more."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures import aligned_history
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import Comparison, compare
from forecast_pipeline.runs.run_document import WithPredictor
from tests.forecast_pipeline.publishing.loaded_run import loaded_run

START = datetime(2024, 1, 1)
DAYS, HORIZON, STARTS = 70, 7, (49, 63)
STORES, ITEMS = ("north", "south"), ("a", "b", "c")
LEVELS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def day(index: int) -> datetime:
    return START + timedelta(days=index)


@pytest.fixture
def document(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Daily data of three items in two stores; the forecast is per item and store."""
    document = load_event("publish_forecast")
    document["Datasets"][0]["Schema"]["Attributes"] = [
        {"AttributeName": "item_id", "AttributeType": "string"},
        {"AttributeName": "timestamp", "AttributeType": "timestamp"},
        {"AttributeName": "target_value", "AttributeType": "float"},
        {"AttributeName": "store", "AttributeType": "string"},
        {"AttributeName": "clerk", "AttributeType": "string"},
    ]
    document["Imports"][0]["TimestampFormat"] = "yyyy-MM-dd"
    document["AutoPredictor"] |= {
        "ForecastHorizon": HORIZON,
        "ForecastFrequency": "D",
        "ForecastDimensions": ["store"],
    }
    return document


@pytest.fixture
def history() -> np.ndarray:
    """[series, day]: a weekly shape with noise; the last series begins late."""
    random = np.random.default_rng(7)
    values = 50 + 10 * np.sin(np.arange(DAYS) * 2 * np.pi / 7) + random.normal(0, 5, (6, DAYS)).round(3)
    values[5, :20] = np.nan
    return values


@pytest.fixture
def forecasts() -> np.ndarray:
    """[series, window, step, level]"""
    middle = 50 + np.random.default_rng(8).normal(0, 6, (6, len(STARTS), HORIZON)).round(3)
    return np.stack([middle - 6, middle, middle + 6], axis=-1)


def series_names() -> list[tuple[str, str]]:
    return [(item, store) for item in ITEMS for store in STORES]


def loaded(document: dict[str, Any], history: np.ndarray, forecasts: np.ndarray, directory: Path) -> RunTables:
    """The tables of a run whose train rows are split over two clerks, shuffled, and soiled."""
    rows = []
    for (item, store), values in zip(series_names(), history, strict=True):
        for index in np.flatnonzero(~np.isnan(values)):
            halves = (values[index] * 0.25, values[index] * 0.75)
            rows += [[item, f"{day(int(index)):%Y-%m-%d}", half, store, clerk] for clerk, half in enumerate(halves)]
    np.random.default_rng(9).shuffle(rows)
    soil = [["item", "when", "what", "where", "who"], ["", "2024-01-01", 9, "north", 1], ["a", "", 9, "north", 1]]
    write(directory / "train.csv", [*soil, *rows, ["too", "short"]])
    write(
        directory / "forecast.csv",
        [
            ["item_id", "store", "date", "p10", "p50", "p90"],
            *(
                [item, store, f"{day(DAYS + k):%Y-%m-%dT00:00:00Z}", 1, 2, 3]
                for item, store in series_names()
                for k in (0, 1)
            ),
        ],
    )
    backtest: list[list[object]] = []
    for series, (item, store) in enumerate(series_names()):
        for window, start in enumerate(STARTS):
            for step in range(HORIZON):
                moment = f"{day(start + step):%Y-%m-%dT00:00:00Z}"
                begin, end = f"{day(start):%Y-%m-%dT00:00:00}", f"{day(start + HORIZON - 1):%Y-%m-%dT00:00:00}"
                values = forecasts[series, window, step].tolist()
                backtest.append([store, item, moment, history[series, start + step], begin, end, *values])
    header = ["store", "item_id", "timestamp", "target_value", "backtestwindow_start_time", "backtestwindow_end_time"]
    write(directory / "backtest.csv", [[*header, *LEVELS], *backtest])
    write(directory / "accuracy.csv", [["item_id", "store", "backtest_window", "WAPE"], ["a", "north", "Summary", 1]])
    run = FinishedRun.from_document(WithPredictor.model_validate(document))
    exports = [[directory / f"{name}.csv"] for name in ("forecast", "backtest", "accuracy")]
    return loaded_run(run, {"train/a.csv": directory / "train.csv"}, exports, directory)


def write(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def compared(tables: RunTables) -> Comparison:
    return compare(tables, AlignedHistory(tables))


def test_measures_are_those_of_the_formulas(
    document: dict[str, Any], history: np.ndarray, forecasts: np.ndarray, tmp_path: Path
) -> None:
    comparison = compared(loaded(document, history, forecasts, tmp_path))
    actual = np.stack([history[:, start : start + HORIZON] for start in STARTS], axis=1)
    last_week = np.stack([history[:, start - 7 : start] for start in STARTS], axis=1)
    windows = range(len(STARTS))
    for measured, point in ((comparison.forecast, forecasts[..., 1]), (comparison.seasonal_naive, last_week)):
        errors = np.abs(actual - point)
        wapes = [errors[:, w].sum() / actual[:, w].sum() for w in windows]
        rmses = [np.sqrt((errors[:, w] ** 2).mean()) for w in windows]
        scales = [
            [np.nanmean(np.abs(history[s, 7:start] - history[s, : start - 7])) for s in range(6)] for start in STARTS
        ]
        mases = [(errors[:, w].mean(axis=1) / scales[w]).mean() for w in windows]
        assert measured.wape == pytest.approx(np.mean(wapes))
        assert measured.rmse == pytest.approx(np.mean(rmses))
        assert measured.mase == pytest.approx(np.mean(mases))
    losses = []
    for w in windows:
        for index, level in enumerate(LEVELS.values()):
            difference = actual[:, w] - forecasts[:, w, :, index]
            pinball = np.where(difference > 0, level * difference, (level - 1) * difference)
            losses.append(2 * pinball.sum() / actual[:, w].sum())
    assert comparison.forecast.average_weighted_quantile_loss == pytest.approx(np.mean(losses))
    inside = (actual >= forecasts[..., 0]) & (actual <= forecasts[..., 2])
    assert comparison.forecast.coverage == pytest.approx(inside.mean())
    # Two clerks sold on each day of each series: one row of two is added to the other.
    assert comparison.aggregated_row_count == np.count_nonzero(~np.isnan(history))


def test_chunks_change_nothing(
    document: dict[str, Any],
    history: np.ndarray,
    forecasts: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "whole").mkdir()
    whole = compared(loaded(document, history, forecasts, tmp_path / "whole"))
    monkeypatch.setattr(aligned_history, "PERIODS_AT_ONCE", DAYS * 2)
    (tmp_path / "chunks").mkdir()
    tables = loaded(document, history, forecasts, tmp_path / "chunks")
    assert len(list(AlignedHistory(tables).chunks())) == 3
    chunked = compared(tables)
    assert (chunked.forecast, chunked.seasonal_naive) == (whole.forecast, whole.seasonal_naive)
    assert np.array_equal(chunked.items.forecast_error, whole.items.forecast_error)


def test_an_item_without_all_of_a_window_is_left_out_of_it(
    document: dict[str, Any], history: np.ndarray, forecasts: np.ndarray, tmp_path: Path
) -> None:
    holes = history.copy()
    holes[3, STARTS[0] + 2] = np.nan
    comparison = compared(loaded(document, holes, forecasts, tmp_path))
    wapes = []
    for window, start in enumerate(STARTS):
        kept = [series for series in range(6) if not (window == 0 and series == 3)]
        actual = history[kept, start : start + HORIZON]
        wapes.append(np.abs(actual - forecasts[kept, window, :, 1]).sum() / actual.sum())
    assert comparison.forecast.wape == pytest.approx(np.mean(wapes))


def test_a_backtest_row_outside_its_window_is_refused(
    document: dict[str, Any], history: np.ndarray, forecasts: np.ndarray, tmp_path: Path
) -> None:
    document["AutoPredictor"]["ForecastHorizon"] = HORIZON - 1
    tables = loaded(document, history, forecasts, tmp_path)
    with pytest.raises(ValueError, match=r"backtest export: found .* wanted one of its 6 periods of D"):
        compared(tables)


def test_an_export_without_a_key_column_is_refused_by_name(
    document: dict[str, Any], history: np.ndarray, forecasts: np.ndarray, tmp_path: Path
) -> None:
    document["AutoPredictor"]["ForecastDimensions"] = ["store", "clerk"]
    with pytest.raises(ValueError, match=r"forecast export: found the columns item_id, store, date, .* wanted clerk"):
        loaded(document, history, forecasts, tmp_path)


def test_rows_that_an_import_leaves_out_are_left_out_here_and_counted(
    document: dict[str, Any], history: np.ndarray, forecasts: np.ndarray, tmp_path: Path
) -> None:
    rows = loaded(document, history, forecasts, tmp_path).rows
    left_out = rows.left_out
    assert left_out.counts == {"identifier": 1, "timestamp": 1, "fields": 1}
    assert left_out.first["timestamp"] == "train/a.csv, line 3"


def test_train_files_without_a_row_are_refused(
    document: dict[str, Any], history: np.ndarray, forecasts: np.ndarray, tmp_path: Path
) -> None:
    nothing = np.full_like(history, np.nan)
    tables = loaded(document, nothing, forecasts, tmp_path)
    with pytest.raises(ValueError, match="found no row with a readable timestamp and an item"):
        AlignedHistory(tables)
