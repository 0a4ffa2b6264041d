"""Batches of a queue are gathered for their window, and hold as many messages and bytes as in AWS."""

import inspect
from typing import Any

import pytest
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import lambda_svc, sqs

from local_aws.embedded import account_slots
from local_aws.embedded.pace import event_batches

URL = "http://127.0.0.1/000000000000/events"
ARN = "arn:aws:sqs:us-east-1:000000000000:events"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A queue with a mapping of a window of 20 s, in ministack as `event_batches.py` leaves it."""
    attributes = {"QueueArn": ARN, "VisibilityTimeout": "360"}
    queue: dict[str, Any] = {"name": "events", "is_fifo": False, "attributes": attributes, "messages": []}
    monkeypatch.setattr(sqs, "_receive_messages_for_esm", sqs._receive_messages_for_esm)
    monkeypatch.setattr(sqs, "_get_q", {URL: queue}.__getitem__)
    monkeypatch.setattr(lambda_svc, "_esms", AccountRegionScopedDict())
    lambda_svc._esms["mapping"] = {"EventSourceArn": ARN, "MaximumBatchingWindowInSeconds": 20}
    return queue


def send(queue: dict[str, Any], *bodies: str) -> None:
    queue["messages"] += [{"body": body, "sent_at": 1.0e12, "visible_at": 0.0, "receive_count": 0} for body in bodies]


def test_a_window_is_a_twentieth_of_its_seconds_and_gathers_what_arrives(
    queue: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        send(queue, "later")

    monkeypatch.setattr("time.sleep", sleep)
    event_batches.install(at_pace_of_aws=False)
    assert sqs._receive_messages_for_esm(URL, 10_000) == []
    assert waits == []
    send(queue, "first")
    assert [message["body"] for message in sqs._receive_messages_for_esm(URL, 10_000)] == ["first", "later"]
    assert waits == [1]
    assert sqs._receive_messages_for_esm(URL, 10_000) == []  # they are hidden now


def test_with_few_slots_a_window_is_as_long_as_in_aws(queue: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    event_batches.install(at_pace_of_aws=True)
    send(queue, *(f"{number}" for number in range(5_001)))
    assert len(sqs._receive_messages_for_esm(URL, 5_000)) == 5_000
    assert waits == [20]


def test_a_batch_has_six_megabytes_and_a_message_at_least() -> None:
    assert event_batches.fitting([]) == 0
    assert (
        event_batches.fitting(["x" * 1_000] * 10_000) == 6 * 1024 * 1024 // 2_002
    )  # and two quotes, and what is beside
    assert event_batches.fitting(["x" * 7_000_000, "x"]) == 1


def test_what_is_refused_for_a_slot_is_tried_again_by_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    monkeypatch.setattr(lambda_svc, "_run_sqs_batch", lambda *_: found.append(account_slots._from_the_queue.get()))
    for name in ("_execute_function", "invoke_async_with_retry"):
        monkeypatch.setattr(lambda_svc, name, getattr(lambda_svc, name))
    monkeypatch.setattr("ministack.services.eventbridge._dispatch_to_lambda", None)
    account_slots._wait_in_the_queue()
    lambda_svc._run_sqs_batch("mapping")
    assert found == [True]
    account_slots._from_the_queue.set(False)


def test_ministack_still_asks_where_we_answer() -> None:
    assert list(inspect.signature(sqs._receive_messages_for_esm).parameters) == ["queue_url", "max_number"]
    assert list(inspect.signature(sqs._collect_msgs).parameters) == ["q", "max_n", "vis_timeout"]
    poll = inspect.getsource(lambda_svc._poll_sqs)
    assert "_sqs._receive_messages_for_esm(queue_url, batch_size)" in poll
    assert 'batch_size = esm.get("BatchSize", 10)' in poll
    assert "_run_sqs_batch, esm, func_rec" in poll
    assert "_execute_function(func_rec, event)" in inspect.getsource(lambda_svc._run_sqs_batch)
    upstream = inspect.getsource(sqs._receive_messages_for_esm)
    assert "_expire_retained(q)" in upstream
    assert "_dlq_sweep(q)" in upstream
    assert "max_n = min(int(max_number or 1), 10)" in upstream  # else ministack has learnt it, and ours may go
