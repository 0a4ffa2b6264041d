"""The function forecast_worker on the event that reaches it, with S3 and DynamoDB of moto's."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.forecast_service.jobs.service import ROLE_ARN, SERVICE_BUCKET, Service, service_on_moto
from tests.forecast_service.jobs.state_machine import CONTEXT, HURRIED


@pytest.fixture
def service(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch, load_function: Callable[[str], ModuleType]
) -> Iterator[Service]:
    with service_on_moto(monkeypatch, load_function) as service:
        yield service


def pending_import(service: Service, arn: str) -> None:
    """The record that the control plane has written before it starts the job of ``arn``."""
    _, _, resource = arn.partition(":dataset-import-job/")
    dataset_name, _, _ = resource.partition("/")
    dataset = service.dataset("item_id:string", "timestamp:timestamp", "target_value:float", name=dataset_name)
    service.records.update(dataset.arn, status="UPDATE_PENDING")
    path = service.put("train/a.csv", "item_id,timestamp,target_value\na,2026-01-01,1\n")
    request = {"DataSource": {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}, "TimestampFormat": "yyyy-MM-dd"}
    parents = {"dataset": dataset.arn}
    service.create("dataset_import_job", f"dataset-import-job/{resource}", request=request, parents=parents)


def test_a_planned_job_tells_the_batches_of_its_first_round(
    service: Service, load_event: Callable[[str], dict[str, Any]], load_function: Callable[[str], Any]
) -> None:
    event = load_event("forecast_worker")
    pending_import(service, event["Arn"])
    answer = load_function("forecast_worker").lambda_handler(event, HURRIED)
    assert answer == {
        "Arn": event["Arn"],
        "Action": "create",
        "Round": 0,
        "Batches": [[0]],
        "Done": False,
        "Follow": False,
    }
    assert service.records.get(event["Arn"]).status == "CREATE_IN_PROGRESS"


def test_the_steps_behind_the_event_end_in_an_active_import(
    service: Service, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("forecast_worker")
    pending_import(service, event["Arn"])
    assert service.machine.run({"Arn": event["Arn"], "Action": event["Action"]}) == "Succeeded"
    assert service.records.get(event["Arn"]).facts["row_count"] == 1


def test_a_small_job_is_one_invocation(
    service: Service, load_event: Callable[[str], dict[str, Any]], load_function: Callable[[str], Any]
) -> None:
    event = load_event("forecast_worker")
    pending_import(service, event["Arn"])
    for _ in range(2):  # the second one comes where the answer of the first was lost
        answer = load_function("forecast_worker").lambda_handler(event, CONTEXT)
        assert (answer["Done"], answer["Batches"]) == (True, [])
        assert service.records.get(event["Arn"]).status == "ACTIVE"
    assert not [key for key in service.keys(bucket=SERVICE_BUCKET) if "/work/" in key]
