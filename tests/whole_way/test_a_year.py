"""A year in operation: a drop a month, what goes wrong on the way, and what is known of each forecast afterwards."""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pytest

from forecast_pipeline.runs.run_names import run_name
from tests.local_aws.athena_queries import rows as athena_rows
from tests.whole_way.stack import Stack
from tests.whole_way.year_of_sales import (
    FIRST_MONTHS,
    WRONG,
    Made,
    came_true,
    figures_of,
    month,
    parameters_of,
    sales_csv,
    sales_of,
    versus_actual,
)

OLD, NEW = "year_old", "year_new"  # names of predictors
GROUP, LAST_GROUP = "year_group", "year_last"
LAST = "2025-01"
OLD_DAY, OF_OLD_DAY = "2024-08-31", "2024-09"  # a day asked for in December, and the drop that knew as much
MONTHS = [month(FIRST_MONTHS + passed)[:7] for passed in range(12)]  # of 2024; one more drop comes in January
PARAMETERS = {  # since when
    "2024-01": parameters_of(GROUP, OLD, 3, KeepRuns=2),
    "2024-04": parameters_of(GROUP, OLD, 4, KeepRuns=2),
    "2024-05": parameters_of(GROUP, NEW, 4, KeepRuns=2),
    "2024-07": parameters_of(GROUP, NEW, 4, KeepRuns=2, PublishIf={"MaxLossOverLatest": 1.5}),
    # By now its owner knows that the level is another one.
    "2024-08": parameters_of(GROUP, NEW, 4, KeepRuns=2, PublishIf={"MaxLossOverNaive": 1.3}),
    LAST: parameters_of(LAST_GROUP, NEW, 4, KeepRuns=1),
}
TABLE_KEYS = ("run_id", "item_id", "timestamp")
LISTS = {
    "list_predictors": "Predictors",
    "list_forecasts": "Forecasts",
    "list_monitors": "Monitors",
    "list_dataset_import_jobs": "DatasetImportJobs",
    "list_forecast_export_jobs": "ForecastExportJobs",
    "list_predictor_backtest_export_jobs": "PredictorBacktestExportJobs",
    "list_dataset_groups": "DatasetGroups",
    "list_datasets": "Datasets",
}


@dataclass(frozen=True)
class Drop:
    """A dropped file, the run that it started, and what there was after it."""

    file: bytes
    run: str
    status: str
    mail: dict[str, str]
    latest: dict[str, str]
    resources: list[str]

    @property
    def lines(self) -> list[str]:
        """The lines of the mail."""
        return self.mail["Message"].splitlines()

    @property
    def content(self) -> str:
        """What the names of the run's resources end in."""
        return self.run.rpartition("-")[2]

    @property
    def latest_run(self) -> str:
        """The run whose forecast is the latest one."""
        return str(json.loads(self.latest["latest/accuracy.json"])["RunId"])


