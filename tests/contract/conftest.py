"""The service as a client meets it, from boto3 to the files in S3: control plane, job machine and worker on moto.

The tests of this folder hold what is known of Amazon Forecast itself: examples of its guide, printed outputs of its
notebooks, words that clients search messages for. Each names the section of
docs/amazon_forecast_contract.md that it comes from: ``test_3_6_...`` section 3.6, ``test_0_4_...`` item 4 of section 0.
"""

import csv
import io
import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.conftest import load_app, set_aws_environment
from tests.forecast_service.api_client import connected_client
from tests.forecast_service.api_environment import create_service
from tests.forecast_service.jobs.state_machine import StateMachine
from tests.forecast_service.shop import schema

HOME = "arn:aws:forecast:us-east-1:123456789012"
BUCKET = "caller-data"
ROLE_ARN = "arn:aws:iam::123456789012:role/Data"
TARGET = {"item_id": "string", "timestamp": "timestamp", "target_value": "float"}


class Amazon:
    """Clients of both services, S3, and the jobs of what they create: run when they are asked for."""

    def __init__(self) -> None:
        api = load_app("forecast_api").lambda_handler
        self.forecast = connected_client("forecast", api)
        self.query = connected_client("forecastquery", api)
        self.s3 = boto3.client("s3")
        self._states = boto3.client("stepfunctions")
        self._machine_arn = os.environ["JOB_STATE_MACHINE_ARN"]
        self.machine = StateMachine(load_app("forecast_worker").lambda_handler, self._machine_arn)
        self._run: set[str] = set()

    def run_jobs(self) -> None:
        """Run every job that has been started, in the order of their start; also those that these start."""
        while waiting := self._waiting():
            for execution in reversed(waiting):
                self._run.add(execution["executionArn"])
                described = self._states.describe_execution(executionArn=execution["executionArn"])
                self.machine.run(json.loads(described["input"]))

    def _waiting(self) -> list[Any]:
        """The executions that were started since, newest first, as Step Functions lists them."""
        waiting: list[Any] = []
        pages = self._states.get_paginator("list_executions")
        for page in pages.paginate(stateMachineArn=self._machine_arn, PaginationConfig={"PageSize": 10}):
            new = [execution for execution in page["executions"] if execution["executionArn"] not in self._run]
            waiting += new
            if not new:
                break
        return waiting

    def path(self, name: str) -> dict[str, Any]:
        """A DataSource or Destination in the caller's bucket."""
        return {"S3Config": {"Path": f"s3://{BUCKET}/{name}", "RoleArn": ROLE_ARN}}

    def dataset(self, name: str, attributes: dict[str, str] | None = None, **request: Any) -> str:
        """A dataset of the CUSTOM domain, daily target time series unless the request says otherwise."""
        request = {"Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES", "DataFrequency": "D"} | request
        given = {member: value for member, value in request.items() if value is not None}
        answer = self.forecast.create_dataset(DatasetName=name, Schema=schema(attributes or TARGET), **given)
        return str(answer["DatasetArn"])

    def import_csv(self, dataset_arn: str, content: str, name: str = "first", **request: Any) -> dict[str, Any]:
        """Import a CSV file of this content; what DescribeDatasetImportJob then says."""
        key = f"in/{dataset_arn.rpartition('/')[2]}/{name}.csv"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content.encode())
        answer = self.forecast.create_dataset_import_job(
            DatasetImportJobName=name, DatasetArn=dataset_arn, DataSource=self.path(key), **request
        )
        self.run_jobs()
        return dict(self.forecast.describe_dataset_import_job(DatasetImportJobArn=answer["DatasetImportJobArn"]))

    def group(self, name: str, content: str, frequency: str = "D", timestamp_format: str = "yyyy-MM-dd") -> str:
        """A dataset group that holds a target time series of this content."""
        dataset_arn = self.dataset(name, DataFrequency=frequency)
        imported = self.import_csv(dataset_arn, content, TimestampFormat=timestamp_format)
        assert imported["Status"] == "ACTIVE", imported["Message"]
        answer = self.forecast.create_dataset_group(DatasetGroupName=name, Domain="CUSTOM", DatasetArns=[dataset_arn])
        return str(answer["DatasetGroupArn"])

    def legacy_predictor(self, name: str, group_arn: str, **request: Any) -> str:
        """A predictor of CreatePredictor on daily data, trained."""
        configuration = {"ForecastFrequency": "D"} | request.pop("FeaturizationConfig", {})
        answer = self.forecast.create_predictor(
            PredictorName=name,
            InputDataConfig={"DatasetGroupArn": group_arn},
            FeaturizationConfig=configuration,
            **request,
        )
        self.run_jobs()
        described = self.forecast.describe_predictor(PredictorArn=answer["PredictorArn"])
        assert described["Status"] == "ACTIVE", described.get("Message")
        return str(answer["PredictorArn"])

    def auto_predictor(self, name: str, group_arn: str, **request: Any) -> str:
        """A predictor of CreateAutoPredictor on daily data, trained."""
        request = {"ForecastFrequency": "D", "ForecastHorizon": 7} | request
        data = {"DatasetGroupArn": group_arn}
        answer = self.forecast.create_auto_predictor(PredictorName=name, DataConfig=data, **request)
        self.run_jobs()
        described = self.forecast.describe_auto_predictor(PredictorArn=answer["PredictorArn"])
        assert described["Status"] == "ACTIVE", described.get("Message")
        return str(answer["PredictorArn"])

    def forecast_of(self, name: str, predictor_arn: str, **request: Any) -> str:
        """A forecast, computed."""
        answer = self.forecast.create_forecast(ForecastName=name, PredictorArn=predictor_arn, **request)
        self.run_jobs()
        described = self.forecast.describe_forecast(ForecastArn=answer["ForecastArn"])
        assert described["Status"] == "ACTIVE", described.get("Message")
        return str(answer["ForecastArn"])

    def backtest_export(self, name: str, predictor_arn: str) -> None:
        """Export a backtest below ``<name>/``."""
        self.forecast.create_predictor_backtest_export_job(
            PredictorBacktestExportJobName=name, PredictorArn=predictor_arn, Destination=self.path(name)
        )
        self.run_jobs()

    def keys(self, prefix: str) -> list[str]:
        """The objects that lie below a prefix of the caller's bucket."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in listed]

    def rows(self, prefix: str) -> list[dict[str, str]]:
        """The rows of all CSV parts below a prefix, by the names of their columns."""
        parts = [key for key in self.keys(prefix) if key.endswith(".csv")]
        texts = [self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in parts]
        return [row for text in texts for row in csv.DictReader(io.StringIO(text))]

    def predictions(self, forecast_arn: str, **filters: str) -> dict[str, list[dict[str, Any]]]:
        """What QueryForecast answers for one series."""
        answer = self.query.query_forecast(ForecastArn=forecast_arn, Filters=filters)
        return dict(answer["Forecast"]["Predictions"])


@pytest.fixture(scope="module")
def amazon() -> Iterator[Amazon]:
    """One service for the tests of a module: they share what they have trained."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        set_aws_environment(patch)
        create_service(patch)
        for bucket in (BUCKET, "service-bucket"):
            boto3.client("s3").create_bucket(Bucket=bucket)
        yield Amazon()
