"""From a raw file to a published forecast, by the Glue job on real Spark; skipped where `make glue` has not run."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest

from local_aws.embedded.glue.spark import SparkMissingError, installed_spark
from tests.whole_way.small_data import weekly_parameters
from tests.whole_way.stack import Stack, eventually

ITEMS, DAYS, HORIZON = 20, 200, 7
PARAMETERS = weekly_parameters("workshop_raw")
PARAMETERS["AutoPredictor"] |= {"ForecastFrequency": "D", "ForecastHorizon": HORIZON}
MESSY = (
    b"timestamp,item_id,target_value\n2020/01/01,item_1,5\n2020/01/02,,6\nyesterday,item_1,7\n2020/01/04,item_2,many\n"
)


@pytest.fixture(autouse=True)
def _spark() -> None:
    try:
        installed_spark()
    except SparkMissingError as error:
        pytest.skip(str(error))


def raw_file() -> bytes:
    """Twenty items over two hundred days, as the workshop's raw file is written."""
    lines = ["timestamp,item_id,target_value"]
    for item in range(ITEMS):
        days = (date(2020, 1, 1) + timedelta(days=day) for day in range(DAYS))
        lines += [f"{day:%Y/%m/%d},item_{item},{20 + item + 5 * day.weekday() + day.day % 3}" for day in days]
    return ("\n".join(lines) + "\n").encode()


def preparation(stack: Stack, name: str, content: bytes) -> dict[str, Any]:
    """Drop a raw file; gives its preparation, once that has ended."""
    machine = stack.deployment.outputs["PreparationStateMachineArn"]

    def arns() -> set[str]:
        executions = stack.states.list_executions(stateMachineArn=machine)["executions"]
        return {execution["executionArn"] for execution in executions}

    known = arns()
    for key in stack.keys("raw_data/"):
        stack.s3.delete_object(Bucket=stack.bucket, Key=key)
    stack.s3.put_object(Bucket=stack.bucket, Key=f"raw_data/{name}", Body=content)
    arn = eventually(lambda: next(iter(arns() - known), None))

    def description() -> dict[str, Any] | None:
        execution: dict[str, Any] = stack.states.describe_execution(executionArn=arn)
        return execution if execution["status"] != "RUNNING" else None

    return eventually(description)


def test_a_raw_file_alone_ends_in_a_forecast_and_a_messy_one_leaves_everything_as_it_was(stack: Stack) -> None:
    for prefix in ("train/", "related/", "metadata/"):
        for key in stack.keys(prefix):
            stack.s3.delete_object(Bucket=stack.bucket, Key=key)
    stack.s3.put_object(Bucket=stack.bucket, Key="params.json", Body=json.dumps(PARAMETERS).encode())
    runs = stack.run_names()

    prepared = preparation(stack, "forecast_data.csv", raw_file())
    assert prepared["status"] == "SUCCEEDED", prepared
    run = stack.ended(eventually(lambda: next(iter(stack.run_names() - runs), None)))
    assert run["status"] == "SUCCEEDED", run
    train = {key: stack.text(key) for key in stack.keys("train/")}
    rows = [row for text in train.values() for row in csv.reader(io.StringIO(text))]
    assert len(rows) == ITEMS * DAYS
    assert ["2020-01-31", "item_3", "44"] in rows  # a Friday: 20 + 3 + 5 * 4 + 31 % 3
    published = list(csv.DictReader(io.StringIO(stack.text("latest/forecast.csv"))))
    assert len([row for row in published if row["item_id"] == "item_3"]) >= HORIZON
    assert "succeeded" in stack.mail()["Message"]
    database = stack.deployment.outputs["DatabaseName"]
    table = stack.deployment.client("glue").get_table(DatabaseName=database, Name="raw_data")["Table"]
    columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    assert columns == ["timestamp", "item_id", "target_value"]

    failed = preparation(stack, "forecast_data.csv", MESSY)
    assert failed["status"] == "FAILED"
    mail = stack.mail()
    assert "raw_data/forecast_data.csv: 3 of 4 rows cannot be used for train/" in mail["Message"]
    assert "item_id is empty: 1; target_value is no number: 1; timestamp is no " in mail["Message"]
    assert "webhdfs" not in mail["Message"]
    left_out = [
        json.loads(line)
        for key in stack.keys("quarantine/")
        if "/rows/" in key
        for line in stack.text(key).splitlines()
    ]
    assert {row["_source"] for row in left_out} == {"raw_data/forecast_data.csv"}
    assert len(left_out) == 3
    assert {key: stack.text(key) for key in stack.keys("train/")} == train

    for key in stack.keys("raw_data/"):
        stack.s3.delete_object(Bucket=stack.bucket, Key=key)
