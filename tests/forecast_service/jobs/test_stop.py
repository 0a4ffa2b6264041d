"""The stop of a creation: nothing of it is left."""

from typing import Any

import pytest

from forecast_service.records import lifecycle
from forecast_service.records.record import Record
from forecast_service.storage.bucket import resource_prefix
from tests.forecast_service.jobs.sample_data import ROWS, TARGET, forecast_of_sales
from tests.forecast_service.jobs.service import ROLE_ARN, SERVICE_BUCKET, Service, break_down, made_once
from tests.forecast_service.jobs.state_machine import CONTEXT, HURRIED


def being_stopped(service: Service, kind: str, resource: str, **members: Any) -> Record:
    return service.create(kind, resource, "CREATE_STOPPING", **members)


def test_a_stopped_import_leaves_nothing_and_frees_its_dataset(service: Service) -> None:
    path, dataset = service.put("train/a.csv", ROWS), service.dataset(*TARGET)
    request = {"DataSource": {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}, "TimestampFormat": "yyyy-MM-dd"}
    record = service.create(
        "dataset_import_job", "dataset-import-job/sales/a", request=request, parents={"dataset": dataset.arn}
    )
    service.records.update(dataset.arn, status="UPDATE_PENDING")
    handler = service.machine._handler
    planned = handler({"Step": "plan", "Arn": record.arn, "Action": "create"}, HURRIED)
    lifecycle.begin_stop(service.records, record.arn)
    assert planned["Done"] is False
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) != []
    for step in ("plan", "run", "finish", "fail"):  # what of the creation is still on its way has nothing left to do
        event = {"Step": step, "Arn": record.arn, "Action": "create", "Round": 0, "Shards": [0], "Batches": [[0]]}
        answer = handler(event | {"Failure": {"Error": "States.Timeout", "Cause": ""}}, CONTEXT)
        assert answer in (None, {"Follow": False}) or answer["Done"] is True
    assert service.records.get(record.arn).status == "CREATE_STOPPING"
    service.machine.repeats_steps = True
    assert service.run(record, "stop").status == "CREATE_STOPPED"
    assert service.records.get(dataset.arn).status == "ACTIVE"
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) == []


def test_a_stopped_export_withdraws_its_files(service: Service) -> None:
    forecast = made_once(service, forecast_of_sales)
    destination = {"Destination": {"S3Config": {"Path": "s3://caller-data/stopped", "RoleArn": ROLE_ARN}}}
    resource, parents = f"forecast-export-job/{forecast.name}/stopped", {"forecast": forecast.arn}
    record = service.create("forecast_export_job", resource, request=destination, parents=parents)
    for step in ("plan", "run"):
        event = {"Step": step, "Arn": record.arn, "Action": "create", "Round": 0, "Shards": [0]}
        service.machine._handler(event, HURRIED)
    assert len(service.keys("stopped/")) == len(["_CHECK", "part0"])
    lifecycle.begin_stop(service.records, record.arn)
    assert service.run(record, "stop").status == "CREATE_STOPPED"
    assert service.keys("stopped/") == []


def test_what_cannot_be_cleared_away_is_stopped_all_the_same(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    parents = {"dataset_group": "arn:aws:forecast:us-east-1:123456789012:dataset-group/group"}
    record = being_stopped(service, "predictor", "predictor/p", parents=parents)
    monkeypatch.setattr("forecast_service.jobs.stop.Stopping.finish", break_down)
    stopped = service.run(record, "stop")
    assert (stopped.status, stopped.message) == ("CREATE_STOPPED", None)
