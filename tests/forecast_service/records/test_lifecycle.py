"""Statuses: which follows which, for a resource and for the dataset that is being imported into."""

from typing import Any

import pytest

from forecast_service.records import lifecycle
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.record import StatusConflictError
from forecast_service.records.table import Records
from tests.forecast_service.shop import Shop


@pytest.fixture
def dataset(shop: Shop) -> str:
    return shop.dataset()


@pytest.fixture
def job(shop: Shop, dataset: str) -> str:
    return shop.pending_import(dataset)


def statuses(records: Records, *arns: str) -> list[str]:
    return [records.get(arn).status for arn in arns]


def test_an_import_keeps_its_dataset_busy_from_creation_to_end(records: Records, dataset: str, job: str) -> None:
    assert statuses(records, job, dataset) == ["CREATE_PENDING", "UPDATE_PENDING"]
    lifecycle.begin(records, job)
    assert statuses(records, job, dataset) == ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"]
    lifecycle.finish(records, job, {"DataSize": 0.1}, {"length": 3})
    assert statuses(records, job, dataset) == ["ACTIVE", "ACTIVE"]


def test_a_failed_import_frees_its_dataset(records: Records, dataset: str, job: str) -> None:
    lifecycle.begin(records, job)
    record = lifecycle.fail(records, job, "train/a.csv line 3: found x, wanted a number")
    assert statuses(records, job, dataset) == ["CREATE_FAILED", "ACTIVE"]
    assert record.message == "train/a.csv line 3: found x, wanted a number"


def test_a_short_job_may_go_from_pending_to_active(records: Records, dataset: str, job: str) -> None:
    record = lifecycle.finish(records, job, {"DataSize": 0.1}, {"length": 3})
    assert (record.status, record.outcome, record.facts) == ("ACTIVE", {"DataSize": 0.1}, {"length": 3})


def test_a_repeated_step_changes_nothing(records: Records, job: str) -> None:
    lifecycle.begin(records, job)
    lifecycle.begin(records, job)
    first = lifecycle.finish(records, job, {"DataSize": 0.1}, {})
    assert lifecycle.finish(records, job, {"DataSize": 9.9}, {}) == first
    assert lifecycle.fail(records, job, "too late") == first


def test_a_repeated_end_does_not_free_a_dataset_that_the_next_import_has(
    records: Records, shop: Shop, dataset: str, job: str
) -> None:
    lifecycle.finish(records, job, {}, {})
    shop.pending_import(dataset, "second")
    lifecycle.finish(records, job, {}, {})
    assert statuses(records, dataset) == ["UPDATE_PENDING"]


def test_a_creation_that_failed_does_not_begin_again(records: Records, job: str) -> None:
    lifecycle.fail(records, job, "no such bucket")
    with pytest.raises(StatusConflictError, match="CREATE_FAILED"):
        lifecycle.begin(records, job)


def test_a_deletion_ends_with_the_record_gone(records: Records, forecast: Any, shop: Shop, dataset: str) -> None:
    forecast.delete_dataset(DatasetArn=dataset)
    assert lifecycle.begin_deletion(records, dataset).status == "DELETE_IN_PROGRESS"
    assert lifecycle.begin_deletion(records, dataset).status == "DELETE_IN_PROGRESS"
    lifecycle.deleted(records, dataset)
    lifecycle.deleted(records, dataset)
    with pytest.raises(ResourceNotFoundException):
        lifecycle.begin_deletion(records, dataset)


def test_a_deletion_keeps_the_time_it_was_asked_for(records: Records, forecast: Any, dataset: str) -> None:
    forecast.delete_dataset(DatasetArn=dataset)
    asked = records.get(dataset).last_modification_time
    assert lifecycle.begin_deletion(records, dataset).last_modification_time == asked


def test_a_failed_deletion_says_why(records: Records, forecast: Any, dataset: str) -> None:
    forecast.delete_dataset(DatasetArn=dataset)
    record = lifecycle.fail_deletion(records, dataset, "access denied")
    assert (record.status, record.message) == ("DELETE_FAILED", "access denied")


def test_what_is_active_is_not_deleted_by_a_stray_job(records: Records, dataset: str) -> None:
    with pytest.raises(StatusConflictError, match="ACTIVE"):
        lifecycle.begin_deletion(records, dataset)
