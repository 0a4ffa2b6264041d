"""A shop that sells more where the price is lower, and what it asks of both services, each call noted."""

import csv
import io
import math
from datetime import date, timedelta
from typing import Any

from tests.whole_way.stack import Stack, eventually

FOLDER = "exports/every-operation"  # where DataRole writes
NAME = "every_operation"
HORIZON = 7
DAYS = [date(2023, 1, 1) + timedelta(number) for number in range(200)]
ITEMS = [f"item_{number:02}" for number in range(24)]
NEW_ITEM = "item_new"
BRANDS = ("acme", "zenith")
RUNNING = ("PENDING", "IN_PROGRESS", "STOPPING")
KEYS = {"item_id": "string", "timestamp": "timestamp"}


def price(item: int, day: int) -> float:
    """A week at another price every now and then, item by item."""
    return 2.0 + item % 3 + (day // 7 * (item + 3) % 5) / 2


def demand(item: int, day: int) -> float:
    """Less where the price is high, more at the weekend, and a little noise that repeats."""
    season = 6 * math.sin(2 * math.pi * day / 7)
    return round(80 + item + season - 8 * (price(item, day) - 2 - item % 3) + (day * 7 + item) % 3, 3)


def target_csv(days: int) -> str:
    return "".join(f"{name},{DAYS[d]},{demand(i, d)}\n" for i, name in enumerate(ITEMS) for d in range(days))


def price_csv(days: int) -> str:
    """The prices of all items, also the one that has not been sold yet."""
    return "".join(
        f"{name},{DAYS[d]},{price(i, d)}\n" for i, name in enumerate([*ITEMS, NEW_ITEM]) for d in range(days)
    )


def metadata_csv() -> str:
    return "".join(f"{name},{BRANDS[i % 2]}\n" for i, name in enumerate([*ITEMS, NEW_ITEM]))


class Story:
    """The clients, what they have called, and resources by a name for each."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.called: dict[str, set[str]] = {"forecast": set(), "forecastquery": set()}
        self.forecast = self._client("forecast")
        self.query = self._client("forecastquery")
        self.arns: dict[str, str] = {}

    def _client(self, service: str) -> Any:
        client = self.stack.deployment.client(service)

        def note(model: Any, **_rest: Any) -> None:
            self.called[service].add(model.name)

        client.meta.events.register(f"before-call.{service}", note)
        return client

    def put(self, name: str, text: str) -> dict[str, Any]:
        """Write an object; the DataSource that names it."""
        self.stack.s3.put_object(Bucket=self.stack.bucket, Key=f"{FOLDER}/in/{name}", Body=text.encode())
        return self.location(f"in/{name}")

    def location(self, name: str) -> dict[str, Any]:
        """A DataSource or a Destination."""
        path = f"s3://{self.stack.bucket}/{FOLDER}/{name}"
        return {"S3Config": {"Path": path, "RoleArn": self.stack.deployment.outputs["DataRoleArn"]}}

    def ended(self, describe: Any, **arn: str) -> dict[str, Any]:
        """What is described once nothing is on its way any more."""

        def description() -> dict[str, Any] | None:
            answer = describe(**arn)
            return None if answer["Status"].endswith(RUNNING) else answer

        return dict(eventually(description))

    def active(self, describe: Any, **arn: str) -> dict[str, Any]:
        """What is described once the resource is ACTIVE."""
        answer = self.ended(describe, **arn)
        assert answer["Status"] == "ACTIVE", answer.get("Message")
        return answer

    def gone(self, describe: Any, **arn: str) -> None:
        """Wait until a resource is no longer found."""

        def is_gone() -> bool | None:
            try:
                describe(**arn)
            except self.forecast.exceptions.ResourceNotFoundException:
                return True
            return None

        assert eventually(is_gone)

    def rows(self, folder: str) -> list[dict[str, str]]:
        """The rows of the CSV parts below a folder, by the names of their columns."""
        keys = [key for key in self.stack.keys(f"{FOLDER}/{folder}/") if key.endswith(".csv")]
        return [row for key in keys for row in csv.DictReader(io.StringIO(self.stack.text(key)))]

    def predictions(self, item: str) -> dict[str, dict[str, float]]:
        """QueryForecast of an item: statistic -> day -> value."""
        answer = self.query.query_forecast(ForecastArn=self.arns["forecast"], Filters={"item_id": item})
        return by_day(answer)


def by_day(answer: dict[str, Any]) -> dict[str, dict[str, float]]:
    found = answer["Forecast"]["Predictions"]
    return {name: {point["Timestamp"]: point["Value"] for point in points} for name, points in found.items()}


def schema(types: dict[str, str]) -> dict[str, Any]:
    return {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]}
