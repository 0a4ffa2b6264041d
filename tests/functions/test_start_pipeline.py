"""start_pipeline: one execution per content, whatever comes twice."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.stepfunctions.models import stepfunctions_backends

from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.runs.data_files import DataFile, fingerprint_of
from forecast_pipeline.runs.new_run import cut_history_path
from forecast_pipeline.runs.run_names import content_as_of, content_of, run_name
from local_aws.operating.not_run_yet import changes_not_run
from local_aws.operating.stack import Stack
from tests.functions.watched_bucket import BUCKET, HOURLY, WORKSHOP, Pipeline, file_event, put_in_parts


@pytest.fixture
def event(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """A file has arrived, just now."""
    return file_event(load_event("start_pipeline")) | {"time": datetime.now(UTC).isoformat()}


def test_the_workshops_params_json_starts_a_run_over_the_files_unmodified(
    pipeline: Pipeline, event: dict[str, Any], load_event: Callable[[str], dict[str, Any]]
) -> None:
    started = pipeline.start(event)
    run = started["Run"]
    assert started["Started"] is True
    assert pipeline.executions() == [run]
    document = pipeline.document(run)
    assert document["Problem"] is None
    assert document["Predictor"]["PredictorName"] == run_name("electricity_predictor", run)
    file = DataFile("train/electricity.csv", hashlib.md5(HOURLY, usedforsecurity=False).hexdigest(), len(HOURLY))
    assert document["Imports"] == [
        {
            "DatasetName": "electricity_ds",
            "DatasetType": "TARGET_TIME_SERIES",
            "DatasetImportJobName": run_name("electricity_ds", run),
            "Path": f"s3://{BUCKET}/train/",
            "FileCount": 1,
            "Content": {
                "ETags": fingerprint_of([file]),
                "Bytes": fingerprint_of([file]),
                "Files": [{"Key": file.key, "Size": file.size, "ETag": file.etag}],
            },
            "TimestampFormat": "yyyy-MM-dd hh:mm:ss",
        }
    ]
    assert document["Exports"]["Forecast"]["Path"].endswith(f"tmp/{run}/forecast/")
    assert document["Run"]["Event"] == event["id"]
    expected = set(load_event("create_dataset")) - {"AutoPredictor"} | {"Predictor"}
    assert set(document) == expected


def attributes(**types: str) -> dict[str, Any]:
    """The schema of a dataset whose attributes are of these types."""
    return {"Attributes": [{"AttributeName": name, "AttributeType": of} for name, of in types.items()]}


TARGET: dict[str, Any] = json.loads(WORKSHOP.read_text())["Datasets"][0]
RELATED = TARGET | {
    "DatasetName": "weather",
    "DatasetType": "RELATED_TIME_SERIES",
    "Schema": attributes(item_id="string", timestamp="timestamp", temperature="float"),
}
METADATA = {
    "DatasetName": "clients",
    "Domain": "CUSTOM",
    "DatasetType": "ITEM_METADATA",
    "Schema": attributes(item_id="string", city="string"),
}
AUTO = {
    "PredictorName": "auto",
    "ForecastHorizon": 24,
    "ForecastFrequency": "H",
    "DataConfig": {
        "AttributeConfigs": [{"AttributeName": "temperature", "Transformations": {"middlefill": "mean"}}],
        "AdditionalDatasets": [{"Name": "holiday", "Configuration": {"CountryCode": ["KR"]}}],
    },
    "ExplainPredictor": True,
    "MonitorConfig": {"MonitorName": "watch"},
}


def test_an_auto_predictor_with_related_and_metadata_files_imports_all_three(pipeline: Pipeline) -> None:
    pipeline.parameters(Datasets=[TARGET, RELATED, METADATA], AutoPredictor=AUTO, Predictor=None)
    pipeline.put("related/weather.csv", b"item_id,timestamp,temperature\nclient_12,2014-01-01 01:00:00,-3.5\n")
    pipeline.put("metadata/clients.csv", "client_12,서울\n".encode())
    run = pipeline.start({})["Run"]
    document = pipeline.document(run)
    assert document["Problem"] is None
    assert [job["Path"].rpartition("s3://almanac-data/")[2] for job in document["Imports"]] == [
        "train/",
        "related/",
        "metadata/",
    ]
    assert "TimestampFormat" not in document["Imports"][2]
    # The run is in the names of all that is created; everything else is passed on as it stands.
    of_the_run = {"PredictorName": run_name("auto", run), "MonitorConfig": {"MonitorName": run_name("watch", run)}}
    assert document["AutoPredictor"] == AUTO | of_the_run
    assert document["Exports"]["Explainability"]["Path"].endswith(f"tmp/{run}/explainability/")
    assert "Predictor" not in document


def test_the_same_event_twice_and_five_files_of_one_drop_start_one_execution(
    pipeline: Pipeline, event: dict[str, Any]
) -> None:
    answers = [pipeline.start(event), pipeline.start(event)]
    answers += [pipeline.start(event | {"id": f"another-{number}"}) for number in range(5)]
    assert [answer["Started"] for answer in answers] == [True] + [False] * 6
    assert len({answer["ExecutionArn"] for answer in answers}) == 1
    assert len(pipeline.executions()) == 1


@pytest.mark.parametrize("change", ["parameters", "bytes", "name", "related"])
def test_any_change_of_data_or_parameters_starts_a_run_under_a_new_name(
    pipeline: Pipeline, event: dict[str, Any], change: str
) -> None:
    first = pipeline.start(event)["Run"]
    match change:
        case "parameters":
            pipeline.parameters(PerformDelete=True)
        case "bytes":
            pipeline.put("train/electricity.csv", HOURLY + HOURLY)
        case "name":
            pipeline.put("train/more.csv", HOURLY)
        case "related":
            pipeline.put("related/more.csv", HOURLY)
    second = pipeline.start(event | {"id": "another"})
    assert second["Started"] is True
    assert second["Run"] != first


def test_files_beside_the_data_change_nothing(pipeline: Pipeline, event: dict[str, Any]) -> None:
    first = pipeline.start(event)["Run"]
    for key in (
        "latest/forecast.csv",
        "train/",
        "train/_SUCCESS",
        "train/.part.crc",
        "train_$folder$",
        "train/a.csv.bak",
        "train/_temporary/0/a.csv",
    ):
        pipeline.put(key, b"")
    assert pipeline.start(event | {"id": "another"}) == {
        "Started": False,
        "Run": first,
        "ExecutionArn": pipeline.start(event)["ExecutionArn"],
    }


def test_a_drop_that_is_still_going_on_is_waited_for(
    pipeline: Pipeline, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.parameters(Pipeline={"QuietSeconds": 2})
    arriving = [("train/b.csv", HOURLY), ("train/c.csv", HOURLY)]
    waits = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if arriving:
            pipeline.put(*arriving.pop())

    monkeypatch.setattr("time.sleep", sleep)
    run = pipeline.start(event)["Run"]
    assert pipeline.document(run)["Imports"][0]["FileCount"] == 3
    assert waits == [2, 2, 2]  # two with an arrival, one quiet
    assert pipeline.start({})["Run"] == run


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_after_a_failed_execution_a_later_event_asks_again_and_an_earlier_or_the_same_one_does_not(
    pipeline: Pipeline, event: dict[str, Any], status: str
) -> None:
    run = pipeline.start(event)["Run"]
    pipeline.end(run, status)
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert pipeline.start(event | {"time": later})["Started"] is False  # the same id, delivered late
    assert pipeline.start(event | {"id": "of the same drop"})["Started"] is False
    again = pipeline.start(event | {"id": "a new upload", "time": later})
    assert again["Started"] is True
    assert again["Run"] == f"{run}-2"
    document = pipeline.document(again["Run"])
    assert document["Predictor"]["PredictorName"] == run_name("electricity_predictor", f"{run}-2")
    assert pipeline.start(event | {"id": "yet another", "time": later})["Started"] is False  # -2 is running


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
def test_a_content_that_is_done_or_under_way_is_not_run_again_even_by_hand(
    pipeline: Pipeline, event: dict[str, Any], status: str
) -> None:
    run = pipeline.start(event)["Run"]
    pipeline.end(run, status)
    assert pipeline.start({"Bucket": BUCKET})["Started"] is False
    assert pipeline.executions() == [run]


def test_going_back_to_an_earlier_content_is_a_new_run_and_only_one(pipeline: Pipeline, event: dict[str, Any]) -> None:
    first = pipeline.start(event)["Run"]
    pipeline.end(first, "SUCCEEDED")
    boto3.client("s3").put_object(Bucket=BUCKET, Key="train/more.csv", Body=b"2014-01-01 02:00:00,3,client_1\n")
    second = pipeline.start(event | {"id": "more"})["Run"]
    pipeline.end(second, "SUCCEEDED")
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="train/more.csv")
    back = pipeline.start({})
    assert (back["Started"], back["Run"]) == (True, f"{first}-2")
    pipeline.end(back["Run"], "SUCCEEDED")
    assert pipeline.start({})["Started"] is False


def test_a_failed_run_after_a_good_one_does_not_make_the_good_content_new(
    pipeline: Pipeline, event: dict[str, Any]
) -> None:
    pipeline.end(pipeline.start(event)["Run"], "SUCCEEDED")
    boto3.client("s3").put_object(Bucket=BUCKET, Key="train/more.csv", Body=b"2014-01-01 02:00:00,three,client_1\n")
    pipeline.end(pipeline.start(event | {"id": "more"})["Run"], "FAILED")
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="train/more.csv")
    assert pipeline.start({})["Started"] is False


def test_a_failed_run_can_be_repeated_by_hand(pipeline: Pipeline, event: dict[str, Any]) -> None:
    run = pipeline.start(event)["Run"]
    pipeline.end(run, "FAILED")
    assert pipeline.start({})["Run"] == f"{run}-2"


def test_a_schedule_starts_a_run_over_what_is_there(
    pipeline: Pipeline, load_event: Callable[[str], dict[str, Any]]
) -> None:
    schedule = load_event("start_pipeline_schedule")
    run = pipeline.start(schedule)["Run"]
    assert pipeline.document(run)["Run"]["Event"] == schedule["id"]
    assert pipeline.start(schedule)["Started"] is False


def test_the_same_bytes_uploaded_in_parts_start_nothing(pipeline: Pipeline, event: dict[str, Any]) -> None:
    run = pipeline.start(event)["Run"]
    pipeline.end(run, "SUCCEEDED")
    put_in_parts(pipeline.s3, BUCKET, "train/electricity.csv", HOURLY)
    assert pipeline.start(event | {"id": "in parts"})["Started"] is False
    put_in_parts(pipeline.s3, BUCKET, "train/electricity.csv", HOURLY + HOURLY)
    assert pipeline.start(event | {"id": "other bytes"})["Started"] is True


def test_a_folder_that_is_too_large_to_be_read_is_compared_by_etags(
    pipeline: Pipeline, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forecast_pipeline.runs.data_files.READ_BYTES", len(HOURLY) - 1)
    pipeline.end(pipeline.start(event)["Run"], "SUCCEEDED")
    put_in_parts(pipeline.s3, BUCKET, "train/electricity.csv", HOURLY)
    assert pipeline.start(event | {"id": "in parts"})["Started"] is True


def test_of_many_files_the_document_holds_the_fingerprint_alone(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forecast_pipeline.runs.data_files.MOST_FILES", 0)
    content = pipeline.document(pipeline.start({})["Run"])["Imports"][0]["Content"]
    assert set(content) == {"ETags", "Bytes"}


def test_a_schedule_does_not_repeat_a_failed_content_and_a_person_does(pipeline: Pipeline) -> None:
    pipeline.s3.delete_object(Bucket=BUCKET, Key="train/electricity.csv")  # found no files: the first look mails it
    later = datetime.now(UTC) + timedelta(days=1)
    looks = [{"id": f"look-{day}", "time": (later + timedelta(days=day)).isoformat()} for day in range(3)]
    run = pipeline.start(looks[0])["Run"]
    pipeline.end(run, "FAILED")
    assert [pipeline.start(look)["Started"] for look in looks[1:]] == [False, False]
    assert pipeline.executions() == [run]
    assert pipeline.start({})["Started"] is True


def test_a_run_has_the_date_of_its_newest_file_and_a_later_upload_of_the_same_bytes_starts_nothing(
    pipeline: Pipeline, event: dict[str, Any]
) -> None:
    (stored,) = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys.getlist("train/electricity.csv")
    (parameters,) = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys.getlist("params.json")
    stored.last_modified = datetime(2026, 1, 5, 23, 59, 59, tzinfo=UTC)
    parameters.last_modified = datetime(2025, 12, 1, tzinfo=UTC)
    run = pipeline.start(event)["Run"]
    assert re.fullmatch(r"2026-01-05-[0-9a-f]{10}", run)
    pipeline.end(run, "SUCCEEDED")
    pipeline.put("train/electricity.csv", HOURLY)  # today
    assert pipeline.start(event | {"id": "a later upload"})["Run"] == run
    assert pipeline.executions() == [run]


def test_a_run_from_before_names_had_dates_is_known_by_its_content(pipeline: Pipeline, event: dict[str, Any]) -> None:
    run = pipeline.start(event)["Run"]
    (machine,) = stepfunctions_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].state_machines
    (execution,) = machine.executions
    execution.name = content_of(run)
    assert pipeline.start(event) | {"ExecutionArn": ""} == {
        "Started": False,
        "Run": content_of(run),
        "ExecutionArn": "",
    }


def test_s3s_own_notification_starts_a_run_as_sam_local_generate_event_writes_it(
    pipeline: Pipeline, load_event: Callable[[str], dict[str, Any]]
) -> None:
    notification = load_event("start_pipeline_s3_put")
    assert pipeline.start(notification)["Started"] is True
    notification["Records"][0]["s3"]["object"]["key"] = "train%2Fnotes+of+may.txt"
    assert "train/notes of may.txt is no data" in pipeline.start(notification)["Reason"]


def test_the_scheduler_service_sends_id_and_time_alone(pipeline: Pipeline) -> None:
    started = pipeline.start({"id": "d32c5kddcf5bb8c3", "time": "2026-01-05T03:00:00Z"})
    assert pipeline.document(started["Run"])["Run"]["Event"] == "d32c5kddcf5bb8c3"


@pytest.mark.parametrize(
    "key",
    [
        "raw_data/forecast_data.csv",
        "latest/forecast.csv",
        "train/notes.txt",
        "train/electricity.csv.bak",
        "train/_SUCCESS",
        "train/_temporary/0/task_1/part-00000.csv",
        "train/.part-00000.csv.crc",
    ],
)
def test_objects_that_are_no_training_data_start_nothing(pipeline: Pipeline, event: dict[str, Any], key: str) -> None:
    event["detail"]["object"]["key"] = key
    answer = pipeline.start(event)
    assert answer == {
        "Started": False,
        "Reason": f"{key} is no data under train/ by its name: wanted a name such as sales.csv",
    }
    assert pipeline.executions() == []


def test_by_the_stacks_parameter_other_files_start_a_run_too_and_once(
    pipeline: Pipeline, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = pipeline.start(event)["Run"]
    pipeline.end(run, "SUCCEEDED")
    event["detail"]["object"]["key"] = "params.json"
    pipeline.parameters(Pipeline={"KeepRuns": 7})
    assert pipeline.start(event)["Started"] is False
    monkeypatch.setenv("START_ON", "DataAndParameters")
    answers = [pipeline.start(event), pipeline.start(event), pipeline.start(event | {"id": "late"})]
    assert [answer["Started"] for answer in answers] == [True, False, False]
    monkeypatch.setenv("START_ON", "Data")
    assert pipeline.start(event)["Reason"].startswith("params.json is no data under train/ or related/ or metadata/")


class KnownStack(Stack):
    """A stack whose resources need no CloudFormation."""

    resources: dict[str, str] = {}  # noqa: RUF012 - in place of the property


def test_what_changed_since_the_newest_run_began_is_told_of(pipeline: Pipeline, event: dict[str, Any]) -> None:
    pipeline.parameters(Datasets=[TARGET, RELATED], AutoPredictor=AUTO, Predictor=None)
    pipeline.put("related/weather.csv", b"item_id,timestamp,temperature\nclient_12,2014-01-01 01:00:00,-3.5\n")
    run = pipeline.start(event)["Run"]
    stack = KnownStack(boto3.client, "almanac")
    stack.resources.update(DataBucket=BUCKET, ForecastPipeline=pipeline.machine_arn)
    assert changes_not_run(stack) is None
    pipeline.put("related/weather.csv", b"item_id,timestamp,temperature\nclient_12,2014-01-01 01:00:00,-4\n")
    pipeline.parameters(Datasets=[TARGET, RELATED], AutoPredictor=AUTO, Predictor=None, PerformDelete=True)
    changes = "params.json was replaced, related/weather.csv was replaced"
    assert changes_not_run(stack) == f"not run yet, since run {run} began: {changes}; almanac run starts a run over it"


def test_of_a_bucket_with_versions_the_run_knows_those_of_its_files(pipeline: Pipeline, event: dict[str, Any]) -> None:
    pipeline.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    pipeline.put("train/electricity.csv", HOURLY)
    (job,) = pipeline.document(pipeline.start(event)["Run"])["Imports"]
    version = pipeline.s3.head_object(Bucket=BUCKET, Key="train/electricity.csv")["VersionId"]
    assert job["Content"]["Files"][0]["VersionId"] == version


@pytest.mark.parametrize("key", ["train/ELECTRICITY.CSV", "train/day=2014-01-01/part-00000"])
def test_data_of_any_case_and_without_an_ending_start_a_run(
    pipeline: Pipeline, event: dict[str, Any], key: str
) -> None:
    pipeline.s3.delete_object(Bucket=BUCKET, Key="train/electricity.csv")
    pipeline.put(key, HOURLY)
    event["detail"]["object"]["key"] = key
    answer = pipeline.start(event)
    assert answer["Started"] is True
    assert pipeline.document(answer["Run"])["Problem"] is None


@pytest.mark.parametrize(
    ("key", "body", "found"),
    [
        ("train/electricity.xlsx", b"PK\x03\x04 and more", "a zip archive or an Excel workbook"),
        ("train/electricity.csv.gz", b"\x1f\x8b\x08 and more", "a file compressed with gzip"),
    ],
)
def test_a_workbook_or_an_archive_starts_a_run_that_says_what_it_is(
    pipeline: Pipeline, event: dict[str, Any], *, key: str, body: bytes, found: str
) -> None:
    pipeline.put(key, body)
    event["detail"]["object"]["key"] = key
    answer = pipeline.start(event)
    assert str(pipeline.document(answer["Run"])["Problem"]).startswith(f"{key}: found {found}, wanted plain CSV")


def test_files_of_the_same_rows_and_files_that_are_no_data_are_remarked_on(pipeline: Pipeline) -> None:
    pipeline.put("train/copy of electricity.csv", HOURLY)
    pipeline.put("train/more.csv", HOURLY.replace(b"12", b"13"))
    pipeline.put("train/_SUCCESS", b"")
    for name in ("electricity.csv.bak", "notes.txt"):
        pipeline.put(f"train/{name}", HOURLY)
    document = pipeline.document(pipeline.start({})["Run"])
    assert document["Imports"][0]["FileCount"] == 3
    assert document["Imports"][0]["Remarks"] == [
        "train/copy of electricity.csv and train/electricity.csv hold the same rows: each of them is there 2 times.",
        "train/electricity.csv.bak and train/notes.txt were not read: no data by their names.",
        "Athena's table train reads whatever lies in train/: move what is no data elsewhere.",
    ]


def test_five_files_with_one_mistake_make_one_failed_run(pipeline: Pipeline, event: dict[str, Any]) -> None:
    pipeline.parameters(Forecst={})
    run = pipeline.start(event)["Run"]
    pipeline.end(run, "FAILED")
    for number in range(4):
        assert pipeline.start(event | {"id": f"file-{number}"})["Started"] is False
    assert pipeline.executions() == [run]


def test_an_old_date_starts_a_run_of_its_own_whose_datasets_are_its_own_and_go_at_its_end(
    pipeline: Pipeline, event: dict[str, Any]
) -> None:
    now = pipeline.start(event)["Run"]
    started = pipeline.start({"AsOf": "2014-06-30"})
    run = started["Run"]
    assert run == f"2014-06-30-{content_as_of(content_of(now), date(2014, 6, 30))}"
    document = pipeline.document(run)
    assert (document["Run"]["AsOf"], document["PerformDelete"]) == ("2014-06-30", True)
    assert document["DatasetGroup"]["DatasetGroupName"] == run_name(document["Names"]["DatasetGroup"], run)
    (job,), (dataset,) = document["Imports"], document["Datasets"]
    assert job["DatasetName"] == dataset["DatasetName"] == run_name("electricity_ds", run)
    assert job["Path"] == cut_history_path(BUCKET, run)
    assert job["Content"] == pipeline.document(now)["Imports"][0]["Content"]


def test_a_run_as_of_an_old_date_is_started_once_and_starts_no_other_anew(
    pipeline: Pipeline, event: dict[str, Any]
) -> None:
    now = pipeline.start(event)["Run"]
    old = [pipeline.start({"AsOf": day}) for day in ("2014-06-30", "2014-06-30", "2014-05-31", "2014-06-30")]
    assert [each["Started"] for each in old] == [True, False, True, False]
    assert pipeline.start({}) | {"ExecutionArn": ""} == {"Started": False, "Run": now, "ExecutionArn": ""}


def test_a_date_that_is_not_over_is_refused(pipeline: Pipeline) -> None:
    today = datetime.now(UTC).date()
    with pytest.raises(ParameterError) as refused:
        pipeline.start({"AsOf": today.isoformat()})
    assert str(refused.value) == (f"the input of start_pipeline, AsOf: found {today}, wanted a day before {today}.")
    assert pipeline.executions() == []
