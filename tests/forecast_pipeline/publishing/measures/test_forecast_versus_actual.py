"""An earlier forecast against what has come since, against numbers reckoned here once more."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.forecast_versus_actual import TruthSums, compare_with_actual
from forecast_pipeline.runs.run_document import WithPredictor
from tests.forecast_pipeline.publishing.loaded_run import loaded_run

START, DAYS, CUTOFF, HORIZON = datetime(2024, 1, 1), 20, 14, 7
EARLIER = "9f3c1a2b7d-2"
# [item, day]: b has no value on the 17th day, and none is filled in.
HISTORY = {
    "a": [10.0 + day % 7 + day for day in range(DAYS)],
    "b": [200.0 - day % 7 if day != 16 else None for day in range(DAYS)],
}
# [item, step]: p10, p50, p90 of the forecast of the 15th day; p50 of a is 4 too low, of b exact.
FORECAST = {
    "a": [(10.0 + day % 7 + day - 6, 10.0 + day % 7 + day - 4, 10.0 + day % 7 + day - 2) for day in range(14, 21)],
    "b": [(200.0 - day % 7 - 1, 200.0 - day % 7, 200.0 - day % 7 + 1) for day in range(14, 21)],
}


def day(index: int) -> datetime:
    return START + timedelta(days=index)


def write(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def wide(rows: dict[str, list[tuple[float, float, float]]], first: int) -> list[list[object]]:
    header: list[object] = ["item_id", "date", "p10", "p50", "p90"]
    lines = [
        [item, f"{day(first + step):%Y-%m-%dT00:00:00Z}", *values]
        for item, steps in rows.items()
        for step, values in enumerate(steps)
    ]
    return [header, *lines]


@pytest.fixture
def run(load_event: Callable[[str], dict[str, Any]]) -> FinishedRun:
    """A run over 20 days of two items, which forecasts the 21st day."""
    document = load_event("publish_forecast")
    document["Datasets"][0]["Schema"]["Attributes"] = [
        {"AttributeName": "item_id", "AttributeType": "string"},
        {"AttributeName": "timestamp", "AttributeType": "timestamp"},
        {"AttributeName": "target_value", "AttributeType": "float"},
    ]
    document["Imports"][0]["TimestampFormat"] = "yyyy-MM-dd"
    document["AutoPredictor"] |= {"ForecastHorizon": 1, "ForecastFrequency": "D"}
    gaps = {"AttributeName": "target_value", "Transformations": {"middlefill": "nan", "backfill": "nan"}}
    document["AutoPredictor"]["DataConfig"] = {"DatasetGroupArn": "arn", "AttributeConfigs": [gaps]}
    return FinishedRun.from_document(WithPredictor.model_validate(document))


def loaded(run: FinishedRun, folder: Path, earlier: list[list[object]]) -> RunTables:
    """The tables of the run, and an earlier run's published forecast."""
    rows: list[list[object]] = [
        [item, f"{day(index):%Y-%m-%d}", value]
        for item, values in HISTORY.items()
        for index, value in enumerate(values)
        if value is not None
    ]
    train = write(folder / "train.csv", rows)
    forecast = write(folder / "now.csv", wide({item: [(1.0, 2.0, 3.0)] for item in HISTORY}, DAYS))
    header = ["item_id", "timestamp", "target_value", "backtestwindow_start_time", "backtestwindow_end_time", "p50"]
    at = f"{day(19):%Y-%m-%dT00:00:00}"
    backtest = write(folder / "backtest.csv", [[*header], ["a", f"{at}Z", 33, at, at, 30]])
    accuracy = write(folder / "accuracy.csv", [["item_id", "backtest_window", "WAPE"], ["a", "Summary", 1]])
    files = {EARLIER: [write(folder / "earlier.csv", earlier)]}
    exports = [[forecast], [backtest], [accuracy]]
    return loaded_run(run, {"train/a.csv": train}, exports, folder, earlier_forecasts=files)


def scored(tables: RunTables, whole_periods: int = DAYS) -> TruthSums:
    return compare_with_actual(tables, AlignedHistory(tables), whole_periods)[EARLIER]


