"""Import jobs: one at a time into a dataset, whole or in addition."""

from typing import Any

import pytest

from forecast_service.records import lifecycle
from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def dataset(shop: Shop) -> str:
    return shop.dataset()


def describe(forecast: Any, arn: str) -> dict[str, Any]:
    return forecast.describe_dataset_import_job(DatasetImportJobArn=arn)


def test_describe_fills_in_what_was_left_out(forecast: Any, shop: Shop, dataset: str) -> None:
    answer = describe(forecast, shop.imported(dataset))
    assert answer["TimestampFormat"] == "yyyy-MM-dd HH:mm:ss"
    assert answer["UseGeolocationForTimeZone"] is False
    assert (answer["Format"], answer["ImportMode"]) == ("CSV", "FULL")
    assert answer["DataSource"]["S3Config"]["Path"] == "s3://data-bucket/train/"
    assert answer["DatasetArn"] == dataset


def test_describe_shows_what_the_job_found(forecast: Any, shop: Shop, dataset: str) -> None:
    statistics = {"target_value": {"Count": 3, "Min": "0.0", "Max": "2.5", "Avg": 1.25, "CountNan": 0}}
    arn = shop.pending_import(dataset)
    assert "FieldStatistics" not in describe(forecast, arn)
    lifecycle.finish(shop.records, arn, {"FieldStatistics": statistics, "DataSize": 0.00097}, {"length": 3})
    answer = describe(forecast, arn)
    assert answer["FieldStatistics"] == statistics
    assert answer["DataSize"] == 0.00097
    assert "length" not in answer


def test_formats_are_echoed_as_given(forecast: Any, shop: Shop, dataset: str) -> None:
    arn = shop.pending_import(dataset, TimestampFormat="yyyy-MM-dd hh:mm:ss", TimeZone="America/Los_Angeles")
    answer = describe(forecast, arn)
    assert (answer["TimestampFormat"], answer["TimeZone"]) == ("yyyy-MM-dd hh:mm:ss", "America/Los_Angeles")


def test_metadata_has_no_timestamp_format(forecast: Any, shop: Shop) -> None:
    metadata = shop.dataset("items", {"item_id": "string", "colour": "string"}, DatasetType="ITEM_METADATA")
    assert "TimestampFormat" not in describe(forecast, shop.pending_import(metadata))


def test_a_dataset_takes_one_import_at_a_time(forecast: Any, shop: Shop, refused: Refused, dataset: str) -> None:
    first = shop.pending_import(dataset)
    with refused("ResourceInUseException", f"the dataset {dataset} is UPDATE_PENDING, and must be ACTIVE"):
        shop.pending_import(dataset, "second")
    lifecycle.begin(shop.records, first)
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "UPDATE_IN_PROGRESS"
    with refused("ResourceInUseException", "UPDATE_IN_PROGRESS"):
        shop.pending_import(dataset, "second")
    lifecycle.fail(shop.records, first, "no such file")
    shop.pending_import(dataset, "second")


def test_datasets_may_have_imports_of_the_same_name(shop: Shop, dataset: str) -> None:
    other = shop.dataset("other")
    assert shop.pending_import(dataset).endswith("dataset-import-job/sales/first")
    assert shop.pending_import(other).endswith("dataset-import-job/other/first")


def test_a_name_is_taken_within_a_dataset(shop: Shop, refused: Refused, dataset: str) -> None:
    arn = shop.imported(dataset)
    with refused("ResourceAlreadyExistsException", f"A dataset import job already exists with the arn: {arn}"):
        shop.pending_import(dataset)


def test_a_refused_name_leaves_the_dataset_free(forecast: Any, shop: Shop, refused: Refused, dataset: str) -> None:
    shop.imported(dataset)
    with refused("ResourceAlreadyExistsException"):
        shop.pending_import(dataset)
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "ACTIVE"


def test_the_datasets_modification_time_is_the_end_of_the_import(forecast: Any, shop: Shop, dataset: str) -> None:
    job = describe(forecast, shop.imported(dataset))
    assert forecast.describe_dataset(DatasetArn=dataset)["LastModificationTime"] == job["LastModificationTime"]


@pytest.mark.parametrize("timestamp_format", ["dd.MMM.yyyy", "yyyy-MM-dd'T'HH:mm:ssZ"])
def test_a_format_with_unknown_letters_is_refused(
    shop: Shop, refused: Refused, dataset: str, timestamp_format: str
) -> None:
    with refused("InvalidInputException", "TimestampFormat"):
        shop.pending_import(dataset, TimestampFormat=timestamp_format)


