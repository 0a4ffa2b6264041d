"""start_pipeline and plan_preparation on batches of their queues: one look, one execution, and what is no event."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from tests.functions.watched_bucket import BUCKET, HOURLY, RAW, Pipeline, Preparation, batch_of, file_event

NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def event(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """A file has arrived, just now."""
    return file_event(load_event("start_pipeline")) | {"time": datetime.now(UTC).isoformat()}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that the handler calls, in their order."""
    made: list[str] = []
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def make_api_call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        made.append(operation)
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    return made


def test_two_hundred_files_of_one_drop_are_looked_at_as_one_and_start_one_run(
    pipeline: Pipeline, event: dict[str, Any], calls: list[str]
) -> None:
    for number in range(200):
        pipeline.put(f"train/{number}.csv", HOURLY)
    events: dict[str, Any] = {f"message-{number}": arrived(event, f"train/{number}.csv") for number in range(200)}
    calls.clear()
    assert pipeline.start(batch_of(events)) == NOTHING_FAILED
    # Two looks, QuietSeconds apart, at train/, related/ and metadata/.
    assert calls.count("ListObjectsV2") == 6
    assert calls.count("StartExecution") == 1
    (run,) = pipeline.executions()
    assert pipeline.document(run)["Imports"][0]["FileCount"] == 201
    assert pipeline.start(batch_of(events)) == NOTHING_FAILED  # delivered once more
    assert pipeline.executions() == [run]


def arrived(event: dict[str, Any], key: str) -> dict[str, Any]:
    """The event of another file."""
    detail = event["detail"] | {"object": event["detail"]["object"] | {"key": key}}
    return event | {"id": f"event of {key}", "detail": detail}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("no event", 'the input of start_pipeline: found "no event", wanted an object.'),
        ([], "the input of start_pipeline: found [], wanted an object."),
        ({"bucket": "x"}, "the input of start_pipeline, bucket: not a known member"),
        ({"source": "aws.s3", "id": "1"}, "the input of start_pipeline, time: missing."),
        ({"source": ["aws.s3"]}, "the input of start_pipeline, source: not a known member"),
        ({"time": "2026-01-05T02:00:00"}, "wanted a time with its zone, such as 2026-01-05T03:00:00Z."),
    ],
)
def test_a_record_that_cannot_be_read_goes_back_alone_and_is_named(
    pipeline: Pipeline, event: dict[str, Any], caplog: pytest.LogCaptureFixture, *, body: Any, said: str
) -> None:
    answer = pipeline.start(batch_of({"good": event, "poison": body, "late": event | {"id": "another"}}))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert len(pipeline.executions()) == 1
    (told,) = (record.getMessage() for record in caplog.records if record.levelname == "ERROR")
    assert told.startswith("Record poison of the queue goes back: ")
    assert said in told


@pytest.mark.parametrize("body", ["{", "", "[" * 200_000])
def test_a_body_that_is_no_json_goes_back_alone(
    pipeline: Pipeline, event: dict[str, Any], caplog: pytest.LogCaptureFixture, body: str
) -> None:
    batch = batch_of({"poison": {}, "good": event})
    batch["Records"][0]["body"] = body
    assert pipeline.start(batch) == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert len(pipeline.executions()) == 1
    assert 'Record poison of the queue goes back: found "' in caplog.text
    assert "wanted an event in JSON." in caplog.text


@pytest.mark.parametrize("bucket", ["not-there", "no bucket's name"])
def test_the_records_of_a_bucket_that_cannot_be_read_go_back_and_hold_nobody_up(
    pipeline: Pipeline, event: dict[str, Any], caplog: pytest.LogCaptureFixture, bucket: str
) -> None:
    elsewhere = event | {"detail": event["detail"] | {"bucket": {"name": bucket}}}
    assert pipeline.start(batch_of({"elsewhere": elsewhere, "good": event, "by hand": {"Bucket": BUCKET}})) == {
        "batchItemFailures": [{"itemIdentifier": "elsewhere"}]
    }
    assert len(pipeline.executions()) == 1
    assert f"Record elsewhere of the queue goes back, one of 1 with bucket {bucket}: " in caplog.text


def test_a_batch_without_data_looks_at_nothing(pipeline: Pipeline, event: dict[str, Any], calls: list[str]) -> None:
    batch = batch_of({name: arrived(event, f"train/{name}") for name in ("_SUCCESS", "notes.txt")})
    assert pipeline.start(batch) == NOTHING_FAILED
    assert calls == []


def test_a_schedules_record_looks_once_and_waits_for_nothing(pipeline: Pipeline, calls: list[str]) -> None:
    calls.clear()
    schedule = {"id": "d32c5kddcf5bb8c3", "time": "2026-01-05T03:00:00Z"}
    assert pipeline.start(batch_of({"schedule": schedule})) == NOTHING_FAILED
    assert calls.count("ListObjectsV2") == 3
    (run,) = pipeline.executions()
    assert pipeline.document(run)["Run"]["Event"] == "d32c5kddcf5bb8c3"


def test_after_a_failed_run_a_batch_asks_again_if_one_of_its_events_is_new(
    pipeline: Pipeline, event: dict[str, Any]
) -> None:
    later = event | {"id": "a new upload", "time": (datetime.now(UTC) + timedelta(minutes=1)).isoformat()}
    pipeline.start(batch_of({"first": event}))
    (run,) = pipeline.executions()
    pipeline.end(run, "FAILED")
    pipeline.start(batch_of({"again": event, "of the same drop": event | {"id": "another"}}))
    assert pipeline.executions() == [run]
    pipeline.start(batch_of({"again": event, "later": later}))
    assert pipeline.executions() == [run, f"{run}-2"]


def test_raw_files_of_one_drop_start_one_preparation(
    preparation: Preparation, load_event: Callable[[str], dict[str, Any]], calls: list[str]
) -> None:
    event = file_event(load_event("plan_preparation"))
    for number in range(20):
        preparation.bucket.put(f"raw_data/{number}.csv", RAW)
    events: dict[str, Any] = {f"message-{number}": arrived(event, f"raw_data/{number}.csv") for number in range(20)}
    calls.clear()
    assert preparation.plan(batch_of({**events, "hidden": arrived(event, "raw_data/_SUCCESS"), "poison": "x"})) == {
        "batchItemFailures": [{"itemIdentifier": "poison"}]
    }
    assert (calls.count("ListObjectsV2"), calls.count("StartExecution")) == (2, 1)
    assert len(preparation.bucket.executions()) == 1
