"""Faults in the calls of a worker: one call, or all from one on, is refused, loses its answer, or kills the worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ConnectionClosedError

THROTTLED = {
    "TransactWriteItems": "TransactionCanceledException",
    "dynamodb": "ProvisionedThroughputExceededException",
    "s3": "SlowDown",
    "sts": "Throttling",
    "stepfunctions": "ThrottlingException",
}


class Killed(BaseException):
    """Ends a worker wherever it is: nothing that it could catch."""


@dataclass
class Faults:
    """Counts the worker's calls, and lets one of them, or all from one on, go wrong.

    ``kind``: ``throttled`` and ``broken`` refuse a call, ``lost`` drops the answer of one that was done, ``killed``
    ends the worker when it was done. A lasting fault spares the step that writes how the job failed.
    """

    kind: str = ""
    position: int = -1
    lasts: bool = False
    is_worker: bool = False
    calls: list[str] = field(default_factory=list)

    def watch(self, session: Any) -> None:
        """Look at all calls of clients that the session will make."""
        session.events.register("before-call", self._before)
        session.events.register("after-call", self._after)

    @contextmanager
    def at(self, kind: str, position: int, lasts: bool = False) -> Iterator[None]:
        """Let the call at a position fail so, and all behind it where it lasts."""
        self.kind, self.position, self.lasts, self.calls = kind, position, lasts, []
        try:
            yield
        finally:
            self.kind, self.position = "", -1

    def worker(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """The handler of the worker, whose calls are counted."""

        def run(event: dict[str, Any], context: Any) -> Any:
            self.is_worker = not (self.lasts and event["Step"] == "fail")
            try:
                return handler(event, context)
            except Killed as killed:
                raise RuntimeError("Runtime.ExitError") from killed
            finally:
                self.is_worker = False

        return run

    def _hits(self, position: int) -> bool:
        return position == self.position or (self.lasts and 0 <= self.position <= position)

    def _before(self, model: Any, **_rest: Any) -> tuple[Any, dict[str, Any]] | None:
        if not self.is_worker:
            return None
        self.calls.append(model.name)
        if self.kind not in ("throttled", "broken") or not self._hits(len(self.calls) - 1):
            return None
        service = model.service_model.service_name
        throttled = THROTTLED.get(model.name, THROTTLED[service])
        code, status = (throttled, 400) if self.kind == "throttled" else ("InternalError", 500)
        reasons = [{"Code": "ThrottlingError", "Message": "Throughput exceeds the current capacity"}]
        answer = {
            "Error": {"Code": code, "Message": code},
            "CancellationReasons": reasons,
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        return SimpleNamespace(status_code=status), answer

    def _after(self, **_rest: Any) -> None:
        if self.is_worker and self._hits(len(self.calls) - 1):
            if self.kind == "lost":
                raise ConnectionClosedError(endpoint_url="https://aws.test")
            if self.kind == "killed":
                raise Killed
