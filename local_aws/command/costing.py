"""`almanac cost`: what the newest runs of a stack used, what that costs, and what their files cost a month."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from forecast_pipeline.cost.prices import AS_OF, PRICES, STANDARD_REGION
from forecast_pipeline.cost.sentences import amazon_sentence, dollars_of, used_sentence
from forecast_pipeline.cost.used import used_by_run
from forecast_pipeline.runs.run_document import WithPublished
from local_aws.command.clients import clients_of
from local_aws.command.failure import CommandFailed
from local_aws.embedded.launcher import StartError
from local_aws.operating.stack import Clients, Stack

BUCKETS = ("ForecastBucketName", "ServiceBucketName")  # outputs of the stack; results in Athena's bucket go by age


@dataclass(frozen=True)
class PricedStack:
    """A stack, where it is, and at whose prices: a region's, and an architecture's."""

    name: str
    endpoint: str | None = None
    profile: str | None = None
    prices: str | None = None
    architecture: str = "arm64"


def tell_cost(stack: PricedStack, most: int) -> None:
    """Print what the newest runs that published used. CommandFailed where there is no such stack or run."""
    try:
        client = clients_of(stack.endpoint, stack.profile)
        outputs = Stack(client, stack.name).outputs
        states = client("stepfunctions")
        region = stack.prices or states.meta.region_name
        runs = list(islice(_published(states, outputs["StateMachineArn"]), most))
        if not runs:
            raise CommandFailed(f"stack {stack.name}: found no run that published, wanted one")
        for execution in runs:
            _tell_run(states, execution, outputs["JobStateMachineArn"], region, stack.architecture)
        _tell_storage(client, [outputs[name] for name in BUCKETS], region)
    except (BotoCoreError, ClientError, StartError) as error:
        raise CommandFailed(str(error)) from error


def _published(states: Any, machine_arn: str) -> Iterator[dict[str, Any]]:
    """The executions that succeeded, from the newest."""
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine_arn, statusFilter="SUCCEEDED")
    for page in pages:
        yield from page["executions"]


def _tell_run(states: Any, execution: dict[str, Any], jobs: str, region: str, architecture: str) -> None:
    arn = execution["executionArn"]
    document = WithPublished.model_validate(json.loads(states.describe_execution(executionArn=arn)["output"]))
    print(f"run {execution['name']} of {execution['startDate']:%Y-%m-%d %H:%M}")
    print(f"  {used_sentence(used_by_run(states, arn, jobs), region, architecture)}")
    print(f"  {amazon_sentence(document.forecast_points)}")


def _tell_storage(client: Clients, buckets: list[str], region: str) -> None:
    """What lies in the buckets, versions that are no longer current included."""
    pages = client("s3").get_paginator("list_object_versions").paginate
    size = sum(
        version["Size"] for name in buckets for page in pages(Bucket=name) for version in page.get("Versions", [])
    )
    gigabytes, listed = size / 2**30, region if region in PRICES else STANDARD_REGION
    dollars = dollars_of(gigabytes * PRICES[listed].gigabyte_month)
    print(f"storage: {gigabytes:.3g} GB with old versions, {dollars} a month (prices of {listed}, {AS_OF})")
