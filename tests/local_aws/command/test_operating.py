"""almanac runs, run and publish: the runs of a stack by hand."""

import hashlib
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_language import columns
from local_aws.command import clients
from local_aws.command.cli import main

RESOURCES = {
    "DataBucket": "almanac-databucket",
    "ForecastPipeline": "arn:aws:states:us-east-1:123456789012:stateMachine:pipeline",
    "StartPipelineFunction": "start",
    "PublishRunFunction": "publish",
}


def mark(run: str, **more: Any) -> bytes:
    """What accuracy.json says of a run."""
    figures = {
        "Accuracy": {"AverageWeightedQuantileLoss": 0.0412},
        "SeasonalNaive": {"AverageWeightedQuantileLoss": 0.05},
    }
    span = {"FirstTimestamp": "2026-01-01T00:00:00", "LastTimestamp": "2026-01-28T00:00:00"}
    return json.dumps({"RunId": run, "ItemCount": 12, **figures, **span, **more}).encode()


class Aws:
    """A stack whose runs and files are given, and whose functions answer what they are told to."""

    def __init__(self) -> None:
        self.resources = dict(RESOURCES)
        self.executions: list[tuple[str, str]] = []
        self.objects: dict[str, bytes] = {}
        self.answer: dict[str, Any] = {}
        self.input: dict[str, Any] = {}  # of the newest run
        self.error = ""
        self.invoked: list[tuple[str, Any]] = []

    def client(self, _service: str) -> "Aws":
        return self

    def describe_stack_resources(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's own
        if StackName != "almanac":
            raise ClientError({"Error": {"Code": "ValidationError", "Message": f"no stack {StackName}"}}, "Describe")
        return {
            "StackResources": [{"LogicalResourceId": k, "PhysicalResourceId": v} for k, v in self.resources.items()]
        }

    def get_paginator(self, _operation: str) -> "Aws":
        return self

    def paginate(self, **_request: Any) -> list[dict[str, Any]]:
        started = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
        executions = [
            {"name": name, "executionArn": name, "status": status, "startDate": started}
            for name, status in self.executions
        ]
        return [{"executions": executions}]

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's own
        return {"executionArn": executionArn, "input": json.dumps(self.input)}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's own
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "there is none"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key]), "LastModified": datetime(2026, 1, 5, tzinfo=UTC)}

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's own
        self.invoked.append((FunctionName, json.loads(Payload)))
        if self.error:
            return {
                "FunctionError": "Unhandled",
                "Payload": io.BytesIO(json.dumps({"errorMessage": self.error}).encode()),
            }
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode())}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    stack = Aws()
    monkeypatch.setattr(clients, "found", lambda endpoint: stack)
    return stack


