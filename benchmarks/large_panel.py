"""A panel of 30,000 daily series and 12 million rows, made up, through import, training, forecast and export.

The service runs on a fresh embedded AWS, called through boto3 as any client would. CPU seconds are those of every
process together. Memory is the peak over all processes; the embedded S3, which takes a file into memory while it is
uploaded, has a share of it that is none of the service's. ``worker`` is the largest single worker.

    python benchmarks/large_panel.py [--items 30000] [--days 400] [--horizon 28]
    python benchmarks/large_panel.py --publishing 1000x1000 16000x1000 100000x400

The second form publishes made-up exports of panels of series x days, and says what the largest worker took.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from made_up_panel import write_panel
from process_family import measured
from publishing_workers import HEADER, PublishedPanel

from local_aws.embedded.deployment import Deployment
from local_aws.embedded.running import started

WORKER = "lambda_process"  # in the command line of every process that runs a function
POLL_SECONDS = 0.5
SCHEMA = [
    {"AttributeName": "item_id", "AttributeType": "string"},
    {"AttributeName": "timestamp", "AttributeType": "timestamp"},
    {"AttributeName": "target_value", "AttributeType": "float"},
]


def wait_until_active(describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The description of a resource when it is ACTIVE. Raises RuntimeError with its message if it fails."""
    while True:
        description = describe()
        if description["Status"] == "ACTIVE":
            return description
        if description["Status"] == "CREATE_FAILED":
            raise RuntimeError(description["Message"])
        time.sleep(POLL_SECONDS)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Measure a block and print its line."""
    with measured(WORKER) as usage:
        yield
    numbers = f"{usage.cpu_seconds:>8.1f}{usage.wall_seconds:>8.1f}{usage.memory:>10.0f}{usage.largest:>10.0f}"
    print(f"{name:<18}{numbers}", flush=True)


class Steps:
    """The steps of the benchmark on one deployment; each prints a line."""

    def __init__(self, deployment: Deployment) -> None:
        self._forecast = deployment.client("forecast")
        self._bucket = deployment.outputs["ForecastBucketName"]
        self._role_arn = deployment.outputs["DataRoleArn"]
        self._s3 = deployment.client("s3")

    def run(self, panel: Path, horizon: int) -> None:
        """All steps, one after the other."""
        forecast = self._forecast
        self._s3.upload_file(str(panel), self._bucket, "large/panel.csv")
        group = self._create_group()
        with step("import"):
            created = forecast.create_dataset_import_job(
                DatasetImportJobName="panel",
                DatasetArn=self._dataset_arn,
                DataSource={"S3Config": self._location("large/panel.csv")},
                TimestampFormat="yyyy-MM-dd",
            )
            arn = created["DatasetImportJobArn"]
            wait_until_active(lambda: forecast.describe_dataset_import_job(DatasetImportJobArn=arn))
        with step("train, 3 windows"):
            predictor = forecast.create_auto_predictor(
                PredictorName="panel",
                ForecastHorizon=horizon,
                ForecastFrequency="D",
                DataConfig={"DatasetGroupArn": group},
            )["PredictorArn"]
            wait_until_active(lambda: forecast.describe_auto_predictor(PredictorArn=predictor))
        with step("forecast"):
            made = forecast.create_forecast(ForecastName="panel", PredictorArn=predictor)["ForecastArn"]
            wait_until_active(lambda: forecast.describe_forecast(ForecastArn=made))
        with step("export"):
            destination = {"S3Config": self._location("large/export/")}
            export = forecast.create_forecast_export_job(
                ForecastExportJobName="panel", ForecastArn=made, Destination=destination
            )["ForecastExportJobArn"]
            wait_until_active(lambda: forecast.describe_forecast_export_job(ForecastExportJobArn=export))
        with step("backtest export"):
            destination = {"S3Config": self._location("large/backtest/")}
            export = forecast.create_predictor_backtest_export_job(
                PredictorBacktestExportJobName="panel", PredictorArn=predictor, Destination=destination
            )["PredictorBacktestExportJobArn"]
            wait_until_active(
                lambda: forecast.describe_predictor_backtest_export_job(PredictorBacktestExportJobArn=export)
            )
        self._print_accuracy(predictor)

    def _create_group(self) -> str:
        self._dataset_arn: str = self._forecast.create_dataset(
            DatasetName="panel",
            Domain="CUSTOM",
            DatasetType="TARGET_TIME_SERIES",
            DataFrequency="D",
            Schema={"Attributes": SCHEMA},
        )["DatasetArn"]
        group = self._forecast.create_dataset_group(
            DatasetGroupName="panel", Domain="CUSTOM", DatasetArns=[self._dataset_arn]
        )
        return str(group["DatasetGroupArn"])

    def _location(self, key: str) -> dict[str, str]:
        return {"Path": f"s3://{self._bucket}/{key}", "RoleArn": self._role_arn}

    def _print_accuracy(self, predictor: str) -> None:
        results = self._forecast.get_accuracy_metrics(PredictorArn=predictor)["PredictorEvaluationResults"]
        summary, *windows = results[0]["TestWindows"]
        loss = summary["Metrics"]["AverageWeightedQuantileLoss"]
        print(f"\n{windows[0]['ItemCount']} items in {len(windows)} windows, average wQL {loss:.4f}")


def publishing(sizes: list[str], horizon: int) -> None:
    """Publish made-up panels; a line for each."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, horizon {horizon}\n")
    print(HEADER, flush=True)
    with started() as deployment:
        for size in sizes:
            items, days = (int(number) for number in size.split("x"))
            print(PublishedPanel(deployment, items, days, horizon).row(), flush=True)


def main() -> None:
    """Make the panel, run the steps, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=30_000)
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--horizon", type=int, default=28)
    parser.add_argument("--publishing", nargs="+", metavar="SERIESxDAYS", help="publish panels of these sizes")
    options = parser.parse_args()
    if options.publishing:
        publishing(options.publishing, options.horizon)
        return
    with tempfile.TemporaryDirectory() as folder, started() as deployment:
        panel = Path(folder) / "panel.csv"
        write_panel(panel, options.items, options.days)
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(f"{options.items:,} items x {options.days} days = {options.items * options.days:,} rows, ", end="")
        print(f"{panel.stat().st_size / 1e6:.0f} MB of CSV, horizon {options.horizon}\n")
        print(f"{'':<18}{'cpu s':>8}{'wall s':>8}{'all MiB':>10}{'worker':>10}")
        Steps(deployment).run(panel, options.horizon)


if __name__ == "__main__":
    main()
