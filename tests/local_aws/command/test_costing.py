"""almanac cost: what the newest runs used, at whose prices, and what their files cost a month."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from forecast_pipeline.cost.used import Used
from local_aws.command import costing
from local_aws.command.cli import main

DOCUMENT = (Path(__file__).parents[3] / "events" / "notify.json").read_text()
NAMES = ("StateMachineArn", "JobStateMachineArn", "ForecastBucketName", "ServiceBucketName")
OUTPUTS = [{"OutputKey": name, "OutputValue": name} for name in NAMES]


class Aws:
    """A stack of so many runs that published, with half a gigabyte in each of two buckets."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.meta = SimpleNamespace(region_name="ap-northeast-2")

    def __call__(self, _service: str) -> "Aws":
        return self

    def describe_stacks(self, **_which: str) -> dict[str, Any]:
        return {"Stacks": [{"Outputs": OUTPUTS}]}

    def describe_execution(self, **_which: str) -> dict[str, Any]:
        return {"output": DOCUMENT}

    def get_paginator(self, operation: str) -> Any:
        began = datetime(2026, 1, 5, 2, tzinfo=UTC)
        runs = [{"executionArn": "a", "name": f"run{number}", "startDate": began} for number in range(self.runs)]
        page = {"executions": runs} if operation == "list_executions" else {"Versions": [{"Size": 2**29}]}
        return SimpleNamespace(paginate=lambda **_request: [page])


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Aws:
    aws = Aws(runs=7)
    monkeypatch.setattr(costing, "clients_of", lambda *_: aws)
    used = Used(transitions=100, invocations=0, gigabyte_seconds=0, writes=0, reads=0)
    monkeypatch.setattr(costing, "used_by_run", lambda *_: used)
    return aws


def test_the_newest_runs_are_told_at_the_prices_of_their_region(stack: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--runs", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("run ")] == [f"run run{n} of 2026-01-05 02:00" for n in (0, 1)]
    assert lines[1].startswith("  Used: 100 transitions of state, ")
    assert "about $0.0027 at the prices of ap-northeast-2 of " in lines[1]  # 100 x .0271 / 1000
    assert lines[2] == "  Amazon Forecast asks $0.43 for 216 forecast data points, and more for import and training."
    assert lines[-1].startswith("storage: 1 GB with old versions, $0.025 a month (prices of ap-northeast-2, ")


def test_other_prices_are_a_region_and_its_absence_is_told(stack: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--runs", "1", "--prices", "eu-west-1"]) == 0
    assert "(eu-west-1 has no list here)" in capsys.readouterr().out


def test_a_stack_without_runs_is_one_sentence(stack: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    stack.runs = 0
    assert main(["cost"]) == 1
    assert capsys.readouterr().err == "almanac: stack almanac: found no run that published, wanted one\n"


def test_the_document_of_the_event_has_points_of_three_quantiles() -> None:
    published = json.loads(DOCUMENT)["Published"]
    assert published["ItemCount"] * published["Horizon"] * 3 == 216
