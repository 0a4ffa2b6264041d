"""How much may pass: 256 KiB into and out of a task of a state machine, 6 MiB into and out of a function.

Like `hooks.py` this replaces names of the pinned version of ministack, and
`tests/local_aws/embedded/test_payload_limits.py` fails when one of them has moved. Only `hooks.py` imports this.

In AWS no `States.ALL` catches `States.DataLimitExceeded`; here it does.
"""

import json
from typing import Any

from ministack.services import lambda_svc, stepfunctions

MOST_OF_A_TASK = 262_144
MOST_OF_A_REQUEST = 6_291_456
MOST_OF_AN_ANSWER = 6_291_556  # Lambda's own number: a hundred bytes more


def install() -> None:
    """Replace what must be replaced."""
    _limit_tasks()
    _limit_answers()
    _limit_requests()


def _limit_tasks() -> None:
    call = stepfunctions._call_lambda

    def call_lambda(function: str, event: Any) -> Any:
        _require_small("input", event)
        result = call(function, event)
        _require_small("result", result)
        return result

    stepfunctions._call_lambda = call_lambda


def _require_small(what: str, document: Any) -> None:
    size = len(json.dumps(document, ensure_ascii=False).encode())
    if size > MOST_OF_A_TASK:
        cause = f"The task has a {what} of {size} bytes, wanted at most {MOST_OF_A_TASK}."
        raise stepfunctions._ExecutionError("States.DataLimitExceeded", cause)


def _limit_answers() -> None:
    dispatch = lambda_svc._execute_function_dispatch

    def dispatch_and_look(*given: Any) -> dict[str, Any]:
        result: dict[str, Any] = dispatch(*given)
        body = result.get("body")
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        if len(text) <= MOST_OF_AN_ANSWER:
            return result
        message = f"Response payload size exceeded maximum allowed payload size ({MOST_OF_AN_ANSWER} bytes)."
        refusal = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}
        return result | {"body": refusal, "error": True}

    lambda_svc._execute_function_dispatch = dispatch_and_look


def _limit_requests() -> None:
    handle = lambda_svc.handle_function_url_request

    async def handle_if_small(*given: Any, **named: Any) -> Any:
        body = given[4]
        if len(body) <= MOST_OF_A_REQUEST:
            return await handle(*given, **named)
        message = f"Request must be smaller than {MOST_OF_A_REQUEST} bytes for the InvokeFunction operation"
        return 413, {"Content-Type": "application/json"}, json.dumps({"Message": message}).encode()

    lambda_svc.handle_function_url_request = handle_if_small
