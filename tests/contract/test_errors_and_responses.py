"""1.2, 3.5, 4.2: the words of refusals, and answers whose members are known one by one."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.contract.conftest import HOME, ROLE_ARN, Amazon
from tests.forecast_service.shop import schema

ALGORITHMS = [f"arn:aws:forecast:::algorithm/{name}" for name in ("CNN-QR", "Deep_AR_Plus", "NPTS", "ETS", "ARIMA")]


@pytest.fixture(scope="module")
def imported(amazon: Amazon) -> dict[str, Any]:
    """What DescribeDatasetImportJob says of two items on hours."""
    dataset_arn = amazon.dataset("power", DataFrequency="H")
    hours = [f"2014-{month:02}-01 {hour:02}:00:00" for month in range(1, 6) for hour in range(24)]
    values = {"client_1": 0.0, "client_2": 209.99170812603649}
    lines = "".join(f"{client},{hour},{value!r}\n" for client, value in values.items() for hour in hours)
    return amazon.import_csv(dataset_arn, lines, TimestampFormat="yyyy-MM-dd hh:mm:ss", TimeZone="EST")


@pytest.fixture(scope="module")
def group(amazon: Amazon, imported: dict[str, Any]) -> str:
    answer = amazon.forecast.create_dataset_group(
        DatasetGroupName="power", Domain="CUSTOM", DatasetArns=[imported["DatasetArn"]]
    )
    return str(answer["DatasetGroupArn"])


def refused(call: Any, **request: Any) -> tuple[str, str]:
    """Code and message of a refusal."""
    with pytest.raises(ClientError) as error:
        call(**request)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_1_2_datasets_of_a_group_that_do_not_exist_are_named(amazon: Amazon) -> None:
    arn = f"{HOME}:dataset/none"
    found = refused(amazon.forecast.create_dataset_group, DatasetGroupName="g", Domain="CUSTOM", DatasetArns=[arn])
    assert found == ("InvalidInputException", f"Dataset arns: [{arn}] are not found")


def test_1_2_an_unknown_algorithm_is_told_the_options(amazon: Amazon, group: str) -> None:
    arn = "arn:aws:forecast:::algorithm/LSTM"
    code, message = refused(
        amazon.forecast.create_predictor,
        PredictorName="p",
        AlgorithmArn=arn,
        ForecastHorizon=1,
        InputDataConfig={"DatasetGroupArn": group},
        FeaturizationConfig={"ForecastFrequency": "H"},
    )
    options = ",".join([*ALGORITHMS, "arn:aws:forecast:::algorithm/Prophet"])
    assert (code, message) == (
        "InvalidInputException",
        f"Invalid Algorithm ARN specified: {arn}. Options: {options}",
    )


def test_1_2_text_in_a_related_series_is_refused_by_the_predictor_not_by_the_dataset(amazon: Amazon) -> None:
    series = {"item_id": "string", "timestamp": "timestamp"}
    target = amazon.dataset("sold")
    related = amazon.dataset("weather", series | {"sky": "string", "price": "float"}, DatasetType="RELATED_TIME_SERIES")
    days = [f"2020-01-{day:02}" for day in range(1, 31)]
    amazon.import_csv(target, "".join(f"a,{day},1\n" for day in days), TimestampFormat="yyyy-MM-dd")
    amazon.import_csv(related, "".join(f"a,{day},blue,1\n" for day in days), TimestampFormat="yyyy-MM-dd")
    group = amazon.forecast.create_dataset_group(
        DatasetGroupName="sold", Domain="CUSTOM", DatasetArns=[target, related]
    )["DatasetGroupArn"]
    found = refused(
        amazon.forecast.create_auto_predictor,
        PredictorName="p",
        ForecastHorizon=1,
        ForecastFrequency="D",
        DataConfig={"DatasetGroupArn": group},
    )
    assert found == (
        "InvalidInputException",
        "The attribute(s) [sky] present in the RELATED_TIME_SERIES schema should be of numeric type such as "
        "`integer` or `float`, or be added as a forecast dimension",
    )


def test_1_2_a_full_quota_of_imports_has_the_words_that_clients_wait_on(amazon: Amazon) -> None:
    for number in range(4):
        amazon.dataset(f"busy_{number}")
    request = {"DatasetImportJobName": "busy", "DataSource": amazon.path("in/")}
    for number in range(3):
        amazon.forecast.create_dataset_import_job(**request, DatasetArn=f"{HOME}:dataset/busy_{number}")
    code, message = refused(amazon.forecast.create_dataset_import_job, **request, DatasetArn=f"{HOME}:dataset/busy_3")
    amazon.run_jobs()
    assert code == "LimitExceededException"
    assert message.startswith("Quota limit of 3 dataset import jobs")
    assert "concurrently" in message


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"DatasetGroupName": "1bad", "Domain": "CUSTOM"},
            "1 validation error detected: Value '1bad' at 'datasetGroupName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern ^[a-zA-Z][a-zA-Z0-9_]*",
        ),
        (
            {"DatasetGroupName": "a" * 64, "Domain": "NOPE"},
            f"2 validation errors detected: Value '{'a' * 64}' at 'datasetGroupName' failed to satisfy constraint: "
            "Member must have length less than or equal to 63; Value 'NOPE' at 'domain' failed to satisfy constraint: "
            "Member must satisfy enum value set [RETAIL, CUSTOM, INVENTORY_PLANNING, EC2_CAPACITY, WORK_FORCE, "
            "WEB_TRAFFIC, METRICS]",
        ),
    ],
)
def test_1_2_a_broken_constraint_is_told_in_the_words_of_amazons_servers(
    amazon: Amazon, request_: dict[str, str], message: str
) -> None:
    assert refused(amazon.forecast.create_dataset_group, **request_) == ("ValidationException", message)


def test_3_5_an_import_is_described_with_these_members(imported: dict[str, Any]) -> None:
    members = {
        *("DatasetImportJobName", "DatasetImportJobArn", "DatasetArn", "TimestampFormat", "TimeZone"),
        *("UseGeolocationForTimeZone", "DataSource", "FieldStatistics", "DataSize", "Status", "CreationTime"),
        *("LastModificationTime", "Format", "ImportMode"),
    }
    assert set(imported) - {"ResponseMetadata"} == members
    assert imported["DatasetImportJobArn"] == f"{HOME}:dataset-import-job/power/first"
    assert imported["TimestampFormat"] == "yyyy-MM-dd hh:mm:ss"  # 3.4: taken and echoed, though the hours are of 24
    assert imported["UseGeolocationForTimeZone"] is False
    assert imported["DataSource"]["S3Config"]["RoleArn"] == ROLE_ARN
    assert imported["Status"] == "ACTIVE"


def test_3_5_statistics_are_text_or_numbers_by_the_type_of_the_field(imported: dict[str, Any]) -> None:
    fields = imported["FieldStatistics"]
    counts = {"Count", "CountLong", "CountDistinct", "CountDistinctLong", "CountNull", "CountNullLong"}
    assert set(fields) == {"item_id", "timestamp", "target_value"}
    assert set(fields["item_id"]) == counts
    assert set(fields["timestamp"]) == counts | {"Min", "Max"}
    assert fields["timestamp"]["Min"] == "2014-01-01T00:00:00Z"
    target = fields["target_value"]
    assert set(target) == counts | {"CountNan", "CountNanLong", "Min", "Max", "Avg", "Stddev"}
    assert (target["Min"], target["Max"]) == ("0.0", "209.99170812603649")
    assert (target["Count"], target["CountDistinct"], target["Avg"]) == (240, 2, pytest.approx(209.99170812603649 / 2))


@pytest.fixture(scope="module")
def deep_ar(amazon: Amazon, group: str) -> dict[str, Any]:
    """DescribePredictor of the algorithm whose answer Amazon's users have printed."""
    answer = amazon.forecast.create_predictor(
        PredictorName="deep",
        AlgorithmArn="arn:aws:forecast:::algorithm/Deep_AR_Plus",
        ForecastHorizon=24,
        InputDataConfig={"DatasetGroupArn": group},
        FeaturizationConfig={"ForecastFrequency": "H"},
    )
    amazon.run_jobs()
    return dict(amazon.forecast.describe_predictor(PredictorArn=answer["PredictorArn"]))