def test_each_step_ahead_is_scored_beside_seasonal_naive(run: FinishedRun, tmp_path: Path) -> None:
    sums = scored(loaded(run, tmp_path, wide(FORECAST, CUTOFF)))
    # Six of the seven days have come; b has no value on the third of them.
    np.testing.assert_array_equal(sums.points, [2, 2, 1, 2, 2, 2])
    # a lies above its band by 2, b in the middle of its own.
    np.testing.assert_array_equal(sums.inside, [1, 1, 0, 1, 1, 1])
    a, b = np.array(HISTORY["a"][14:], float), np.array([each or 0.0 for each in HISTORY["b"]][14:])
    np.testing.assert_allclose(sums.actual, a + b)
    np.testing.assert_allclose(sums.forecast, a - 4 + b)
    np.testing.assert_allclose(sums.error, 4)
    # Seasonal naive repeats the week before: a rises by 7 in a week, b repeats itself.
    np.testing.assert_allclose(sums.naive_error, 7)
    # Of a: p10 is 6, p50 4 and p90 2 too low; 2 q (y - f), averaged. Of b: p10 and p90 are off by 1 either way.
    of_a = 2 * (0.1 * 6 + 0.5 * 4 + 0.9 * 2) / 3
    of_b = 2 * (0.1 * 1 + 0 + 0.1 * 1) / 3
    np.testing.assert_allclose(sums.loss, [of_a + of_b, of_a + of_b, of_a, *[of_a + of_b] * 3])


def test_rows_say_what_was_forecast_and_what_came(run: FinishedRun, tmp_path: Path) -> None:
    tables = loaded(run, tmp_path, wide(FORECAST, CUTOFF))
    scored(tables)
    rows = tables.connection.execute(
        "SELECT run, timestamp, steps_ahead, actual, p10, p50, p90, mean, seasonal_naive"
        " FROM forecast_versus_actual JOIN series USING (series) WHERE key_0 = 'b' ORDER BY timestamp"
    ).fetchall()
    assert [row[2] for row in rows] == [1, 2, 4, 5, 6]
    assert rows[2][:7] == (EARLIER, day(17), 4, 197.0, 196.0, 197.0, 198.0)
    assert rows[2][7] is None  # no mean was forecast
    assert rows[2][8] == 197.0


def test_a_last_period_that_the_history_holds_a_part_of_does_not_count(run: FinishedRun, tmp_path: Path) -> None:
    sums = scored(loaded(run, tmp_path, wide(FORECAST, CUTOFF)), whole_periods=DAYS - 1)
    assert len(sums.points) == 5


def test_a_forecast_of_the_time_to_come_alone_is_no_evidence(run: FinishedRun, tmp_path: Path) -> None:
    tables = loaded(run, tmp_path, wide(FORECAST, DAYS))
    sums = scored(tables)
    assert len(sums.points) == 0
    assert tables.connection.execute("SELECT count(*) FROM forecast_versus_actual").fetchall() == [(0,)]


def test_an_item_that_is_gone_is_passed_over(run: FinishedRun, tmp_path: Path) -> None:
    gone = FORECAST | {"gone": FORECAST["a"]}
    sums = scored(loaded(run, tmp_path, wide(gone, CUTOFF)))
    np.testing.assert_array_equal(sums.points, [2, 2, 1, 2, 2, 2])


def test_a_forecast_of_other_series_cannot_be_compared(run: FinishedRun, tmp_path: Path) -> None:
    by_store = [["a", store, "2024-01-15T00:00:00Z", 1] for store in ("north", "south")]
    by_name = [["name", "date", "p50"], ["a", "2024-01-15T00:00:00Z", 1]]
    for number, rows in enumerate(([["item_id", "store", "date", "p50"], *by_store], by_name)):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert loaded(run, folder, rows).facts.earlier_forecasts == {}


def test_what_is_known_of_an_item_may_stand_between_its_name_and_the_date(run: FinishedRun, tmp_path: Path) -> None:
    rows: list[list[object]] = [["item_id", "p50", "date", "p50_1"], ["a", "cheap", "2024-01-15T00:00:00Z", 30]]
    sums = scored(loaded(run, tmp_path, rows))
    np.testing.assert_allclose(sums.forecast, [30])
