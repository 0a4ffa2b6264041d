"""The service with an S3, a DynamoDB, an STS and a Step Functions of moto's, and the job machine."""

import copy
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Self, TypeVar

import boto3
import pytest
from moto import mock_aws

from forecast_service.records.record import Record, now
from forecast_service.records.table import Records
from tests.forecast_service.jobs.state_machine import StateMachine
from tests.forecast_service.records_table import create_records_table

ACCOUNT = "123456789012"


DATA_BUCKET, SERVICE_BUCKET, TABLE = "caller-data", "service-data", "records"


ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/Data"


class Service:
    """Creates records as the control plane does, and runs their jobs."""

    def __init__(self, worker: ModuleType) -> None:
        self.records = Records(TABLE)
        self.s3 = boto3.client("s3")
        self.states = boto3.client("stepfunctions")
        machine = self.states.create_state_machine(
            name="forecast-job",
            definition='{"StartAt": "Plan", "States": {"Plan": {"Type": "Pass", "End": true}}}',
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/forecast-job",
        )
        self.machine_arn: str = machine["stateMachineArn"]
        self.machine = StateMachine(worker.lambda_handler, self.machine_arn)
        self._ended: set[str] = set()
        self._times = itertools.count()
        self._start = now()

    def next_time(self) -> float:
        """The creation time of a record: each is newer than the one before."""
        return round(self._start + next(self._times), 3)

    def begin_at(self, time: float) -> None:
        """What is created from now on is no older than ``time``."""
        self._start = max(self._start, time)

    def put(self, key: str, text: str | bytes, bucket: str = DATA_BUCKET) -> str:
        """Write an object; returns its s3:// path."""
        self.s3.put_object(Bucket=bucket, Key=key, Body=text.encode() if isinstance(text, str) else text)
        return f"s3://{bucket}/{key}"

    def read(self, key: str, bucket: str = DATA_BUCKET) -> bytes:
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, prefix: str = "", bucket: str = DATA_BUCKET) -> list[str]:
        contents = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in contents]

    def create(self, kind: str, resource: str, status: str = "CREATE_PENDING", **members: Any) -> Record:
        """Write a record; ``resource`` is what follows the account in its ARN."""
        arn = f"arn:aws:forecast:us-east-1:{ACCOUNT}:{resource}"
        created = self.next_time()
        record = Record(kind, arn, resource.rpartition("/")[2], status, created, created, **members)
        self.records.create(record)
        return record

    def run(self, record: Record, action: str = "create") -> Record:
        """Run the job of a record to its end; the record as it is then."""
        self.machine.run({"Arn": record.arn, "Action": action})
        return self.records.get(record.arn)

    def started_jobs(self) -> list[dict[str, str]]:
        """The inputs of the executions that were started, by their names."""
        return [self._input(arn) for arn in self._executions()]

    def run_started(self) -> None:
        """Run the jobs that were started, and those that they start, to their ends."""
        while waiting := [arn for arn in self._executions() if arn not in self._ended]:
            for arn in waiting:
                self._ended.add(arn)
                self.machine.run(self._input(arn))

    def _executions(self) -> list[str]:
        executions = self.states.list_executions(stateMachineArn=self.machine_arn)["executions"]
        return [execution["executionArn"] for execution in sorted(executions, key=lambda found: found["name"])]

    def _input(self, execution_arn: str) -> dict[str, str]:
        document: dict[str, str] = json.loads(self.states.describe_execution(executionArn=execution_arn)["input"])
        return document

    def dataset(
        self,
        *attributes: str,
        name: str = "sales",
        domain: str = "CUSTOM",
        dataset_type: str = "TARGET_TIME_SERIES",
        frequency: str | None = "D",
    ) -> Record:
        """A dataset whose attributes are given as ``name:type``."""
        schema = [dict(zip(("AttributeName", "AttributeType"), text.split(":"), strict=True)) for text in attributes]
        request = {
            "DatasetName": name,
            "Domain": domain,
            "DatasetType": dataset_type,
            "Schema": {"Attributes": schema},
        } | ({"DataFrequency": frequency} if frequency else {})
        return self.create("dataset", f"dataset/{name}", "ACTIVE", request=request)

    def import_data(
        self, dataset: Record, path: str, name: str = "import", tags: Sequence[dict[str, str]] = (), **request: Any
    ) -> Record:
        """Create and run an import job of a dataset."""
        self.records.update(dataset.arn, status="UPDATE_PENDING")
        source = {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}
        request = {"DataSource": source, "TimestampFormat": "yyyy-MM-dd", "ImportMode": "FULL"} | request
        resource = f"dataset-import-job/{dataset.name}/{name}"
        parents = {"dataset": dataset.arn}
        return self.run(self.create("dataset_import_job", resource, request=request, parents=parents, tags=[*tags]))

    def train(self, imported: Record, name: str = "predictor", **request: Any) -> Record:
        """Create and run a predictor on an import of the target."""
        request = {"ForecastHorizon": 7, "ForecastFrequency": "D", "ForecastTypes": ["0.1", "0.5", "0.9"]} | request
        inputs = {"TARGET_TIME_SERIES": imported.arn}
        parents = {"dataset_group": f"arn:aws:forecast:us-east-1:{ACCOUNT}:dataset-group/group"}
        record = self.create("predictor", f"predictor/{name}", request=request, inputs=inputs, parents=parents)
        return self.run(record)

    def forecast(self, predictor: Record, inputs: dict[str, str], name: str = "forecast", **request: Any) -> Record:
        """Create and run a forecast."""
        parents = {"predictor": predictor.arn}
        record = self.create("forecast", f"forecast/{name}", request=request, inputs=inputs, parents=parents)
        return self.run(record)

    def export(self, parent: Record, path: str, name: str = "export", **request: Any) -> Record:
        """Create and run an export of a forecast or of a predictor's backtest."""
        kind = "forecast_export_job" if parent.kind == "forecast" else "predictor_backtest_export_job"
        resource = f"{kind.replace('_', '-')}/{parent.name}/{name}"
        request = {"Destination": {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}} | request
        return self.run(self.create(kind, resource, request=request, parents={parent.kind: parent.arn}))


