"""What can become of a call of AWS, and a client whose calls fail so."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectionClosedError, ConnectTimeoutError, NoCredentialsError


class KilledError(BaseException):
    """The process is gone: nothing in it can catch this."""


def refused(code: str, status: int, operation: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


# Kind of fault -> what is raised before the call has an effect; "lost" is raised after it.
FAULTS: dict[str, Callable[[str], BaseException]] = {
    "denied": lambda operation: refused("AccessDenied", 403, operation),
    "throttled": lambda operation: refused("SlowDown", 503, operation),
    "500": lambda operation: refused("InternalError", 500, operation),
    "timeout": lambda operation: ConnectTimeoutError(endpoint_url="https://s3.example"),
    "no credentials": lambda operation: NoCredentialsError(),
    "killed": lambda operation: KilledError(),
    "lost": lambda operation: ConnectionClosedError(endpoint_url="https://s3.example"),
}
PASSING = ("throttled", "500", "timeout", "lost")  # a further try helps


class FailingCalls:
    """Every client fails at the call of this number, counted from 0, and with ``lasts`` at all that come after it."""

    def __init__(self, patch: pytest.MonkeyPatch, kind: str = "", number: int | None = None, *, lasts: bool = False):
        self.operations: list[str] = []
        genuine = BaseClient._make_api_call  # type: ignore[attr-defined]

        def call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            at = len(self.operations)
            self.operations.append(operation)
            fails = number is not None and (at == number or (lasts and at > number))
            if fails and kind != "lost":
                raise FAULTS[kind](operation)
            answer = genuine(client, operation, request)
            if fails:
                raise FAULTS[kind](operation)
            return answer

        patch.setattr(BaseClient, "_make_api_call", call)

    def numbers(self, *, each_read: int = 1) -> list[int]:
        """The numbers of the calls that were made: of all writes, and of every so manieth read."""
        reads = ("Get", "Head", "List", "Describe")
        return [
            number
            for number, operation in enumerate(self.operations)
            if number % each_read == 0 or not operation.startswith(reads)
        ]