@dataclass
class Year:
    """The stack, and what became of each drop, by the month in which it came."""

    stack: Stack
    drops: dict[str, Drop] = field(default_factory=dict)
    by_hand: list[tuple[dict[str, Any], dict[str, str]]] = field(default_factory=list)  # what was answered, latest/
    asked: list[dict[str, str]] = field(default_factory=list)  # what Athena said in December

    def drop(self, name: str, parameters: dict[str, Any], file: bytes) -> None:
        """Drop the file, and look at what there is after its run."""
        execution = self.stack.drop(parameters, {"train/sales.csv": file})
        mail, latest = self.stack.mail(), self.stack.latest()
        self.drops[name] = Drop(file, execution["name"], execution["status"], mail, latest, self.resources())

    def publish(self, name: str) -> None:
        """Make the run of a drop the latest by hand."""
        answer = self.stack.deployment.client("lambda").invoke(
            FunctionName=self.stack.deployment.outputs["PublishRunFunctionName"],
            Payload=json.dumps({"Run": self.drops[name].run}),
        )
        self.by_hand.append((json.loads(answer["Payload"].read()), self.stack.latest()))

    def forecast_as_of(self, day: str) -> None:
        """Start a run as of an old date by hand, and look at what there is after it."""
        answer = self.stack.deployment.client("lambda").invoke(
            FunctionName=self.stack.deployment.outputs["StartPipelineFunctionName"], Payload=json.dumps({"AsOf": day})
        )
        run = json.loads(answer["Payload"].read())["Run"]
        status = self.stack.ended(run)["status"]
        self.drops[day] = Drop(b"", run, status, self.stack.mail(), self.stack.latest(), self.resources())

    def resources(self) -> list[str]:
        """What the service has of this year, as kind/name."""
        client = self.stack.forecast
        listed = [each for operation, member in LISTS.items() for each in getattr(client, operation)()[member]]
        texts = (str(value).partition(":forecast:")[2] for each in listed for value in each.values())
        names = {text.partition(":")[2] for text in texts}
        return sorted(name for name in names if "year_" in name)

    def kept(self, name: str, file: str) -> str:
        """A file of the run of a drop as the history has it."""
        return self.stack.text(f"history/clean/{self.drops[name].run}/{file}")

    def made_before(self, name: str) -> list[Made]:
        """The forecasts of the months before this one."""
        before = MONTHS[: MONTHS.index(name)]
        return [Made.of(self.drops[each].run, self.kept(each, "forecast.csv")) for each in before]

    def runs_with_resources(self, name: str) -> set[str]:
        """The drops of whose runs the service had something after this drop."""
        texts = self.drops[name].resources
        return {each for each, drop in self.drops.items() if any(drop.content in text for text in texts)}

    def table(self, name: str, table: str) -> list[dict[str, Any]]:
        """The rows of a table as the run of a drop wrote it."""
        (key,) = self.stack.keys(f"history/clean/{self.drops[name].run}/{table}/")
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            self.stack.s3.download_file(self.stack.bucket, key, file.name)
            found = duckdb.read_parquet(file.name)
            return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def year(stack: Stack) -> Year:
    """The year 2024, a drop a month."""
    of_year = Year(stack)
    for passed, name in enumerate([*MONTHS, LAST]):
        parameters = PARAMETERS[max(since for since in PARAMETERS if since <= name)]
        file = sales_csv(FIRST_MONTHS + passed, is_corrected=name >= "2024-06")
        if name == "2024-03":
            of_year.drop("bad", parameters, file.replace(b"2023-01-01,item_4,", b"2023-01-01,item_4,about ", 1))
        of_year.drop(name, parameters, file)
        if name == "2024-07":
            for wanted in (name, "2024-06", name):
                of_year.publish(wanted)
        if name == "2024-12":
            sql = "SELECT run_id, count(*) AS n, sum(actual) AS actual, sum(p50) AS p50 FROM forecast_versus_actual"
            query = f"{sql} GROUP BY run_id"
            of_year.asked = athena_rows(stack.deployment, query, database="almanac-db", WorkGroup="almanac")
            of_year.forecast_as_of(OLD_DAY)
    return of_year


