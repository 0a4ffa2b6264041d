"""import_data: one import job per dataset, awaited together."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from forecast_pipeline import ResourceFailed, ResourcePending, ServiceUnreachable
from forecast_pipeline.forecast_resources import Superseded
from forecast_pipeline.runs.data_files import files_in, input_content
from tests.forecast_pipeline.fake_forecast import ACCOUNT, FakeForecast
from tests.functions.watched_bucket import put_in_parts

JOB = f"{ACCOUNT}:dataset-import-job/electricity/electricity_9f3c1a2b7d"
Step = Callable[[dict[str, Any]], Any]


@pytest.fixture
def event(steps_before: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return steps_before("import_data")


@pytest.fixture
def import_data(run_step: Callable[[str], Step]) -> Step:
    return run_step("import_data")


def test_the_job_is_created_once_awaited_and_returned(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    for _ in range(3):
        with pytest.raises(ResourcePending, match="dataset-import-job/electricity/electricity_9f3c1a2b7d"):
            import_data(event)
    amazon_forecast.settle()
    amazon_forecast.resources[JOB]["FieldStatistics"] = {"item_id": {"Count": -1, "CountLong": 40, "CountNull": 0}}
    (imported,) = import_data(event)
    assert (imported["ImportJobArn"], imported["DatasetType"]) == (JOB, "TARGET_TIME_SERIES")
    assert imported["Rows"] == {"Read": 40, "Used": 40, "LeftOut": {}, "FirstLeftOut": {}, "Unknown": 0}
    (request,) = amazon_forecast.asked("CreateDatasetImportJob")
    assert request["DataSource"]["S3Config"] == {
        "Path": "s3://almanac-data/train/",
        "RoleArn": "arn:aws:iam::123456789012:role/data",
    }
    assert request["TimestampFormat"] == "yyyy-MM-dd HH:mm:ss"
    assert {"Key": "almanac:name", "Value": "electricity"} in request["Tags"]


LEFT_OUT = (
    "4 of 40 rows were left out: 1 with another number of fields (s3://almanac-data/train/a (1).csv, line 3), "
    "3 without a timestamp (the first: s3://almanac-data/train/b, c.csv, line 7)."
)


DAY = "2014-01-01 01:00:00,38.35,client_12\n"


@pytest.fixture
def folder(event: dict[str, Any], amazon_forecast: FakeForecast) -> Callable[[str, str], None]:
    """Puts files into train/; the run of the event was started for train/a.csv alone."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="almanac-data")

    def put(key: str, body: str) -> None:
        s3.put_object(Bucket="almanac-data", Key=key, Body=body)

    put("train/a.csv", DAY)
    event["Imports"][0]["Content"] = input_content(tuple(files_in(s3, "almanac-data", "train/")))
    return put


def test_a_file_that_was_replaced_before_the_import_ends_the_run_before_anything_is_imported(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast, folder: Callable[[str, str], None]
) -> None:
    folder("train/a.csv", DAY * 2)
    folder("train/b.csv", DAY)
    with pytest.raises(Superseded) as superseded:
        import_data(event)
    assert str(superseded.value) == (
        "train/a.csv was replaced, train/b.csv is new since the run began. "
        "A file that starts runs (stack parameter StartOn) starts one over what is there then; "
        "other changes wait for the next run."
    )
    assert amazon_forecast.asked("CreateDatasetImportJob") == []


def test_a_file_that_went_while_the_service_imported_ends_the_run_after_it(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast, folder: Callable[[str, str], None]
) -> None:
    with pytest.raises(ResourcePending):
        import_data(event)
    amazon_forecast.settle()
    boto3.client("s3").delete_object(Bucket="almanac-data", Key="train/a.csv")
    del event["Imports"][0]["Content"]["Files"]  # there were too many
    with pytest.raises(Superseded, match=r"^train/ changed since the run began\."):
        import_data(event)


def test_the_same_bytes_uploaded_in_parts_are_the_same_file(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast, folder: Callable[[str, str], None]
) -> None:
    put_in_parts(boto3.client("s3"), "almanac-data", "train/a.csv", DAY.encode())
    with pytest.raises(ResourcePending):
        import_data(event)


