"""Batches of an SQS queue for a function: as large as AWS makes them, and gathered as long.

Like `hooks.py` this replaces names of the pinned version of ministack, and
`tests/local_aws/embedded/test_event_batches.py` fails when one of them has moved. Only `hooks.py` imports this.

ministack keeps BatchSize and MaximumBatchingWindowInSeconds of an event source mapping, and takes ten messages at most,
at once. A window is as short here as the other waits, a twentieth of AWS's, unless the account has few slots.
"""

import json
import time
from typing import Any

from ministack.services import lambda_svc, sqs

from local_aws.embedded.pace.machine_pace import LOCAL_RETRY_PACE
from local_aws.embedded.payload_limits import MOST_OF_A_REQUEST

BYTES_BESIDE_A_BODY = 1_000  # of a record: its ids, its receipt handle and its attributes


def install(at_pace_of_aws: bool) -> None:
    """Replace what must be replaced."""
    pace = 1.0 if at_pace_of_aws else LOCAL_RETRY_PACE

    def receive_messages_for_esm(queue_url: str, most: int) -> list[dict[str, Any]]:
        with sqs._queues_lock:
            if not _takeable(sqs._get_q(queue_url), most):
                return []
        time.sleep(pace * _window(queue_url))  # it begins with the first message, as Lambda's does
        with sqs._queues_lock:
            queue = sqs._get_q(queue_url)
            hidden = int(queue["attributes"].get("VisibilityTimeout", "30"))
            messages: list[dict[str, Any]] = sqs._collect_msgs(queue, _takeable(queue, most), hidden)
        return messages

    sqs._receive_messages_for_esm = receive_messages_for_esm


def _takeable(queue: dict[str, Any], most: int) -> int:
    """How many messages a batch takes now: ``most`` of the visible ones, and 6 MB."""
    sqs._expire_retained(queue)
    sqs._dlq_sweep(queue)
    now = time.time()
    visible = [message for message in queue["messages"] if message.get("visible_at", now) <= now][:most]
    return fitting([message["body"] for message in visible])


def fitting(bodies: list[str]) -> int:
    """How many of the bodies, from the first on, an invocation takes: one at least."""
    size = 0
    for number, body in enumerate(bodies):
        size += len(json.dumps(body, ensure_ascii=False).encode()) + BYTES_BESIDE_A_BODY
        if size > MOST_OF_A_REQUEST and number:
            return number
    return len(bodies)


def _window(queue_url: str) -> int:
    """Seconds of the longest window of the queue's mappings."""
    arn = sqs._get_q(queue_url)["attributes"]["QueueArn"]
    mappings = [mapping for _, _, mapping in lambda_svc._iter_all_esms() if mapping["EventSourceArn"] == arn]
    return max((int(mapping["MaximumBatchingWindowInSeconds"]) for mapping in mappings), default=0)
