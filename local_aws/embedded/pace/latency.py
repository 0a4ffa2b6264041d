"""Why a call on the embedded AWS need not wait: what ministack waits for although nothing comes.

Like `hooks.py` this replaces names of the pinned version of ministack, and `tests/local_aws/embedded/test_hooks.py`
fails when one of them has moved. Only `hooks.py` imports this.
"""

import functools
import queue
from typing import Any

from ministack.core.lambda_runtime import ProvidedWorker
from ministack.services import dynamodb

SECONDS_FOR_THE_LOG = 0.001
CONDITIONS_KEPT = 256


def install() -> None:
    """Replace what makes a call wait."""
    _send_an_event_in_one_piece()
    _take_the_log_that_is_there()
    _parse_a_condition_once()


def _send_an_event_in_one_piece() -> None:
    """Headers and body of the runtime API in one packet.

    In two, the second waits until the first is acknowledged, which the other side delays by 40 ms.
    """
    build_handler_class = ProvidedWorker._build_handler_class

    def build_quick_handler_class(worker: ProvidedWorker, generation: int, pending: queue.Queue[Any]) -> type:
        members = {"wbufsize": -1, "disable_nagle_algorithm": True}
        return type("QuickHandler", (build_handler_class(worker, generation, pending),), members)

    ProvidedWorker._build_handler_class = build_quick_handler_class


def _take_the_log_that_is_there() -> None:
    """A process writes its log before it answers, so that nothing is gained by ministack's 50 ms.

    A line that comes later all the same stands with the next invocation.
    """
    drain = ProvidedWorker._drain_stderr_bounded

    def drain_at_once(worker: ProvidedWorker, first_line_wait: float = SECONDS_FOR_THE_LOG) -> str:
        log: str = drain(worker, first_line_wait, idle_confirm=SECONDS_FOR_THE_LOG)
        return log

    ProvidedWorker._drain_stderr_bounded = drain_at_once


def _parse_a_condition_once() -> None:
    """ministack parses a condition of DynamoDB anew for each item that it looks at."""
    keep = functools.lru_cache(CONDITIONS_KEPT)
    tokens_of = keep(dynamodb._tokenize)
    dynamodb._tokenize = lambda expression: [*tokens_of(expression)]
    dynamodb._condition_syntax_error = keep(dynamodb._condition_syntax_error)
