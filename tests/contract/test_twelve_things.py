"""0: the twelve things that an implementer would get wrong, each as the clients that rely on it do it."""

import json
import re
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import BUCKET, HOME, Amazon

ULID = r"[0-9A-HJKMNP-TV-Z]{26}"
NPTS = "arn:aws:forecast:::algorithm/NPTS"


@pytest.fixture(scope="module")
def group(amazon: Amazon) -> str:
    lines = "".join(f"{item},2014-09-{day:02},{day % 7}.25\n" for item in ("a", "b") for day in range(1, 31))
    return amazon.group("group", lines)


@pytest.fixture(scope="module")
def auto(amazon: Amazon, group: str) -> str:
    return amazon.auto_predictor("TAXI_PREDICTOR", group, ForecastTypes=["0.1", "0.50", "0.65", "mean"])


@pytest.fixture(scope="module")
def legacy(amazon: Amazon, group: str) -> str:
    return amazon.legacy_predictor("legacy", group, AlgorithmArn=NPTS, ForecastHorizon=7)


@pytest.fixture(scope="module")
def forecast(amazon: Amazon, auto: str) -> str:
    return amazon.forecast_of("TAXI_FORECAST", auto)


def refusal(call: Any, **request: Any) -> dict[str, Any]:
    """The answer of a call that is refused, as botocore has read it."""
    with pytest.raises(ClientError) as error:
        call(**request)
    return dict(error.value.response)


def test_0_1_an_auto_predictor_has_a_ulid_and_its_backtest_export_has_not(
    amazon: Amazon, auto: str, legacy: str
) -> None:
    assert re.fullmatch(rf"{HOME}:predictor/TAXI_PREDICTOR_{ULID}", auto)
    assert amazon.forecast.describe_auto_predictor(PredictorArn=auto)["PredictorName"] == "TAXI_PREDICTOR"
    assert legacy == f"{HOME}:predictor/legacy"
    amazon.backtest_export("backtest", auto)
    # As the AWS Solution computes it: 27 characters off the predictor's ARN, and another type before it.
    constructed = f"{auto[:-27].replace(':predictor/', ':predictor-backtest-export-job/')}/backtest"
    described = amazon.forecast.describe_predictor_backtest_export_job(PredictorBacktestExportJobArn=constructed)
    assert described["Status"] == "ACTIVE"


def test_0_2_describe_predictor_refuses_an_auto_predictor_as_invalid(amazon: Amazon, auto: str, legacy: str) -> None:
    kinds = {}
    for arn in (auto, legacy):
        try:
            amazon.forecast.describe_predictor(PredictorArn=arn)
            kinds[arn] = "legacy"
        except amazon.forecast.exceptions.InvalidInputException:
            kinds[arn] = "auto"
    assert kinds == {auto: "auto", legacy: "legacy"}


def test_0_3_lists_say_false_of_a_legacy_predictor(amazon: Amazon, auto: str, legacy: str) -> None:
    predictors = amazon.forecast.list_predictors()["Predictors"]
    assert [p["PredictorArn"] for p in predictors if p.get("IsAutoPredictor") == False] == [legacy]  # noqa: E712
    assert [p["PredictorArn"] for p in predictors if p.get("IsAutoPredictor")] == [auto]


def test_0_4_arns_follow_from_names(amazon: Amazon, forecast: str) -> None:
    client = amazon.forecast
    client.create_forecast_export_job(
        ForecastExportJobName="constructed", ForecastArn=forecast, Destination=amazon.path("constructed")
    )
    amazon.run_jobs()
    describes = {
        "dataset/group": client.describe_dataset,
        "dataset-group/group": client.describe_dataset_group,
        "dataset-import-job/group/first": client.describe_dataset_import_job,
        "forecast/TAXI_FORECAST": client.describe_forecast,
        "forecast-export-job/TAXI_FORECAST/constructed": client.describe_forecast_export_job,
    }
    for resource, describe in describes.items():
        member = "".join(word.capitalize() for word in resource.partition("/")[0].split("-")) + "Arn"
        assert describe(**{member: f"{HOME}:{resource}"})["Status"] == "ACTIVE"


def test_0_5_what_is_not_there_yet_or_no_more_is_not_found(amazon: Amazon) -> None:
    arn = f"{HOME}:dataset/passing"
    assert refusal(amazon.forecast.describe_dataset, DatasetArn=arn)["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": f"No resource found {arn}",
    }
    amazon.dataset("passing")
    amazon.forecast.delete_dataset(DatasetArn=arn)
    assert amazon.forecast.describe_dataset(DatasetArn=arn)["Status"] == "DELETE_PENDING"
    amazon.run_jobs()
    assert refusal(amazon.forecast.describe_dataset, DatasetArn=arn)["Error"]["Code"] == "ResourceNotFoundException"


def test_0_6_times_are_numbers_in_the_one_service_and_text_in_the_other_and_in_files(
    amazon: Amazon, forecast: str
) -> None:
    body = raw_body(amazon, "describe_forecast", ForecastArn=forecast)
    assert isinstance(body["CreationTime"], float)
    assert round(body["CreationTime"], 3) == body["CreationTime"]
    (first, *_) = amazon.predictions(forecast, item_id="a")["p50"]
    assert first["Timestamp"] == "2014-10-01T00:00:00"
    assert isinstance(amazon.forecast.describe_forecast(ForecastArn=forecast)["CreationTime"], datetime)
    amazon.forecast.create_forecast_export_job(
        ForecastExportJobName="times", ForecastArn=forecast, Destination=amazon.path("times")
    )
    amazon.run_jobs()
    assert amazon.rows("times/")[0]["date"] == "2014-10-01T00:00:00Z"


