"""How fast a state machine goes on here: it retries at this machine's pace, and waits for nothing that has happened.

Like `hooks.py` this replaces names of the pinned version of ministack, and `tests/local_aws/embedded/test_hooks.py`
fails when one of them has moved. Only `hooks.py` imports this.
"""

import random
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ministack.services import stepfunctions

LOCAL_RETRY_PACE = 0.05  # jobs that take minutes in the cloud take seconds here, so we ask twenty times as often
PENDING = "ResourcePending"  # what a step raises until a job has ended
SECONDS_BEFORE_AN_EXECUTION = 0.15  # ministack's, between the answer to StartExecution and the first state

_an_execution_ended = threading.Condition()


def install(at_pace_of_aws: bool = False) -> None:
    """Replace what must be replaced."""
    _retry_at_our_pace(delay_of_aws if at_pace_of_aws else retry_delay)
    _tell_when_an_execution_ends()
    _begin_at_once()


def _retry_at_our_pace(delay_of: Callable[[dict[str, Any], int], float]) -> None:
    """A Retry honours MaxDelaySeconds; one that waits for a job is over as soon as an execution has ended."""
    find: Callable[..., tuple[dict[str, Any] | None, int]] = stepfunctions._find_matching_retrier

    def find_matching_retrier(retriers: list[dict[str, Any]], error: str, counts: dict[int, int]) -> Any:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return retrier, index
        delay = delay_of(retrier, counts.get(index, 0))
        if error == PENDING:
            with _an_execution_ended:
                _an_execution_ended.wait(delay)
            delay = 0
        return retrier | {"IntervalSeconds": delay, "BackoffRate": 1.0}, index

    stepfunctions._find_matching_retrier = find_matching_retrier


def retry_delay(retrier: dict[str, Any], retries: int) -> float:
    """Seconds before the next attempt after `retries` retries, at this machine's pace."""
    return _longest_delay(retrier, retries) * LOCAL_RETRY_PACE


def delay_of_aws(retrier: dict[str, Any], retries: int) -> float:
    """Seconds before the next attempt after `retries` retries, as Step Functions draws them."""
    longest = _longest_delay(retrier, retries)
    return random.uniform(0, longest) if retrier.get("JitterStrategy") == "FULL" else longest  # noqa: S311 - no secret


def _longest_delay(retrier: dict[str, Any], retries: int) -> float:
    longest = float(retrier.get("MaxDelaySeconds", "inf"))
    # 2 to the 60th is longer than any MaxDelaySeconds; a higher power of a rate may be none that a float can hold
    return min(longest, retrier.get("IntervalSeconds", 1) * float(retrier.get("BackoffRate", 2.0)) ** min(retries, 60))


def _tell_when_an_execution_ends() -> None:
    emit = stepfunctions._emit_execution_status_event

    def emit_and_tell(execution: dict[str, Any]) -> None:
        emit(execution)
        if execution["status"] != "RUNNING":
            with _an_execution_ended:
                _an_execution_ended.notify_all()

    stepfunctions._emit_execution_status_event = emit_and_tell


def _begin_at_once() -> None:
    def sleep(seconds: float) -> None:
        if seconds != SECONDS_BEFORE_AN_EXECUTION:
            time.sleep(seconds)

    stepfunctions.time = SimpleNamespace(**vars(time) | {"sleep": sleep})
