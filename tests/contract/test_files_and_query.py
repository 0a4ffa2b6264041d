"""6 and 7: the files of exports by name and by content, and the answers of QueryForecast."""

import csv
import io
import re

import duckdb
import pytest

from tests.contract.conftest import BUCKET, HOME, ROLE_ARN, Amazon

TYPES = ["0.1", "0.50", "0.65", "mean"]
STAMP = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ"


@pytest.fixture(scope="module")
def group(amazon: Amazon) -> str:
    """Items in stores, with metadata: exports show dimensions, and metadata where there are none."""
    attributes = {"item_id": "string", "timestamp": "timestamp", "target_value": "float", "store_id": "string"}
    lines = [
        f"{item},2020-01-{day:02},{day % 7 + 2},{store}"
        for item in ("item_001", "item_002")
        for store in ("store_001", "store_002")
        for day in range(1, 32)
    ]
    target = amazon.dataset("stores", attributes)
    assert amazon.import_csv(target, "\n".join(lines), TimestampFormat="yyyy-MM-dd")["Status"] == "ACTIVE"
    metadata = amazon.dataset(
        "brands", {"item_id": "string", "brand": "string"}, DatasetType="ITEM_METADATA", DataFrequency=None
    )
    assert amazon.import_csv(metadata, "item_001,acme\nitem_002,zenith\n")["Status"] == "ACTIVE"
    answer = amazon.forecast.create_dataset_group(
        DatasetGroupName="stores", Domain="CUSTOM", DatasetArns=[target, metadata]
    )
    return str(answer["DatasetGroupArn"])


@pytest.fixture(scope="module")
def predictor(amazon: Amazon, group: str) -> str:
    return amazon.auto_predictor("stores", group, ForecastDimensions=["store_id"], ForecastTypes=["0.65", "0.9"])


@pytest.fixture(scope="module")
def forecast(amazon: Amazon, predictor: str) -> str:
    return amazon.forecast_of("stores", predictor, ForecastTypes=TYPES)


def export(amazon: Amazon, forecast_arn: str, name: str, path: str, **request: str) -> list[str]:
    """Export a forecast; the keys of its files."""
    amazon.forecast.create_forecast_export_job(
        ForecastExportJobName=name, ForecastArn=forecast_arn, Destination=amazon.path(path), **request
    )
    amazon.run_jobs()
    arn = f"{HOME}:forecast-export-job/{forecast_arn.rpartition('/')[2]}/{name}"
    assert amazon.forecast.describe_forecast_export_job(ForecastExportJobArn=arn)["Status"] == "ACTIVE"
    return amazon.keys(path)