def raw_body(amazon: Amazon, operation: str, **request: str) -> dict[str, Any]:
    """The JSON of an answer, before botocore reads it."""
    bodies: list[bytes] = []

    def keep(response_dict: dict[str, Any], **_rest: Any) -> None:
        bodies.append(response_dict["body"])

    amazon.forecast.meta.events.register("before-parse.forecast", keep)
    try:
        getattr(amazon.forecast, operation)(**request)
    finally:
        amazon.forecast.meta.events.unregister("before-parse.forecast", keep)
        assert len(bodies) == 1
    return dict(json.loads(bodies[0]))


def test_0_7_an_error_has_its_type_in_the_body(amazon: Amazon) -> None:
    answer = refusal(amazon.forecast.describe_forecast, ForecastArn=f"{HOME}:forecast/none")
    assert answer["Error"]["Code"] == "ResourceNotFoundException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_0_8_the_time_column_is_date_in_forecasts_and_timestamp_in_backtests(amazon: Amazon, auto: str) -> None:
    amazon.forecast_of("columns", auto)
    amazon.forecast.create_forecast_export_job(
        ForecastExportJobName="columns", ForecastArn=f"{HOME}:forecast/columns", Destination=amazon.path("columns")
    )
    amazon.backtest_export("columns_of_backtest", auto)
    assert list(amazon.rows("columns/")[0]) == ["item_id", "date", "mean", "p10", "p50", "p65"]
    window = ["backtestwindow_start_time", "backtestwindow_end_time"]
    header = ["item_id", "timestamp", "target_value", *window, "mean", "p10", "p50", "p65"]
    assert list(amazon.rows("columns_of_backtest/forecasted-values/")[0]) == header


def test_0_9_marks_stand_beside_the_parts_and_are_no_csv(amazon: Amazon, forecast: str) -> None:
    amazon.forecast.create_forecast_export_job(
        ForecastExportJobName="marked", ForecastArn=forecast, Destination=amazon.path("marked")
    )
    amazon.run_jobs()
    keys = amazon.keys("marked/")
    marks = [key for key in keys if not key.endswith(".csv")]
    assert marks == ["marked/_CHECK", "marked/_SUCCESS"]
    written = {key: amazon.s3.head_object(Bucket=BUCKET, Key=key)["LastModified"] for key in keys}
    assert written["marked/_CHECK"] <= min(written.values())
    assert written["marked/_SUCCESS"] >= max(written.values())


def test_0_10_a_taken_name_comes_with_the_arn_that_has_it(amazon: Amazon, group: str, auto: str, forecast: str) -> None:
    client, dataset = amazon.forecast, f"{HOME}:dataset/group"
    export = {"ForecastExportJobName": "taken", "ForecastArn": forecast, "Destination": amazon.path("taken")}
    backtest = {"PredictorBacktestExportJobName": "taken", "PredictorArn": auto, "Destination": amazon.path("taken")}
    client.create_forecast_export_job(**export)
    client.create_predictor_backtest_export_job(**backtest)
    amazon.run_jobs()
    configuration = {"ForecastHorizon": 7, "ForecastFrequency": "D", "DataConfig": {"DatasetGroupArn": group}}
    schema = client.describe_dataset(DatasetArn=dataset)["Schema"]
    source = {"DatasetImportJobName": "first", "DatasetArn": dataset, "DataSource": amazon.path("in/")}
    described = {"Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES", "DataFrequency": "D", "Schema": schema}
    taken = {
        "dataset group": (client.create_dataset_group, {"DatasetGroupName": "group", "Domain": "CUSTOM"}, group),
        "dataset": (client.create_dataset, {"DatasetName": "group"} | described, dataset),
        "dataset import job": (
            client.create_dataset_import_job,
            source,
            f"{HOME}:dataset-import-job/group/first",
        ),
        "predictor": (client.create_auto_predictor, {"PredictorName": "TAXI_PREDICTOR"} | configuration, auto),
        "predictor backtest export job": (
            client.create_predictor_backtest_export_job,
            backtest,
            f"{HOME}:predictor-backtest-export-job/TAXI_PREDICTOR/taken",
        ),
        "forecast": (client.create_forecast, {"ForecastName": "TAXI_FORECAST", "PredictorArn": auto}, forecast),
        "forecast export job": (
            client.create_forecast_export_job,
            export,
            f"{HOME}:forecast-export-job/TAXI_FORECAST/taken",
        ),
    }
    for noun, (create, request, arn) in taken.items():
        answer = refusal(create, **request)
        assert answer["Error"]["Code"] == "ResourceAlreadyExistsException"
        assert answer["Error"]["Message"] == f"A {noun} already exists with the arn: {arn}"
        words = [word for word in answer["Error"]["Message"].split() if word.startswith("arn:aws:forecast:")]
        assert words[-1] == answer["Message"].split(": ")[-1] == arn


def test_0_12_types_name_columns_and_losses(amazon: Amazon, auto: str, forecast: str) -> None:
    assert set(amazon.predictions(forecast, item_id="a")) == {"p10", "p50", "p65", "mean"}
    amazon.backtest_export("losses", auto)
    columns = list(amazon.rows("losses/accuracy-metrics-values/")[0])
    assert [name for name in columns if name.startswith("wQL")] == ["wQL[0.1]", "wQL[0.5]", "wQL[0.65]"]
