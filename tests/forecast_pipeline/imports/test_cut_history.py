"""The history as it was at the end of an old day."""

from collections.abc import Iterator
from datetime import date, datetime

import boto3
import pytest
from moto import mock_aws

from forecast_contract.periods import period_end
from forecast_pipeline.forecast_resources import ResourceFailed
from forecast_pipeline.imports.cut_history import write_cut_history
from forecast_pipeline.runs.run_requests import DatasetImport, DatasetRequest

BUCKET, FOLDER = "almanac-data", "tmp/as_of/2025-03-31-as-of-9f3c1a2b7d/train/"
JOB = DatasetImport.model_validate(
    {
        "DatasetName": "sales",
        "DatasetType": "TARGET_TIME_SERIES",
        "DatasetImportJobName": "sales_1",
        "Path": f"s3://{BUCKET}/{FOLDER}",
        "FileCount": 2,
        "TimestampFormat": "yyyy-MM-dd",
    }
)
TYPES = {"item_id": "string", "timestamp": "timestamp", "target_value": "float"}
MONTHS = "item_id,timestamp,target_value\na,2025-02-01,1\na,2025-03-01,2\na,2025-04-01,3\n"


def dataset(frequency: str | None) -> DatasetRequest:
    """The dataset of the sales."""
    attributes = [{"AttributeName": name, "AttributeType": of} for name, of in TYPES.items()]
    request = {"DatasetName": "sales", "Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES"}
    return DatasetRequest.model_validate(request | {"DataFrequency": frequency, "Schema": {"Attributes": attributes}})


@pytest.fixture(autouse=True)
def bucket(aws_environment: None) -> Iterator[None]:
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield


def known(day: date, files: dict[str, str], frequency: str | None = "M") -> dict[str, str]:
    """What is written of these files for the end of a day, by its name."""
    s3 = boto3.client("s3")
    for key, body in files.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode())
    write_cut_history(s3, BUCKET, JOB, dataset(frequency), frequency="D", as_of=day)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=FOLDER)["Contents"]]
    return {key.removeprefix(FOLDER): s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}


def test_rows_whose_month_had_ended_are_known() -> None:
    files = {"train/a.csv": MONTHS, "train/b.csv": MONTHS.replace("a,", '"b, c",')}
    assert known(date(2025, 3, 31), files) == {
        "00000.csv": "a,2025-02-01,1\na,2025-03-01,2\n",
        "00001.csv": '"b, c",2025-02-01,1\n"b, c",2025-03-01,2\n',
    }


def test_a_month_that_had_not_ended_is_not_known() -> None:
    assert known(date(2025, 3, 30), {"train/a.csv": MONTHS}) == {"00000.csv": "a,2025-02-01,1\n"}


def test_a_dataset_without_a_frequency_has_that_of_the_forecast() -> None:
    found = known(date(2025, 3, 1), {"train/a.csv": MONTHS}, None)
    assert found == {"00000.csv": "a,2025-02-01,1\na,2025-03-01,2\n"}


def test_what_no_reader_understands_stays_and_is_the_imports_affair() -> None:
    odd = MONTHS + "a,2025-04-01\na,April,4\n"
    found = known(date(2025, 2, 28), {"train/a.csv": odd})
    assert found == {"00000.csv": "a,2025-02-01,1\na,2025-04-01\na,April,4\n"}


def test_a_day_before_the_history_is_refused_with_the_first_that_is_not() -> None:
    with pytest.raises(ResourceFailed) as refused:
        known(date(2025, 2, 27), {"train/a.csv": MONTHS})
    assert str(refused.value) == (
        "AsOf 2025-02-27: found no row in train/ whose period had ended by then, wanted 2025-02-28 or later."
    )


@pytest.mark.parametrize(
    ("frequency", "end"),
    [
        ("15min", datetime(2024, 12, 30, 23, 15)),
        ("2H", datetime(2024, 12, 31, 1, 0)),
        ("D", datetime(2024, 12, 31, 23, 0)),
        ("W", datetime(2025, 1, 6, 23, 0)),
        ("M", datetime(2025, 1, 1)),
        ("3M", datetime(2025, 3, 1)),
        ("Y", datetime(2025, 1, 1)),
    ],
)
def test_a_row_is_of_the_period_that_begins_with_it_and_of_a_whole_month_or_year(frequency: str, end: datetime) -> None:
    assert period_end(datetime(2024, 12, 30, 23, 0), frequency) == end