def header(amazon: Amazon, key: str) -> list[str]:
    text = amazon.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    return next(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("path", ["subset1", "subset2/"])
def test_6_1_parts_lie_under_the_path_with_the_name_and_time_of_the_export(
    amazon: Amazon, forecast: str, path: str
) -> None:
    keys = export(amazon, forecast, f"of_{path.strip('/')}", path)
    folder = path.strip("/")
    parts = [key for key in keys if key not in (f"{folder}/_CHECK", f"{folder}/_SUCCESS")]
    assert len(keys) == len(parts) + 2
    # The pattern of a Java client: one digit, one level.
    assert all(re.fullmatch(rf"{folder}/of_{folder}_{STAMP}_part\d.csv", key) for key in parts)


def test_6_1_dimensions_stand_between_item_and_date_and_types_ascend(amazon: Amazon, forecast: str) -> None:
    *_, part = export(amazon, forecast, "columns", "columns")
    assert header(amazon, part) == ["item_id", "store_id", "date", "mean", "p10", "p50", "p65"]
    rows = amazon.rows("columns/")
    assert len(rows) == 4 * 7
    assert {row["date"] for row in rows} == {f"2020-02-0{day}T00:00:00Z" for day in range(1, 8)}
    assert [tuple(row[name] for name in ("item_id", "store_id", "date")) for row in rows] == sorted(
        (row["item_id"], row["store_id"], row["date"]) for row in rows
    )


def test_6_1_without_dimensions_the_attributes_of_the_items_are_shown(amazon: Amazon, group: str) -> None:
    predictor_arn = amazon.auto_predictor("no_stores", group)
    *_, part = export(amazon, amazon.forecast_of("no_stores", predictor_arn), "branded", "branded")
    assert header(amazon, part) == ["item_id", "brand", "date", "p10", "p50", "p90"]
    brands = {(row["item_id"], row["brand"]) for row in amazon.rows("branded/")}
    assert brands == {("item_001", "acme"), ("item_002", "zenith")}


@pytest.mark.parametrize(
    ("domain", "attributes"),
    [
        ("METRICS", {"metric_name": "string", "timestamp": "timestamp", "metric_value": "float"}),
        ("EC2_CAPACITY", {"instance_type": "string", "timestamp": "timestamp", "number_of_instances": "integer"}),
    ],
)
def test_3_1_the_export_keeps_the_domains_identifier(amazon: Amazon, domain: str, attributes: dict[str, str]) -> None:
    name = domain.lower()
    dataset = amazon.dataset(name, attributes, Domain=domain)
    content = "".join(f"m5.large,2020-01-{day:02},{day % 7}\n" for day in range(1, 32))
    amazon.import_csv(dataset, content, TimestampFormat="yyyy-MM-dd")
    answer = amazon.forecast.create_dataset_group(DatasetGroupName=name, Domain=domain, DatasetArns=[dataset])
    predictor_arn = amazon.auto_predictor(name, answer["DatasetGroupArn"])
    *_, part = export(amazon, amazon.forecast_of(name, predictor_arn), "kept", name)
    assert header(amazon, part) == [next(iter(attributes)), "date", "p10", "p50", "p90"]


def test_6_1_parquet_parts_hold_the_same_columns_and_values(amazon: Amazon, forecast: str) -> None:
    *_, part = export(amazon, forecast, "as_parquet", "as_parquet", Format="PARQUET")
    assert re.fullmatch(rf"as_parquet/as_parquet_{STAMP}_part\d.parquet", part)
    table = duckdb.read_parquet(io.BytesIO(amazon.s3.get_object(Bucket=BUCKET, Key=part)["Body"].read()))
    assert table.columns == ["item_id", "store_id", "date", "mean", "p10", "p50", "p65"]
    export(amazon, forecast, "as_csv", "as_csv")
    rows = [tuple(row.values()) for row in amazon.rows("as_csv/")]
    assert table.fetchall() == [(*row[:3], *map(float, row[3:])) for row in rows]


def test_6_1_a_bucket_that_cannot_be_written_fails_the_job_with_its_path(amazon: Amazon, forecast: str) -> None:
    answer = amazon.forecast.create_forecast_export_job(
        ForecastExportJobName="nowhere",
        ForecastArn=forecast,
        Destination={"S3Config": {"Path": "s3://nobody-has-it/out", "RoleArn": ROLE_ARN}},
    )
    amazon.run_jobs()
    described = amazon.forecast.describe_forecast_export_job(**{"ForecastExportJobArn": answer["ForecastExportJobArn"]})
    assert described["Status"] == "CREATE_FAILED"
    assert described["Message"].startswith("s3://nobody-has-it/out")


def test_6_2_a_backtest_has_two_folders_with_their_columns(amazon: Amazon, predictor: str) -> None:
    amazon.backtest_export("back", predictor)
    (accuracy,) = amazon.keys("back/accuracy-metrics-values/")
    (values,) = amazon.keys("back/forecasted-values/")
    assert re.fullmatch(rf"back/accuracy-metrics-values/Accuracy_back_{STAMP}_part0.csv", accuracy)
    assert re.fullmatch(rf"back/forecasted-values/Forecasts_back_{STAMP}_part0.csv", values)
    assert {"back/_CHECK", "back/_SUCCESS"} <= set(amazon.keys("back/"))
    window = ["backtestwindow_start_time", "backtestwindow_end_time"]
    assert header(amazon, values) == ["item_id", "store_id", "timestamp", "target_value", *window, "p65", "p90"]
    metrics = ["wQL[0.65]", "wQL[0.9]", "Average wQL", "RMSE", "WAPE", "MAPE", "MASE"]
    assert header(amazon, accuracy) == ["item_id", "store_id", "backtest_window", *window, *metrics]
    row = amazon.rows("back/forecasted-values/")[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", row["timestamp"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00", row["backtestwindow_start_time"])
    rows = amazon.rows("back/accuracy-metrics-values/")
    assert [row["backtest_window"] for row in rows] == ["Computed", "Computed", "Summary"] * 4


def test_7_a_series_is_found_by_all_of_its_keys(amazon: Amazon, forecast: str) -> None:
    found = amazon.predictions(forecast, item_id="item_001", store_id="store_001")
    assert set(found) == {"p10", "p50", "p65", "mean"}
    for points in found.values():
        assert [point["Timestamp"] for point in points] == [f"2020-02-0{day}T00:00:00" for day in range(1, 8)]
        assert all(isinstance(point["Value"], float) for point in points)


def test_7_both_dates_are_inclusive(amazon: Amazon, forecast: str) -> None:
    answer = amazon.query.query_forecast(
        ForecastArn=forecast,
        Filters={"item_id": "item_001", "store_id": "store_001"},
        StartDate="2020-02-02T00:00:00",
        EndDate="2020-02-03T00:00:00",
    )
    steps = [point["Timestamp"] for point in answer["Forecast"]["Predictions"]["p10"]]
    assert steps == ["2020-02-02T00:00:00", "2020-02-03T00:00:00"]


def test_7_exports_and_queries_hold_the_same_numbers(amazon: Amazon, forecast: str) -> None:
    export(amazon, forecast, "same", "same")
    for row in amazon.rows("same/"):
        found = amazon.predictions(forecast, item_id=row["item_id"], store_id=row["store_id"])
        (step,) = [i for i, point in enumerate(found["mean"]) if f"{point['Timestamp']}Z" == row["date"]]
        exported = {name: float(row[name]) for name in ("p10", "p50", "p65", "mean")}
        assert {name: points[step]["Value"] for name, points in found.items()} == exported
