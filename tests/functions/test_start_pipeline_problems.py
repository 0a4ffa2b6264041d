"""What start_pipeline says of parameters and files that are wrong: a sentence, before anything is created."""

import pytest

from forecast_pipeline.parameters.problems import ParameterError
from tests.functions.watched_bucket import BUCKET, HOURLY, Pipeline


def problem(pipeline: Pipeline) -> str:
    """The sentence that a start now leads to."""
    started = pipeline.start({})
    return str(pipeline.document(started["Run"])["Problem"])


def test_a_misspelt_hand_written_input_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(
        ParameterError, match=r"the input of start_pipeline, bucket: not a known member, did you mean Bucket\?"
    ):
        pipeline.start({"bucket": BUCKET})


@pytest.mark.parametrize("records", [{}, [1], [{"Sns": {}}]])
def test_records_of_another_service_are_refused_with_the_services_that_are_wanted(
    pipeline: Pipeline, records: object
) -> None:
    with pytest.raises(ParameterError, match=r"Records: found .*, wanted those of SQS or of S3"):
        pipeline.start({"Records": records})


def test_a_notification_of_s3_without_a_key_is_refused(pipeline: Pipeline) -> None:
    record = {"eventTime": "2026-01-05T02:00:00Z", "s3": {"bucket": {"name": BUCKET}, "object": {}}}
    with pytest.raises(ParameterError, match=r"the input of start_pipeline, s3\.object\.key: missing"):
        pipeline.start({"Records": [record]})


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
            "train/electricity.csv, line 1: found 2 columns, wanted the 3 of the schema (timestamp, target_value, ",
        ),
        (
            "train/electricity.csv",
            HOURLY + b"2014/01/01 03:00,1.0,client_12\n",
            "train/electricity.csv, line 3, column timestamp: found '2014/01/01 03:00', "
            "wanted a timestamp of the form yyyy-MM-dd hh:mm:ss.",
        ),
        (
            "train/electricity.csv",
            HOURLY + b"2014-01-01 03:00:00,many,client_12\n",
            "train/electricity.csv, line 3, column target_value: found 'many', wanted a number.",
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
