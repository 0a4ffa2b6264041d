"""publish_run: a run of the history becomes the latest forecast because a person wants it so."""

import json
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.forecast_pipeline.publishing.exported_run import ITEMS, put_run
from tests.functions.published_bucket import BUCKET, Calls, Publish, body, latest, snapshot, table_locations

PublishRun = Callable[[str], dict[str, Any]]
RUN, LATER = "9f3c1a2b7d", "1111111111"


@pytest.fixture
def publish_run(
    calls: Calls,
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> PublishRun:
    monkeypatch.setenv("DATABASE_NAME", "almanac-db")
    monkeypatch.setenv("STACK_NAME", "almanac")
    monkeypatch.setenv("DATA_BUCKET", BUCKET)
    handler = load_function("publish_run").lambda_handler
    return lambda run: handler({"Run": run}, lambda_context)


def later_run(run_document: dict[str, Any], **pipeline: Any) -> dict[str, Any]:
    later: dict[str, Any] = json.loads(json.dumps(run_document).replace(RUN, LATER))
    later["Run"]["StartedAt"] = "2026-01-06T02:00:07+00:00"
    later["Pipeline"] |= pipeline
    return later


def test_a_forecast_that_may_not_replace_the_one_in_place_is_kept_beside_it(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    before, tables = latest(), table_locations()
    later = later_run(run_document, PublishIf={"MinItemShare": 0.9})
    put_run(boto3.client("s3"), later, items=ITEMS[:2])
    published = publish(later)
    reason = "it has 2 items where the forecast in place has 3, wanted 0.9 of them or more"
    assert published["HeldBack"] == [reason]
    assert latest() == before
    assert table_locations() == tables
    assert f"dashboard/forecast_runs/{LATER}.parquet" not in snapshot()
    assert published["Files"]["Report"] == f"s3://{BUCKET}/history/clean/{LATER}/report.html"
    assert {path.removeprefix(f"s3://{BUCKET}/") for path in published["Files"].values()} <= snapshot().keys()
    assert publish(later) == published  # a repeated step says the same


def test_a_run_that_was_held_back_is_published_by_hand(
    run_document: dict[str, Any], publish: Publish, calls: Calls, publish_run: PublishRun
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    later = later_run(run_document, PublishIf={"MinItemShare": 0.9})
    put_run(boto3.client("s3"), later, items=ITEMS[:2])
    publish(later)
    assert publish_run(LATER) == {"Run": LATER, "Before": RUN}
    mark = json.loads(body("latest/accuracy.json"))
    assert (mark["RunId"], mark["HeldBack"]) == (LATER, [])
    assert mark["Files"]["Report"] == f"s3://{BUCKET}/latest/report.html"
    assert set(table_locations().values()) >= {f"s3://{BUCKET}/history/clean/{LATER}/forecast/"}
    assert f"dashboard/forecast_runs/{LATER}.parquet" in snapshot()


def test_an_earlier_run_comes_back_as_it_was(
    run_document: dict[str, Any], publish: Publish, calls: Calls, publish_run: PublishRun
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    before, tables = latest(), table_locations()
    later = later_run(run_document)
    put_run(boto3.client("s3"), later, items=ITEMS[:2])
    publish(later)
    row_of_later = f"dashboard/forecast_runs/{LATER}.parquet"  # it was published, and the table of runs says so
    assert publish_run(RUN) == {"Run": RUN, "Before": LATER}
    assert latest() == before | {row_of_later: body(row_of_later)}
    assert table_locations() == tables
    assert publish_run(RUN) == {"Run": RUN, "Before": RUN}
    assert latest() == before | {row_of_later: body(row_of_later)}


def test_the_next_run_replaces_a_forecast_that_was_rolled_back(
    run_document: dict[str, Any], publish: Publish, calls: Calls, publish_run: PublishRun
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    later = later_run(run_document)
    put_run(boto3.client("s3"), later)
    publish(later)
    publish_run(RUN)
    assert publish(later)["SupersededBy"] is None
    assert json.loads(body("latest/accuracy.json"))["RunId"] == LATER


def test_a_run_that_there_is_not_is_refused_with_those_there_are(
    run_document: dict[str, Any], publish: Publish, calls: Calls, publish_run: PublishRun
) -> None:
    with pytest.raises(ValueError, match=r"^history/clean/abc/: found no finished run, wanted one that a pipeline"):
        publish_run("abc")
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    before = snapshot()
    with pytest.raises(ValueError, match=rf"^history/clean/abc/: found no finished run, wanted one of {RUN}$"):
        publish_run("abc")
    assert snapshot() == before


def test_a_forecast_as_of_an_old_date_is_kept_beside_and_is_never_the_latest(
    run_document: dict[str, Any], publish: Publish, calls: Calls, publish_run: PublishRun
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    before, tables = latest(), table_locations()
    later = later_run(run_document)
    later["Run"]["AsOf"] = "2025-12-31"
    put_run(boto3.client("s3"), later)
    published = publish(later)
    assert (published["AsOf"], published["ItemChanges"], published["CameTrue"]) == ("2025-12-31", None, [])
    assert (latest(), table_locations()) == (before, tables)
    assert f"dashboard/forecast_runs/{LATER}.parquet" not in snapshot()
    assert {path.removeprefix(f"s3://{BUCKET}/") for path in published["Files"].values()} <= snapshot().keys()
    with pytest.raises(ValueError, match=f"run {LATER}: found a forecast as of 2025-12-31, wanted one that knows"):
        publish_run(LATER)


Waiting = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture
def asked(run_document: dict[str, Any], publish: Publish, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """A run is in place; the document of a later one that waits for a person, and what it published so far."""
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    monkeypatch.setenv("APPROVAL_HOURS", "8")
    monkeypatch.setenv("APPROVAL_URL", "https://links")
    later = later_run(run_document)
    put_run(boto3.client("s3"), later)
    return later, publish(later)


def decide(later: dict[str, Any], published: dict[str, Any], **approval: Any) -> dict[str, Any]:
    """The event of publish_forecast once a person has decided."""
    return {"Step": "decided", "Document": later | {"ForecastArn": "arn", "Published": published, "Approval": approval}}


def test_with_approval_a_forecast_waits_beside_and_becomes_the_latest_once_approved(
    asked: Waiting, publish: Publish
) -> None:
    later, waiting = asked
    assert waiting["HeldBack"] == ["nobody has approved it"]
    assert waiting["Approval"] == {"Seconds": 8 * 3600, "Url": "https://links"}
    assert json.loads(body("latest/accuracy.json"))["RunId"] == RUN
    approved = decide(later, waiting, Approved=True)
    published = publish(approved)
    assert (published["HeldBack"], published["Approval"], published["SupersededBy"]) == ([], None, None)
    assert published["Files"]["Report"] == f"s3://{BUCKET}/latest/report.html"
    assert json.loads(body("latest/accuracy.json"))["RunId"] == LATER
    assert publish(approved) == published  # a repeated step says the same


@pytest.mark.parametrize(
    ("approval", "reason"),
    [({"Approved": False}, "somebody has held it back"), ({"Error": "States.Timeout"}, "nobody has approved it")],
)
def test_a_forecast_that_is_not_approved_stays_beside_and_may_be_published_later(
    asked: Waiting, publish: Publish, publish_run: PublishRun, approval: dict[str, Any], reason: str
) -> None:
    later, waiting = asked
    published = publish(decide(later, waiting, **approval))
    assert (published["HeldBack"], published["Approval"]) == ([reason], None)
    assert json.loads(body("latest/accuracy.json"))["RunId"] == RUN
    assert publish_run(LATER) == {"Run": LATER, "Before": RUN}


def test_a_forecast_that_was_published_by_hand_meanwhile_is_published(
    asked: Waiting, publish: Publish, publish_run: PublishRun
) -> None:
    later, waiting = asked
    publish_run(LATER)
    published = publish(decide(later, waiting, Error="States.Timeout"))
    assert published["HeldBack"] == []
    assert json.loads(body("latest/accuracy.json"))["RunId"] == LATER
