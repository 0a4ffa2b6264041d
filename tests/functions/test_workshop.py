"""What the workshop's users have built upon: prefixes, outputs, metrics of CloudWatch, and SQL in QuickSight."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest

from tests.forecast_pipeline.publishing.exported_run import DAYS, HORIZON, ITEMS, TYPES, actual, hour, put_run
from tests.functions.published_bucket import BUCKET, Calls, Publish, rows, snapshot
from tests.project.resolved_template import project_template, resolved

DATABASE = "default"  # as in the workshop: DatabaseName=default
NAMED = ITEMS[:2]  # without quotes, so that the table train lies over the user's own files
BY_NAME = """
SELECT item_id, timestamp, target_value, type FROM forecast
UNION ALL
SELECT item_id, timestamp, target_value, 'history' AS type FROM train
"""
BY_POSITION = "SELECT * FROM forecast UNION ALL SELECT *, 'history' AS type FROM train"


@pytest.fixture
def published(
    run_document: dict[str, Any], publish: Publish, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the step says of a run over two items, in the workshop's database."""
    monkeypatch.setenv("DATABASE_NAME", DATABASE)
    boto3.client("glue").create_database(DatabaseInput={"Name": DATABASE})
    put_run(boto3.client("s3"), run_document, items=NAMED)
    return publish(run_document)


def tables_of_athena(folder: Path) -> duckdb.DuckDBPyConnection:
    """The catalog's tables as Athena has them: their columns and types, over the files of their folders."""
    connection = duckdb.connect()
    for table in boto3.client("glue").get_tables(DatabaseName=DATABASE)["TableList"]:
        storage = table["StorageDescriptor"]
        place = storage["Location"].removeprefix(f"s3://{BUCKET}/")
        (folder / table["Name"]).mkdir()
        for number, content in enumerate(body for key, body in snapshot().items() if key.startswith(place)):
            (folder / table["Name"] / str(number)).write_bytes(content)
        files = f"{folder / table['Name']}/*"
        parquet = table["Parameters"]["classification"] == "parquet"
        types = {column["Name"]: column["Type"] for column in storage["Columns"]}
        source = f"read_parquet('{files}')" if parquet else f"read_csv('{files}', header = false, columns = {types})"
        connection.execute(f"CREATE TABLE {table['Name']} ({', '.join(f'{name} {types[name]}' for name in types)})")
        connection.execute(f"INSERT INTO {table['Name']} FROM {source}")
    return connection


def test_the_workshops_prefixes_hold_what_they_held(published: dict[str, Any], run_document: dict[str, Any]) -> None:
    prefixes = Counter("/".join(key.split("/")[:2]) for key in snapshot())
    run = run_document["Run"]["Id"]
    assert {f"tmp/{run}", "quicksight/forecast.csv", "history/raw", "history/clean"} <= prefixes.keys()
    assert {key.split("/")[2] for key in snapshot() if key.startswith("history/")} == {run}

    header, *lines = rows("quicksight/forecast.csv")
    attributes = [each["AttributeName"] for each in run_document["Datasets"][0]["Schema"]["Attributes"]]
    assert header == [*attributes, "type"]
    assert Counter(line[-1] for line in lines) == dict.fromkeys(TYPES, len(NAMED) * (HORIZON + 1))
    last = DAYS * 24 - 1  # the bridge: one row of the last actual value for each item and type
    bridge = [(item, value, kind) for timestamp, value, item, kind in lines if timestamp == f"{hour(last)}"]
    assert sorted((item, float(value), kind) for item, value, kind in bridge) == sorted(
        (item, actual(number, last), kind) for number, item in enumerate(NAMED) for kind in TYPES
    )


def test_the_services_summary_becomes_the_workshops_metrics(
    run_document: dict[str, Any], publish: Publish, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    printed = [each for each in lines if "Drift" not in each]  # which the workshop does not have
    described = [
        (each["_aws"]["CloudWatchMetrics"][0]["Namespace"], each["_aws"]["CloudWatchMetrics"][0]["Dimensions"])
        for each in printed
    ]
    assert described == [("FORECAST", [["Algorithm", "Quantile"]])] * 3 + [("FORECAST", [["Algorithm"]])]
    values = {each["Quantile"]: each["WQL"] for each in printed[:3]}
    assert values == {"0.9": [0.02], "0.5": [0.06], "0.1": [0.03]}
    assert (printed[3]["RMSE"], printed[3]["Algorithm"]) == ([3.25], "AutoPredictor")


def test_the_sql_of_the_workshops_data_set_joins_history_and_forecast(
    published: dict[str, Any], tmp_path: Path
) -> None:
    glue = boto3.client("glue")
    train, forecast = (
        glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]["StorageDescriptor"] for name in ("train", "forecast")
    )
    assert train["Location"] == f"s3://{BUCKET}/train/"
    # Athena takes no UNION of columns of two types, and the workshop's takes them by their places.
    assert forecast["Columns"] == [*train["Columns"], {"Name": "type", "Type": "string"}]

    connection = tables_of_athena(tmp_path)
    named = connection.execute(BY_NAME).fetchall()
    assert Counter(kind for *_, kind in named) == {
        "history": len(NAMED) * DAYS * 24,
        **dict.fromkeys(TYPES, len(NAMED) * (HORIZON + 1)),
    }
    assert {(item, moment, value) for item, moment, value, kind in named if kind == "history"} == {
        (item, hour(index), actual(number, index)) for number, item in enumerate(NAMED) for index in range(DAYS * 24)
    }
    by_position = connection.execute(BY_POSITION)
    assert [column[0] for column in by_position.description or []] == ["timestamp", "target_value", "item_id", "type"]
    assert len(by_position.fetchall()) == len(named)


def test_the_workshops_parameters_name_what_its_outputs_show() -> None:
    stack = resolved(project_template(), DatabaseName=DATABASE, WorkgroupName="ForecastGroup", Email="me@example.com")
    outputs = {name: output["Value"] for name, output in stack["Outputs"].items()}
    assert outputs["ForecastBucketName"] == "DataBucket"
    assert outputs["AthenaBucketName"] == "AthenaBucket"
    assert outputs["StepFunctionsName"] == "ForecastPipeline.Name"
    assert outputs["DatabaseName"] == DATABASE
    assert stack["Resources"]["AthenaWorkgroup"]["Properties"]["Name"] == "ForecastGroup"
    results = stack["Resources"]["AthenaWorkgroup"]["Properties"]["WorkGroupConfiguration"]["ResultConfiguration"]
    assert results["OutputLocation"].startswith("s3://AthenaBucket/")
    assert stack["Resources"]["EmailSubscription"]["Properties"]["Endpoint"] == "me@example.com"
    assert project_template()["Parameters"]["ParameterFile"]["Default"] == "params.json"
