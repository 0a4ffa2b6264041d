"""Lists: newest first, filtered, in pages."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from forecast_service.resources import listing
from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def imports(shop: Shop) -> list[str]:
    """Five imports into two datasets: the third failed."""
    datasets = [shop.dataset("a"), shop.dataset("b")]
    arns = [shop.imported(datasets[number % 2], f"job{number}") for number in range(5)]
    shop.records.update(arns[2], status="CREATE_FAILED", message="no such file")
    for number, arn in enumerate(arns):  # the same millisecond for all would leave their order open
        record = shop.records.get(arn)
        record.creation_time = 1_700_000_000.0 + number
        shop.records.delete(arn)
        shop.records.create(record)
    return datasets


def names(answer: dict[str, Any]) -> list[str]:
    return [job["DatasetImportJobName"] for job in answer["DatasetImportJobs"]]


def where(key: str, value: str, condition: str = "IS") -> dict[str, str]:
    return {"Key": key, "Value": value, "Condition": condition}


def test_the_newest_comes_first(forecast: Any, imports: list[str]) -> None:
    assert names(forecast.list_dataset_import_jobs()) == ["job4", "job3", "job2", "job1", "job0"]


def test_filters_are_all_to_be_met(forecast: Any, imports: list[str]) -> None:
    of_a = where("DatasetArn", imports[0])
    active = where("Status", "ACTIVE")
    assert names(forecast.list_dataset_import_jobs(Filters=[of_a])) == ["job4", "job2", "job0"]
    assert names(forecast.list_dataset_import_jobs(Filters=[of_a, active])) == ["job4", "job0"]
    others = where("DatasetArn", imports[0], "IS_NOT")
    assert names(forecast.list_dataset_import_jobs(Filters=[others])) == ["job3", "job1"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_pages_of_any_size_join_to_the_whole(forecast: Any, imports: list[str], size: int) -> None:
    paginator = forecast.get_paginator("list_dataset_import_jobs")
    pages = [names(page) for page in paginator.paginate(PaginationConfig={"PageSize": size})]
    assert [name for page in pages for name in page] == ["job4", "job3", "job2", "job1", "job0"]
    assert all(len(page) == size for page in pages[:-1])
    assert pages[-1] != []


def test_filtered_pages_are_full(forecast: Any, imports: list[str]) -> None:
    paginator = forecast.get_paginator("list_dataset_import_jobs")
    pages = paginator.paginate(Filters=[where("DatasetArn", imports[0])], PaginationConfig={"PageSize": 2})
    assert [names(page) for page in pages] == [["job4", "job2"], ["job0"]]


def test_a_resource_made_between_two_pages_shifts_nothing(forecast: Any, shop: Shop, imports: list[str]) -> None:
    first = forecast.list_dataset_import_jobs(MaxResults=2)
    shop.imported(imports[0], "later")
    second = forecast.list_dataset_import_jobs(MaxResults=2, NextToken=first["NextToken"])
    assert names(first) + names(second) == ["job4", "job3", "job2", "job1"]


def test_an_unknown_filter_key_is_refused(forecast: Any, imports: list[str], refused: Refused) -> None:
    with refused("InvalidInputException", "use DatasetArn, Status"):
        forecast.list_dataset_import_jobs(Filters=[where("PredictorArn", imports[0])])


def test_a_token_is_good_for_its_list_and_for_a_day(
    forecast: Any, imports: list[str], refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = forecast.list_dataset_import_jobs(MaxResults=1)["NextToken"]
    with refused("InvalidNextTokenException", "another list"):
        forecast.list_datasets(NextToken=token)
    now = listing.now()
    monkeypatch.setattr(listing, "now", lambda: now + 86_401)
    with refused("InvalidNextTokenException", "older than a day"):
        forecast.list_dataset_import_jobs(NextToken=token)


@pytest.mark.parametrize("token", ["x", "!!!!", "é", "e30=", "W10=", "bnVsbA=="])
def test_a_token_that_is_none_is_refused(forecast: Any, refused: Refused, token: str) -> None:
    with refused("InvalidNextTokenException"):
        forecast.list_datasets(NextToken=token)


def test_a_token_with_another_form_of_position_is_refused(forecast: Any, imports: list[str], refused: Refused) -> None:
    token = forecast.list_dataset_import_jobs(MaxResults=1)["NextToken"]
    document = json.loads(urlsafe_b64decode(token)) | {"After": ["only one"]}
    with refused("InvalidNextTokenException"):
        forecast.list_dataset_import_jobs(NextToken=urlsafe_b64encode(json.dumps(document).encode()).decode())
