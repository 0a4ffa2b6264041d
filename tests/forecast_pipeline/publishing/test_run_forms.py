"""Forms a run may take besides the plain one: dimensions, coarser frequencies, the dashboards' view of it all."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from forecast_files.csv_file import CsvFile
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_facts import RunFacts
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.exports.staging import Staging
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import compare
from forecast_pipeline.publishing.measures.item_accuracy import write_item_accuracy
from forecast_pipeline.publishing.measures.partial_period import partial_period, whole_history
from forecast_pipeline.publishing.outputs.dashboard_tables import FORECAST_FAN
from forecast_pipeline.publishing.outputs.forecast_csv import write_long, write_wide
from forecast_pipeline.publishing.report import axis
from forecast_pipeline.publishing.report.blocks import ItemLines, lines_of, packed
from forecast_pipeline.publishing.report.holiday_marks import holiday_marks
from forecast_pipeline.runs.account import partial_period_sentence
from forecast_pipeline.runs.run_document import WithPredictor
from tests.forecast_pipeline.publishing.loaded_run import loaded_run
from tests.forecast_pipeline.publishing.published_run import report_of
from tests.forecast_pipeline.publishing.read_report import lines_of as lines_read

DASHBOARDS = Path(__file__).parents[3] / "dashboards"
MONDAY = datetime(2024, 1, 1)
WEEKS = 9


def weekly_document(document: dict[str, Any]) -> WithPredictor:
    """The run document of two goods by two clerks, forecast two weeks ahead."""
    document["Datasets"][0] |= {"Domain": "RETAIL"}
    document["Datasets"][0]["Schema"]["Attributes"] = [
        {"AttributeName": name, "AttributeType": kind}
        for name, kind in (
            ("item_id", "string"),
            ("clerk", "string"),
            ("demand", "integer"),
            ("timestamp", "timestamp"),
        )
    ]
    document["Imports"][0]["TimestampFormat"] = "yyyy-MM-dd"
    document["AutoPredictor"] |= {"ForecastHorizon": 2, "ForecastFrequency": "W"}
    document["Datasets"].append(
        {
            "DatasetName": "goods",
            "Domain": "RETAIL",
            "DatasetType": "ITEM_METADATA",
            "Schema": {
                "Attributes": [
                    {"AttributeName": "item_id", "AttributeType": "string"},
                    {"AttributeName": "p5", "AttributeType": "string"},  # called like a quantile, and none
                    {"AttributeName": "timestamp", "AttributeType": "string"},
                ]
            },
        }
    )
    return WithPredictor.model_validate(document)


@pytest.fixture
def weekly_run(load_event: Callable[[str], dict[str, Any]], tmp_path: Path) -> RunTables:
    """Daily sales of a shop's two goods by two clerks, forecast per week; one is new, known by its metadata alone."""
    run = FinishedRun.from_document(weekly_document(load_event("publish_forecast")))
    days = [MONDAY + timedelta(days=k) for k in range(WEEKS * 7 - 2)]  # the last week lacks two days
    rows = [["tea", clerk, 1, f"{day:%Y-%m-%d}"] for clerk in ("ann", "bob") for day in days]
    write(tmp_path / "train.csv", [["item", "clerk", "demand", "day"], *rows])
    weeks = [f"{MONDAY + timedelta(weeks=WEEKS + k):%Y-%m-%dT00:00:00Z}" for k in range(2)]
    goods = [("new, tea", "green", "night"), ("tea", "black", "")]
    forecast = [[*good, week, 10 + k, 14 + k] for good in goods for k, week in enumerate(weeks)]
    write(tmp_path / "forecast.csv", [["item_id", "p5", "timestamp", "date", "p50", "mean"], *forecast])
    tested = [f"{MONDAY + timedelta(weeks=WEEKS - 3 + k):%Y-%m-%dT00:00:00}" for k in range(2)]
    window = [["tea", f"{week}Z", 14, *tested, 13, 15] for week in tested]
    names = ["backtestwindow_start_time", "backtestwindow_end_time"]
    write(tmp_path / "backtest.csv", [["item_id", "timestamp", "target_value", *names, "p30", "p80"], *window])
    write(tmp_path / "accuracy.csv", [["item_id", "backtest_window", "MASE"], ["tea", "Summary", 0.5]])
    exports = [[tmp_path / f"{name}.csv"] for name in ("forecast", "backtest", "accuracy")]
    return loaded_run(run, {"train/a.csv": tmp_path / "train.csv"}, exports, tmp_path)


