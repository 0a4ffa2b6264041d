"""Jobs that were never started or were ended from outside, as whoever describes their resource finds them."""

import pytest

from forecast_service.api import reconciliation
from forecast_service.records import lifecycle
from forecast_service.records.record import now


@pytest.fixture
def later(monkeypatch):
    """The time is a minute on, for whoever describes."""
    return lambda: monkeypatch.setattr(reconciliation, "now", lambda: now() + 61)


def test_a_job_that_was_never_started_starts_when_its_resource_is_described(
    forecast, shop, started_jobs, monkeypatch, later
):
    dataset = shop.dataset()
    with monkeypatch.context() as patch:
        patch.setattr("forecast_service.records.job_start.JobStarter.start", lambda self, record, action: None)
        job = shop.pending_import(dataset)
    forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert started_jobs() == []
    later()
    for _ in range(2):
        forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert started_jobs() == [{"Arn": job, "Action": "create"}]


def execution_ends(monkeypatch, state):
    monkeypatch.setattr("forecast_service.records.job_start.JobStarter.state", lambda self, record, action: state)


@pytest.mark.parametrize("state", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_creation_whose_job_was_ended_from_outside_has_failed(forecast, shop, monkeypatch, later, state):
    dataset = shop.dataset()
    job = shop.pending_import(dataset)
    lifecycle.begin(shop.records, job)
    execution_ends(monkeypatch, state)
    assert forecast.describe_dataset_import_job(DatasetImportJobArn=job)["Status"] == "CREATE_IN_PROGRESS"
    later()
    answer = forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert (answer["Status"], answer["Message"]) == (
        "CREATE_FAILED",
        f"The job ended as {state} before it could say why",
    )
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "ACTIVE"


def test_a_deletion_whose_job_was_ended_from_outside_has_failed(forecast, shop, monkeypatch, later):
    dataset = shop.dataset()
    forecast.delete_dataset(DatasetArn=dataset)
    lifecycle.begin_deletion(shop.records, dataset)
    execution_ends(monkeypatch, "ABORTED")
    later()
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "DELETE_FAILED"


def test_a_job_that_is_at_work_is_left_alone(forecast, shop, monkeypatch, later):
    job = shop.pending_import(shop.dataset())
    lifecycle.begin(shop.records, job)
    execution_ends(monkeypatch, "RUNNING")
    later()
    assert forecast.describe_dataset_import_job(DatasetImportJobArn=job)["Status"] == "CREATE_IN_PROGRESS"