def test_4_2_a_legacy_predictor_is_described_with_its_defaults(deep_ar: dict[str, Any]) -> None:
    assert set(deep_ar) - {"ResponseMetadata"} == {
        *("PredictorArn", "PredictorName", "AlgorithmArn", "ForecastHorizon", "ForecastTypes", "PerformAutoML"),
        *("PerformHPO", "TrainingParameters", "EvaluationParameters", "InputDataConfig", "FeaturizationConfig"),
        *("PredictorExecutionDetails", "IsAutoPredictor", "DatasetImportJobArns", "Status", "CreationTime"),
        "LastModificationTime",
    }
    assert (deep_ar["PerformAutoML"], deep_ar["PerformHPO"], deep_ar["IsAutoPredictor"]) == (False, False, False)
    assert deep_ar["ForecastTypes"] == ["0.1", "0.5", "0.9"]
    assert deep_ar["EvaluationParameters"] == {"NumberOfBacktestWindows": 1, "BackTestWindowOffset": 24}
    assert deep_ar["TrainingParameters"]["context_length"] == "48"
    assert {type(value) for value in deep_ar["TrainingParameters"].values()} == {str}
    assert deep_ar["DatasetImportJobArns"] == [f"{HOME}:dataset-import-job/power/first"]


def test_4_2_the_windows_of_its_backtest_are_told_by_algorithm(deep_ar: dict[str, Any]) -> None:
    (execution,) = deep_ar["PredictorExecutionDetails"]["PredictorExecutions"]
    assert execution["AlgorithmArn"] == deep_ar["AlgorithmArn"]
    (window,) = execution["TestWindows"]
    assert set(window) == {"TestWindowStart", "TestWindowEnd", "Status"}
    assert window["Status"] == "ACTIVE"
    assert (window["TestWindowEnd"] - window["TestWindowStart"]).total_seconds() == 24 * 3600


def test_3_2_a_schema_with_a_member_of_aws_own_notebook_stays_at_the_client(amazon: Amazon) -> None:
    attributes = schema({"item_id": "string"})
    attributes["Attributes"][0]["AttributeCategory"] = "item"
    with pytest.raises(ParamValidationError, match="Unknown parameter in Schema"):
        amazon.forecast.create_dataset(DatasetName="d", Domain="CUSTOM", DatasetType="ITEM_METADATA", Schema=attributes)
