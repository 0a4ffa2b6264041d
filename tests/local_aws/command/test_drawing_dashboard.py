"""almanac dashboard: one page over the tables of a stack, or one sentence that says what is not there."""

import csv
import io
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from forecast_pipeline.publishing.outputs.report_page import data_of
from local_aws.command import clients
from local_aws.command.cli import main
from local_aws.dashboard.athena import Athena, QueryError
from tests.local_aws.dashboard.published_tables import Tables

OUTPUTS = {"DatabaseName": "shop-db", "WorkgroupName": "shop"}


class Aws:
    """A stack whose Athena answers from DuckDB, and leaves its answers in S3 as Athena does."""

    def __init__(self, tables: Tables, outputs: dict[str, str]) -> None:
        self.tables = tables
        self.outputs = outputs
        self.asked: set[tuple[str, str]] = set()
        self.results: dict[str, str] = {}

    def client(self, _service: str) -> "Aws":
        return self

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's own
        if StackName != "almanac":
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"no stack {StackName}"}}, "DescribeStacks"
            )
        return {"Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()]}]}

    def start_query_execution(self, **request: Any) -> dict[str, str]:
        self.asked.add((request["QueryExecutionContext"]["Database"], request["WorkGroup"]))
        key = f"results/{len(self.results)}.csv"
        try:
            rows = self.tables.ask(request["QueryString"])
        except Exception as error:
            return {"QueryExecutionId": f"failed: {error}"}
        text = io.StringIO()
        if rows:
            writer = csv.DictWriter(text, rows[0].keys(), quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
        self.results[key] = text.getvalue()
        return {"QueryExecutionId": key}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803 - boto3's own
        if QueryExecutionId.startswith("failed"):
            return {"QueryExecution": {"Status": {"State": "FAILED", "StateChangeReason": QueryExecutionId}}}
        place = {"OutputLocation": f"s3://results-bucket/{QueryExecutionId}"}
        return {"QueryExecution": {"Status": {"State": "SUCCEEDED"}, "ResultConfiguration": place}}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's own
        assert Bucket == "results-bucket"
        return {"Body": io.BytesIO(self.results[Key].encode())}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    tables = Tables()
    tables.publish(2, ["north", "south"])
    aws = Aws(tables, OUTPUTS)
    monkeypatch.setattr(clients, "found", lambda endpoint: aws)
    return aws


def test_the_page_is_drawn_over_the_stacks_own_database_and_workgroup(
    aws: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dashboard.html"
    assert main(["dashboard", "--out", str(path)]) == 0
    assert data_of(path.read_text())["database"] == "shop-db"
    assert aws.asked == {("shop-db", "shop")}
    assert capsys.readouterr().out == f"{path}   the dashboard over database shop-db; open it in a browser\n"


def test_a_database_and_a_workgroup_can_be_named(aws: Aws, tmp_path: Path) -> None:
    path = tmp_path / "dashboard.html"
    options = ["--database", "forecast-demo-db", "--workgroup", "primary", "--stack", "none"]
    assert main(["dashboard", "--out", str(path), *options]) == 0
    assert aws.asked == {("forecast-demo-db", "primary")}


@pytest.mark.parametrize(
    ("outputs", "options", "sentence"),
    [
        ({}, [], "stack almanac has no outputs DatabaseName and WorkgroupName; --database and --workgroup say them"),
        (OUTPUTS, ["--stack", "other"], "no stack other"),
        (OUTPUTS, ["--out", "nowhere/dashboard.html"], "--out nowhere/dashboard.html: found no directory nowhere"),
    ],
)
def test_what_is_not_there_is_told_in_one_sentence(
    aws: Aws, capsys: pytest.CaptureFixture[str], outputs: dict[str, str], options: list[str], sentence: str
) -> None:
    aws.outputs = outputs
    assert main(["dashboard", *options]) == 1
    told = capsys.readouterr().err
    assert sentence in told
    assert told.startswith("almanac: ")
    assert told.count("\n") == 1


def test_tables_without_a_run_are_told(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.tables = Tables()
    assert main(["dashboard"]) == 1
    assert "the tables of database shop-db are empty; a run of the pipeline fills them" in capsys.readouterr().err


def test_without_a_stack_here_and_without_credentials_it_says_both(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(clients, "found", lambda endpoint: None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert main(["dashboard"]) == 1
    assert "no `almanac up` runs on this machine, and AWS's configuration has no region" in capsys.readouterr().err


def test_a_profile_is_for_aws_whatever_runs_on_this_machine(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def session(profile_name: str) -> boto3.Session:
        asked.append(profile_name)
        return Session()

    class Session(boto3.Session):
        client = aws.client

        def __init__(self) -> None:
            super().__init__("key", "secret", region_name="eu-west-1")

    monkeypatch.setattr(boto3, "Session", session)
    assert main(["dashboard", "--profile", "shop", "--out", str(tmp_path / "page.html")]) == 0
    assert asked == ["shop"]


def test_what_athena_says_of_a_statement_is_told_with_the_statement() -> None:
    aws = Aws(Tables(), OUTPUTS)
    with pytest.raises(QueryError, match=r"Athena, database shop-db: .*nowhere.*; asked: SELECT 1 FROM nowhere"):
        Athena(aws, aws, "shop-db", "shop").ask("SELECT 1 FROM nowhere")
