"""Quotas: Amazon's numbers and words, and numbers of one's own."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_service.api import operations, reconciliation
from forecast_service.api.quotas import check_creation
from forecast_service.records import lifecycle
from forecast_service.records.errors import LimitExceededException
from forecast_service.records.job_start import JobStarter
from forecast_service.records.record import Record, now
from forecast_service.resources.resource_kind import ResourceKind
from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def datasets(shop: Shop) -> list[str]:
    return [shop.dataset(f"sales_{number}") for number in range(4)]


def test_three_imports_run_at_a_time(shop: Shop, refused: Refused, datasets: list[str]) -> None:
    jobs = [shop.pending_import(dataset) for dataset in datasets[:3]]
    for status in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
        assert {shop.records.get(job).status for job in jobs} == {status}
        text = "Quota limit of 3 dataset import jobs running concurrently has been reached"
        with refused("LimitExceededException", text):
            shop.pending_import(datasets[3])
        for job in jobs:
            lifecycle.begin(shop.records, job)
    assert shop.records.get(datasets[3]).status == "ACTIVE"
    shop.end(jobs[0])
    shop.pending_import(datasets[3])


def test_the_words_are_those_that_the_pipeline_waits_for(shop: Shop, datasets: list[str]) -> None:
    for dataset in datasets[:3]:
        shop.pending_import(dataset)
    with pytest.raises(ClientError) as error:
        shop.pending_import(datasets[3])
    message = error.value.response["Error"]["Message"]
    assert "concurrently" in message
    assert "dataset import jobs" in message


def test_what_has_failed_or_stopped_holds_no_place_among_the_running(
    forecast: Any, shop: Shop, datasets: list[str]
) -> None:
    for dataset in datasets[:3]:
        job = shop.pending_import(dataset)
        if dataset == datasets[0]:
            lifecycle.fail(shop.records, job, "no such file")
        else:
            forecast.stop_resource(ResourceArn=job)
            lifecycle.stopped(shop.records, job)
    for dataset in datasets[:3]:
        shop.pending_import(dataset, "second")


def test_a_job_that_was_ended_from_outside_holds_no_place(
    shop: Shop, datasets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = [shop.pending_import(dataset) for dataset in datasets[:3]]
    monkeypatch.setattr("forecast_service.records.job_start.JobStarter.state", lambda self, record, action: "ABORTED")
    monkeypatch.setattr(reconciliation, "now", lambda: now() + 61)
    shop.pending_import(datasets[3])
    assert {shop.records.get(job).status for job in lost} == {"CREATE_FAILED"}


def test_the_ways_to_create_a_predictor_have_a_quota_each(shop: Shop, refused: Refused) -> None:
    group = shop.imported_group()
    for number in range(3):
        shop.pending_auto_predictor(group, f"auto_{number}")
        shop.pending_legacy_predictor(group, f"legacy_{number}")
        shop.pending_legacy_predictor(group, f"automl_{number}", AlgorithmArn=None, PerformAutoML=True)
    with refused("LimitExceededException", "3 auto predictors running concurrently"):
        shop.pending_auto_predictor(group, "auto_3")
    with refused("LimitExceededException", "3 predictors running concurrently"):
        shop.pending_legacy_predictor(group, "legacy_3")
    with refused("LimitExceededException", "3 AutoML predictors running concurrently"):
        shop.pending_legacy_predictor(group, "automl_3", AlgorithmArn=None, PerformAutoML=True)


def test_a_taken_name_is_told_before_a_quota(shop: Shop, refused: Refused, datasets: list[str]) -> None:
    jobs = [shop.pending_import(dataset) for dataset in datasets[:3]]
    with refused("ResourceAlreadyExistsException", jobs[2]):
        shop.pending_import(datasets[2])


def test_numbers_are_set_by_environment_variables(
    forecast: Any, shop: Shop, refused: Refused, datasets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTA_PARALLEL_DATASET_IMPORT_JOBS", "1")
    monkeypatch.setenv("QUOTA_DATASETS", "4")
    monkeypatch.setenv("QUOTA_DATASET_IMPORT_JOBS", "2")
    with refused("LimitExceededException", "Quota limit of 4 datasets has been reached"):
        shop.dataset("fifth")
    shop.end(shop.pending_import(datasets[0]))
    shop.pending_import(datasets[1])
    with refused("LimitExceededException", "Quota limit of 2 dataset import jobs has been reached"):
        shop.pending_import(datasets[2])
    monkeypatch.setenv("QUOTA_DATASET_IMPORT_JOBS", "3")
    with refused("LimitExceededException", "Quota limit of 1 dataset import jobs running concurrently"):
        shop.pending_import(datasets[2])


def test_three_of_a_kind_are_stopped_at_a_time(
    forecast: Any, shop: Shop, refused: Refused, datasets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTA_PARALLEL_DATASET_IMPORT_JOBS", "4")
    jobs = [shop.pending_import(dataset) for dataset in datasets]
    for job in jobs[:3]:
        forecast.stop_resource(ResourceArn=job)
    with refused("LimitExceededException", "Quota limit of 3 dataset import jobs stopping concurrently"):
        forecast.stop_resource(ResourceArn=jobs[3])
    forecast.stop_resource(ResourceArn=jobs[0])
    lifecycle.stopped(shop.records, jobs[0])
    forecast.stop_resource(ResourceArn=jobs[3])


@pytest.fixture
def no_jobs() -> JobStarter:
    """Starts no job, and knows of none."""
    return JobStarter(None, "arn:aws:states:us-east-1:123456789012:stateMachine:never-asked")


@pytest.mark.parametrize("kind", operations.RESOURCE_KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_has_amazons_quota(kind: ResourceKind, no_jobs: JobStarter) -> None:
    amazons = {"dataset": 1500, "dataset_group": 500, "predictor": 500, "forecast": 100}
    amazons |= {"what_if_analysis": 500, "what_if_forecast": 100}
    count = amazons.get(kind.name, 1000)
    nouns = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.plural).lower().replace("what if", "what-if")
    draft = Record(kind.name, "arn", "name", "CREATE_PENDING", 1.0, 1.0)

    class Full:
        def tally(self, kind: str, statuses: Any) -> tuple[int, list[Record]]:
            return count - 1 + self.more, []

    records = Full()
    records.more = 0
    check_creation(records, no_jobs, draft)
    records.more = 1
    with pytest.raises(LimitExceededException, match=f"Quota limit of {count} {nouns} has been"):
        check_creation(records, no_jobs, draft)


def test_a_number_that_is_none_is_our_own_fault_and_named(
    shop: Shop, datasets: list[str], no_jobs: JobStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTA_DATASETS", "many")
    with pytest.raises(ValueError, match="QUOTA_DATASETS: found 'many', wanted a whole number, such as 1500"):
        check_creation(shop.records, no_jobs, shop.records.get(datasets[0]))
