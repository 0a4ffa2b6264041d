"""`almanac cost`: what the newest runs of a stack used, what that costs, and what their files cost a month."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from forecast_language import said
from forecast_pipeline.cost.prices import AS_OF, PRICES, STANDARD_REGION, Prices, amazon_forecast_points
from forecast_pipeline.cost.sentences import amazon_sentence, day_of_prices, dollars_of, used_sentence
from forecast_pipeline.cost.used import Used, used_by_run
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


@dataclass(frozen=True)
class CostOfRun:
    """A run, what it used, and the points that Amazon Forecast would count."""

    name: str
    started: datetime
    used: Used
    points: int


@dataclass(frozen=True)
class Cost:
    """What the newest runs used, and what lies in the buckets, at the prices of a region."""

    stack: PricedStack
    region: str
    runs: tuple[CostOfRun, ...]
    gigabytes: float

    @property
    def listed(self) -> str:
        """The region whose prices are taken."""
        return self.region if self.region in PRICES else STANDARD_REGION

    @property
    def prices(self) -> Prices:
        """The list."""
        return PRICES[self.listed]

    def lines(self) -> Iterator[str]:
        """For a person."""
        for run in self.runs:
            yield said("run {run} of {started:%Y-%m-%d %H:%M}", run=run.name, started=run.started)
            yield f"  {used_sentence(run.used, self.region, self.stack.architecture)}"
            yield f"  {amazon_sentence(run.points)}"
        dollars = dollars_of(self.gigabytes * self.prices.gigabyte_month)
        yield said(
            "storage: {gigabytes:.3g} GB with old versions, {dollars} a month (prices of {region}, {day})",
            gigabytes=self.gigabytes,
            dollars=dollars,
            region=self.listed,
            day=day_of_prices(),
        )

    def document(self) -> Mapping[str, Any]:
        """For a program: amounts in US dollars."""
        runs = [
            {
                "Run": run.name,
                "Started": run.started.isoformat(),
                "Used": {name.title().replace("_", ""): value for name, value in asdict(run.used).items()},
                "Dollars": run.used.dollars(self.prices, self.stack.architecture),
                "AmazonForecastDollars": amazon_forecast_points(run.points),
            }
            for run in self.runs
        ]
        storage = {"Gigabytes": self.gigabytes, "DollarsPerMonth": self.gigabytes * self.prices.gigabyte_month}
        prices = {"Region": self.listed, "AsOf": AS_OF}
        return {"Stack": self.stack.name, "Prices": prices, "Runs": runs, "Storage": storage}


def cost_of(stack: PricedStack, most: int) -> Cost:
    """What the newest runs that published used. CommandFailed where there is no such stack or run."""
    try:
        client = clients_of(stack.endpoint, stack.profile)
        outputs = Stack(client, stack.name).outputs
        states = client("stepfunctions")
        executions = list(islice(_published(states, outputs["StateMachineArn"]), most))
        if not executions:
            raise CommandFailed(said("stack {stack}: found no run that published, wanted one", stack=stack.name))
        runs = tuple(_cost_of_run(states, execution, outputs["JobStateMachineArn"]) for execution in executions)
        region = stack.prices or states.meta.region_name
        return Cost(stack, region, runs, _gigabytes(client, [outputs[name] for name in BUCKETS]))
    except (BotoCoreError, ClientError, StartError) as error:
        raise CommandFailed(str(error)) from error


def _published(states: Any, machine_arn: str) -> Iterator[dict[str, Any]]:
    """The executions that succeeded, from the newest."""
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine_arn, statusFilter="SUCCEEDED")
    for page in pages:
        yield from page["executions"]


def _cost_of_run(states: Any, execution: dict[str, Any], jobs: str) -> CostOfRun:
    arn = execution["executionArn"]
    document = WithPublished.model_validate(json.loads(states.describe_execution(executionArn=arn)["output"]))
    used = used_by_run(states, arn, jobs)
    return CostOfRun(execution["name"], execution["startDate"], used, document.forecast_points)


def _gigabytes(client: Clients, buckets: list[str]) -> float:
    """What lies in the buckets, versions that are no longer current included."""
    pages = client("s3").get_paginator("list_object_versions").paginate
    size: int = sum(
        version["Size"] for name in buckets for page in pages(Bucket=name) for version in page.get("Versions", [])
    )
    return size / 2**30