def test_runs_are_listed_with_what_became_of_them(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    states = ("RUNNING", "SUCCEEDED", "SUCCEEDED", "RUNNING", "SUCCEEDED", "FAILED", "SUCCEEDED", "TIMED_OUT")
    aws.executions = list(zip(("g", "f", "e", "d", "c", "b", "a", "0"), states, strict=True))
    aws.objects = {
        "latest/accuracy.json": mark("a"),
        "history/clean/a/accuracy.json": mark("a"),
        "history/clean/c/accuracy.json": mark("c"),
        "history/clean/e/accuracy.json": mark("e", HeldBack=["it is worse"]),
        "history/clean/f/accuracy.json": mark("f", AsOf="2025-12-31"),
        "history/clean/g/accuracy.json": mark("g", HeldBack=["nobody has approved it"], Approval={"Seconds": 3600}),
        "history/clean/b/accuracy.json": mark("b"),  # it failed behind its measuring
    }
    assert main(["runs"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["Run", "Started", "State", "Average", "wQL", "Seasonal", "naive", "Items", "From", "To"]
    assert [" ".join(line.split()) for line in lines] == [
        "g 2026-01-05 02:00 waits for approval 0.0412 0.05 12 2026-01-01 2026-01-28",
        "f 2026-01-05 02:00 as of 2025-12-31 0.0412 0.05 12 2026-01-01 2026-01-28",
        "e 2026-01-05 02:00 held back 0.0412 0.05 12 2026-01-01 2026-01-28",
        "d 2026-01-05 02:00 running",
        "c 2026-01-05 02:00 published 0.0412 0.05 12 2026-01-01 2026-01-28",
        "b 2026-01-05 02:00 failed",
        "a 2026-01-05 02:00 latest 0.0412 0.05 12 2026-01-01 2026-01-28",
        "0 2026-01-05 02:00 timed out",
    ]
    assert main(["runs", "--lang", "ko"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == [
        "실행",
        "시작",
        "시각",
        "상태",
        "평균",
        "wQL",
        "계절",
        "나이브",
        "품목",
        "예측",
        "시작",
        "예측",
        "끝",
    ]
    ends = {columns(line.partition("0.0412")[0]) for line in lines if "0.0412" in line}
    assert ends == {columns(header.partition("평균")[0])}


def test_in_json_a_run_has_what_made_it(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.executions = [("a", "SUCCEEDED")]
    aws.objects = {
        "latest/accuracy.json": mark("a"),
        "history/clean/a/accuracy.json": mark("a"),
        "history/clean/a/run.json": b'{"PredictorArn": "arn:a", "Used": {"dollars": 0.002}}',
    }
    assert main(["runs", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (run,) = answer["Runs"]
    assert (run["Forecast"]["ItemCount"], run["Made"]["Used"]["dollars"]) == (12, 0.002)
    assert answer["NotRunYet"] is None


def test_parameters_that_no_run_was_started_for_are_told_of(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.executions = [("a", "SUCCEEDED")]
    aws.objects = {"params.json": b"{}"}
    head = {"Id": "a", "Bucket": "b", "ParameterFile": "params.json", "Event": None, "StartedAt": "2026-01-05T02:00:00"}
    aws.input = {"Run": head | {"Parameters": "0123456789"}, "Imports": []}
    assert main(["runs"]) == 0
    told = "not run yet, since run a began: params.json was replaced; almanac run starts a run over it"
    assert capsys.readouterr().out.splitlines()[-1] == told
    aws.input["Run"]["Parameters"] = hashlib.sha256(b"{}").hexdigest()[:10]
    assert main(["runs"]) == 0
    assert "not run yet" not in capsys.readouterr().out


def test_without_a_run_it_is_said_how_to_have_one(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert capsys.readouterr().out.startswith("no run yet: put params.json and files under train/")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"Started": True, "Run": "9f3c"}, "run 9f3c has begun; almanac runs says how it goes"),
        ({"Started": False, "Run": "9f3c"}, "nothing has begun: run 9f3c was over the same content"),
        ({"Started": False, "Reason": "train/ is being replaced"}, "nothing has begun: train/ is being replaced"),
    ],
)
def test_a_run_is_started_by_hand(
    aws: Aws, capsys: pytest.CaptureFixture[str], answer: dict[str, Any], said: str
) -> None:
    aws.answer = answer
    assert main(["run"]) == 0
    assert capsys.readouterr().out.strip() == said
    assert aws.invoked == [("start", {})]


def test_a_run_as_of_an_old_date_is_started_by_hand(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answer = {"Started": False, "Run": "9f3c"}
    assert main(["run", "--as-of", "2025-06-30"]) == 0
    said = "nothing has begun: run 9f3c was over the same content as of 2025-06-30"
    assert capsys.readouterr().out.strip() == said
    assert aws.invoked == [("start", {"AsOf": "2025-06-30"})]
    with pytest.raises(SystemExit):
        main(["run", "--as-of", "June"])
    assert "'June' is no date; wanted one such as 2025-06-30" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "said"), [("8c01", "it was run 8c01"), (None, "there was none before"), ("9f3c", "as before")]
)
def test_a_run_is_published_by_hand(
    aws: Aws, capsys: pytest.CaptureFixture[str], before: str | None, said: str
) -> None:
    aws.answer = {"Run": "9f3c", "Before": before}
    assert main(["publish", "9f3c"]) == 0
    assert capsys.readouterr().out.strip() == f"run 9f3c is the latest forecast now; {said}"
    assert aws.invoked == [("publish", {"Run": "9f3c"})]


def test_what_the_function_says_is_what_is_said(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.error = "history/clean/abc/: found no finished run, wanted one of 9f3c"
    assert main(["publish", "abc"]) == 1
    assert capsys.readouterr().err.strip() == f"almanac: {aws.error}"


def test_a_stack_that_is_older_than_the_command_is_named(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    del aws.resources["PublishRunFunction"]
    assert main(["publish", "9f3c"]) == 1
    assert "stack almanac has no PublishRunFunction" in capsys.readouterr().err
    assert main(["runs", "--stack", "other"]) == 1
    assert "no stack other" in capsys.readouterr().err