def test_what_the_service_left_out_is_told_up_to_the_share_of_params_json(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        import_data(event)
    amazon_forecast.settle()
    amazon_forecast.resources[JOB]["Message"] = LEFT_OUT
    (imported,) = import_data(event)  # 4 of 40 are a tenth, and no more
    assert imported["Rows"] == {
        "Read": 40,
        "Used": 36,
        "LeftOut": {"fields": 1, "timestamp": 3},
        "FirstLeftOut": {
            "fields": "s3://almanac-data/train/a (1).csv, line 3",
            "timestamp": "s3://almanac-data/train/b, c.csv, line 7",
        },
        "Unknown": 0,
    }
    event["Pipeline"]["MaxLeftOutShare"] = 0.05
    with pytest.raises(ResourceFailed) as failure:
        import_data(event)
    assert str(failure.value) == (
        f"train/: {LEFT_OUT.removesuffix('.')}; wanted at most 0.05 of the rows"
        " (Pipeline.MaxLeftOutShare in params.json)."
    )


def test_the_service_is_asked_to_leave_an_unfinished_last_period_out_of_the_target(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    event["Pipeline"]["DropPartialPeriod"] = True
    event["AutoPredictor"] |= {"ForecastFrequency": "W", "TimeAlignmentBoundary": {"DayOfWeek": "SUNDAY"}}
    with pytest.raises(ResourcePending):
        import_data(event)
    (request,) = amazon_forecast.asked("CreateDatasetImportJob")
    assert {"Key": "almanac:drop-partial-period", "Value": "W DayOfWeek=SUNDAY"} in request["Tags"]
    amazon_forecast.settle()
    amazon_forecast.resources[JOB]["Message"] = "20 of 40 rows were left out: 20 in an unfinished last period."
    (imported,) = import_data(event)  # half of the rows, and the run goes on: it was asked for
    assert imported["Rows"]["LeftOut"] == {"period": 20}


def test_where_the_service_does_not_tell_the_rows_of_the_files_are_counted(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_TELLS_LEFT_OUT", "false")
    monkeypatch.setattr("forecast_pipeline.imports.imported_rows.BYTES_AT_ONCE", 50)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="almanac-data")
    rows = [f"2014-01-01 {hour:02}:00:00,{hour},client_{hour}" for hour in range(20)]
    s3.put_object(Bucket="almanac-data", Key="train/a.csv", Body="\r\n".join(rows[:10]).encode())
    damaged = ["timestamp,target_value,item_id", *rows[10:], "2014-01-02 00:00:00,1,", ",1,client_1"]
    s3.put_object(Bucket="almanac-data", Key="train/b.csv", Body="\n".join(damaged).encode())
    s3.put_object(Bucket="almanac-data", Key="train/_temporary/b.csv", Body=b"no,data\n")
    with pytest.raises(ResourcePending):
        import_data(event)
    amazon_forecast.settle()
    (imported,) = import_data(event)
    assert imported["Rows"] == {
        "Read": 22,
        "Used": 20,
        "LeftOut": {"identifier": 1, "timestamp": 1},
        "FirstLeftOut": {
            "identifier": "s3://almanac-data/train/b.csv, line 12",
            "timestamp": "s3://almanac-data/train/b.csv, line 13",
        },
        "Unknown": 0,
    }


def test_item_metadata_are_imported_without_a_timestamp_format(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    del event["Imports"][0]["TimestampFormat"]
    with pytest.raises(ResourcePending):
        import_data(event)
    (request,) = amazon_forecast.asked("CreateDatasetImportJob")
    assert "TimestampFormat" not in request


def test_every_dataset_is_imported_and_a_failed_one_fails_the_step(
    import_data: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    amazon_forecast.resources[f"{ACCOUNT}:dataset/weather"] = {"Status": "ACTIVE", "Parent": None}
    event["Arns"]["DatasetArns"]["weather"] = f"{ACCOUNT}:dataset/weather"
    related = event["Imports"][0] | {"DatasetName": "weather", "DatasetImportJobName": "weather_9f3c1a2b7d"}
    event["Imports"].append(related)
    with pytest.raises(ResourcePending):
        import_data(event)
    assert len(amazon_forecast.asked("CreateDatasetImportJob")) == 2
    amazon_forecast.resources[JOB]["Status"] = "ACTIVE"
    amazon_forecast.fail("dataset-import-job/weather", "related/w.csv, line 7: found 'x', wanted a number")
    with pytest.raises(ResourceFailed, match=r"weather_9f3c1a2b7d is CREATE_FAILED: related/w.csv, line 7"):
        import_data(event)


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("ResourceInUseException", "The dataset is being updated", ResourcePending),
        ("LimitExceededException", "You can run only 3 jobs concurrently", ResourcePending),
        ("LimitExceededException", "Quota limit of 1000 dataset import jobs has been reached", ResourcePending),
        ("LimitExceededException", "Quota limit of 5 datasets", ResourceFailed),
        ("InvalidInputException", "The role cannot be assumed", ResourceFailed),
        ("ResourceNotFoundException", "No resource found", ResourceFailed),
        ("ThrottlingException", "Rate exceeded", ResourcePending),
        ("AccessDeniedException", "User is not authorized", ResourceFailed),
    ],
)
def test_what_passes_with_time_is_pending_and_the_rest_fails(
    import_data: Step,
    event: dict[str, Any],
    amazon_forecast: FakeForecast,
    *,
    code: str,
    message: str,
    expected: type[Exception],
) -> None:
    amazon_forecast.refuse("CreateDatasetImportJob", code, message)
    with pytest.raises(expected, match=message) as caught:
        import_data(event)
    assert type(caught.value) is expected  # Retry goes by the name of the class itself


def test_a_service_that_does_not_answer_is_told_from_one_that_refuses(
    import_data: Step, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_FORECAST", "http://127.0.0.1:9")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # its session has the fake
    with pytest.raises(ServiceUnreachable, match="Could not connect"):
        import_data(event)
