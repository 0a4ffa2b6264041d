"""StopResource ends a job that is on its way; ResumeResource has no monitor to resume."""

import os
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from forecast_service.api import operations, reconciliation
from forecast_service.records import lifecycle
from forecast_service.records.record import now
from forecast_service.records.table import Records
from tests.forecast_service.api_client import Refused, StartedJobs
from tests.forecast_service.shop import Shop


@pytest.fixture
def dataset(shop: Shop) -> str:
    return shop.dataset()


@pytest.fixture
def predictor(shop: Shop, dataset: str) -> str:
    shop.imported(dataset)
    return shop.auto_predictor(shop.group(dataset))


def status(forecast: Any, job: str) -> str:
    return forecast.describe_dataset_import_job(DatasetImportJobArn=job)["Status"]


def executions(name: str) -> list[str]:
    """The status of the job machine's executions whose names begin so."""
    client = boto3.client("stepfunctions")
    found = client.list_executions(stateMachineArn=os.environ["JOB_STATE_MACHINE_ARN"])["executions"]
    return [execution["status"] for execution in found if execution["name"].startswith(name)]


@pytest.fixture
def actions_on(started_jobs: StartedJobs) -> Callable[[str], list[str]]:
    return lambda arn: [job["Action"] for job in started_jobs() if job["Arn"] == arn]


@pytest.mark.parametrize("begun", [False, True])
def test_a_stop_ends_the_execution_and_starts_the_clearing_away(
    forecast: Any, shop: Shop, dataset: str, actions_on: Callable[[str], list[str]], begun: bool
) -> None:
    job = shop.pending_import(dataset)
    if begun:
        lifecycle.begin(shop.records, job)
    forecast.stop_resource(ResourceArn=job)
    assert status(forecast, job) == "CREATE_STOPPING"
    assert executions("create-dataset-import-job") == ["ABORTED"]
    assert actions_on(job) == ["create", "stop"]
    lifecycle.stopped(shop.records, job)  # the worker's part
    answer = forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert answer["Status"] == "CREATE_STOPPED"
    assert "Message" not in answer
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "ACTIVE"


def test_a_repeated_stop_is_one(
    forecast: Any, shop: Shop, dataset: str, actions_on: Callable[[str], list[str]]
) -> None:
    job = shop.pending_import(dataset)
    for _ in range(3):
        forecast.stop_resource(ResourceArn=job)
    lifecycle.stopped(shop.records, job)
    forecast.stop_resource(ResourceArn=job)
    assert actions_on(job) == ["create", "stop"]


def test_every_job_can_be_stopped(forecast: Any, shop: Shop, dataset: str, predictor: str) -> None:
    running = shop.forecast(predictor, "done")
    jobs = [
        shop.pending_export(running),
        shop.pending_backtest_export(predictor),
        shop.pending_forecast(predictor),
        shop.pending_auto_predictor(shop.records.get(predictor).parents["dataset_group"], "second"),
        shop.pending_import(dataset, "second"),
    ]
    for job in jobs:
        forecast.stop_resource(ResourceArn=job)
        assert shop.records.get(job).status == "CREATE_STOPPING"


def test_what_is_stopping_is_modified_now_and_not_deleted(
    forecast: Any, shop: Shop, dataset: str, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = shop.pending_import(dataset)
    forecast.stop_resource(ResourceArn=job)
    with refused("ResourceInUseException", "CREATE_STOPPING"):
        forecast.delete_dataset_import_job(DatasetImportJobArn=job)
    monkeypatch.setattr(operations, "now", lambda: now() + 30)
    answer = forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert answer["LastModificationTime"].timestamp() > now() + 20


def test_what_was_stopped_holds_no_data_and_can_be_deleted(
    forecast: Any, shop: Shop, dataset: str, refused: Refused, actions_on: Callable[[str], list[str]]
) -> None:
    job = shop.pending_import(dataset)
    forecast.stop_resource(ResourceArn=job)
    lifecycle.stopped(shop.records, job)
    with refused("InvalidInputException", "lacks an ACTIVE import"):
        shop.pending_auto_predictor(shop.group(dataset))
    forecast.delete_dataset_import_job(DatasetImportJobArn=job)
    assert actions_on(job)[-1] == "delete"


def test_what_has_ended_or_has_no_job_is_not_stopped(
    forecast: Any, shop: Shop, dataset: str, predictor: str, refused: Refused
) -> None:
    failed = shop.pending_import(dataset, "failed")
    lifecycle.fail(shop.records, failed, "no such file")
    for arn, found in ((predictor, "it is ACTIVE"), (failed, "it is CREATE_FAILED"), (dataset, "a dataset has no job")):
        with refused("InvalidInputException", found):
            forecast.stop_resource(ResourceArn=arn)


def test_a_job_that_ends_while_it_is_asked_to_stop_has_ended(
    forecast: Any, shop: Shop, dataset: str, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = shop.pending_import(dataset)
    apply = Records.apply

    def apply_late(records: Records, changes: Any) -> None:
        monkeypatch.setattr(Records, "apply", apply)
        shop.end(job)
        apply(records, changes)

    monkeypatch.setattr(Records, "apply", apply_late)
    with refused("InvalidInputException", "it is ACTIVE"):
        forecast.stop_resource(ResourceArn=job)
    assert status(forecast, job) == "ACTIVE"


def test_a_job_that_was_asked_to_stop_never_becomes_active(forecast: Any, shop: Shop, dataset: str) -> None:
    job = shop.pending_import(dataset)
    forecast.stop_resource(ResourceArn=job)
    with pytest.raises(lifecycle.StatusConflictError):
        lifecycle.finish(shop.records, job, {}, {})
    assert status(forecast, job) == "CREATE_STOPPING"


@pytest.mark.parametrize("state", [None, "FAILED"])
def test_a_stop_that_broke_off_ends_when_it_is_described(
    forecast: Any,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    actions_on: Callable[[str], list[str]],
    state: str | None,
) -> None:
    job = shop.pending_import(shop.dataset())
    lifecycle.begin_stop(shop.records, job)
    assert status(forecast, job) == "CREATE_STOPPING"
    monkeypatch.setattr(reconciliation, "now", lambda: now() + 61)
    if state:
        monkeypatch.setattr("forecast_service.records.job_start.JobStarter.state", lambda self, record, action: state)
        assert status(forecast, job) == "CREATE_STOPPED"
    else:
        status(forecast, job)
        assert actions_on(job) == ["create", "stop"]
        assert executions("create-dataset-import-job") == ["ABORTED"]


def test_nothing_can_be_resumed_but_monitors(
    forecast: Any, shop: Shop, dataset: str, predictor: str, refused: Refused
) -> None:
    job = shop.pending_import(dataset, "second")
    forecast.stop_resource(ResourceArn=job)
    lifecycle.stopped(shop.records, job)
    for arn, found in ((predictor, "a predictor"), (job, "a dataset import job")):
        with refused("InvalidInputException", f"only monitors can be resumed, and this is {found}"):
            forecast.resume_resource(ResourceArn=arn)


def test_what_does_not_exist_is_neither_stopped_nor_resumed(forecast: Any, dataset: str, refused: Refused) -> None:
    for operation in (forecast.stop_resource, forecast.resume_resource):
        with refused("ResourceNotFoundException", f"{dataset}x"):
            operation(ResourceArn=f"{dataset}x")