def by_key(rows: Iterable[dict[str, Any]], *keys: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows by their keys, timestamps as dates in text."""
    texts = [{name: str(value)[:10] if name == "timestamp" else value for name, value in row.items()} for row in rows]
    return {tuple(row[key] for key in keys): row for row in texts}


def assert_same(found: list[dict[str, Any]], wanted: Iterable[dict[str, Any]], *keys: str) -> None:
    """Each wanted row is found, with the same numbers, and no other."""
    rows, right = by_key(found, *keys), by_key(wanted, *keys)
    assert len(found) == len(rows)
    assert rows.keys() == right.keys()
    for key, row in right.items():
        numbers = {name: value for name, value in row.items() if name not in keys}
        assert {name: rows[key][name] for name in numbers} == pytest.approx(numbers, rel=1e-6), key


def test_the_tables_hold_every_earlier_forecast_against_what_came(year: Year) -> None:
    for name in MONTHS[1:]:
        sales, made = sales_of(year.drops[name].file), year.made_before(name)
        assert_same(year.table(name, "forecast_versus_actual"), versus_actual(sales, made), *TABLE_KEYS)
        assert_same(year.table(name, "forecast_came_true"), came_true(sales, made), "run_id", "steps_ahead")


def test_athena_says_the_same(year: Year) -> None:
    sales = sales_of(year.drops["2024-12"].file)
    assert len(year.asked) == len(MONTHS) - 1
    for made in year.made_before("2024-12"):
        rows = [*versus_actual(sales, [made])]
        (answer,) = [each for each in year.asked if each["run_id"] == made.run]
        found = [float(answer[column]) for column in ("n", "actual", "p50")]
        assert found == pytest.approx([len(rows), *(sum(row[name] for row in rows) for name in ("actual", "p50"))])


def test_a_corrected_past_counts_in_what_came(year: Year) -> None:
    item, index = WRONG
    actual = {}
    for name in ("2024-05", "2024-06"):
        rows = by_key(year.table(name, "forecast_versus_actual"), *TABLE_KEYS)
        actual[name] = rows[year.drops["2024-03"].run, item, month(index)]["actual"]
    assert actual["2024-05"] / actual["2024-06"] == pytest.approx(4 / 3, rel=1e-4)


def test_a_changed_horizon_is_that_of_the_next_forecast(year: Year) -> None:
    lengths = {made.run: len(made.months) for made in year.made_before("2024-12")}
    assert [lengths[year.drops[name].run] for name in ("2024-03", "2024-04")] == [3, 4]


def test_the_mail_says_first_whether_the_forecast_before_came_true(year: Year) -> None:
    for name in (each for each in MONTHS[1:] if each != "2024-07"):
        assert year.drops[name].mail["Subject"].startswith(f"Forecast ready: {GROUP}, ")
        assert year.drops[name].lines[:2] == came_true_lines(year, name)


def came_true_lines(year: Year, name: str) -> list[str]:
    """What a mail should say of the forecast of the month before."""
    before = MONTHS[MONTHS.index(name) - 1]
    mark, made = json.loads(year.kept(before, "accuracy.json")), year.made_before(name)[-1]
    figures = figures_of(sales_of(year.drops[name].file), made, [f"{before}-01"])
    over = 1 / (1 - figures["bias"]) - 1
    beside = f"{abs(over) * 100:.1f} % {'above' if over > 0 else 'below'} the forecast"
    inside = f"{figures['coverage'] * 100:.0f} % of 10 values were inside the 80 % band"
    naive, promised = figures["seasonal_naive_average_wql"], mark["Accuracy"]["AverageWeightedQuantileLoss"]
    loss = f"{figures['average_wql']:.4g}, that of seasonal naive {naive:.4g}; its backtest said {promised:.4g}"
    return [
        f"The month from {before}-01 on came out {beside} of {mark['StartedAt'][:10]} (run {made.run}); {inside}.",
        f"Its average weighted quantile loss on them is {loss}.",
    ]


def test_the_first_and_the_renamed_group_have_nothing_that_could_have_come_true(year: Year) -> None:
    for name in (MONTHS[0], LAST):
        assert year.drops[name].lines[0] == f"Run {year.drops[name].run} over bucket {year.stack.bucket} succeeded."
        assert year.table(name, "forecast_versus_actual") == []


def test_a_bad_file_is_named_in_the_mail_and_leaves_the_forecast(year: Year) -> None:
    bad = year.drops["bad"]
    assert (bad.status, bad.latest) == ("FAILED", year.drops["2024-02"].latest)
    assert bad.mail["Subject"].endswith(", the check of its input")
    assert bad.lines[2].startswith("train/sales.csv, line 238, column target_value: found 'about ")
    assert "The forecast published before is untouched and stays in place." in bad.lines


def test_each_good_month_is_the_latest_forecast(year: Year) -> None:
    for name in (each for each in [*MONTHS, LAST] if each != "2024-07"):
        drop = year.drops[name]
        assert (drop.status, drop.latest_run) == ("SUCCEEDED", drop.run)
        assert drop.latest["latest/forecast.csv"] == year.kept(name, "forecast.csv")


def test_a_level_that_jumps_drifts_and_is_held_back(year: Year) -> None:
    july, june = year.drops["2024-07"], year.drops["2024-06"]
    assert (july.status, july.latest) == ("SUCCEEDED", june.latest)
    arn = f"{year.stack.machine_arn.replace(':stateMachine:', ':execution:')}:{july.run}"
    events = year.stack.states.get_execution_history(executionArn=arn, reverseOrder=True)["events"]
    assert next(each["stateEnteredEventDetails"]["name"] for each in events if "stateEnteredEventDetails" in each) == (
        "HeldBack"
    )
    loss, before = (
        json.loads(year.kept(name, "accuracy.json"))["Accuracy"]["AverageWeightedQuantileLoss"]
        for name in ("2024-07", "2024-06")
    )
    figures = figures_of(sales_of(july.file), year.made_before("2024-07")[-1], ["2024-06-01"])
    assert figures["coverage"] == 0
    assert july.mail["Subject"].startswith(f"Forecast held back: {GROUP}, ")
    assert july.lines[:7] == [
        f"The forecast of run {july.run} is held back: its loss in the backtest, average wQL {loss:.4g}, is"
        f" {loss / before:.3g} times that of the forecast in place, wanted 1.5 times at most.",
        "The forecast published before is untouched and stays in place.",
        f"To publish it all the same: almanac publish {july.run}",
        "",
        *came_true_lines(year, "2024-07"),
        f"It drifts: the loss is {figures['average_wql'] / before:.1f} times that of the backtest; the 80 % band held"
        f" 0 % of the values; the values lie {figures['bias'] * 100:.0f} % above the forecast.",
    ]


def test_a_person_publishes_it_all_the_same_and_rolls_back_and_forward(year: Year) -> None:
    july, june = year.drops["2024-07"], year.drops["2024-06"]
    (first, forward), (second, back), (third, again) = year.by_hand
    assert [first, third] == [{"Run": july.run, "Before": june.run}] * 2
    assert second == {"Run": june.run, "Before": july.run}
    mark = json.loads(forward["latest/accuracy.json"])
    assert (mark["RunId"], mark["HeldBack"]) == (july.run, [])
    assert forward["latest/forecast.csv"] == year.kept("2024-07", "forecast.csv")
    assert back == june.latest
    assert again == forward


def test_an_old_date_gives_the_forecast_that_was_made_then_and_replaces_none(year: Year) -> None:
    old, then = year.drops[OLD_DAY], year.drops[OF_OLD_DAY]
    assert (old.status, old.run[:17]) == ("SUCCEEDED", f"{OLD_DAY}-as-of-")
    assert year.kept(OLD_DAY, "forecast.csv") == year.kept(OF_OLD_DAY, "forecast.csv")
    mark, of_then = (json.loads(year.kept(each, "accuracy.json")) for each in (OLD_DAY, OF_OLD_DAY))
    assert mark["Accuracy"] == of_then["Accuracy"]
    assert mark["Rows"]["TARGET_TIME_SERIES"]["Used"] == len(sales_of(then.file))
    assert (mark["AsOf"], mark["CameTrue"], mark["Drift"]) == (OLD_DAY, [], [])
    assert (old.latest, old.resources) == (year.drops["2024-12"].latest, year.drops["2024-12"].resources)
    assert old.mail["Subject"].startswith(f"Forecast as of {OLD_DAY}: {GROUP}, ")
    assert old.lines[0].startswith(
        f"This is the forecast as it would have been made at the end of {OLD_DAY}: of train/"
    )


def test_the_service_keeps_what_retention_allows(year: Year) -> None:
    # Of two runs: the failed one pushes none out, and the one held back stands beside the one in place. And of those
    # before them what their monitors need until the last month that they forecast has come.
    ended = {name: index + (3 if name < "2024-04" else 4) for index, name in enumerate(MONTHS)}
    kept = {
        name: {each for at, each in enumerate(MONTHS[: index + 1]) if at >= index - 1 or index < ended[each]}
        for index, name in enumerate(MONTHS)
    }
    kept["bad"] = {"2024-01", "2024-02"}
    assert {name: year.runs_with_resources(name) for name in kept} == kept
    waiting = [each for each in year.drops["2024-07"].resources if year.drops["2024-04"].content in each]
    assert {each.partition("/")[0].rpartition(":")[2] for each in waiting} == {"monitor", "predictor"}
    assert any(OLD in each for each in waiting)
    assert not any(OLD in each for each in year.drops["2024-08"].resources)


def test_the_mail_says_what_the_monitor_of_an_earlier_run_measured(year: Year) -> None:
    august, december = year.drops["2024-08"], year.drops["2024-12"]
    (made,) = [each for each in year.made_before("2024-12") if each.run == august.run]
    loss = figures_of(sales_of(december.file), made, made.months)["average_wql"]
    promised = json.loads(year.kept("2024-08", "accuracy.json"))["Accuracy"]["AverageWeightedQuantileLoss"]
    monitor = run_name(f"{NEW}_watch", august.run)
    span = f"{made.months[0]} to {made.months[-1]}"
    assert [each for each in december.lines if each.startswith("Monitor ")] == [
        f"Monitor {monitor} measured the forecast from {span}: average weighted quantile loss {loss:.4g}, at training"
        f" {promised:.4g}.",
    ]


def test_at_the_end_one_run_is_left_in_the_service_and_all_forecasts_in_the_history(year: Year) -> None:
    end = year.drops[LAST]
    assert len(end.resources) == len(LISTS)
    assert all(end.content in each or each.endswith(f"/{LAST_GROUP}") for each in end.resources)
    made = {drop.run for name, drop in year.drops.items() if name not in ("bad", OLD_DAY)}
    kept = {key.split("/")[2] for key in year.stack.keys("history/clean/")}
    rows = {key.rpartition("/")[2].removesuffix(".parquet") for key in year.stack.keys("dashboard/forecast_runs/")}
    assert made <= kept
    assert made <= rows
    assert year.drops["bad"].run not in kept | rows
    assert year.drops[OLD_DAY].run in kept - rows