def test_hourly_data_has_the_time_of_day(shop: Shop, refused: Refused) -> None:
    hourly = shop.dataset("hourly", DataFrequency="H")
    with refused("InvalidInputException", "TimestampFormat yyyy-MM-dd does not fit data of frequency H"):
        shop.pending_import(hourly, TimestampFormat="yyyy-MM-dd")


def test_an_addition_needs_something_to_add_to(shop: Shop, refused: Refused, dataset: str) -> None:
    with refused("InvalidInputException", "needs a FULL import before it"):
        shop.pending_import(dataset, ImportMode="INCREMENTAL")


def test_an_addition_keeps_the_form_of_the_data(forecast: Any, shop: Shop, refused: Refused, dataset: str) -> None:
    full = shop.imported(dataset, TimestampFormat="yyyy-MM-dd", Format="PARQUET")
    with refused("InvalidInputException", "TimestampFormat cannot change"):
        shop.pending_import(dataset, "more", ImportMode="INCREMENTAL", TimestampFormat="yyyy-MM-dd HH:mm:ss")
    with refused("InvalidInputException", "Format cannot change"):
        shop.pending_import(dataset, "more", ImportMode="INCREMENTAL", Format="CSV")
    more = shop.pending_import(dataset, "more", ImportMode="INCREMENTAL")
    answer = describe(forecast, more)
    assert (answer["TimestampFormat"], answer["Format"], answer["ImportMode"]) == (
        "yyyy-MM-dd",
        "PARQUET",
        "INCREMENTAL",
    )
    assert shop.records.get(more).inputs == {"mode": "INCREMENTAL", "previous": full}


@pytest.mark.parametrize("option", [{"UseGeolocationForTimeZone": True}, {"GeolocationFormat": "LAT_LONG"}])
def test_places_for_the_weather_are_refused_with_what_to_do_instead(
    shop: Shop, refused: Refused, dataset: str, option: dict[str, Any]
) -> None:
    with refused("InvalidInputException", f"{next(iter(option))}: this service has no weather of its own: bring the"):
        shop.pending_import(dataset, **option)


@pytest.mark.parametrize("reader", ["predictor", "forecast"])
def test_data_that_a_job_reads_is_not_deleted(
    forecast: Any, shop: Shop, refused: Refused, dataset: str, reader: str
) -> None:
    old = shop.imported(dataset, "old")
    new = shop.imported(dataset, "new")
    group = shop.group(dataset)
    if reader == "predictor":
        job = shop.pending_auto_predictor(group)
    else:
        job = shop.pending_forecast(shop.auto_predictor(group))
    with refused("ResourceInUseException", f"{job} is being created from its data"):
        forecast.delete_dataset_import_job(DatasetImportJobArn=new)
    forecast.delete_dataset_import_job(DatasetImportJobArn=old)
    shop.end(job)
    forecast.delete_dataset_import_job(DatasetImportJobArn=new)


def test_lists_show_where_the_data_came_from(forecast: Any, shop: Shop, dataset: str) -> None:
    arn = shop.imported(dataset)
    (summary,) = forecast.list_dataset_import_jobs()["DatasetImportJobs"]
    assert summary["DatasetImportJobArn"] == arn
    assert summary["DataSource"]["S3Config"]["Path"] == "s3://data-bucket/train/"
    assert (summary["ImportMode"], summary["Status"]) == ("FULL", "ACTIVE")


def test_a_repeated_creation_is_told_of_the_first_even_while_that_is_running(
    shop: Shop, refused: Refused, dataset: str
) -> None:
    first = shop.pending_import(dataset)  # the dataset is busy with it
    with refused("ResourceAlreadyExistsException", f"A dataset import job already exists with the arn: {first}"):
        shop.pending_import(dataset)


def test_data_that_an_addition_reads_are_not_deleted(forecast: Any, shop: Shop, refused: Refused, dataset: str) -> None:
    first = shop.imported(dataset)
    addition = shop.pending_import(dataset, "second", ImportMode="INCREMENTAL")
    with refused("ResourceInUseException", addition):
        forecast.delete_dataset_import_job(DatasetImportJobArn=first)
    shop.end(addition, {}, {"length": 3})
    forecast.delete_dataset_import_job(DatasetImportJobArn=first)
