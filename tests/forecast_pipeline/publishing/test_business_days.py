"""What never occurs in a series is not published where the run asks for observed periods."""

import csv
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import compare
from forecast_pipeline.publishing.measures.item_accuracy import write_item_accuracy
from forecast_pipeline.publishing.measures.observed_periods import leave_out_unobserved
from forecast_pipeline.publishing.outputs.forecast_csv import write_wide
from forecast_pipeline.runs.run_document import WithPredictor
from tests.forecast_pipeline.publishing.loaded_run import loaded_run
from tests.forecast_pipeline.publishing.published_run import report_of

MONDAY = date(2024, 1, 1)
HISTORY, HORIZON = 56, 7  # the history ends on Sunday, 2024-02-25, where milk is sold every day
NAN = {"middlefill": "nan", "backfill": "nan"}


def day(number: int) -> str:
    return f"{MONDAY + timedelta(days=number)}"


def write(path: Path, *rows: Iterable[Any]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def loaded(document: dict[str, Any], folder: Path, *, with_milk: bool) -> RunTables:
    """The price of tea on weekdays, and perhaps of milk every day; "new" has no history. All are 10, forecast as 9."""
    document["Imports"][0]["TimestampFormat"] = "yyyy-MM-dd"
    configs = [{"AttributeName": "target_value", "Transformations": NAN}]
    document["AutoPredictor"] |= {
        "ForecastHorizon": HORIZON,
        "ForecastFrequency": "D",
        "DataConfig": {"AttributeConfigs": configs},
    }
    document["Pipeline"]["Periods"] = "observed"
    run = FinishedRun.from_document(WithPredictor.model_validate(document))
    closed_at_weekends = {"tea": True, **({"milk": False} if with_milk else {})}
    items = [*closed_at_weekends, "new"]

    def known(numbers: range) -> list[tuple[str, int]]:
        return [(item, n) for item, closed in closed_at_weekends.items() for n in numbers if not (closed and n % 7 > 4)]

    train = write(folder / "train.csv", *([day(n), 10, item] for item, n in known(range(HISTORY))))
    future = [[item, f"{day(HISTORY + step)}T00:00:00Z", 9] for item in items for step in range(HORIZON)]
    forecast = write(folder / "forecast_export.csv", ["item_id", "date", "p50"], *future)
    window = [f"{day(HISTORY - HORIZON)}T00:00:00", f"{day(HISTORY - 1)}T00:00:00"]
    names = ["backtestwindow_start_time", "backtestwindow_end_time"]
    tested = ([item, f"{day(n)}T00:00:00Z", 10, *window, 9] for item, n in known(range(HISTORY - HORIZON, HISTORY)))
    backtest = write(folder / "backtest_export.csv", ["item_id", "timestamp", "target_value", *names, "p50"], *tested)
    accuracy = write(
        folder / "accuracy_export.csv",
        ["item_id", "backtest_window", *names, "WAPE"],
        *([item, "Summary", *window, 0.1] for item in closed_at_weekends),
    )
    return loaded_run(run, {"train/a.csv": train}, [[forecast], [backtest], [accuracy]], folder)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def document(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return load_event("publish_forecast")


def test_only_the_days_that_occur_in_a_series_are_published(document: dict[str, Any], tmp_path: Path) -> None:
    tables = loaded(document, tmp_path, with_milk=True)
    leave_out_unobserved(tables, AlignedHistory(tables))
    write_wide(tables, tmp_path / "wide.csv")
    days: dict[str, list[str]] = {}
    for row in read(tmp_path / "wide.csv"):
        days.setdefault(row["item_id"], []).append(row["date"][:10])
    assert days["milk"] == days["new"] == [day(HISTORY + step) for step in range(7)]
    assert days["tea"] == [day(HISTORY + step) for step in range(5)]
    assert tables.forecast_period_count() == 7


def test_a_new_series_has_the_days_of_the_others(document: dict[str, Any], tmp_path: Path) -> None:
    tables = loaded(document, tmp_path, with_milk=False)
    leave_out_unobserved(tables, AlignedHistory(tables))
    assert tables.forecast_span() == (datetime(2024, 2, 26), datetime(2024, 3, 1))
    assert tables.forecast_period_count() == 5


def test_the_accuracy_is_that_of_the_days_that_occur(document: dict[str, Any], tmp_path: Path) -> None:
    tables = loaded(document, tmp_path, with_milk=False)
    comparison = compare(tables, AlignedHistory(tables))
    assert comparison.forecast.wape == pytest.approx(0.1)  # 1 of 10, five days
    assert comparison.seasonal_naive.wape == 0  # the same price as a week before
    write_item_accuracy(tables, comparison.items, tmp_path / "items.csv")
    assert [row["forecast_wape"] for row in read(tmp_path / "items.csv")] == ["0.1"]


def test_the_report_draws_weekdays_side_by_side(document: dict[str, Any], tmp_path: Path) -> None:
    tables = loaded(document, tmp_path, with_milk=False)
    history = AlignedHistory(tables)
    leave_out_unobserved(tables, history)
    data = report_of(tables, history, datetime(2024, 3, 1))
    assert not [time for time in data["times"] if date.fromisoformat(time[:10]).weekday() > 4]
    tea = next(item for item in data["items"] if item["name"] == "tea")
    assert tea["history"] == [10] * data["historyLength"]
    assert tea["forecast"]["line"] == [9] * 5
    assert data["times"][data["forecastStart"]] == f"{day(HISTORY)} 00:00:00"
    (backtest,) = tea["backtests"]
    assert data["times"][backtest["start"]] == f"{day(HISTORY - HORIZON)} 00:00:00"
    assert backtest["line"] == [9] * 5


def test_of_a_horizon_in_which_nothing_occurs_nothing_is_left(document: dict[str, Any], tmp_path: Path) -> None:
    tables = loaded(document, tmp_path, with_milk=False)
    tables.connection.execute(f"DELETE FROM forecast WHERE timestamp < '{day(HISTORY + 5)}'")  # the weekend remains
    leave_out_unobserved(tables, AlignedHistory(tables))
    assert tables.forecast_span() is None
