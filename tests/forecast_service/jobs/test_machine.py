"""The job machine: steps that are repeated after the end, failures that are nobody's input."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_service.caller_files import caller_bucket
from forecast_service.jobs.machine import JOBS, sentence
from forecast_service.records import lifecycle
from forecast_service.records.kinds import KINDS
from forecast_service.storage.bucket import resource_prefix
from tests.forecast_service.jobs.sample_data import ROWS, TARGET, daily_rows
from tests.forecast_service.jobs.service import ROLE_ARN, SERVICE_BUCKET, Service, break_down
from tests.forecast_service.jobs.state_machine import CONTEXT, DEFINITION, HURRIED, StateMachine

ALL_STATES = set(DEFINITION["States"])


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
    exports = [service.export(parent, "s3://caller-data/out") for parent in (forecast, predictor)]
    records = [imported, predictor, forecast, *exports]
    assert [record.status for record in records] == ["ACTIVE"] * 5
    assert broken == [record.arn for record in records]
    assert not [key for key in service.keys(bucket=SERVICE_BUCKET) if "/work/" in key]


def test_a_fault_of_our_own_does_not_blame_the_input(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast_service.jobs.dataset_import_job.gather_shards.Gathering.run", break_down)
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
    record = service.import_data(service.dataset(*TARGET), "s3://caller-data/train/")
    assert record.status == "CREATE_FAILED"
    assert record.message == f"{ROLE_ARN}: sts:AssumeRole was refused (not authorized)."


def test_the_words_of_a_refusal_reach_the_user_unchanged() -> None:
    cause = json.dumps({"errorType": "InputRefused", "errorMessage": 'line 3: found "x"', "stackTrace": []})
    assert sentence("InputRefused", cause) == 'line 3: found "x"'
    assert "States.ExceedToleratedFailureThreshold" in sentence("States.ExceedToleratedFailureThreshold", "")


def test_there_is_a_job_for_every_kind_that_has_data() -> None:
    assert set(JOBS) == {name for name, kind in KINDS.items() if kind.has_job}


def test_an_unknown_step_is_an_error(service: Service) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", ROWS))
    with pytest.raises(ValueError, match="found 'plans', wanted plan, run, finish, fail or follow"):
        service.machine._handler({"Step": "plans", "Arn": record.arn, "Action": "create"}, CONTEXT)


def test_both_ends_of_the_machine_are_reached_through_all_of_its_states(service: Service) -> None:
    dataset = service.dataset(*TARGET)
    machine: StateMachine = service.machine
    imported = service.import_data(dataset, service.put("good.csv", ROWS), name="good")
    assert machine.visited == ["Plan", "AnotherRound", "Succeeded"]  # one shard
    machine.context = HURRIED
    service.import_data(dataset, service.put("good.csv", ROWS), name="slow")
    machine.context = CONTEXT
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
