"""The job machine: deletion, steps that are repeated after the end, failures that are nobody's input."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_service.caller_files import caller_bucket
from forecast_service.jobs.machine import JOBS, sentence
from forecast_service.records import lifecycle
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.table import PARENT_KINDS, Record
from forecast_service.storage.bucket import resource_prefix
from tests.forecast_service.jobs.conftest import CONTEXT, MACHINE, ROLE_ARN, SERVICE_BUCKET, Service, StateMachine
from tests.forecast_service.jobs.dataset_import_job.test_job import ROWS, TARGET
from tests.forecast_service.jobs.test_predictor import daily_rows

ALL_STATES = set(json.loads(MACHINE.read_text())["States"])


def started_deletion(service: Service, record: Record) -> Record:
    service.records.update(record.arn, status="DELETE_PENDING")
    return record


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
    planned = handler({"Step": "plan", "Arn": record.arn, "Action": "create"}, CONTEXT)
    lifecycle.begin_stop(service.records, record.arn)
    assert planned["Done"] is False
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) != []
    for step in ("plan", "run", "finish", "fail"):  # what of the creation is still on its way has nothing left to do
        event = {"Step": step, "Arn": record.arn, "Action": "create", "Round": 0, "Shard": 0, "Shards": [0]}
        answer = handler(event | {"Failure": {"Error": "States.Timeout", "Cause": ""}}, CONTEXT)
        assert answer in (None, {"Follow": False}) or answer["Done"] is True
    assert service.records.get(record.arn).status == "CREATE_STOPPING"
    service.machine.repeats_steps = True
    assert service.run(record, "stop").status == "CREATE_STOPPED"
    assert service.records.get(dataset.arn).status == "ACTIVE"
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) == []


def test_a_stopped_export_withdraws_its_files(service: Service, tree: list[Record]) -> None:
    forecast = tree[1]
    destination = {"Destination": {"S3Config": {"Path": "s3://customer-data/stopped", "RoleArn": ROLE_ARN}}}
    resource, parents = f"forecast-export-job/{forecast.name}/stopped", {"forecast": forecast.arn}
    record = service.create("forecast_export_job", resource, request=destination, parents=parents)
    for step in ("plan", "run"):
        event = {"Step": step, "Arn": record.arn, "Action": "create", "Round": 0, "Shard": 0}
        service.machine._handler(event, CONTEXT)
    assert len(service.keys("stopped/")) == len(["_CHECK", "part0"])
    lifecycle.begin_stop(service.records, record.arn)
    assert service.run(record, "stop").status == "CREATE_STOPPED"
    assert service.keys("stopped/") == []


def test_what_cannot_be_cleared_away_is_stopped_all_the_same(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    parents = {"dataset_group": "arn:aws:forecast:us-east-1:123456789012:dataset-group/group"}
    record = being_stopped(service, "predictor", "predictor/p", parents=parents)
    monkeypatch.setattr("forecast_service.jobs.stop.Stopping.finish", _raise)
    stopped = service.run(record, "stop")
    assert (stopped.status, stopped.message) == ("CREATE_STOPPED", None)


@pytest.fixture
def tree(service: Service) -> list[Record]:
    """A predictor, its forecast and an export of each: all marked for deletion, the predictor first."""
    imported = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", daily_rows()))
    predictor = service.train(imported)
    forecast = service.forecast(predictor, predictor.inputs)
    exports = [service.export(parent, "s3://customer-data/out") for parent in (forecast, predictor)]
    return [started_deletion(service, record) for record in (predictor, forecast, *exports)]


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
        patch.setattr("forecast_service.jobs.deletion.Deletion.finish", _raise)
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
        patch.setattr("forecast_service.jobs.deletion.Deletion.finish", _raise)
        assert service.machine.run({"Arn": record.arn, "Action": "delete"}) == "Failed"
    failed = service.records.get(record.arn)
    assert failed.status == "DELETE_FAILED"
    assert failed.message is not None
    assert "RuntimeError" in failed.message
    assert service.machine.run({"Arn": started_deletion(service, failed).arn, "Action": "delete"}) == "Succeeded"


def _raise(*_arguments: Any) -> None:
    raise RuntimeError("S3 is not there")


def test_a_step_that_breaks_off_at_its_very_end_can_be_run_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, broken = lifecycle.finish, []

    def finish_at_the_second_attempt(records: Any, arn: str, *found: Any) -> Any:
        if arn not in broken:
            broken.append(arn)
            raise ConnectionError("the table is not there")
        return finish(records, arn, *found)

    monkeypatch.setattr(lifecycle, "finish", finish_at_the_second_attempt)
    service.machine.attempts = 2
    imported = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", daily_rows()))
    predictor = service.train(imported)
    forecast = service.forecast(predictor, predictor.inputs)
    exports = [service.export(parent, "s3://customer-data/out") for parent in (forecast, predictor)]
    records = [imported, predictor, forecast, *exports]
    assert [record.status for record in records] == ["ACTIVE"] * 5
    assert broken == [record.arn for record in records]
    assert not [key for key in service.keys(bucket=SERVICE_BUCKET) if "/work/" in key]


def test_a_fault_of_our_own_does_not_blame_the_input(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast_service.jobs.dataset_import_job.gather_shards.Gathering.run", _raise)
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", ROWS))
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert record.message.startswith("The job failed inside the service (RuntimeError).")
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) == []


def test_a_failure_that_comes_after_the_end_changes_nothing(service: Service) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", ROWS))
    before = service.keys(resource_prefix(record), SERVICE_BUCKET)
    failure = {"Error": "States.Timeout", "Cause": ""}
    service.machine._handler({"Step": "fail", "Arn": record.arn, "Action": "create", "Failure": failure}, CONTEXT)
    assert service.records.get(record.arn) == record
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) == before


def test_a_role_that_cannot_be_assumed_is_named(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    class RefusingSts:
        def assume_role(self, **_request: str) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "AssumeRole")

    make = caller_bucket.boto3.client
    monkeypatch.setattr(
        caller_bucket.boto3, "client", lambda name, **kwargs: RefusingSts() if name == "sts" else make(name, **kwargs)
    )
    record = service.import_data(service.dataset(*TARGET), "s3://customer-data/train/")
    assert record.status == "CREATE_FAILED"
    assert record.message == f"{ROLE_ARN}: sts:AssumeRole was refused (not authorized)."


def test_the_words_of_a_refusal_reach_the_user_unchanged() -> None:
    cause = json.dumps({"errorType": "InputRefused", "errorMessage": 'line 3: found "x"', "stackTrace": []})
    assert sentence("InputRefused", cause) == 'line 3: found "x"'
    assert "States.ExceedToleratedFailureThreshold" in sentence("States.ExceedToleratedFailureThreshold", "")


def test_there_is_a_job_for_every_kind_that_has_data() -> None:
    assert set(JOBS) == {*PARENT_KINDS}


def test_an_unknown_step_is_an_error(service: Service) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", ROWS))
    with pytest.raises(ValueError, match="found 'plans', wanted plan, run, finish, fail or follow"):
        service.machine._handler({"Step": "plans", "Arn": record.arn, "Action": "create"}, CONTEXT)


def test_both_ends_of_the_machine_are_reached_through_all_of_its_states(service: Service) -> None:
    dataset = service.dataset(*TARGET)
    machine: StateMachine = service.machine
    imported = service.import_data(dataset, service.put("good.csv", ROWS), name="good")
    assert machine.visited[-1] == "Succeeded"
    service.import_data(dataset, service.put("bad.csv", "a,never,never\n" * 2), name="bad")
    assert machine.visited[-1] == "Failed"
    predictor_arn = imported.arn.partition("dataset-import-job/")[0] + "predictor/predictor"
    service.create("monitor", "monitor/of_the_predictor", parents={"predictor": predictor_arn})
    service.train(imported, ForecastHorizon=1000)
    assert machine.visited[-1] == "Failed"
    assert set(machine.visited) == ALL_STATES


def test_the_dataset_is_active_again_when_its_import_has_ended(service: Service) -> None:
    dataset = service.dataset(*TARGET)
    for name, content, status in (("good", ROWS, "ACTIVE"), ("bad", "", "CREATE_FAILED")):
        record = service.import_data(dataset, service.put(f"{name}.csv", content), name=name)
        assert record.status == status
        assert service.records.get(dataset.arn).status not in lifecycle.IMPORTING
