"""The ASL files: valid JSON, valid ASL, every Next leads somewhere and every state can be reached."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.api import lint_file
from cfnlint.decode.cfn_yaml import load

from tests.statemachine.machine import definition_of

PROJECT = Path(__file__).parent.parent.parent
MACHINES = sorted(path.name.removesuffix(".asl.json") for path in (PROJECT / "statemachine").glob("*.asl.json"))
TERMINAL = ("Succeed", "Fail")
# A notification waits for nothing, and a mail is worth four attempts at whatever fails.
NOTIFICATIONS = {"Notify", "NotifyAsOf", "NotifyHeldBack", "NotifyFailure"}
# They start nothing in the service that they would have to wait for.
NEVER_PENDING = {"RestoreLatest", "RefreshDashboard", "ApproveForecast"}
THROTTLED = "Lambda.TooManyRequestsException"


def machines_in(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The definition itself and the ones nested in its Map and Parallel states."""
    yield definition
    for state in definition["States"].values():
        for nested in [state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", [])]:
            if nested:
                yield from machines_in(nested)


def targets(state: dict[str, Any]) -> list[str]:
    """Every state that this one may go to."""
    transitions = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return [transition["Next"] for transition in transitions if "Next" in transition] + (
        [state["Default"]] if "Default" in state else []
    )


def problems(definition: dict[str, Any]) -> list[str]:
    """What is wrong with the graph of each machine in the definition; empty if nothing is."""
    found = []
    for machine in machines_in(definition):
        states = machine["States"]
        if machine["StartAt"] not in states:
            found.append(f"StartAt names {machine['StartAt']}, which is not a state")
        reached = {machine["StartAt"]}
        open_ends = [machine["StartAt"]]
        while open_ends:
            for target in targets(states.get(open_ends.pop(), {})):
                if target not in reached:
                    reached.add(target)
                    open_ends.append(target)
        for name, state in states.items():
            found += [
                f"{name} leads to {target}, which is not a state" for target in targets(state) if target not in states
            ]
            if name not in reached:
                found.append(f"{name} cannot be reached")
            if state["Type"] not in TERMINAL and not state.get("End") and not targets(state):
                found.append(f"{name} leads nowhere")
    return found


def test_there_are_three_machines() -> None:
    assert MACHINES == ["forecast_job", "forecast_pipeline", "prepare_data"]


@pytest.mark.parametrize("machine", MACHINES)
def test_every_next_leads_somewhere_and_every_state_can_be_reached(machine: str) -> None:
    assert problems(definition_of(machine)) == []


def test_the_graph_check_finds_a_dangling_next_an_unreachable_state_and_a_dead_end() -> None:
    broken = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Next": "Missing", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]},
            "B": {"Type": "Pass", "End": True},
            "C": {"Type": "Map", "ItemProcessor": {"StartAt": "D", "States": {"D": {"Type": "Pass"}}}, "End": True},
        },
    }
    assert problems(broken) == [
        "A leads to Missing, which is not a state",
        "B cannot be reached",
        "D leads nowhere",
    ]


@pytest.mark.parametrize("machine", MACHINES)
def test_cfn_lint_finds_nothing_in_the_definition(machine: str, tmp_path: Path) -> None:
    """cfn-lint looks only at definitions that stand in a template, so it gets one."""
    definition = re.sub(
        r"\$\{(\w+)Arn\}", r"arn:aws:lambda:us-east-1:123456789012:function:\1", json.dumps(definition_of(machine))
    )
    definition = re.sub(r"\$\{(\w+)\}", r"\1", definition)
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"RoleArn": "arn:aws:iam::123456789012:role/machine", "DefinitionString": definition},
            }
        },
    }
    wrapped = tmp_path / "wrapped.json"
    wrapped.write_text(json.dumps(template))
    assert [str(match) for match in lint_file(wrapped)] == []


