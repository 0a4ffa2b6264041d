"""What a call of the control plane costs, and that a query reads one shard of a forecast of 100,000 items.

The API's function runs in this process; DynamoDB, S3 and Step Functions are those of a fresh embedded AWS, in others.
CPU milliseconds are this process's own, user and system, per call of a warm function: parsing, checking, signing
included. The forecast is written as its job writes it, with made-up values.

    python benchmarks/control_plane.py [--calls 100] [--items 100000] [--shards 256]
"""

import argparse
import base64
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import duckdb

from forecast_files.schema import Column
from forecast_service.records.record import Record, now
from forecast_service.records.table import Records
from forecast_service.storage.bucket import Storage, resource_prefix
from forecast_service.storage.forecast_table import ForecastTable, shard_name
from forecast_service.storage.shards import shard_sql
from local_aws.embedded.deployment import Deployment
from local_aws.embedded.running import started

FUNCTION = Path(__file__).parents[1] / "functions" / "forecast_api" / "app.py"
HOME = "arn:aws:forecast:us-east-1:000000000000"
CONTEXT = SimpleNamespace(
    function_name="forecast-api",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:forecast-api",
    aws_request_id="00000000-0000-0000-0000-000000000000",
)
SCHEMA = [
    {"AttributeName": "item_id", "AttributeType": "string"},
    {"AttributeName": "timestamp", "AttributeType": "timestamp"},
    {"AttributeName": "target_value", "AttributeType": "float"},
]
HORIZON = 28


def environment_of(deployment: Deployment) -> dict[str, str]:
    """The variables that the deployed function has, and how its clients reach the embedded AWS."""
    functions = deployment.client("lambda").list_functions()["Functions"]
    variables = [function.get("Environment", {}).get("Variables", {}) for function in functions]
    own: dict[str, str] = next(found for found in variables if found.get("ONLY_READS") == "false")
    return own | {
        "AWS_ENDPOINT_URL": deployment.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "POWERTOOLS_SERVICE_NAME": "almanac",
    }


class Api:
    """The API's function, loaded as Lambda does; counts the objects that its clients get from S3."""

    def __init__(self) -> None:
        boto3.setup_default_session()
        boto3.DEFAULT_SESSION.events.register("before-call.s3.GetObject", self._count)
        spec = importlib.util.spec_from_file_location("forecast_api", FUNCTION)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        self._handler = module.lambda_handler
        self.objects_read = 0

    def _count(self, **_call: Any) -> None:
        self.objects_read += 1

    def call(self, operation: str, request: dict[str, Any], service: str = "AmazonForecast") -> dict[str, Any]:
        """The answer of an operation. Raises RuntimeError where it is refused."""
        body = base64.b64encode(json.dumps(request).encode()).decode()
        headers = {"x-amz-target": f"{service}.{operation}"}
        response = self._handler({"headers": headers, "body": body, "isBase64Encoded": True}, CONTEXT)
        if response["statusCode"] != 200:
            raise RuntimeError(f"{operation}: {response['body']}")
        answer: dict[str, Any] = json.loads(response["body"])
        return answer


def measure(name: str, calls: int, call: Callable[[int], object]) -> None:
    """Print CPU and wall milliseconds per call, after one that warms up."""
    call(calls)
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(calls):
        call(number)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{name:<34}{1000 * cpu / calls:>8.1f}{1000 * wall / calls:>8.1f}", flush=True)


def write_forecast(records: Records, items: int, shards: int) -> str:
    """A forecast of so many items, as its job leaves it; its ARN."""
    record = Record("forecast", f"{HOME}:forecast/large", "large", "ACTIVE", now(), now())
    record.parents = {"predictor": f"{HOME}:predictor/none", "dataset_group": f"{HOME}:dataset-group/none"}
    records.create(record)
    own = Storage(os.environ["SERVICE_BUCKET"], resource_prefix(record))
    shard = shard_sql("item_id", shards)
    with tempfile.TemporaryDirectory() as folder:
        duckdb.execute(
            f"""
            COPY (
                SELECT printf('item_%06d', item) AS item_id,
                       TIMESTAMP '2024-01-01' + INTERVAL (step) DAY AS date,
                       hash(item + step) % 1000 / 10.0 AS p10, p10 + 5 AS p50, p10 + 10 AS p90, {shard} AS shard
                FROM range({items}) AS items(item), range({HORIZON}) AS steps(step)
                ORDER BY item_id, date
            ) TO '{folder}' (FORMAT parquet, PARTITION_BY (shard), COMPRESSION zstd, OVERWRITE_OR_IGNORE)
            """
        )
        for number in range(shards):
            (path,) = Path(folder, f"shard={number}").glob("*.parquet")
            own.upload(path, shard_name(number))
    table = ForecastTable(
        storage=own,
        columns=[Column("item_id", "string", "item_id")],
        statistics=["p10", "p50", "p90"],
        shard_count=shards,
        shards=list(range(shards)),
        first="2024-01-01T00:00:00",
        last="2024-01-28T00:00:00",
    )
    table.save()
    return record.arn


def measure_resources(api: Api, calls: int) -> None:
    """Datasets and dataset groups are created, described, listed and tagged."""
    shape = {"Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES", "DataFrequency": "D"}
    dataset = shape | {"Schema": {"Attributes": SCHEMA}}
    group = {"Domain": "CUSTOM", "DatasetArns": [f"{HOME}:dataset/d0"]}
    arns = [f"{HOME}:dataset/d{number}" for number in range(calls + 1)]
    tags = {"Tags": [{"Key": "team", "Value": "sales"}]}
    measure("CreateDataset", calls, lambda n: api.call("CreateDataset", {"DatasetName": f"d{n}"} | dataset))
    measure(
        "CreateDatasetGroup", calls, lambda n: api.call("CreateDatasetGroup", {"DatasetGroupName": f"g{n}"} | group)
    )
    measure("DescribeDataset", calls, lambda n: api.call("DescribeDataset", {"DatasetArn": arns[n]}))
    measure("ListDatasets, a page of 20", calls, lambda _: api.call("ListDatasets", {"MaxResults": 20}))
    measure("ListDatasets, a page of 100", calls, lambda _: api.call("ListDatasets", {"MaxResults": 100}))
    measure("TagResource", calls, lambda n: api.call("TagResource", {"ResourceArn": arns[n]} | tags))


def measure_queries(api: Api, calls: int, items: int, shards: int) -> None:
    """Queries of single series of one forecast, and how many objects of S3 each reads."""
    forecast = write_forecast(Records(os.environ["RECORDS_TABLE"]), items, shards)

    def query(number: int) -> None:
        request = {"ForecastArn": forecast, "Filters": {"item_id": f"item_{number * 997 % items:06}"}}
        api.call("QueryForecast", request, "AmazonForecastRuntime")

    api.objects_read = 0
    measure(f"QueryForecast, {items:,} items", calls, query)
    read = api.objects_read / (calls + 1)
    print(f"\na query reads {read:g} objects of S3: what the forecast holds, and one of its {shards} shards")


def main() -> None:
    """Deploy, call, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=256)
    options = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}; {options.calls} calls each")
    with started() as deployment:
        os.environ |= environment_of(deployment)
        api = Api()
        print(f"\n{'ms per call of a warm function':<34}{'cpu':>8}{'wall':>8}")
        measure_resources(api, options.calls)
        measure_queries(api, options.calls, options.items, options.shards)


if __name__ == "__main__":
    main()
