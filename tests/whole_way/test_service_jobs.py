"""Jobs of the service on the deployed machine: one is stopped, a tree goes, series are chosen, one starts another."""

import io
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from tests.whole_way.small_data import monthly_panel
from tests.whole_way.stack import Stack, eventually

KEYS = (
    "exports/service-jobs"  # where the data of these tests lie: DataRole writes there, and the pipeline looks elsewhere
)


@pytest.fixture(scope="module")
def source(stack: Stack) -> dict[str, Any]:
    """The DataSource of the import."""
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{KEYS}/panel.csv", Body=monthly_panel())
    return s3_config(stack, "panel.csv")


def s3_config(stack: Stack, name: str) -> dict[str, Any]:
    path = f"s3://{stack.bucket}/{KEYS}/{name}"
    return {"S3Config": {"Path": path, "RoleArn": stack.deployment.outputs["DataRoleArn"]}}


def schema(**types: str) -> dict[str, Any]:
    return {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]}


def dataset_of_sales(stack: Stack, name: str) -> str:
    types = {"timestamp": "timestamp", "item_id": "string", "model": "string", "target_value": "float"}
    answer = stack.forecast.create_dataset(
        DatasetName=name,
        Domain="CUSTOM",
        DatasetType="TARGET_TIME_SERIES",
        DataFrequency="M",
        Schema=schema(**types),
    )
    return str(answer["DatasetArn"])


@pytest.fixture(scope="module")
def dataset_arn(stack: Stack) -> str:
    return dataset_of_sales(stack, "stopped")


def imported(stack: Stack, dataset_arn: str, source: dict[str, Any], name: str) -> str:
    answer = stack.forecast.create_dataset_import_job(
        DatasetImportJobName=name, DatasetArn=dataset_arn, DataSource=source, TimestampFormat="yyyy-MM-dd"
    )
    return str(answer["DatasetImportJobArn"])


def ended(describe: Any, **arn: str) -> str:
    """The status in which a job has ended."""

    def status() -> str | None:
        found = describe(**arn)["Status"]
        return None if found in ("CREATE_PENDING", "CREATE_IN_PROGRESS", "CREATE_STOPPING") else found

    return str(eventually(status))


def gone(stack: Stack, describe: Any, **arn: str) -> None:
    """Wait until a resource is not found."""

    def is_gone() -> bool | None:
        try:
            describe(**arn)
        except stack.forecast.exceptions.ResourceNotFoundException:
            return True
        return None

    eventually(is_gone)


def test_a_stopped_import_ends_and_the_next_one_runs(stack: Stack, dataset_arn: str, source: dict[str, Any]) -> None:
    stopped = imported(stack, dataset_arn, source, "stopped")
    stack.forecast.stop_resource(ResourceArn=stopped)
    assert ended(stack.forecast.describe_dataset_import_job, DatasetImportJobArn=stopped) == "CREATE_STOPPED"
    assert stack.forecast.describe_dataset(DatasetArn=dataset_arn)["Status"] == "ACTIVE"
    second = imported(stack, dataset_arn, source, "second")
    assert ended(stack.forecast.describe_dataset_import_job, DatasetImportJobArn=second) == "ACTIVE"
    found = stack.forecast.describe_dataset_import_job(DatasetImportJobArn=stopped)
    assert (found["Status"], "FieldStatistics" in found) == ("CREATE_STOPPED", False)


def forecast_of_selected_series(stack: Stack, group_arn: str) -> dict[str, str]:
    """A predictor of a group, its forecast of the two series in a file, and the export of that: field -> ARN."""
    client = stack.forecast
    predictor = client.create_auto_predictor(
        PredictorName="tree",
        ForecastHorizon=6,
        ForecastFrequency="M",
        ForecastDimensions=["model"],
        DataConfig={"DatasetGroupArn": group_arn},
    )["PredictorArn"]
    assert ended(client.describe_auto_predictor, PredictorArn=predictor) == "ACTIVE"
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{KEYS}/selected.csv", Body=b"apples,south\nplums,north\n")
    selected = {"DataSource": s3_config(stack, "selected.csv"), "Schema": schema(item_id="string", model="string")}
    forecast = client.create_forecast(
        ForecastName="tree", PredictorArn=predictor, TimeSeriesSelector={"TimeSeriesIdentifiers": selected}
    )["ForecastArn"]
    assert ended(client.describe_forecast, ForecastArn=forecast) == "ACTIVE"
    export = client.create_forecast_export_job(
        ForecastExportJobName="tree", ForecastArn=forecast, Destination=s3_config(stack, "out"), Format="PARQUET"
    )["ForecastExportJobArn"]
    assert ended(client.describe_forecast_export_job, ForecastExportJobArn=export) == "ACTIVE"
    return {"PredictorArn": predictor, "ForecastArn": forecast, "ForecastExportJobArn": export}


