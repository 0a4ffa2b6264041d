"""From a file in the bucket to tables and a mail, on the very template that deploys; and every way it may go wrong."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.publishing.outputs.report_page import data_of
from local_aws.command.drawing_dashboard import WhichStack, draw_dashboard
from tests.local_aws.athena_queries import rows as athena_rows
from tests.whole_way.small_data import (
    ITEMS,
    MODELS,
    MONTHS,
    WORKSHOP_PARAMETERS,
    daily_file_for_weeks,
    hourly_file_without_header,
    monthly_panel,
    monthly_parameters,
    weekly_parameters,
)
from tests.whole_way.stack import Stack

PUBLISHED_KEYS = {
    "latest/accuracy.json",
    "latest/forecast.csv",
    "latest/item_accuracy.csv",
    "latest/item_models/item_models.csv",
    "latest/report.html",
    "quicksight/forecast.csv",
}


def rows(text: str) -> list[dict[str, str]]:
    """A CSV file with a header."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def first_run(stack: Stack) -> dict[str, Any]:
    """The run that the first file starts, and the mail about it."""
    execution = stack.drop(monthly_parameters("fruit"), {"train/fruit.csv": monthly_panel()})
    return execution | {"mail": stack.mail(), "latest": stack.latest()}


def test_a_file_in_the_bucket_becomes_a_published_forecast(stack: Stack, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED", first_run.get("cause")
    assert set(first_run["latest"]) == PUBLISHED_KEYS

    forecast = rows(first_run["latest"]["latest/forecast.csv"])
    assert {(row["item_id"], row["model"]) for row in forecast} == {(i, s) for i in ITEMS for s in MODELS}
    dates = sorted({row["date"][:10] for row in forecast})
    assert dates == [f"2024-{month:02}-01" for month in range(1, 7)]  # the six months after the data
    assert all(float(row["p10"]) <= float(row["p50"]) <= float(row["p90"]) for row in forecast)

    # The series rise by one a month around a season of a year: a forecast worth its name stays near that line.
    for row in forecast:
        number = ITEMS.index(row["item_id"]) * len(MODELS) + MODELS.index(row["model"])
        last_year = 100 + 10 * number + MONTHS
        assert abs(float(row["p50"]) - last_year) < 40, row


def test_the_exports_are_amazons_files(stack: Stack, first_run: dict[str, Any]) -> None:
    exported = [key for key in stack.keys(f"tmp/{first_run['name']}/forecast/") if key.endswith(".csv")]
    assert exported
    header = stack.text(exported[0]).splitlines()[0].split(",")
    assert header == ["item_id", "model", "date", "p10", "p50", "p90"]
    backtest = stack.keys(f"tmp/{first_run['name']}/backtest/")
    assert any("forecasted-values" in key for key in backtest)
    assert any("accuracy-metrics-values" in key for key in backtest)
    assert stack.keys(f"history/raw/{first_run['name']}/")  # kept for good, when tmp/ goes


def test_the_tables_of_athena_have_the_columns_of_the_files(stack: Stack, first_run: dict[str, Any]) -> None:
    tables = stack.deployment.client("glue").get_tables(DatabaseName="almanac-db")["TableList"]
    storage = {table["Name"]: table["StorageDescriptor"] for table in tables}
    run = json.loads(first_run["latest"]["latest/accuracy.json"])["RunId"]
    assert storage["forecast"]["Location"] == f"s3://{stack.bucket}/history/clean/{run}/forecast/"
    assert storage["train"]["Location"] == f"s3://{stack.bucket}/train/"
    for name, key in (("forecast", "quicksight/forecast.csv"), ("train", "train/fruit.csv")):
        header = stack.text(key).splitlines()[0].split(",")
        assert [column["Name"] for column in storage[name]["Columns"]] == header


def test_the_dashboard_is_drawn_of_what_athena_answers(stack: Stack, first_run: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "dashboard.html"
    draw_dashboard(WhichStack("almanac", stack.deployment.endpoint), page)
    data = data_of(page.read_text())
    assert data["run"] == first_run["name"]
    published = json.loads(first_run["latest"]["latest/accuracy.json"])
    figures = {visual["id"]: visual.get("value") for visual in data["visuals"]}
    accuracy = published["Accuracy"]["AverageWeightedQuantileLoss"]
    assert figures["average-wql"] == pytest.approx(accuracy, rel=1e-4)
    everything = data["lines"][0]["forecast"]["line"]
    forecast = rows(first_run["latest"]["latest/forecast.csv"])
    assert sum(everything) == pytest.approx(sum(float(row["p50"]) for row in forecast), rel=1e-4)
    assert (data["itemCount"], len(everything)) == (len({row["item_id"] for row in forecast}), published["Horizon"])


def test_athena_sums_what_was_published(stack: Stack, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED"
    sql = "SELECT sum(p50) AS p50 FROM forecast_fan"
    (answer,) = athena_rows(stack.deployment, sql, database="almanac-db", WorkGroup="almanac")
    published = sum(float(row["p50"]) for row in rows(stack.text("latest/forecast.csv")))
    assert float(answer["p50"]) == pytest.approx(published, rel=1e-9)


def test_the_mail_says_how_accurate_the_forecast_is_and_where_it_lies(first_run: dict[str, Any]) -> None:
    assert first_run["mail"]["Subject"].startswith("Forecast")
    assert "failed" not in first_run["mail"]["Subject"]
    assert "seasonal naive" in first_run["mail"]["Message"]
    assert "latest/forecast.csv" in first_run["mail"]["Message"]


def test_the_published_accuracy_is_what_the_service_says_of_the_predictor(
    stack: Stack, first_run: dict[str, Any]
) -> None:
    published = json.loads(first_run["latest"]["latest/accuracy.json"])
    arn = json.loads(first_run["output"])["PredictorArn"]
    results = stack.forecast.get_accuracy_metrics(PredictorArn=arn)["PredictorEvaluationResults"]
    summaries = [window for window in results[0]["TestWindows"] if window["EvaluationType"] == "SUMMARY"]
    expected = summaries[0]["Metrics"]["AverageWeightedQuantileLoss"]
    assert published["Accuracy"]["AverageWeightedQuantileLoss"] == pytest.approx(expected, rel=1e-6)
    assert published["RunId"] == first_run["name"]


def test_the_same_event_twice_starts_one_run(stack: Stack, first_run: dict[str, Any]) -> None:
    parameters = monthly_parameters("fruit")
    parameters["AutoPredictor"]["ForecastHorizon"] = 3  # new content, so that the event has something to start
    stack.s3.put_object(Bucket=stack.bucket, Key="params.json", Body=json.dumps(parameters).encode())
    known = stack.run_names()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(stack.send_start_event, ["same-id", "same-id"]))
    answers.append(stack.send_start_event("same-id"))

    (new,) = stack.run_names() - known
    assert {answer["Run"] for answer in answers} == {new}
    assert stack.ended(new)["status"] == "SUCCEEDED"
    assert "failed" not in stack.mail()["Subject"]
    assert stack.no_mail()


def test_new_data_train_a_new_predictor_and_replace_the_forecast(stack: Stack, first_run: dict[str, Any]) -> None:
    execution = stack.drop(monthly_parameters("fruit"), {"train/fruit.csv": monthly_panel(scale=10)})
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    stack.mail()

    first, second = (json.loads(run["output"])["PredictorArn"] for run in (first_run, execution))
    assert first != second
    active = {predictor["PredictorArn"] for predictor in stack.forecast.list_predictors()["Predictors"]}
    assert {first, second} <= active
    forecast = rows(stack.text("latest/forecast.csv"))
    assert min(float(row["p50"]) for row in forecast) > 1000  # ten times what it was
    assert stack.keys(f"history/clean/{first_run['name']}/")  # the first forecast is still to be found


@pytest.mark.parametrize(
    ("parameters", "file", "said"),
    [
        (
            monthly_parameters("fruit"),
            monthly_panel().replace(b"2020-03-01,pears,south,", b"2020-03-01,pears,south,many ", 1),
            ["train/fruit.csv", "line 196", "many "],
        ),
        (
            monthly_parameters("fruit", PerformDelet=True),
            monthly_panel(),
            ["params.json", "PerformDelet"],
        ),
        (
            monthly_parameters("fruit"),
            "timestamp,item_id,model,target_value\n2019-01-01,\u00e4pples,north,1\n".encode("latin-1"),
            ["train/fruit.csv", "UTF-8"],
        ),
        (monthly_parameters("fruit"), b"", ["train/fruit.csv", "no rows"]),
    ],
    ids=["text in a number column", "a misspelt member", "not UTF-8", "an empty file"],
)
def test_bad_input_fails_the_run_says_why_and_leaves_the_forecast(
    stack: Stack, first_run: dict[str, Any], parameters: dict[str, Any], file: bytes, said: list[str]
) -> None:
    before = stack.latest()
    execution = stack.drop(parameters, {"train/fruit.csv": file})
    mail = stack.mail()

    assert execution["status"] == "FAILED"
    assert "failed" in mail["Subject"]
    for part in said:
        assert part in execution["cause"]
        assert part in mail["Message"]
    assert stack.latest() == before


def test_perform_delete_leaves_the_exports_and_no_resource(stack: Stack) -> None:
    execution = stack.drop(monthly_parameters("shortlived", PerformDelete=True), {"train/a.csv": monthly_panel()})
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    stack.mail()

    forecast = stack.forecast
    left = [
        *forecast.list_forecasts()["Forecasts"],
        *forecast.list_predictors()["Predictors"],
        *forecast.list_dataset_import_jobs()["DatasetImportJobs"],
        *forecast.list_forecast_export_jobs()["ForecastExportJobs"],
        *forecast.list_predictor_backtest_export_jobs()["PredictorBacktestExportJobs"],
        *forecast.list_datasets()["Datasets"],
        *forecast.list_dataset_groups()["DatasetGroups"],
    ]
    assert [resource for resource in left if "shortlived" in json.dumps(resource, default=str)] == []
    assert [key for key in stack.keys(f"tmp/{execution['name']}/forecast/") if key.endswith(".csv")]
    assert rows(stack.text("latest/forecast.csv"))


def test_the_workshops_parameters_and_its_hourly_file_without_header_run_unmodified(stack: Stack) -> None:
    execution = stack.drop(WORKSHOP_PARAMETERS, {"train/electricity.csv": hourly_file_without_header()})
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    stack.mail()

    forecast = rows(stack.text("latest/forecast.csv"))
    assert len(forecast) == 3 * 24
    assert {row["date"][:13] for row in forecast} == {f"2014-01-29T{hour:02}" for hour in range(24)}
    table = next(
        table
        for table in stack.deployment.client("glue").get_tables(DatabaseName="almanac-db")["TableList"]
        if table["Name"] == "train"
    )
    assert "skip.header.line.count" not in table.get("Parameters", {})
    assert "skip.header.line.count" not in table["StorageDescriptor"].get("SerdeInfo", {}).get("Parameters", {})


def test_rows_left_out_and_a_partial_week_are_named_in_the_mail_the_report_and_accuracy_json(stack: Stack) -> None:
    execution = stack.drop(weekly_parameters("bakery"), {"train/BREAD.CSV": daily_file_for_weeks()})
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    mail = stack.mail()["Message"]
    account = "844 rows read = 840 used + 4 left out: 3 without an identifier (the first: train/BREAD.CSV, line 11), "
    account += "1 without a timestamp (train/BREAD.CSV, line 41)."
    partial = "The last week, from 2024-02-26 on, holds 2 of 7 days and counts as a whole one."
    assert mail.startswith(partial)
    assert f"Imported 1 file of target time series from train/: {account}" in mail

    published = json.loads(stack.text("latest/accuracy.json"))
    assert published["Rows"]["TARGET_TIME_SERIES"] == {
        "Read": 844,
        "Used": 840,
        "LeftOut": {"identifier": 3, "timestamp": 1},
        "FirstLeftOut": {"identifier": "train/BREAD.CSV, line 11", "timestamp": "train/BREAD.CSV, line 41"},
        "Unknown": 0,
    }
    assert published["PartialPeriod"]["Held"] == 2
    page = data_of(stack.text("latest/report.html"))
    assert [(rows["place"], rows["leftOut"]) for rows in page["rows"]] == [
        ("train/", {"identifier": 3, "timestamp": 1})
    ]
    assert (page["partialPeriod"]["held"], page["partialPeriod"]["steps"]) == (2, 7)
    naive = {
        row["item_id"]: row["seasonal_naive_wape"]
        for row in csv.DictReader(io.StringIO(stack.text("latest/item_accuracy.csv")))
    }
    assert naive.keys() == {"bread", "rolls"}
    assert all(naive.values()), naive  # measured on the history that publishing reads, whatever ends its lines


def test_a_run_with_too_many_rows_left_out_fails_before_training_and_names_them(stack: Stack) -> None:
    before = stack.latest()
    parameters = weekly_parameters("bakery") | {"Pipeline": {"QuietSeconds": 0, "MaxLeftOutShare": 0.001}}
    execution = stack.drop(parameters, {"train/bread.csv": daily_file_for_weeks()})
    assert execution["status"] == "FAILED"
    mail = stack.mail()
    assert mail["Subject"] == "Forecast failed: bakery, step ImportData"
    assert (
        f"train/: 4 of 844 rows were left out: 3 without an identifier (the first: s3://{stack.bucket}/"
        in (mail["Message"])
    )
    assert "wanted at most 0.001 of the rows (Pipeline.MaxLeftOutShare in params.json)." in mail["Message"]
    assert stack.latest() == before


def test_240_files_of_one_drop_are_one_run_and_a_handful_of_invocations(stack: Stack) -> None:
    header, *lines = monthly_panel().decode().splitlines(keepends=True)
    known, looks_before = stack.run_names(), stack.looks()
    execution = stack.drop(
        monthly_parameters("parts", Pipeline={"QuietSeconds": 2}),
        {f"train/part-{number}.csv": (header + line).encode() for number, line in enumerate(lines)},
    )
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert stack.run_names() - known == {execution["name"]}
    assert len(rows(stack.text("latest/forecast.csv"))) == len(ITEMS) * len(MODELS) * 6
    assert len(lines) == 240
    assert stack.looks() - looks_before <= 8
    stack.mail()
    assert stack.no_mail()