def test_what_a_preparation_calls_of_glue_is_there_and_allowed() -> None:
    definition = (PROJECT / "statemachine" / "prepare_data.asl.json").read_text()
    called = {
        name[0].upper() + name[1:] for name in re.findall(r"arn:aws:states:::(?:aws-sdk:)?glue:(\w+)", definition)
    }
    operations = boto3.client("glue", region_name="us-east-1").meta.service_model.operation_names
    assert called == {"StartCrawler", "GetCrawler", "StartJobRun"} <= set(operations)
    policies = load(str(PROJECT / "template.yaml"))["Resources"]["RawDataPreparation"]["Properties"]["Policies"]
    statements = next(policy["Statement"] for policy in policies if "Statement" in policy)
    allowed = {action.removeprefix("glue:") for statement in statements for action in statement["Action"]}
    # The last three are what Step Functions does to wait for a job, and to stop one.
    assert allowed == called | {"GetJobRun", "GetJobRuns", "BatchStopJobRun"} <= set(operations)


def test_all_steps_of_the_pipeline_have_the_same_retriers() -> None:
    states = definition_of("forecast_pipeline")["States"]
    retriers = {name: state["Retry"] for name, state in states.items() if state["Type"] == "Task"}
    pending, throttled, transient = retriers["CreateDataset"]
    notification = retriers["Notify"]
    assert [retrier["ErrorEquals"][0] for retrier in (pending, throttled, transient)] == [
        "ResourcePending",
        THROTTLED,
        "Lambda.ServiceException",
    ]
    for name, found in retriers.items():
        if name in NOTIFICATIONS:
            assert found == notification, name
        elif name in NEVER_PENDING:
            assert found == [throttled, transient], name
        else:
            assert found == [pending, throttled, transient], name


@pytest.mark.parametrize("machine", MACHINES)
def test_every_task_says_its_own_retry_catch_and_result_path(machine: str) -> None:
    tasks = {
        name: state
        for machine in machines_in(definition_of(machine))
        for name, state in machine["States"].items()
        if state["Type"] == "Task"
    }
    assert tasks
    assert [name for name, state in tasks.items() if "Retry" not in state] == []


@pytest.mark.parametrize("machine", MACHINES)
def test_every_task_that_invokes_a_function_waits_for_a_slot_as_long_as_for_a_resource(machine: str) -> None:
    """A retrier counts what it has met since the state began, so that hours of polls in a busy account need as many."""
    found = {
        name: next((retrier for retrier in state["Retry"] if THROTTLED in retrier["ErrorEquals"]), None)
        for machine in machines_in(definition_of(machine))
        for name, state in machine["States"].items()
        if "FunctionArn" in state.get("Resource", "")
    }
    assert found
    waits = {"IntervalSeconds": 2, "BackoffRate": 1.5, "MaxDelaySeconds": 60, "JitterStrategy": "FULL"}
    wanted = {"ErrorEquals": [THROTTLED], "MaxAttempts": 6000, **waits}
    assert {name: retrier for name, retrier in found.items() if retrier != wanted} == {}


def test_every_task_of_glue_waits_for_a_throttled_or_failing_glue_as_long() -> None:
    waits = {"IntervalSeconds": 2, "BackoffRate": 1.5, "MaxDelaySeconds": 60, "JitterStrategy": "FULL"}
    found = {
        name: [retrier for retrier in state["Retry"] if "Glue.ThrottlingException" in retrier["ErrorEquals"]]
        for machine in machines_in(definition_of("prepare_data"))
        for name, state in machine["States"].items()
        if "glue:" in state.get("Resource", "")
    }
    assert set(found) == {"CrawlRawData", "LookAtCrawler", "PrepareRawData"}
    for (retrier,) in found.values():
        assert retrier | waits | {"MaxAttempts": 6000} == retrier
        assert {"Glue.OperationTimeoutException", "Glue.InternalServiceException"} < set(retrier["ErrorEquals"])


def test_a_map_runs_as_many_workers_as_the_parameter_says_which_fits_ten_slots() -> None:
    template = load(str(PROJECT / "template.yaml"))
    for machine, resource, maps in (("forecast_job", "ForecastJob", 1), ("forecast_pipeline", "ForecastPipeline", 2)):
        definition = (PROJECT / "statemachine" / f"{machine}.asl.json").read_text()
        assert definition.count('"Type": "Map"') == maps
        assert definition.count('"MaxConcurrency": ${MaxConcurrentWorkers},') == maps
        given = template["Resources"][resource]["Properties"]["DefinitionSubstitutions"]["MaxConcurrentWorkers"]
        assert given == {"Ref": "MaxConcurrentWorkers"}
    # A step and the API that it asks take two slots besides; half of ten is left for other jobs and other functions.
    assert template["Parameters"]["MaxConcurrentWorkers"]["Default"] == 5
