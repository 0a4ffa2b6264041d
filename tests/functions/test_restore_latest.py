"""restore_latest after publish_forecast failed on its way, with S3 and Glue played by moto."""

import json
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.forecast_pipeline.publishing.exported_run import ITEMS, put_run
from tests.functions.published_bucket import BUCKET, LATEST, Calls, Publish, body, latest, snapshot, table_locations

Restore = Callable[[], dict[str, Any]]
EARLIER = "0000000000"


@pytest.fixture
def restore(
    calls: Calls,
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
    load_event: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> Restore:
    monkeypatch.setenv("DATABASE_NAME", "almanac-db")
    monkeypatch.setenv("STACK_NAME", "almanac")
    handler = load_function("restore_latest").lambda_handler

    def restored() -> dict[str, Any]:
        calls.is_failing = False
        answer: dict[str, Any] = handler(load_event("restore_latest"), lambda_context)
        return answer

    return restored


@pytest.fixture
def before(run_document: dict[str, Any], publish: Publish, calls: Calls) -> dict[str, bytes]:
    """What an earlier run has published; the files of the next one are in their place, and the tables are copies."""
    earlier = json.loads(json.dumps(run_document).replace("9f3c1a2b7d", EARLIER))
    put_run(boto3.client("s3"), earlier)
    publish(earlier)
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])
    return latest()


def test_what_publishing_may_not_put_back_is_put_back_by_a_role_that_may(
    run_document: dict[str, Any], publish: Publish, calls: Calls, restore: Restore, before: dict[str, bytes]
) -> None:
    locations = table_locations()
    calls.failing_copy_of = "latest/report.html"  # and from then on, everything
    with pytest.raises(ClientError, match="Access Denied"):
        publish(run_document)
    assert len({key for key in LATEST if latest()[key] != before[key]}) > 2
    assert table_locations() != locations
    restored = restore()
    assert (restored["State"], restored["RunId"], restored["Refused"]) == ("restored", EARLIER, {})
    assert latest() == before
    assert table_locations() == locations
    assert restore()["State"] == "kept"  # twice changes nothing
    assert publish(run_document)["SupersededBy"] is None
    assert json.loads(body("latest/accuracy.json"))["RunId"] == "9f3c1a2b7d"
    assert "latest/replacing.json" not in snapshot()


def test_a_first_run_that_failed_leaves_neither_objects_nor_tables(
    run_document: dict[str, Any], publish: Publish, calls: Calls, restore: Restore
) -> None:
    put_run(boto3.client("s3"), run_document)
    calls.failing_copy_of = "latest/accuracy.json"
    with pytest.raises(ClientError, match="Access Denied"):
        publish(run_document)
    assert table_locations()
    assert restore() == {"State": "restored", "RunId": None, "Replacing": None, "Refused": {}, "Objects": {}}
    assert latest() == {}
    assert table_locations() == {}


def test_a_refusal_is_told_object_by_object(
    run_document: dict[str, Any], publish: Publish, calls: Calls, restore: Restore, before: dict[str, bytes]
) -> None:
    calls.failing_copy_of = "latest/report.html"
    with pytest.raises(ClientError, match="Access Denied"):
        publish(run_document)
    calls.is_failing = False
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=f"history/clean/{EARLIER}/forecast.csv")
    restored = restore()
    assert restored["State"] == "mixed"
    assert restored["Refused"] == {"latest/forecast.csv": "CopyObject answered NoSuchKey"}
    assert restored["Objects"]["latest/forecast.csv"] == "of run 9f3c1a2b7d"
    assert restored["Objects"]["latest/report.html"] == f"of run {EARLIER}"
    assert restored["Objects"]["table almanac-db.forecast"] == f"of run {EARLIER}"
