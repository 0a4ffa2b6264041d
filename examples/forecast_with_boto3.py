"""Amazon Forecast's API from boto3, from a CSV file to a forecast and back to nothing.

The program knows nothing of Almanac: which service answers is a matter of AWS_ENDPOINT_URL (or
AWS_ENDPOINT_URL_FORECAST and AWS_ENDPOINT_URL_FORECASTQUERY), which `almanac up` prints with the bucket and the role.

    python examples/forecast_with_boto3.py
    python examples/forecast_with_boto3.py --csv sales.csv --columns timestamp,item_id,target_value \\
        --timestamp-format yyyy-MM-dd --frequency D --horizon 14
"""

import argparse
import csv
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

SAMPLE = Path(__file__).parent.parent / "samples" / "australian_retail.csv"
TYPES = {"timestamp": "timestamp", "target_value": "float"}  # all others name a series


def main() -> None:
    options = read_options()
    forecast, query = boto3.client("forecast"), boto3.client("forecastquery")
    upload(options.csv, options.bucket)

    dataset_arn, group_arn = create_datasets(forecast, options)
    import_arn = import_file(forecast, dataset_arn, options)
    predictor_arn = train(forecast, group_arn, options)
    print_metrics(forecast.get_accuracy_metrics(PredictorArn=predictor_arn))
    forecast_arn = create_forecast(forecast, predictor_arn, options)
    print_query(query, forecast_arn, first_series(options))
    export_arn = export(forecast, forecast_arn, options)
    print_export(options)

    # From the leaves up; the answer "not found" is how a client sees that a deletion has ended.
    delete(forecast.delete_forecast_export_job, forecast.describe_forecast_export_job, ForecastExportJobArn=export_arn)
    delete(forecast.delete_forecast, forecast.describe_forecast, ForecastArn=forecast_arn)
    delete(forecast.delete_predictor, forecast.describe_auto_predictor, PredictorArn=predictor_arn)
    delete(forecast.delete_dataset_import_job, forecast.describe_dataset_import_job, DatasetImportJobArn=import_arn)
    delete(forecast.delete_dataset_group, forecast.describe_dataset_group, DatasetGroupArn=group_arn)
    delete(forecast.delete_dataset, forecast.describe_dataset, DatasetArn=dataset_arn)
    print("deleted what was created; the export stays in the bucket")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bucket", default=os.environ.get("FORECAST_BUCKET"), help="default: $FORECAST_BUCKET")
    parser.add_argument("--role-arn", default=os.environ.get("FORECAST_ROLE_ARN"), help="default: $FORECAST_ROLE_ARN")
    parser.add_argument("--csv", type=Path, default=SAMPLE, help="default: the sample of this project")
    parser.add_argument("--columns", default="timestamp,state,item_id,target_value", help="of the file, in its order")
    parser.add_argument("--timestamp-format", default="yyyy-MM")
    parser.add_argument("--frequency", default="M")
    parser.add_argument("--horizon", type=int, default=12)
    parser.add_argument("--name", default="boto3_example", help="of everything that is created")
    options = parser.parse_args()
    if not options.bucket or not options.role_arn:
        parser.error("give --bucket and --role-arn, or the lines that `almanac up` prints")
    options.columns = options.columns.split(",")
    options.dimensions = [name for name in options.columns if name not in (*TYPES, "item_id")]
    options.export_prefix = f"exports/{options.name}/"
    return options


def upload(file: Path, bucket: str) -> None:
    boto3.client("s3").upload_file(str(file), bucket, f"imports/{file.name}")
    print(f"uploaded {file.name}")


def create_datasets(forecast: Any, options: argparse.Namespace) -> tuple[str, str]:
    attributes = [{"AttributeName": name, "AttributeType": TYPES.get(name, "string")} for name in options.columns]
    dataset_arn = forecast.create_dataset(
        DatasetName=options.name,
        Domain="CUSTOM",
        DatasetType="TARGET_TIME_SERIES",
        DataFrequency=options.frequency,
        Schema={"Attributes": attributes},
    )["DatasetArn"]
    group_arn = forecast.create_dataset_group(
        DatasetGroupName=options.name, Domain="CUSTOM", DatasetArns=[dataset_arn]
    )["DatasetGroupArn"]
    return dataset_arn, group_arn