Made = TypeVar("Made")
_made: dict[Callable[[Service], Any], tuple["Content", Any]] = {}


def made_once(service: Service, make: Callable[[Service], Made]) -> Made:
    """What ``make`` gives of a service that holds nothing else: made for the first test that asks for it.

    In the services of the others stands a copy of all that it left. What it starts as a job is for the first alone.
    """
    if make not in _made:
        made = make(service)
        _made[make] = Content.of(service), copy.deepcopy(made)
        return made
    content, made = _made[make]
    content.put_into(service)
    return copy.deepcopy(made)


@dataclass(frozen=True)
class Content:
    """All that a service holds at a time: the items of its table, and the objects of both buckets by bucket, key."""

    time: float
    items: list[dict[str, Any]]
    objects: dict[tuple[str, str], bytes]

    @classmethod
    def of(cls, service: Service) -> Self:
        """What the service holds now."""
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        items = [item for page in pages for item in page["Items"]]
        keys = [(bucket, key) for bucket in (DATA_BUCKET, SERVICE_BUCKET) for key in service.keys("", bucket)]
        objects = {(bucket, key): service.read(key, bucket) for bucket, key in keys}
        return cls(service.next_time(), items, objects)

    def put_into(self, service: Service) -> None:
        """Let an empty service hold the same."""
        table = boto3.client("dynamodb")
        for item in self.items:
            table.put_item(TableName=TABLE, Item=item)
        service.begin_at(self.time)
        for (bucket, key), body in self.objects.items():
            service.put(key, body, bucket)


@contextmanager
def service_on_moto(monkeypatch: pytest.MonkeyPatch, load_function: Callable[[str], ModuleType]) -> Iterator[Service]:
    """The service with an empty bucket of the caller's; the function ``forecast_worker`` runs the steps of its jobs."""
    monkeypatch.setenv("RECORDS_TABLE", TABLE)
    monkeypatch.setenv("SERVICE_BUCKET", SERVICE_BUCKET)
    monkeypatch.setenv("MAX_CONCURRENT_WORKERS", "1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=DATA_BUCKET)
        client.create_bucket(Bucket=SERVICE_BUCKET)
        create_records_table(TABLE)
        yield Service(load_function("forecast_worker"))


def break_down(*_arguments: Any) -> None:
    """What a test puts in the place of a step that is to fail."""
    raise RuntimeError("S3 is not there")
