"""Jobs that were never started or were ended from outside, as whoever describes their resource finds them."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast_service.api import reconciliation
from forecast_service.records import lifecycle
from forecast_service.records.record import now
from tests.forecast_service.api_client import StartedJobs
from tests.forecast_service.shop import Shop


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The time is a minute on, for whoever describes."""
    return lambda: monkeypatch.setattr(reconciliation, "now", lambda: now() + 61)


def test_a_job_that_was_never_started_starts_when_its_resource_is_described(
    forecast: Any, shop: Shop, started_jobs: StartedJobs, monkeypatch: pytest.MonkeyPatch, later: Callable[[], None]
) -> None:
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


def execution_ends(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    monkeypatch.setattr("forecast_service.records.job_start.JobStarter.state", lambda self, record, action: state)


@pytest.mark.parametrize(
    "end",
    [
        ("FAILED", "The job ended as FAILED before it could say why"),
        (
            "TIMED_OUT",
            "The job was ended after the 36 hours that a job may take. More workers at a time (the stack's parameter "
            "MaxConcurrentWorkers) are quicker, and so are fewer time series.",
        ),
        ("ABORTED", "The job's execution was stopped by hand before its work was done"),
    ],
)
def test_a_creation_whose_job_was_ended_from_outside_has_failed(
    forecast: Any,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    later: Callable[[], None],
    end: tuple[str, str],
) -> None:
    state, words = end
    dataset = shop.dataset()
    job = shop.pending_import(dataset)
    lifecycle.begin(shop.records, job)
    execution_ends(monkeypatch, state)
    assert forecast.describe_dataset_import_job(DatasetImportJobArn=job)["Status"] == "CREATE_IN_PROGRESS"
    later()
    answer = forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert (answer["Status"], answer["Message"]) == ("CREATE_FAILED", words)
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "ACTIVE"


def test_a_deletion_whose_job_was_ended_from_outside_has_failed(
    forecast: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch, later: Callable[[], None]
) -> None:
    dataset = shop.dataset()
    forecast.delete_dataset(DatasetArn=dataset)
    lifecycle.begin_deletion(shop.records, dataset)
    execution_ends(monkeypatch, "ABORTED")
    later()
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "DELETE_FAILED"


def test_a_job_that_is_at_work_is_left_alone(
    forecast: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch, later: Callable[[], None]
) -> None:
    job = shop.pending_import(shop.dataset())
    lifecycle.begin(shop.records, job)
    execution_ends(monkeypatch, "RUNNING")
    later()
    assert forecast.describe_dataset_import_job(DatasetImportJobArn=job)["Status"] == "CREATE_IN_PROGRESS"
