"""Requests for what-if forecasts: transformations and replacements of the related time series of a shop."""

from collections.abc import Iterable
from typing import Any

from tests.forecast_service.shop import schema

PRICES = {"item_id": "string", "timestamp": "timestamp", "price": "float", "stock": "integer"}
SCENARIO_FILE = {"Path": "s3://data-bucket/scenario.csv", "RoleArn": "arn:aws:iam::123456789012:role/data"}


def transformations(
    *actions: tuple[str, str, float], conditions: Iterable[tuple[str, str, str]] = ()
) -> dict[str, Any]:
    fields = ("AttributeName", "Operation", "Value")
    named = [dict(zip(("AttributeName", "Condition", "AttributeValue"), c, strict=True)) for c in conditions]
    return {
        "TimeSeriesTransformations": [
            {"Action": dict(zip(fields, action, strict=True)), "TimeSeriesConditions": named} for action in actions
        ]
    }


def replacements(attributes: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    attributes = attributes or {"item_id": "string", "timestamp": "timestamp", "price": "float"}
    return {"TimeSeriesReplacementsDataSource": {"S3Config": SCENARIO_FILE, "Schema": schema(attributes)} | fields}
