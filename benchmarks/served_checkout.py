"""The forecast service of one checkout, on moto: its two handlers, and its job machine walked in Python.

Only what outlives a refactoring is known of a checkout: ``functions/*/app.py``, ``statemachine/forecast_job.asl.json``,
the environment and the table of ``template.yaml``, and that a function ``shard_count_for`` decides on shards.
"""

import base64
import importlib.util
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto import mock_aws

ACCOUNT = "123456789012"
CUSTOMER, SERVICE, TABLE = "customer-data", "service-data", "records"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/Data"
DECIDES_ON_SHARDS = "shard_count_for"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "almanac",
    "POWERTOOLS_LOG_LEVEL": "ERROR",
    "ONLY_READS": "false",
    "RECORDS_TABLE": TABLE,
    "SERVICE_BUCKET": SERVICE,
    "MAX_CONCURRENT_WORKERS": "5",
}
Handler = Callable[[dict[str, Any], Any], Any]


class _Body(io.BytesIO):
    """What botocore reads a response from."""

    def stream(self, **_arguments: Any) -> Iterator[bytes]:
        yield self.read()


class ServedCheckout:
    """Clients of the service, the caller's bucket, and the jobs of what is created: run when it is created."""

    def __init__(self, api: Handler, worker: Handler, definition: dict[str, Any]) -> None:
        self.forecast = _connected("forecast", api)
        self.query = _connected("forecastquery", api)
        self._s3 = boto3.client("s3")
        self._states = boto3.client("stepfunctions")
        self._machine_arn = os.environ["JOB_STATE_MACHINE_ARN"]
        self._machine = _JobMachine(definition, worker, self._machine_arn)
        self._run: set[str] = set()

    def make(self, kind: str, **request: Any) -> tuple[str, dict[str, Any]]:
        """Create a resource and run its jobs: the ARN, and the description when it is ACTIVE.

        Raises RuntimeError with the message of one that is not.
        """
        answer = getattr(self.forecast, f"create_{kind}")(**request)
        (member,) = (name for name in answer if name.endswith("Arn"))
        self.run_jobs()
        described = getattr(self.forecast, f"describe_{kind}")(**{member: answer[member]})
        if described.get("Status", "ACTIVE") != "ACTIVE":
            raise RuntimeError(f"{answer[member]}: {described['Status']}: {described.get('Message')}")
        return str(answer[member]), dict(described)

    def run_jobs(self) -> None:
        """Run every job that has been started, in the order of their start; also those that these start."""
        while waiting := [arn for arn in self._executions() if arn not in self._run]:
            for arn in reversed(waiting):
                self._run.add(arn)
                self._machine.run(json.loads(self._states.describe_execution(executionArn=arn)["input"]))

    def path(self, name: str) -> dict[str, Any]:
        """A DataSource or Destination in the caller's bucket."""
        return {"S3Config": {"Path": f"s3://{CUSTOMER}/{name}", "RoleArn": ROLE_ARN}}

    def put(self, key: str, content: bytes) -> None:
        """Write an object of the caller's."""
        self._s3.put_object(Bucket=CUSTOMER, Key=key, Body=content)

    def files(self, prefix: str) -> dict[str, bytes]:
        """Key -> content of the caller's objects below a prefix."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=CUSTOMER, Prefix=prefix)
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return {key: self._s3.get_object(Bucket=CUSTOMER, Key=key)["Body"].read() for key in keys}

    def _executions(self) -> list[str]:
        """Every execution of the job machine, newest first, as Step Functions lists them."""
        pages = self._states.get_paginator("list_executions").paginate(stateMachineArn=self._machine_arn)
        return [execution["executionArn"] for page in pages for execution in page["executions"]]


@contextmanager
def served(checkout: Path, shard_count: int) -> Iterator[ServedCheckout]:
    """The service of a checkout on an empty AWS, whose imports have so many shards.

    Raises RuntimeError if nobody asked for a number of shards.
    """
    os.environ.update(ENVIRONMENT)
    with mock_aws():
        os.environ["JOB_STATE_MACHINE_ARN"] = _create_stores()
        api, worker = (_app(checkout, name) for name in ("forecast_api", "forecast_worker"))
        definition = _definition(checkout / "statemachine" / "forecast_job.asl.json")
        with _fixed_shard_count(shard_count):
            yield ServedCheckout(api.lambda_handler, worker.lambda_handler, definition)


def _definition(path: Path) -> dict[str, Any]:
    """A state machine, with 1 for each number that the template would put in."""
    definition: dict[str, Any] = json.loads(re.sub(r": \$\{\w+\}", ": 1", path.read_text(encoding="utf-8")))
    return definition


def _create_stores() -> str:
    """The buckets, the table as template.yaml has it, and a machine that only takes note: its ARN."""
    for bucket in (CUSTOMER, SERVICE):
        boto3.client("s3").create_bucket(Bucket=bucket)
    names = ("Kind", "Arn", "Created", "Parent")
    keys: dict[str, Any] = {
        sort: [{"AttributeName": "Kind", "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
        for sort in names[1:]
    }
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=keys["Arn"],
        LocalSecondaryIndexes=[
            {"IndexName": f"By{by}", "KeySchema": keys[sort], "Projection": {"ProjectionType": "ALL"}}
            for by, sort in (("Creation", "Created"), ("Parent", "Parent"))
        ],
    )
    machine = boto3.client("stepfunctions").create_state_machine(
        name="forecast-job",
        definition='{"StartAt": "Plan", "States": {"Plan": {"Type": "Pass", "End": true}}}',
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/forecast-job",
    )
    return str(machine["stateMachineArn"])


def _app(checkout: Path, name: str) -> ModuleType:
    """``functions/<name>/app.py`` of the checkout, imported freshly: its clients are made once per process."""
    path = checkout / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{name}", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path}: found nothing to import.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _fixed_shard_count(shard_count: int) -> Iterator[None]:
    """Replace what decides on the number of shards wherever a module holds it. Raises RuntimeError if none does."""
    holders = [module for module in [*sys.modules.values()] if callable(vars(module).get(DECIDES_ON_SHARDS))]
    if not holders:
        raise RuntimeError(f"Found no module that holds {DECIDES_ON_SHARDS}, wanted one: what decides on shards now?")
    asked = 0

    def decided(*_arguments: Any, **_named: Any) -> int:
        nonlocal asked
        asked += 1
        return shard_count

    kept = [vars(module)[DECIDES_ON_SHARDS] for module in holders]
    for module in holders:
        setattr(module, DECIDES_ON_SHARDS, decided)
    try:
        yield
    finally:
        for module, function in zip(holders, kept, strict=True):
            setattr(module, DECIDES_ON_SHARDS, function)
    if not asked:
        raise RuntimeError(f"{DECIDES_ON_SHARDS} was replaced and never called: what decides on shards now?")


def _connected(service: str, handler: Handler) -> Any:
    """A boto3 client whose requests reach the handler as events of a function URL."""
    context = _context("forecast-api")

    def answer(request: AWSPreparedRequest, **_arguments: Any) -> AWSResponse:
        response = handler(_url_event(request), context)
        return AWSResponse(request.url, response["statusCode"], response["headers"], _Body(response["body"].encode()))

    # A host that moto does not know, since it answers some operations itself; and no second attempts, which wait.
    options = {"endpoint_url": "https://forecast-api.test/", "config": Config(retries={"total_max_attempts": 1})}
    client = boto3.client(service, **options)  # type: ignore[call-overload]
    client.meta.events.register_first(f"before-send.{service}", answer)
    return client


def _url_event(request: AWSPreparedRequest) -> dict[str, Any]:
    """The function URL event (payload 2.0) of an HTTP request, its body in base64 as Lambda delivers it."""
    body = request.body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    return {
        "version": "2.0",
        "requestContext": {"authorizer": {"iam": {"userArn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}}},
        "rawPath": urlsplit(request.url).path or "/",
        "headers": headers,
        "body": base64.b64encode(body if isinstance(body, bytes) else body.encode()).decode(),
        "isBase64Encoded": True,
    }


def _context(function: str) -> SimpleNamespace:
    """What the runtime tells a function about itself."""
    return SimpleNamespace(
        function_name=function,
        memory_limit_in_mb=2048,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}",
        aws_request_id="11111111-2222-3333-4444-555555555555",
        get_remaining_time_in_millis=lambda: 900_000,
    )


class _JobMachine:
    """Walks the states of the job machine as Step Functions does, as far as that file needs it."""

    def __init__(self, definition: dict[str, Any], handler: Handler, arn: str) -> None:
        self._definition = definition
        self._handler = handler
        self._context = {"StateMachine": {"Id": arn}}
        self._of_function = _context("forecast-worker")

    def run(self, document: dict[str, Any]) -> None:
        """Run an execution with this input to its end."""
        state = self._definition["States"][self._definition["StartAt"]]
        while state["Type"] not in ("Succeed", "Fail"):
            name, document = self._step(state, document)
            state = self._definition["States"][name]

    def _step(self, state: dict[str, Any], document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if state["Type"] == "Choice":
            chosen = [choice["Next"] for choice in state["Choices"] if _applies(choice, document)]
            return (chosen or [state["Default"]])[0], document
        try:
            result = self._map(state, document) if state["Type"] == "Map" else self._task(state, document)
        except Exception as error:  # the machine is told of it, as by Lambda
            if "Catch" not in state:
                raise
            cause = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
            failure = {"Error": type(error).__name__, "Cause": cause}
            return state["Catch"][0]["Next"], document | {"Failure": failure}
        if state["ResultPath"] is None:
            return state["Next"], document
        name = state["ResultPath"].removeprefix("$").removeprefix(".")
        return state["Next"], document | {name: result} if name else result

    def _map(self, state: dict[str, Any], document: dict[str, Any]) -> None:
        for item in _at(document, state["ItemsPath"]):
            self._invoke(_resolved(state["ItemSelector"], document, self._context | {"Map": {"Item": {"Value": item}}}))

    def _task(self, state: dict[str, Any], document: dict[str, Any]) -> Any:
        return self._invoke(_resolved(state["Parameters"], document, self._context))

    def _invoke(self, event: dict[str, Any]) -> Any:
        """What the worker answers, both as JSON carries them."""
        return json.loads(json.dumps(self._handler(json.loads(json.dumps(event)), self._of_function)))


def _resolved(template: dict[str, Any], document: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """An event as its template says: ``.$`` takes a value of the document (``$.``) or of the context (``$$.``)."""
    sources = {"$": document, "$$": context}
    return {
        name.removesuffix(".$"): _at(sources[value.partition(".")[0]], value) if name.endswith(".$") else value
        for name, value in template.items()
    }


def _at(document: dict[str, Any], path: str) -> Any:
    """The value that a path such as ``$.Written.Follow`` leads to."""
    for name in path.split(".")[1:]:
        document = document[name]
    return document


def _applies(choice: dict[str, Any], document: dict[str, Any]) -> bool:
    if "IsPresent" in choice:
        return (choice["Variable"].removeprefix("$.") in document) is choice["IsPresent"]
    return _at(document, choice["Variable"]) is choice["BooleanEquals"]
