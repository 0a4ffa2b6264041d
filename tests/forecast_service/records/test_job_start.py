"""Jobs are started once for each action of an incarnation."""

import boto3
import pytest

from forecast_service.records.job_start import JobStarter, execution_name
from forecast_service.records.record import Record
from forecast_service.records.table import Records
from tests.forecast_service.api_client import StartedJobs


def record(created: float = 1_700_000_000.0, modified: float = 1_700_000_000.0, name: str = "f") -> Record:
    arn = f"arn:aws:forecast:us-east-1:123456789012:forecast/{name}"
    return Record("forecast", arn, name, "CREATE_PENDING", created, modified)


def test_a_repeated_start_is_the_same_execution(
    aws: None, started_jobs: StartedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("stepfunctions")
    machine = client.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    starter = JobStarter(client, machine)
    starter.start(record(), "create")
    client.stop_execution(executionArn=client.list_executions(stateMachineArn=machine)["executions"][0]["executionArn"])
    starter.start(record(), "create")
    assert started_jobs() == [{"Arn": record().arn, "Action": "create"}]


def test_the_state_of_a_job_is_found_by_its_record(aws: None, records: Records) -> None:
    client = boto3.client("stepfunctions")
    starter = JobStarter(client, client.list_state_machines()["stateMachines"][0]["stateMachineArn"])
    assert starter.state(record(), "create") is None
    starter.start(record(), "create")
    client.stop_execution(
        executionArn=client.list_executions(stateMachineArn=starter.state_machine_arn)["executions"][0]["executionArn"]
    )
    assert starter.state(record(), "create") == "ABORTED"
    assert starter.state(record(), "delete") is None


def test_names_differ_for_different_requested() -> None:
    requested = [
        (record(), "create"),
        (record(created=1_700_000_000.001), "create"),
        (record(name="g"), "create"),
        (record(), "delete"),
        (record(modified=1_700_000_009.0), "delete"),
    ]
    assert len({execution_name(*pair) for pair in requested}) == len(requested)


def test_a_creation_keeps_its_name_when_the_record_changes() -> None:
    assert execution_name(record(modified=1_700_000_009.0), "create") == execution_name(record(), "create")


def test_names_fit_step_functions() -> None:
    # 80 characters at most, of a class that all ARNs with slashes and colons break.
    longest = Record("predictor_backtest_export_job", "arn:" + "x" * 250, "x", "CREATE_PENDING", 1.0, 1.0)
    assert len(execution_name(longest, "create")) <= 80