def import_file(forecast: Any, dataset_arn: str, options: argparse.Namespace) -> str:
    path = f"s3://{options.bucket}/imports/{options.csv.name}"
    arn: str = forecast.create_dataset_import_job(
        DatasetImportJobName=options.name,
        DatasetArn=dataset_arn,
        DataSource={"S3Config": {"Path": path, "RoleArn": options.role_arn}},
        TimestampFormat=options.timestamp_format,
    )["DatasetImportJobArn"]
    answer = wait(forecast.describe_dataset_import_job, DatasetImportJobArn=arn)
    target = answer["FieldStatistics"]["target_value"]
    items = answer["FieldStatistics"]["item_id"]["CountDistinct"]
    print(f"imported {target['Count']} rows of {items} items, from {target['Min']} to {target['Max']}")
    return arn


def train(forecast: Any, group_arn: str, options: argparse.Namespace) -> str:
    arn: str = forecast.create_auto_predictor(
        PredictorName=options.name,
        ForecastHorizon=options.horizon,
        ForecastFrequency=options.frequency,
        ForecastTypes=["0.1", "0.5", "0.9"],
        DataConfig={"DatasetGroupArn": group_arn},
        **({"ForecastDimensions": options.dimensions} if options.dimensions else {}),
    )["PredictorArn"]
    wait(forecast.describe_auto_predictor, PredictorArn=arn)
    return arn


def create_forecast(forecast: Any, predictor_arn: str, options: argparse.Namespace) -> str:
    arn: str = forecast.create_forecast(ForecastName=options.name, PredictorArn=predictor_arn)["ForecastArn"]
    wait(forecast.describe_forecast, ForecastArn=arn)
    return arn


def export(forecast: Any, forecast_arn: str, options: argparse.Namespace) -> str:
    path = f"s3://{options.bucket}/{options.export_prefix}"
    arn: str = forecast.create_forecast_export_job(
        ForecastExportJobName=options.name,
        ForecastArn=forecast_arn,
        Destination={"S3Config": {"Path": path, "RoleArn": options.role_arn}},
    )["ForecastExportJobArn"]
    wait(forecast.describe_forecast_export_job, ForecastExportJobArn=arn)
    return arn


def wait(describe: Callable[..., dict[str, Any]], **arn: str) -> dict[str, Any]:
    """Describe a resource until its job has ended. SystemExit with the service's reason if it failed."""
    began = time.monotonic()
    while (answer := describe(**arn))["Status"] not in ("ACTIVE", "CREATE_FAILED"):
        time.sleep(0.5)
    (identity,) = arn.values()
    if answer["Status"] == "CREATE_FAILED":
        raise SystemExit(f"{identity}: {answer['Message']}")
    print(f"ACTIVE after {time.monotonic() - began:.1f} s: {identity}")
    return answer


def delete(start: Callable[..., dict[str, Any]], describe: Callable[..., dict[str, Any]], **arn: str) -> None:
    """Delete a resource and wait until it is gone."""
    start(**arn)
    try:
        while describe(**arn)["Status"] != "DELETE_FAILED":
            time.sleep(0.5)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return
        raise
    raise SystemExit(f"could not delete {arn}")


def first_series(options: argparse.Namespace) -> dict[str, str]:
    """What names the first series of the forecast: found in the file, whose first line may be a header."""
    with options.csv.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, options.columns)
        next(rows)
        row = next(rows)
    return {name: row[name] for name in ("item_id", *options.dimensions)}


def print_metrics(answer: dict[str, Any]) -> None:
    windows = answer["PredictorEvaluationResults"][0]["TestWindows"]
    metrics = next(window["Metrics"] for window in windows if window["EvaluationType"] == "SUMMARY")
    losses = {loss["Quantile"]: loss["LossValue"] for loss in metrics["WeightedQuantileLosses"]}
    shown = ", ".join(f"wQL[{quantile}] {losses[quantile]:.4f}" for quantile in sorted(losses))
    print(f"accuracy over {len(windows) - 1} backtest windows: {shown}, RMSE {metrics['RMSE']:.2f}")


def print_query(query: Any, forecast_arn: str, series: dict[str, str]) -> None:
    predictions = query.query_forecast(ForecastArn=forecast_arn, Filters=series)["Forecast"]["Predictions"]
    print(f"forecast of {series}")
    for low, middle, high in zip(predictions["p10"], predictions["p50"], predictions["p90"], strict=True):
        print(f"  {middle['Timestamp']}  {low['Value']:10.2f} {middle['Value']:10.2f} {high['Value']:10.2f}")


def print_export(options: argparse.Namespace) -> None:
    answer = boto3.client("s3").list_objects_v2(Bucket=options.bucket, Prefix=options.export_prefix)
    for item in answer["Contents"]:
        print(f"exported s3://{options.bucket}/{item['Key']} ({item['Size']} bytes)")


if __name__ == "__main__":
    main()
