"""What the functions of the service need around them: a table, a state machine, and the variables that name them."""

import boto3
import pytest

from tests.forecast_service.records_table import create_records_table

TABLE = "records"


def create_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Create the table and the state machine in moto, and set the environment of the functions."""
    create_records_table(TABLE)
    machine = boto3.client("stepfunctions").create_state_machine(
        name="forecast-job",
        definition='{"StartAt": "Plan", "States": {"Plan": {"Type": "Pass", "End": true}}}',
        roleArn="arn:aws:iam::123456789012:role/forecast-job",
    )
    monkeypatch.setenv("RECORDS_TABLE", TABLE)
    monkeypatch.setenv("ONLY_READS", "false")
    monkeypatch.setenv("SERVICE_BUCKET", "service-bucket")
    monkeypatch.setenv("MAX_CONCURRENT_WORKERS", "1")
    monkeypatch.setenv("JOB_STATE_MACHINE_ARN", machine["stateMachineArn"])
