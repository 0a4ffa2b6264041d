"""The embedded AWS as the pipeline needs it, on a stack with one of everything."""

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_aws.embedded.deployment import Deployment, DeploymentError, deploy
from local_aws.embedded.launcher import REGION, StartError, embedded_aws
from tests.local_aws.processes import descendants

LOOPBACK = "0100007F"  # 127.0.0.1 as /proc/net/tcp writes it
LISTENING = "0A"

on_linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="sockets and processes are read from /proc")


def eventually(answer: Callable[[], Any], seconds: float = 30) -> Any:
    """What `answer` gives once it gives something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = answer()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail("it did not happen")


def ended(deployment: Deployment, arn: str) -> dict[str, Any]:
    """The execution, once it has ended."""
    client = deployment.client("stepfunctions")

    def description() -> dict[str, Any] | None:
        execution = client.describe_execution(executionArn=arn)
        return execution if execution["status"] != "RUNNING" else None

    return eventually(description)


def test_a_file_that_arrives_starts_the_machine_which_retries_by_class_name(small_stack: Deployment) -> None:
    bucket, machine = small_stack.outputs["BucketName"], small_stack.outputs["MachineArn"]
    states = small_stack.client("stepfunctions")
    small_stack.client("s3").put_object(Bucket=bucket, Key="train/new.csv", Body=b"1")

    started = eventually(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    execution = ended(small_stack, started[0]["executionArn"])

    assert execution["status"] == "SUCCEEDED", execution
    seen = json.loads(execution["output"])
    assert seen["Calls"] == 4  # three times NotYetError, each retried in the same warm process
    assert seen["Key"] == "train/new.csv"
    assert seen["Layer"] == "from the layer"
    assert "from the layer" in seen["FileInLayer"]  # /opt is where the layers are
    assert seen["CheckoutIsVisible"] is False  # only what a layer holds can be imported
    assert seen["Groups"] == [{"DatasetGroupName": "ListDatasetGroups", "DatasetGroupArn": "sent along"}]


def test_an_exception_is_caught_by_its_class_name_and_gives_the_cause(small_stack: Deployment) -> None:
    states = small_stack.client("stepfunctions")
    started = states.start_execution(
        stateMachineArn=small_stack.outputs["MachineArn"], input=json.dumps({"Refuse": True})
    )
    execution = ended(small_stack, started["executionArn"])
    assert (execution["status"], execution["error"]) == ("FAILED", "RefusedError")
    assert json.loads(execution["cause"])["errorMessage"] == "because it was asked to"


@pytest.mark.parametrize("service", ["forecast", "forecastquery"])
def test_a_client_that_knows_only_the_endpoint_reaches_the_forecast_service(
    small_stack: Deployment, service: str
) -> None:
    client = boto3.client(
        service,
        endpoint_url=small_stack.endpoint,
        region_name=REGION,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
    target = {}
    client.meta.events.register(
        "after-call", lambda parsed, http_response, **_: target.update(json.loads(http_response.content))
    )
    if service == "forecast":
        client.list_dataset_groups(NextToken="x")
        assert target["DatasetGroups"][0]["DatasetGroupName"] == "ListDatasetGroups"
    else:
        client.query_forecast(
            ForecastArn="arn:aws:forecast:us-east-1:1:forecast/a", Filters={"item_id": "a"}, NextToken="x"
        )
        assert target["DatasetGroups"][0]["DatasetGroupName"] == "QueryForecast"


def listening(family: set[int]) -> set[str]:
    """The addresses at which processes listen by TCP, as /proc/net writes them."""
    inodes = set()
    for process in family:
        for handle in Path(f"/proc/{process}/fd").glob("*"):
            with suppress(OSError):  # it has ended, or closed the file, since it was listed
                inodes.add(os.readlink(handle))
    sockets = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {fields[1] for fields in sockets if fields[3] == LISTENING and f"socket:[{fields[9]}]" in inodes}


@on_linux
def test_it_listens_on_this_machine_only(small_stack: Deployment) -> None:
    port = int(small_stack.endpoint.rsplit(":", 1)[1])
    addresses = listening(descendants(os.getpid()))
    assert f"{LOOPBACK}:{port:04X}" in addresses
    assert {address.rpartition(":")[0] for address in addresses} == {LOOPBACK}


def test_a_port_in_use_is_said_in_one_sentence(small_stack: Deployment) -> None:
    port = int(small_stack.endpoint.rsplit(":", 1)[1])
    with pytest.raises(StartError, match=f"^port {port} is in use"), embedded_aws(port):
        pass


def test_a_template_that_cannot_stand_says_why(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Rule: {Type: AWS::No::Such, Properties: {}}}")
    with embedded_aws() as endpoint, pytest.raises(DeploymentError, match="AWS::No::Such"):
        deploy(endpoint, template)


def test_the_callers_own_aws_settings_do_not_reach_it(small_stack: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", os.devnull)
    assert small_stack.client("s3").list_buckets()["Buckets"]


@on_linux
def test_a_function_has_at_most_as_many_processes_as_there_are_cores(small_stack: Deployment) -> None:
    name = small_stack.outputs["StepName"]

    def invoke(_: int) -> int:
        answer = small_stack.client("lambda").invoke(FunctionName=name, Payload=b'{"Refuse": true}')
        return int(answer["StatusCode"])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(invoke, range(8))) == {200}

    variable = f"AWS_LAMBDA_FUNCTION_NAME={name}".encode()
    environments = (Path("/proc") / str(process) / "environ" for process in descendants(os.getpid()))
    running = sum(variable in environment.read_bytes().split(b"\0") for environment in environments)
    assert 1 <= running <= max(2, os.cpu_count() or 1)