def test_a_tree_goes_with_its_forecast_of_selected_series(
    stack: Stack, dataset_arn: str, source: dict[str, Any]
) -> None:
    client = stack.forecast
    job = imported(stack, dataset_arn, source, "third")
    assert ended(client.describe_dataset_import_job, DatasetImportJobArn=job) == "ACTIVE"
    group = client.create_dataset_group(DatasetGroupName="tree", Domain="CUSTOM", DatasetArns=[dataset_arn])
    group_arn = group["DatasetGroupArn"]
    made = forecast_of_selected_series(stack, group_arn)

    client.delete_resource_tree(ResourceArn=group_arn)
    gone(stack, client.describe_dataset_group, DatasetGroupArn=group_arn)
    assert group_arn not in [other["DatasetGroupArn"] for other in client.list_dataset_groups()["DatasetGroups"]]
    for describe, field in (
        (client.describe_auto_predictor, "PredictorArn"),
        (client.describe_forecast, "ForecastArn"),
        (client.describe_forecast_export_job, "ForecastExportJobArn"),
    ):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            describe(**{field: made[field]})
    client.delete_resource_tree(ResourceArn=dataset_arn)
    gone(stack, client.describe_dataset, DatasetArn=dataset_arn)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_dataset_import_job(DatasetImportJobArn=job)

    (key,) = (key for key in stack.keys(f"{KEYS}/out/") if key.endswith(".parquet"))
    body = stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read()
    rows = duckdb.read_parquet(io.BytesIO(body)).fetchall()
    assert [row[:2] for row in rows] == [("apples", "south")] * 6


def test_a_monitored_predictor_is_evaluated_by_the_import_of_what_was_forecast(stack: Stack) -> None:
    """Jobs start jobs: the end of the training the monitor's, the end of the import the evaluation."""
    client, rows = stack.forecast, monthly_panel().decode().splitlines(keepends=True)
    source = s3_config(stack, "monitored.csv")
    known = "".join(row for row in rows if not row.startswith("2023-12"))  # all but the last month
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{KEYS}/monitored.csv", Body=known.encode())
    dataset = dataset_of_sales(stack, "monitored")
    job = imported(stack, dataset, source, "first")
    assert ended(client.describe_dataset_import_job, DatasetImportJobArn=job) == "ACTIVE"
    group = client.create_dataset_group(DatasetGroupName="monitored", Domain="CUSTOM", DatasetArns=[dataset])
    predictor = client.create_auto_predictor(
        PredictorName="monitored",
        ForecastHorizon=1,
        ForecastFrequency="M",
        ForecastDimensions=["model"],
        DataConfig={"DatasetGroupArn": group["DatasetGroupArn"]},
        MonitorConfig={"MonitorName": "monitored"},
    )["PredictorArn"]
    monitor = client.describe_auto_predictor(PredictorArn=predictor)["MonitorInfo"]["MonitorArn"]
    assert ended(client.describe_monitor, MonitorArn=monitor) == "ACTIVE"
    forecast = client.create_forecast(ForecastName="monitored", PredictorArn=predictor)["ForecastArn"]
    assert ended(client.describe_forecast, ForecastArn=forecast) == "ACTIVE"

    stack.s3.put_object(Bucket=stack.bucket, Key=f"{KEYS}/monitored.csv", Body=monthly_panel())
    imported(stack, dataset, source, "later")

    def evaluations() -> list[dict[str, Any]] | None:
        found = client.list_monitor_evaluations(MonitorArn=monitor)["PredictorMonitorEvaluations"]
        return found or None

    (evaluation,) = eventually(evaluations)
    assert (evaluation["EvaluationState"], evaluation["NumItemsEvaluated"]) == ("SUCCESS", 4)
    assert evaluation["WindowStartDatetime"] == evaluation["WindowEndDatetime"]
    assert evaluation["WindowStartDatetime"] == datetime(2023, 12, 1, tzinfo=UTC)
    metrics = {result["MetricName"]: result["MetricValue"] for result in evaluation["MetricResults"]}
    assert 0 < metrics["WAPE"] < 0.2