def write(path: Path, rows: list[list[Any]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def read(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_the_bridge_row_is_the_last_period_of_the_forecasts_own_frequency(
    weekly_run: RunTables, tmp_path: Path
) -> None:
    compare(weekly_run, AlignedHistory(weekly_run))
    write_long(weekly_run, tmp_path / "long.csv", tmp_path / "forecast.parquet")
    assert read(tmp_path / "long.csv") == [
        ["item_id", "clerk", "demand", "timestamp", "type"],
        ["new, tea", "", "10.0", "2024-03-04", "p50"],
        ["new, tea", "", "11.0", "2024-03-11", "p50"],
        ["new, tea", "", "14.0", "2024-03-04", "mean"],
        ["new, tea", "", "15.0", "2024-03-11", "mean"],
        ["tea", "", "10.0", "2024-02-26", "p50"],  # five days by two clerks
        ["tea", "", "10.0", "2024-03-04", "p50"],
        ["tea", "", "11.0", "2024-03-11", "p50"],
        ["tea", "", "10.0", "2024-02-26", "mean"],
        ["tea", "", "14.0", "2024-03-04", "mean"],
        ["tea", "", "15.0", "2024-03-11", "mean"],
    ]


def test_the_wide_file_is_written_as_the_service_exports(weekly_run: RunTables, tmp_path: Path) -> None:
    write_wide(weekly_run, tmp_path / "wide.csv")
    assert read(tmp_path / "wide.csv")[:2] == [
        ["item_id", "p5", "timestamp", "date", "p50", "mean"],
        ["new, tea", "green", "night", "2024-03-04T00:00:00Z", "10.0", "14.0"],
    ]


def test_item_accuracy_has_a_row_for_each_item_the_service_measured(weekly_run: RunTables, tmp_path: Path) -> None:
    comparison = compare(weekly_run, AlignedHistory(weekly_run))
    write_item_accuracy(weekly_run, comparison.items, tmp_path / "items.csv")
    header, *rows = read(tmp_path / "items.csv")
    assert header == ["item_id", "MASE", "forecast_wape", "seasonal_naive_wape", "forecast_coverage"]
    # No mean and no p50: p30, the quantile nearest the median, stands for the point; 13 where 14 was sold.
    assert [row[:2] for row in rows] == [["tea", "0.5"]]
    assert float(rows[0][2]) == pytest.approx(1 / 14)
    assert float(rows[0][3]) == 0
    assert float(rows[0][4]) == 1  # 14 lies between p30, 13, and p80, 15


def test_the_report_of_a_new_item_has_a_forecast_and_no_past(weekly_run: RunTables) -> None:
    history = AlignedHistory(weekly_run)
    data = report_of(weekly_run, history, datetime(2024, 3, 4, 5, 6))
    assert [item["name"] for item in data["items"]] == ["tea", "new, tea"]
    tea, new = data["items"]
    assert data["newItemCount"] == weekly_run.new_series_count() == 1
    assert data["times"][-2:] == ["2024-03-04 00:00:00", "2024-03-11 00:00:00"]
    assert data["times"][data["forecastStart"]] == "2024-03-04 00:00:00"
    assert tea["history"][-3:] == [14, 14, 10]
    assert tea["forecast"] == {"line": [10, 11]}
    assert tea["backtests"] == [{"start": WEEKS - 3, "line": [13, 13], "low": [13, 13], "high": [15, 15]}]
    # Seasonal naive repeats the last week, 10, where means of 14 and 15 are forecast; from week to week one of the
    # history's 8 changes is 4: (4 + 5) / 2 over 4 / 8.
    assert (tea["surprise"], new["surprise"]) == (9, None)
    assert set(new["history"]) == {None}
    assert (new["forecast"]["line"], new["wape"]) == ([10, 11], None)
    assert data["made"] == "2024-03-04T05:06Z"
    assert data["partialPeriod"] == {
        "start": "2024-02-26T00:00:00", "period": "W", "held": 5, "steps": 7, "step": "D", "isLeftOut": False,
    }  # fmt: skip
    assert [(each["place"], each["read"], each["used"]) for each in data["rows"]] == [("train/", 122, 122)]
    # Two goods by two clerks, and one value a week: all but the first row of each week were added to it.
    assert data["aggregated"] == {"count": 113, "by": "sum"}
    # 14 a week, 10 in the last: both goods' p50 are 10 and 11; the new one adds no history.
    assert data["total"]["history"][-2:] == [14, 10]
    assert (data["total"]["summed"], data["total"]["forecast"]) == ("mean", {"line": [28, 30]})


def test_an_item_that_is_not_among_the_largest_has_its_forecast_and_some_history(
    weekly_run: RunTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, numbers in (("NUMBERS_IN_PAGE", 1), ("NUMBERS_OF_THE_LARGEST", 1), ("LEAST_HISTORY", 3)):
        monkeypatch.setattr(axis, name, numbers)
    monkeypatch.setattr(axis, "BYTES_OF_THE_OTHERS", 1)
    data = report_of(weekly_run, AlignedHistory(weekly_run), datetime(2024, 3, 4))
    assert (data["detailedCount"], data["shortHistory"], data["levels"]) == (1, 3, 255)
    new = data["items"][1]
    assert new["name"] == "new, tea"
    assert new["forecast"]["line"] == pytest.approx([10, 11], abs=11 / 255 / 2)
    assert new["history"] == [None] * 3


def test_numbers_of_many_items_come_back_as_exact_as_said() -> None:
    rng = np.random.default_rng(7)
    lines = ItemLines(*(rng.normal(size=(5, width)) * 10.0 ** np.arange(5)[:, None] for width in (30, 4, 4, 4)))
    lines.history[2, :7] = np.nan
    lines.line[3, 2] = lines.low[3, 2] = np.nan
    data = {"shortHistory": 30, "times": packed(["t"] * 34), "forecastStart": 30, "bandShare": 0.8}
    found = lines_read(data, lines_of(lines, ["", "new", "", "", ""], 255))
    for row, item in enumerate(found):
        wanted = {"history": lines.history, "line": lines.line, "low": lines.low, "high": lines.high}
        largest = max(np.nanmax(np.abs(each[row])) for each in wanted.values())
        for name, values in (item["forecast"] | {"history": item["history"]}).items():
            known = np.array([np.nan if each is None else each for each in values])
            assert known == pytest.approx(wanted[name][row], abs=largest / 255 / 2 * 1.001, nan_ok=True)
    assert [item["note"] for item in found] == ["", "new", "", "", ""]


def test_the_holidays_that_the_predictor_knows_are_marked_where_periods_are_weeks_or_shorter(
    load_event: Callable[[str], dict[str, Any]],
) -> None:
    document = load_event("publish_forecast")
    holidays = [{"Name": "holiday", "Configuration": {"CountryCode": ["KR"]}}, {"Name": "weather"}]
    document["AutoPredictor"] |= {"DataConfig": {"AdditionalDatasets": holidays}}
    country = FinishedRun.from_document(weekly_document(document)).holiday_country
    liberation = ["Liberation Day", "광복절"]  # on the 15th of August, a Friday in 2025
    hours = [f"2025-08-{day} {hour}:00:00" for day in (14, 15) for hour in ("00", "12")]
    assert holiday_marks(country, "W", ["2025-08-04", "2025-08-11"]) == [[1, *liberation]]
    assert holiday_marks(country, "12H", hours) == [[2, *liberation]]
    assert holiday_marks(country, "M", ["2025-08-01"]) == holiday_marks(None, "D", ["2025-08-15"]) == []


def test_headers_and_quotes_of_train_files_are_seen(weekly_run: RunTables, tmp_path: Path) -> None:
    run = weekly_run.run
    write(tmp_path / "plain.csv", [["tea", "ann", 1, "2024-01-01"]])
    write(tmp_path / "quoted.csv", [["tea, green", "ann", 1, "2024-01-01"]])
    (tmp_path / "empty.csv").write_text("\ufeff\n")
    write(tmp_path / "long.csv", [["tea, green", "ann", 1, "2024-01-01"]] * 3000)

    def facts(*names: str) -> RunFacts:
        parts = [part for name in names for part in CsvFile.local(tmp_path / f"{name}.csv", name, 4).parts()]
        with duckdb.connect() as connection:
            return Staging(connection, run).train(parts, tmp_path)

    found = {name: facts(name).is_headed for name in ("train", "plain", "quoted", "empty", "long")}
    assert found == {"train": True, "plain": False, "quoted": False, "empty": False, "long": False}
    assert not facts("train", "plain").is_headed
    assert not facts("train", "plain").is_quoted
    assert facts("plain", "quoted").is_quoted


def test_a_week_that_the_service_left_out_is_no_part_of_the_history(weekly_run: RunTables) -> None:
    weekly_run.run = replace(weekly_run.run, drops_partial_period=True)
    imported = AlignedHistory(weekly_run)
    counted = partial_period(weekly_run, imported)
    assert counted is not None
    assert not counted.IsLeftOut  # the forecast begins behind it: Amazon's service does not know the tag
    weekly_run.facts = replace(weekly_run.facts, forecast_span=("2024-02-26T00:00:00", "2024-03-04T00:00:00"))
    part = partial_period(weekly_run, imported)
    assert part is not None
    assert partial_period_sentence(part) == "The last week, from 2024-02-26 on, holds 5 of 7 days and is left out."
    history = whole_history(weekly_run, imported, part)
    assert (imported.grid.length, history.grid.length) == (WEEKS, WEEKS - 1)
    assert weekly_run.rows.left_out.counts == {"period": 10}  # five days of two clerks
    assert weekly_run.rows.used == 2 * (WEEKS - 1) * 7
    assert compare(weekly_run, history).items.volume.tolist() == [0, 2 * (WEEKS - 1) * 7]


@pytest.mark.parametrize("moment", ["TIMESTAMP", "DATE"])
def test_the_dashboards_long_form_joins_history_and_forecast(moment: str) -> None:
    """Run by duckdb, which understands the part of Athena's SQL that it uses."""
    database = duckdb.connect()
    database.execute(f'CREATE TABLE train ("timestamp" {moment}, target_value DOUBLE, item_id VARCHAR)')
    database.execute(
        f'CREATE TABLE forecast ("timestamp" {moment}, target_value DOUBLE, item_id VARCHAR, type VARCHAR)'
    )
    database.execute("INSERT INTO train VALUES ('2024-01-01', '1', 'a'), ('2024-01-02', '2', 'a')")
    database.execute("INSERT INTO train VALUES (NULL, NULL, 'item_id')")  # a header line as the table reads it
    for kind, value in (("p10", 2), ("p50", 3), ("p90", 4)):
        database.execute(f"INSERT INTO forecast VALUES ('2024-01-02', '2', 'a', '{kind}')")
        database.execute(f"INSERT INTO forecast VALUES ('2024-01-03', '{value}', 'a', '{kind}')")
    long = database.execute((DASHBOARDS / "history_and_forecast.sql").read_text()).fetchall()
    assert len(long) == 8
    assert ("a", datetime(2024, 1, 2), 2.0, "history") in long
    assert ("a", datetime(2024, 1, 3), 4.0, "p90") in long


def test_the_lines_of_the_fan_begin_with_the_last_value_of_their_own_series() -> None:
    database = duckdb.connect()
    types = {"string": "VARCHAR", "timestamp": "TIMESTAMP", "double": "DOUBLE"}
    columns = ", ".join(f'"{name}" {types[each]}' for name, each in FORECAST_FAN.columns.items())
    database.execute(f"CREATE TABLE forecast_fan ({columns})")
    for place, sold in (("north", 2), ("south", 5)):
        for day, history, quantiles in ((1, 1, (None,) * 3), (2, sold, (None,) * 3), (3, None, (2, 3, 4))):
            row = [f"a · {place}", "a", place, datetime(2024, 1, day), history, *quantiles, None, "run"]
            database.execute("INSERT INTO forecast_fan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    fan = sorted(database.execute((DASHBOARDS / "fan_chart.sql").read_text()).fetchall(), key=lambda row: row[1:3])
    assert fan[3:] == [
        ("a", "south", datetime(2024, 1, 1), 1.0, None, None, None),
        ("a", "south", datetime(2024, 1, 2), 5.0, 5.0, 5.0, 5.0),
        ("a", "south", datetime(2024, 1, 3), None, 2.0, 3.0, 4.0),
    ]
    assert fan[1] == ("a", "north", datetime(2024, 1, 2), 2.0, 2.0, 2.0, 2.0)
