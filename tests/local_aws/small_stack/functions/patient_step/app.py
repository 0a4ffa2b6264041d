"""Raises NotYetError three times, then answers with what this process sees of its surroundings."""

import importlib.util
import os
from pathlib import Path
from typing import Any

import boto3
import small_package


class NotYetError(Exception):
    """Try again."""


class RefusedError(Exception):
    """Do not try again."""


calls = []


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """`Refuse` in the event raises RefusedError, `Leave` leaves an object; else the fourth call succeeds."""
    if event.get("Refuse"):
        raise RefusedError("because it was asked to")
    if event.get("Leave"):
        return leave(event["Leave"], event.get("Until"))
    calls.append(event)
    if len(calls) < 4:
        raise NotYetError
    groups = boto3.client("forecast").list_dataset_groups(NextToken="sent along")["DatasetGroups"]
    return {
        "Calls": len(calls),
        "Layer": small_package.NAME,
        "FileInLayer": Path(os.environ["FILE_IN_LAYER"]).read_text(),
        "CheckoutIsVisible": importlib.util.find_spec("forecast_pipeline") is not None,
        "Groups": groups,
        "Key": event.get("detail", {}).get("object", {}).get("key"),
    }


def leave(key: str, until: str | None) -> dict[str, Any]:
    """Put an object, and return once there is another one of the name `until`."""
    s3, bucket = boto3.client("s3"), os.environ["COUNT_BUCKET"]
    s3.put_object(Bucket=bucket, Key=key)
    if until:
        s3.get_waiter("object_exists").wait(Bucket=bucket, Key=until, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    return {}
