"""The deletion of a resource and of its tree, however often its steps break off or are repeated."""

from typing import Any

import pytest

from forecast_service.records import lifecycle
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.record import Record
from forecast_service.storage.bucket import resource_prefix
from tests.forecast_service.jobs.sample_data import ROWS, TARGET, daily_rows
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service, break_down


def started_deletion(service: Service, record: Record) -> Record:
    service.records.update(record.arn, status="DELETE_PENDING")
    return record


@pytest.fixture
def tree(service: Service) -> list[Record]:
    """A predictor, its forecast and an export of each: all marked for deletion, the predictor first."""
    imported = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", daily_rows()))
    predictor = service.train(imported)
    forecast = service.forecast(predictor, predictor.inputs)
    exports = [service.export(parent, "s3://caller-data/out") for parent in (forecast, predictor)]
    return [started_deletion(service, record) for record in (predictor, forecast, *exports)]


def test_a_deletion_removes_the_data_and_the_record_but_not_the_callers_files(service: Service) -> None:
    path = service.put("train/a.csv", ROWS)
    dataset = service.dataset(*TARGET)
    record = service.import_data(dataset, path)
    kept = service.import_data(dataset, path, name="import_2")
    assert service.machine.run({"Arn": started_deletion(service, record).arn, "Action": "delete"}) == "Succeeded"
    with pytest.raises(ResourceNotFoundException):
        service.records.get(record.arn)
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) == []
    assert service.keys(resource_prefix(kept), SERVICE_BUCKET) != []
    assert service.keys() == ["train/a.csv"]


@pytest.mark.parametrize("repeats_steps", [False, True])
def test_the_deletion_of_a_tree_leaves_nothing_below_its_root(
    service: Service, tree: list[Record], repeats_steps: bool
) -> None:
    files, kept = service.keys(), service.keys("dataset-import-job/", SERVICE_BUCKET)
    service.machine.repeats_steps = repeats_steps
    assert service.machine.run({"Arn": tree[0].arn, "Action": "delete"}) == "Succeeded"
    for record in tree:
        with pytest.raises(ResourceNotFoundException):
            service.records.get(record.arn)
    assert service.keys(bucket=SERVICE_BUCKET) == kept != []
    assert service.keys() == files != []


def test_the_deletion_of_a_tree_that_fails_shows_in_all_that_is_left_and_can_be_repeated(
    service: Service, tree: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("forecast_service.jobs.deletion.Deletion.finish", break_down)
        assert service.machine.run({"Arn": tree[0].arn, "Action": "delete"}) == "Failed"
    for record in tree:
        assert service.records.get(record.arn).status == "DELETE_FAILED"
        started_deletion(service, record)
    assert service.machine.run({"Arn": tree[0].arn, "Action": "delete"}) == "Succeeded"


def test_what_was_not_marked_is_not_deleted_with_its_parent(service: Service, tree: list[Record]) -> None:
    service.records.update(tree[1].arn, status="ACTIVE")
    assert service.machine.run({"Arn": tree[0].arn, "Action": "delete"}) == "Failed"
    assert service.records.get(tree[1].arn).status == "ACTIVE"
    assert service.keys(resource_prefix(tree[1]), SERVICE_BUCKET) != []


def test_a_deletion_that_breaks_off_at_its_very_end_can_be_finished_again(
    service: Service, tree: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted, broken = lifecycle.deleted, []

    def deleted_at_the_second_attempt(records: Any, arn: str) -> None:
        if arn not in broken:
            broken.append(arn)
            raise ConnectionError("the table is not there")
        deleted(records, arn)

    monkeypatch.setattr(lifecycle, "deleted", deleted_at_the_second_attempt)
    service.machine.attempts = 1 + len(tree)
    assert service.machine.run({"Arn": tree[0].arn, "Action": "delete"}) == "Succeeded"
    assert sorted(broken) == sorted(record.arn for record in tree)


def test_a_deletion_may_repeat_every_step(service: Service) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", ROWS))
    service.machine.repeats_steps = True
    assert service.machine.run({"Arn": started_deletion(service, record).arn, "Action": "delete"}) == "Succeeded"
    assert service.keys("dataset-import-job/", SERVICE_BUCKET) == []


def test_what_cannot_be_deleted_is_delete_failed_and_can_be_deleted_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", ROWS))
    started_deletion(service, record)
    with monkeypatch.context() as patch:
        patch.setattr("forecast_service.jobs.deletion.Deletion.finish", break_down)
        assert service.machine.run({"Arn": record.arn, "Action": "delete"}) == "Failed"
    failed = service.records.get(record.arn)
    assert failed.status == "DELETE_FAILED"
    assert failed.message is not None
    assert "RuntimeError" in failed.message
    assert service.machine.run({"Arn": started_deletion(service, failed).arn, "Action": "delete"}) == "Succeeded"
