"""start_pipeline: one execution per content, whatever comes twice, and a sentence for every mistake."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.stepfunctions.models import stepfunctions_backends

from forecast_pipeline.parameters.problems import ParameterError

BUCKET = "almanac-data"
WORKSHOP = Path(__file__).parent.parent / "forecast_pipeline" / "parameters" / "workshop_params.json"
HOURLY = b"2014-01-01 01:00:00,38.35,client_12\n2014-01-01 02:00:00,33.58,client_12\n"
Step = Callable[[dict[str, Any]], Any]


class Pipeline:
    """The bucket, the state machine, and start_pipeline between them."""

    def __init__(self, handler: Step, machine_arn: str) -> None:
        self.start = handler
        self.s3 = boto3.client("s3")
        self.states = boto3.client("stepfunctions")
        self.machine_arn = machine_arn

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def parameters(self, **members: Any) -> None:
        """The workshop's params.json, with these members in place of its own."""
        self.put("params.json", json.dumps(json.loads(WORKSHOP.read_text()) | members).encode())

    def executions(self) -> list[str]:
        pages = self.states.list_executions(stateMachineArn=self.machine_arn)["executions"]
        return sorted(execution["name"] for execution in pages)

    def document(self, name: str) -> dict[str, Any]:
        arn = f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        document: dict[str, Any] = json.loads(self.states.describe_execution(executionArn=arn)["input"])
        return document

    def end(self, name: str, status: str) -> None:
        """Let an execution end; moto keeps it RUNNING for ever."""
        (machine,) = stepfunctions_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].state_machines
        (execution,) = (execution for execution in machine.executions if execution.name == name)
        execution.status = status


@pytest.fixture
def pipeline(
    aws_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
) -> Iterator[Pipeline]:
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        definition = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}})
        role = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/machine"
        states = boto3.client("stepfunctions")
        machine = states.create_state_machine(name="forecast", definition=definition, roleArn=role)["stateMachineArn"]
        for name, value in (("STATE_MACHINE_ARN", machine), ("DATA_BUCKET", BUCKET), ("PARAMETER_FILE", "params.json")):
            monkeypatch.setenv(name, value)
        app = load_function("start_pipeline")
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        pipeline = Pipeline(lambda event: app.lambda_handler(event, lambda_context), machine)
        pipeline.parameters()
        pipeline.put("train/electricity.csv", HOURLY)
        yield pipeline


