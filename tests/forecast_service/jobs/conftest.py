"""An S3, a DynamoDB and an STS of moto's, and the job machine: forecast_job.asl.json walked in Python."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from forecast_service.records.table import Record, Records, now

ACCOUNT = "123456789012"
DATA_BUCKET, SERVICE_BUCKET, TABLE = "customer-data", "service-data", "records"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/Data"
MACHINE = Path(__file__).parents[3] / "statemachine" / "forecast_job.asl.json"
CONTEXT = SimpleNamespace(
    function_name="forecast_worker",
    memory_limit_in_mb=2048,
    invoked_function_arn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:forecast_worker",
    aws_request_id="00000000-0000-0000-0000-000000000000",
)


class StateMachine:
    """Walks the states of the job machine as Step Functions does, as far as that file needs it."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], Any], arn: str) -> None:
        self._definition = json.loads(MACHINE.read_text())
        self._handler = handler
        self._context = {"StateMachine": {"Id": arn}}
        self.visited: list[str] = []
        self.repeats_steps = False
        self.attempts = 1

    def run(self, document: dict[str, Any]) -> str:
        """The name of the terminal state in which an execution with this input ends."""
        name: str = self._definition["StartAt"]
        while True:
            self.visited.append(name)
            state = self._definition["States"][name]
            if state["Type"] in ("Succeed", "Fail"):
                return name
            name, document = self._step(state, document)

    def _step(self, state: dict[str, Any], document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if state["Type"] == "Choice":
            chosen = [choice["Next"] for choice in state["Choices"] if _applies(choice, document)]
            return (chosen or [state["Default"]])[0], document
        try:
            result = self._map(state, document) if state["Type"] == "Map" else self._task(state, document)
        except Exception as error:
            cause = {"errorType": type(error).__name__, "errorMessage": str(error)}
            failure = {"Error": type(error).__name__, "Cause": json.dumps(cause)}
            if "Catch" not in state:
                raise
            return state["Catch"][0]["Next"], document | {"Failure": failure}
        if state["ResultPath"] is None:
            return state["Next"], document
        name = state["ResultPath"].removeprefix("$").removeprefix(".")
        return state["Next"], document | {name: result} if name else result

    def _map(self, state: dict[str, Any], document: dict[str, Any]) -> None:
        for item in _at(document, state["ItemsPath"]):
            self._invoke(self._resolved(state["ItemSelector"], document, {"Map": {"Item": {"Value": item}}}))

    def _task(self, state: dict[str, Any], document: dict[str, Any]) -> Any:
        return self._invoke(self._resolved(state["Parameters"], document, {}))

    def _resolved(self, template: dict[str, Any], document: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        """An event as its template says: ``.$`` takes a value of the document (``$.``) or of the context (``$$.``)."""
        sources = {"$": document, "$$": self._context | context}
        return {
            name.removesuffix(".$"): _at(sources[value.partition(".")[0]], value) if name.endswith(".$") else value
            for name, value in template.items()
        }

    def _invoke(self, event: dict[str, Any]) -> Any:
        if self.repeats_steps:
            self._handler(json.loads(json.dumps(event)), CONTEXT)
        for attempt in range(1, self.attempts + 1):
            try:
                return json.loads(json.dumps(self._handler(json.loads(json.dumps(event)), CONTEXT)))
            except Exception as error:
                if type(error).__name__ == "InputRefused" or attempt == self.attempts:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")


def _at(document: dict[str, Any], path: str) -> Any:
    """The value that a path such as ``$.Written.Follow`` leads to."""
    for name in path.split(".")[1:]:
        document = document[name]
    return document


def _applies(choice: dict[str, Any], document: dict[str, Any]) -> bool:
    if "IsPresent" in choice:
        return (choice["Variable"].removeprefix("$.") in document) is choice["IsPresent"]
    return _at(document, choice["Variable"]) is choice["BooleanEquals"]


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
        created = round(self._start + next(self._times), 3)
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

    def import_data(self, dataset: Record, path: str, name: str = "import", **request: Any) -> Record:
        """Create and run an import job of a dataset."""
        self.records.update(dataset.arn, status="UPDATE_PENDING")
        source = {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}
        request = {"DataSource": source, "TimestampFormat": "yyyy-MM-dd", "ImportMode": "FULL"} | request
        resource = f"dataset-import-job/{dataset.name}/{name}"
        parents = {"dataset": dataset.arn}
        return self.run(self.create("dataset_import_job", resource, request=request, parents=parents))

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


@pytest.fixture
def service(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch, load_function: Callable[[str], ModuleType]
) -> Iterator[Service]:
    """The service on moto, with an empty data bucket of the caller's."""
    monkeypatch.setenv("RECORDS_TABLE", TABLE)
    monkeypatch.setenv("SERVICE_BUCKET", SERVICE_BUCKET)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=DATA_BUCKET)
        client.create_bucket(Bucket=SERVICE_BUCKET)
        _create_table()
        yield Service(load_function("forecast_worker"))


def _create_table() -> None:
    names = ("Kind", "Arn", "Created", "Parent")

    def key(sort: str) -> Any:
        return [{"AttributeName": "Kind", "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]

    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=key("Arn"),
        LocalSecondaryIndexes=[
            {"IndexName": f"By{by}", "KeySchema": key(sort), "Projection": {"ProjectionType": "ALL"}}
            for by, sort in (("Creation", "Created"), ("Parent", "Parent"))
        ],
    )
