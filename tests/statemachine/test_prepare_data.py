"""prepare_data.asl.json, walked by moto's interpreter; Glue's crawler and job are played by functions, as Lambda is."""

import json
import random
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from tests.statemachine.machine import PROJECT, Function, FunctionError, Machine

DEFINITION = (PROJECT / "statemachine" / "prepare_data.asl.json").read_text()
CALLS = {
    "aws-sdk:glue:startCrawler": "StartCrawler",
    "aws-sdk:glue:getCrawler": "GetCrawler",
    "glue:startJobRun.sync": "RunJob",
}
COUNTS = "raw_data/a.csv: 3 of 7 rows cannot be used (target_value: wanted float: 3)"


def played(asl: str) -> str:
    """The definition with a Lambda function in the place of each call of Glue, and without the wait for a crawler."""
    for call, function in CALLS.items():
        asl = asl.replace(f"arn:aws:states:::{call}", f"${{{function}FunctionArn}}")
    return (
        asl.replace('"Seconds": 10', '"Seconds": 0').replace("${CrawlerName}", "crawler").replace("${JobName}", "job")
    )


@pytest.fixture
def document(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return load_event("replace_train_data")


@pytest.fixture
def machine(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """The machine with functions that all succeed; waits are noted and not waited."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        functions: dict[str, Function] = {
            "StartCrawler": lambda event: {},
            "GetCrawler": lambda event: {"Crawler": {"State": "READY"}},
            "RunJob": lambda event: {"Id": "jr_1", "JobRunState": "SUCCEEDED"},
            "ReplaceTrainData": lambda event: {"Superseded": None, "FileCount": 1},
            "Notify": lambda event: {"Error": "Problem", "Cause": "the sentence of the mail"},
        }
        machine = Machine(functions, "preparation", played(DEFINITION))
        monkeypatch.setattr(lambda_eval_utils, "_invoke_lambda_function", machine.invoke)
        monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=machine.waits.append))
        monkeypatch.setattr(random, "uniform", lambda low, high: high)
        yield machine


def raising(errors: list[str], then: Function, message: str = "for a reason") -> Function:
    """A function that raises these errors in turn before it does its work."""

    def function(event: dict[str, Any]) -> Any:
        if errors:
            raise FunctionError(errors.pop(0), message)
        return then(event)

    return function


def test_crawler_and_job_run_beside_each_other_and_then_the_files_are_replaced_without_a_mail(
    machine: Machine, document: dict[str, Any]
) -> None:
    execution = machine.run(document)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert execution["states"][-1] == "Prepared"
    assert sorted(machine.called()) == ["GetCrawler", "ReplaceTrainData", "RunJob", "StartCrawler"]
    events = dict(machine.calls)
    assert json.loads(events["RunJob"]["Arguments"]["--plan"]) == document["Plan"]
    assert events["ReplaceTrainData"] == document


def test_known_columns_are_not_crawled(machine: Machine, document: dict[str, Any]) -> None:
    assert machine.run(document | {"Crawl": False})["status"] == "SUCCEEDED"
    assert machine.called() == ["RunJob", "ReplaceTrainData"]


def test_a_crawler_that_runs_already_is_waited_for_and_started_again(
    machine: Machine, document: dict[str, Any]
) -> None:
    machine.functions["StartCrawler"] = raising(["Glue.CrawlerRunningException"] * 2, lambda event: {})
    states = iter(["RUNNING", "STOPPING", "READY"])
    machine.functions["GetCrawler"] = lambda event: {"Crawler": {"State": next(states)}}
    assert machine.run(document)["status"] == "SUCCEEDED"
    assert (machine.called().count("StartCrawler"), machine.called().count("GetCrawler")) == (3, 3)
    assert machine.waits == [20, 20]


def test_a_crawl_that_fails_fails_no_preparation(machine: Machine, document: dict[str, Any]) -> None:
    machine.functions["StartCrawler"] = raising(["Glue.AccessDeniedException"], lambda event: {})
    execution = machine.run(document)
    assert execution["states"][-1] == "Prepared"
    assert "NotCrawled" in execution["states"]


def test_a_job_that_is_under_way_is_waited_for(machine: Machine, document: dict[str, Any]) -> None:
    machine.functions["RunJob"] = raising(["Glue.ConcurrentRunsExceededException"] * 3, machine.functions["RunJob"])
    assert machine.run(document | {"Crawl": False})["status"] == "SUCCEEDED"
    assert machine.waits == [10, 15, 22.5]


@pytest.mark.parametrize(
    ("state", "function"), [("PrepareRawData", "RunJob"), ("ReplaceTrainData", "ReplaceTrainData")]
)
def test_what_fails_is_mailed_with_its_name_and_cause_and_the_preparation_is_red(
    machine: Machine, document: dict[str, Any], state: str, function: str
) -> None:
    machine.functions[function] = raising(["JobFailed"], machine.functions[function], COUNTS)
    execution = machine.run(document | {"Crawl": False})
    assert execution["status"] == "FAILED"
    assert execution["states"][-2:] == ["NotifyFailure", "PreparationFailed"]
    assert execution["cause"] == "the sentence of the mail"
    failure = machine.calls[-1][1]["Failure"]
    assert list(failure) == [state]
    assert COUNTS in failure[state]["Cause"]


def test_a_problem_is_mailed_before_anything_is_started(machine: Machine, document: dict[str, Any]) -> None:
    execution = machine.run({"Run": document["Run"], "Raw": {}, "Problem": "raw_data/a.csv: found an empty file."})
    assert execution["states"] == ["CheckProblem", "NotifyFailure", "PreparationFailed"]
    assert machine.called() == ["Notify"]


def test_a_superseded_preparation_says_so_and_succeeds(machine: Machine, document: dict[str, Any]) -> None:
    machine.functions["ReplaceTrainData"] = lambda event: {"Superseded": "raw_data/: the files changed", "FileCount": 0}
    machine.functions["Notify"] = raising(["NotFoundException"] * 9, machine.functions["Notify"])
    execution = machine.run(document)
    assert execution["status"] == "SUCCEEDED"
    assert execution["states"][-2:] == ["NotifySuperseded", "Superseded"]


@pytest.mark.parametrize("error", ["ReplacementUnfinishedError", "Sandbox.Timedout", "ResourcePending"])
def test_a_replacement_that_broke_off_goes_on(machine: Machine, document: dict[str, Any], error: str) -> None:
    machine.functions["ReplaceTrainData"] = raising([error] * 2, machine.functions["ReplaceTrainData"])
    assert machine.run(document | {"Crawl": False})["status"] == "SUCCEEDED"
    assert machine.called().count("ReplaceTrainData") == 3


def test_a_failure_whose_mail_cannot_be_sent_is_red_all_the_same(machine: Machine, document: dict[str, Any]) -> None:
    machine.functions["RunJob"] = raising(["JobFailed"], machine.functions["RunJob"])
    machine.functions["Notify"] = raising(["NotFoundException"] * 9, machine.functions["Notify"])
    execution = machine.run(document)
    assert execution["status"] == "FAILED"
    assert execution["error"] == "PreparationFailedWithoutNotification"