@pytest.fixture
def event(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """A file has arrived, just now."""
    return load_event("start_pipeline") | {"time": datetime.now(UTC).isoformat()}


def problem(pipeline: Pipeline) -> str:
    """The sentence that a start now leads to."""
    started = pipeline.start({})
    return str(pipeline.document(started["Run"])["Problem"])


def test_the_workshops_params_json_starts_a_run_over_the_files_unmodified(
    pipeline: Pipeline, event: dict[str, Any], load_event: Callable[[str], dict[str, Any]]
) -> None:
    started = pipeline.start(event)
    run = started["Run"]
    assert started["Started"] is True
    assert pipeline.executions() == [run]
    document = pipeline.document(run)
    assert document["Problem"] is None
    assert document["Predictor"]["PredictorName"] == f"electricity_predictor_{run}"
    assert document["Imports"] == [
        {
            "DatasetName": "electricity_ds",
            "DatasetType": "TARGET_TIME_SERIES",
            "DatasetImportJobName": f"electricity_ds_{run}",
            "Path": f"s3://{BUCKET}/train/",
            "FileCount": 1,
            "TimestampFormat": "yyyy-MM-dd hh:mm:ss",
        }
    ]
    assert document["Exports"]["Forecast"]["Path"].endswith(f"tmp/{run}/forecast/")
    assert document["Run"]["Event"] == event["id"]
    expected = set(load_event("create_dataset")) - {"AutoPredictor"} | {"Predictor"}
    assert set(document) == expected


def test_an_auto_predictor_with_related_and_metadata_files_imports_all_three(pipeline: Pipeline) -> None:
    workshop = json.loads(WORKSHOP.read_text())
    target = workshop["Datasets"][0]
    related = target | {
        "DatasetName": "weather",
        "DatasetType": "RELATED_TIME_SERIES",
        "Schema": {
            "Attributes": [
                {"AttributeName": "item_id", "AttributeType": "string"},
                {"AttributeName": "timestamp", "AttributeType": "timestamp"},
                {"AttributeName": "temperature", "AttributeType": "float"},
            ]
        },
    }
    metadata = {
        "DatasetName": "clients",
        "Domain": "CUSTOM",
        "DatasetType": "ITEM_METADATA",
        "Schema": {
            "Attributes": [
                {"AttributeName": "item_id", "AttributeType": "string"},
                {"AttributeName": "city", "AttributeType": "string"},
            ]
        },
    }
    auto = {
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
    pipeline.parameters(Datasets=[target, related, metadata], AutoPredictor=auto, Predictor=None)
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
    of_the_run = {"PredictorName": f"auto_{run}", "MonitorConfig": {"MonitorName": f"watch_{run}"}}
    assert document["AutoPredictor"] == auto | of_the_run
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
    for key in ("latest/forecast.csv", "train/", "train/_SUCCESS", "train/.part.crc", "train_$folder$"):
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
    assert document["Predictor"]["PredictorName"] == f"electricity_predictor_{run}_2"
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


def test_the_scheduler_service_sends_id_and_time_alone(pipeline: Pipeline) -> None:
    started = pipeline.start({"id": "d32c5kddcf5bb8c3", "time": "2026-01-05T03:00:00Z"})
    assert pipeline.document(started["Run"])["Run"]["Event"] == "d32c5kddcf5bb8c3"


@pytest.mark.parametrize("key", ["raw_data/forecast_data.csv", "train/notes.txt", "latest/forecast.csv"])
def test_objects_that_are_no_training_data_start_nothing(pipeline: Pipeline, event: dict[str, Any], key: str) -> None:
    event["detail"]["object"]["key"] = key
    answer = pipeline.start(event)
    assert answer == {"Started": False, "Reason": f"{key} is not a CSV file under train/"}
    assert pipeline.executions() == []


def test_a_misspelt_hand_written_input_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(ParameterError, match="the input of start_pipeline, bucket: not a known member"):
        pipeline.start({"bucket": BUCKET})


def test_a_missing_params_json_is_a_run_that_says_so(pipeline: Pipeline) -> None:
    pipeline.s3.delete_object(Bucket=BUCKET, Key="params.json")
    assert problem(pipeline) == (
        "params.json: found no such file in bucket almanac-data, wanted it at the bucket's root."
    )


def test_a_problem_run_holds_little_else(pipeline: Pipeline) -> None:
    pipeline.parameters(Forecst={})
    document = pipeline.document(pipeline.start({})["Run"])
    assert set(document) == {"Run", "PerformDelete", "Problem"}
    assert document["Problem"] == "params.json, Forecst: not a known member, did you mean Forecast?"


@pytest.mark.parametrize(
    ("key", "body", "sentence"),
    [
        ("train/electricity.csv", b"", "train/electricity.csv: found no rows of data, wanted rows of 3 columns"),
        (
            "train/electricity.csv",
            b"timestamp,target_value,item_id\n \n",
            "train/electricity.csv: found no rows of data",
        ),
        (
            "train/electricity.csv",
            b"2014-01-01 01:00:00,38.35\n",
            "train/electricity.csv, line 1: found 2 columns, wanted 3 columns (timestamp, target_value, item_id).",
        ),
        (
            "train/electricity.csv",
            HOURLY + b"2014/01/01 03:00,1.0,client_12\n",
            "train/electricity.csv, line 3, timestamp: found '2014/01/01 03:00', "
            "wanted a timestamp as yyyy-MM-dd hh:mm:ss.",
        ),
        (
            "train/electricity.csv",
            HOURLY + b"2014-01-01 03:00:00,many,client_12\n",
            "train/electricity.csv, line 3, target_value: found 'many', wanted a number.",
        ),
        (
            "train/b.csv",
            "2014-01-01 03:00:00,1,고객\n".encode("cp949"),
            "train/b.csv, line 1: found bytes that are not UTF-8",
        ),
        (
            "related/weather.csv",
            HOURLY,
            "related/: found 1 file, but Datasets in params.json has no RELATED_TIME_SERIES.",
        ),
    ],
)
def test_a_wrong_file_is_told_before_anything_is_created(
    pipeline: Pipeline, key: str, body: bytes, sentence: str
) -> None:
    pipeline.put(key, body)
    assert problem(pipeline).startswith(sentence)


def test_a_declared_dataset_without_files_is_told(pipeline: Pipeline) -> None:
    pipeline.s3.delete_object(Bucket=BUCKET, Key="train/electricity.csv")
    assert problem(pipeline) == "train/: found no files, wanted CSV files for dataset electricity_ds."


def test_five_files_with_one_mistake_make_one_failed_run(pipeline: Pipeline, event: dict[str, Any]) -> None:
    pipeline.parameters(Forecst={})
    run = pipeline.start(event)["Run"]
    pipeline.end(run, "FAILED")
    for number in range(4):
        assert pipeline.start(event | {"id": f"file-{number}"})["Started"] is False
    assert pipeline.executions() == [run]
