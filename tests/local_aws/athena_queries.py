"""A query of the embedded Athena from its start to its rows."""

import csv
import io
import time
from typing import Any

from local_aws.embedded.deployment import Deployment


def ask(deployment: Deployment, sql: str, **request: Any) -> dict[str, Any]:
    """The execution of a query, once it has ended; ``database`` is that of its tables."""
    athena = deployment.client("athena")
    context = {"Database": request.pop("database", "default")}
    query = athena.start_query_execution(QueryString=sql, QueryExecutionContext=context, **request)
    while True:
        execution = athena.get_query_execution(QueryExecutionId=query["QueryExecutionId"])["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return dict(execution)
        time.sleep(0.02)


def content(deployment: Deployment, execution: dict[str, Any]) -> str:
    """The file of the result, where the execution says that it lies."""
    bucket, _, key = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
    return str(deployment.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())


def rows(deployment: Deployment, sql: str, **request: Any) -> list[dict[str, str]]:
    """The rows of a query that succeeds, as texts."""
    execution = ask(deployment, sql, **request)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    return list(csv.DictReader(io.StringIO(content(deployment, execution), newline="")))
