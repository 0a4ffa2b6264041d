"""An account whose functions share so many concurrent executions ("slots"), and what Lambda does when they are taken.

Like `hooks.py` this replaces names of the pinned version of ministack, and
`tests/local_aws/embedded/test_account_slots.py` fails when one of them has moved. Only `hooks.py` imports this.

- A state machine's task fails with `Lambda.TooManyRequestsException`.
- A function URL answers 429 with Lambda's body, which has no code.
- What EventBridge and other senders hand to Lambda's queue waits there, and is tried again until it is too old; so does
  a batch of an event source.

An execution that waits for a core of this machine holds its slot.
"""

import contextlib
import json
import time
from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge, lambda_svc, stepfunctions

REFUSED = "Lambda.TooManyRequestsException"
CAUSE = "Rate Exceeded. (Service: Lambda, Status Code: 429)"
BODY = json.dumps({"Reason": "ConcurrentInvocationLimitExceeded", "Type": "User", "message": "Rate Exceeded."})
OLDEST = 21_600  # seconds, where a function says nothing else
LONGEST_WAIT = 300  # seconds between two attempts of the queue

_from_the_queue: ContextVar[bool] = ContextVar("_from_the_queue", default=False)


def install(slots: int) -> None:
    """Replace what must be replaced; 0 slots are as many as anybody asks for."""
    lambda_svc._ACCOUNT_CONCURRENCY_CAP = slots
    if slots:
        _refuse_tasks()
        _refuse_calls_of_function_urls()
        _wait_in_the_queue()


def _refuse_tasks() -> None:
    call = stepfunctions._call_lambda

    def call_lambda(function: str, event: Any) -> Any:
        try:
            return call(function, event)
        except stepfunctions._ExecutionError as error:
            if _is_refusal(error.cause):
                raise stepfunctions._ExecutionError(REFUSED, CAUSE) from None
            raise

    stepfunctions._call_lambda = call_lambda


def _is_refusal(cause: str) -> bool:
    with contextlib.suppress(ValueError, AttributeError):  # what a function says of its own failure may be anything
        return json.loads(cause).get("Reason") == "ConcurrentInvocationLimitExceeded"
    return False


def _refuse_calls_of_function_urls() -> None:
    respond = lambda_svc.lambda_execute_result_to_api_proxy_response

    def respond_or_refuse(result: dict[str, Any]) -> Any:
        if not result.get("throttle"):
            return respond(result)
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": "TooManyRequestsException"}
        return {"statusCode": 429, "headers": headers, "body": BODY}, None

    lambda_svc.lambda_execute_result_to_api_proxy_response = respond_or_refuse


def _wait_in_the_queue() -> None:
    """What is refused is tried again with growing waits, and counts as no attempt of the function's own."""
    execute, invoke = lambda_svc._execute_function, lambda_svc.invoke_async_with_retry
    run_batch = lambda_svc._run_sqs_batch

    def execute_function(function: dict[str, Any], event: Any) -> dict[str, Any]:
        result: dict[str, Any] = execute(function, event)
        end, wait = time.monotonic() + _oldest(function), 1.0
        while _from_the_queue.get() and result.get("throttle") and time.monotonic() + wait < end:
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            result = execute(function, event)
        return result

    def invoke_from_the_queue(function: dict[str, Any], event: Any) -> None:
        token = _from_the_queue.set(True)
        try:
            invoke(function, event)  # starts a thread with a copy of this context
        finally:
            _from_the_queue.reset(token)

    def run_batch_from_the_queue(*given: Any) -> None:
        _from_the_queue.set(True)  # in the thread of this batch alone
        run_batch(*given)

    lambda_svc._execute_function = execute_function
    lambda_svc._run_sqs_batch = run_batch_from_the_queue
    lambda_svc.invoke_async_with_retry = invoke_from_the_queue
    eventbridge._dispatch_to_lambda = _hand_to_the_queue


def _oldest(function: dict[str, Any]) -> float:
    config = function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST") or {}
    return float(config.get("MaximumEventAgeInSeconds", OLDEST))


def _hand_to_the_queue(arn: str, payload: str) -> None:
    """EventBridge's target: ministack would invoke it once and not look at what comes of it."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function and config:
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))
