"""docs/operating.md: what it shows is what the pipeline says, and its queries answer over published rows."""

import json
import re
from datetime import UTC, datetime

import pytest

from forecast_pipeline.compared.sentences import compared_with_before
from forecast_pipeline.parameters.publishing_rules import DriftLimits, PublishIf
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.runs.came_true import CameTrue, came_true_sentences, drift_sentence
from forecast_pipeline.runs.published import AccuracyFigures, Published, RunBefore
from local_aws.operating.not_run_yet import waiting_sentence
from local_aws.operating.runs import Run, table_of
from tests.local_aws.dashboard.published_tables import Tables
from tests.project.resolved_template import project_template
from tests.project.test_documents import PROJECT, READMES, code_blocks

PAGE = (PROJECT / "docs" / "operating.md").read_text()
BLOCKS = code_blocks(PAGE)
STEPS, MISSED, PROMISED, ONE_STEP = (block for language, block in BLOCKS if language == "sql")
SHOWN_SENTENCES, SHOWN_RUNS, SHOWN_WAITING, SHOWN_COMPARED = (block for language, block in BLOCKS if not language)


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Run 1 forecast two months of the shops a and b, run 2 the second of them: 10 and 20, in a band from 5 and 10 up.

    10 and 20 came in January, 20 and 40 in February. Seasonal naive said 8 and 16.
    """
    tables = Tables()
    insert = tables.connection.execute
    for run, month, step in (("run1", 1, 1), ("run1", 2, 2), ("run2", 2, 1)):
        made = f"TIMESTAMP '2026-0{month - step + 1}-01', '{run}'"
        for shop, scale in (("a", 1), ("b", 2)):
            numbers = ", ".join(str(each * scale) for each in (month * 10, 5, 10, 15))
            insert(
                f"INSERT INTO forecast_versus_actual VALUES ('{shop}', '{shop}', '', TIMESTAMP '2026-0{month}-01', "
                f"{numbers}, NULL, {8 * scale}, {step}, {made})"
            )
        row = f"'{run}', TIMESTAMP '2026-0{month - step + 1}-01', {step}, 2, {(month - 1) / 2}"
        insert(f"INSERT INTO forecast_came_true VALUES ({row}, 1, .1, .2, .1, .2)")
    for run, month, came_true in (("run1", 1, "NULL, NULL, NULL, NULL, NULL"), ("run2", 2, "'run1', .5, .7, .06, .09")):
        row = f"'{run}', TIMESTAMP '2026-0{month}-01', .04, .1, .8, 2, 'arn', 'p10', 'p50', 'p90'"
        insert(f"INSERT INTO forecast_runs VALUES ({row}, {came_true})")
    return tables


def test_errors_by_steps_ahead_are_over_all_series_and_runs(tables: Tables) -> None:
    one, two = tables.ask(STEPS)
    # One step ahead 10 + 20 came as forecast, and 20 + 40 where 10 + 20 were forecast.
    assert (one["steps_ahead"], one["points"], one["inside"]) == ("1", "4", "0.5")
    assert (float(one["wape"]), float(one["seasonal_naive_wape"])) == pytest.approx((30 / 90, 42 / 90))
    assert (two["points"], two["wape"], two["seasonal_naive_wape"], two["inside"]) == ("2", "0.5", "0.6", "0.0")


def test_what_the_newest_forecast_missed_most_comes_first(tables: Tables) -> None:
    rows = [[*row.values()] for row in tables.ask(MISSED)]
    assert rows == [["b", "40.0", "20.0", "20.0"], ["a", "20.0", "10.0", "10.0"]]


def test_a_promise_stands_beside_what_came(tables: Tables) -> None:
    (row,) = tables.ask(PROMISED)
    assert [*row.values()] == ["2026-02-01 00:00:00", "run1", "0.04", "0.06", "0.09", "0.7", "0.5"]


def test_forecasts_of_one_step_ahead_are_told_newest_first(tables: Tables) -> None:
    assert [(row["run_id"], row["bias"]) for row in tables.ask(ONE_STEP)] == [("run2", "0.5"), ("run1", "0.0")]


def test_the_sentences_are_those_of_the_mail() -> None:
    june = CameTrue(
        Run="8c01",
        Made="2024-06-01T06:00:00+00:00",
        First="2024-06-01T00:00:00",
        Periods=1,
        Frequency="M",
        Points=50,
        Actual=103,
        Forecast=100,
        Inside=0.84,
        BandShare=0.8,
        WAPE=0.1,
        SeasonalNaiveWAPE=0.15,
    )
    assert SHOWN_SENTENCES.splitlines() == [*came_true_sentences(june)]
    assert drift_sentence(["the 80 % band held 0 % of the values"]) in PAGE


def test_the_runs_are_listed_as_the_command_lists_them() -> None:
    def run(name: str, day: datetime, state: str, *losses: float) -> Run:
        figures = [{"AverageWeightedQuantileLoss": each} for each in losses]
        span = [f"{day.year}-{day.month:02}-01T00:00:00", f"{day.year}-{day.month + 5:02}-01T00:00:00"]
        names = ("Accuracy", "SeasonalNaive", "ItemCount", "FirstTimestamp", "LastTimestamp")
        return Run(name, day, state, dict(zip(names, [*figures, 120, *span], strict=True)) if losses else None)

    assert SHOWN_RUNS.strip() == table_of(
        [
            run("2026-02-05-4d11e0a9c3", datetime(2026, 2, 5, 2, tzinfo=UTC), "held back", 0.31, 0.11),
            run("2026-01-05-9f3c1a2b7d", datetime(2026, 1, 5, 2, tzinfo=UTC), "latest", 0.08, 0.12),
            run("2026-01-04-77aa01b2c3", datetime(2026, 1, 4, 2, tzinfo=UTC), "failed"),
        ]
    )


def test_what_waits_and_what_changed_is_told_as_the_command_and_the_mail_tell_it() -> None:
    run, replaced = "2026-01-05-9f3c1a2b7d", "related/price.csv was replaced"
    assert SHOWN_WAITING.strip() == waiting_sentence(run, ["params.json was replaced", replaced])
    before = RunBefore(
        Run=run,
        Horizon=24,
        Accuracy=AccuracyFigures(),
        SeasonalNaive=AccuracyFigures(),
        Total=100.0,
        SharedTotal=112.0,
        ChangedParameters=["AutoPredictor.ForecastHorizon: 24 -> 30"],
        ChangedFiles=[replaced],
    )
    published = Published(
        Accuracy=AccuracyFigures(),
        SeasonalNaive=AccuracyFigures(),
        ItemCount=1,
        Horizon=30,
        FirstTimestamp="",
        LastTimestamp="",
        Before=before,
    )
    assert SHOWN_COMPARED.splitlines() == [*compared_with_before(published)]


def test_params_json_takes_what_is_shown_and_every_limit_is_told() -> None:
    whole = next(json.loads(block) for language, block in code_blocks(READMES[0].read_text()) if '"Datasets"' in block)
    for language, block in BLOCKS:
        if language == "json":
            read_parameters("params.json", json.dumps(whole | json.loads(block)).encode())
    assert [name for name in (*DriftLimits.model_fields, *PublishIf.model_fields) if f"`{name}`" not in PAGE] == []


def test_every_alarm_of_the_stack_is_told() -> None:
    section = PAGE.partition("## Which alarms are there?")[2]
    resources = project_template()["Resources"]
    alarms = [name for name, body in resources.items() if body["Type"] == "AWS::CloudWatch::Alarm"]
    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == sorted(alarms)
