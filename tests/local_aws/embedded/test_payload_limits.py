"""What may pass through a task and a function is as large as in AWS; and which limits do not hold here."""

import asyncio
import inspect
from typing import Any
from unittest import mock

import pytest
from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc, stepfunctions

from local_aws.embedded import payload_limits

A_TASK = 256 * 1024
A_REQUEST = 6 * 1024 * 1024
FUNCTION = {"config": {"FunctionName": "step"}}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> mock.MagicMock:
    """What a function gives, in ministack as `payload_limits.py` leaves it."""
    gives = mock.MagicMock(return_value={"body": {}})
    monkeypatch.setattr(stepfunctions, "_call_lambda", lambda _function, event: gives(event)["body"])
    monkeypatch.setattr(lambda_svc, "_execute_function_dispatch", lambda _function, _config, event, *_: gives(event))

    async def answer(*_: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b"answered"

    monkeypatch.setattr(lambda_svc, "handle_function_url_request", answer)
    payload_limits.install()
    return gives


def text_of(size: int) -> str:
    """A text whose JSON has so many bytes."""
    return "x" * (size - 2)


def test_a_task_takes_256_kib_and_no_byte_more(function: mock.MagicMock) -> None:
    assert stepfunctions._call_lambda("step", text_of(A_TASK)) == {}
    with pytest.raises(stepfunctions._ExecutionError, match=r"States.DataLimitExceeded: .* input of 262145 bytes"):
        stepfunctions._call_lambda("step", text_of(A_TASK + 1))
    function.assert_called_once()


def test_a_task_gives_256_kib_and_bytes_count_not_letters(function: mock.MagicMock) -> None:
    function.return_value = {"body": text_of(A_TASK)}
    assert len(stepfunctions._call_lambda("step", {})) == A_TASK - 2
    function.return_value = {"body": "\uac00" * (A_TASK // 3)}  # three bytes each, and two quotes
    with pytest.raises(stepfunctions._ExecutionError, match=r"result of 262145 bytes"):
        stepfunctions._call_lambda("step", {})


def test_a_function_gives_6_mib_and_a_hundred_bytes(function: mock.MagicMock) -> None:
    function.return_value = {"body": text_of(A_REQUEST + 100), "log": "line"}
    assert lambda_svc._execute_function_dispatch(FUNCTION, {}, {}, "id", 0.0) == function.return_value
    function.return_value = {"body": [text_of(A_REQUEST + 100)], "log": "line"}
    result = lambda_svc._execute_function_dispatch(FUNCTION, {}, {}, "id", 0.0)
    assert (result["error"], result["body"]["errorType"]) == (True, "Function.ResponseSizeTooLarge")
    assert result["log"] == "line"


@pytest.mark.usefixtures("function")
def test_a_function_url_takes_6_mib() -> None:
    def status(size: int) -> int:
        answer = asyncio.run(lambda_svc.handle_function_url_request("id", "POST", "/", {}, b"x" * size, {}))
        return int(answer[0])

    assert (status(A_REQUEST), status(A_REQUEST + 1)) == (200, 413)


def test_ministack_still_asks_where_we_look() -> None:
    dispatch = "_execute_function_dispatch(func, config, event, request_id, started)"
    assert dispatch in inspect.getsource(lambda_svc._execute_function)
    url = list(inspect.signature(lambda_svc.handle_function_url_request).parameters)
    assert url[:5] == ["url_id", "method", "path", "headers", "body"]
    assert "handle_function_url_request(" in inspect.getsource(app)


def test_a_timeout_holds_and_a_memory_size_does_not() -> None:
    """ministack ends a function at its Timeout. MemorySize bounds nothing here: a process has the machine's memory."""
    invoke = inspect.getsource(lambda_runtime.ProvidedWorker)
    assert "Sandbox.Timedout" in invoke
    assert "RLIMIT" not in inspect.getsource(lambda_runtime)
