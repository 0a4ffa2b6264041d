"""Requests of the `forecast` and `forecastquery` clients go to the deployed service, as its function URL takes them.

Like `hooks.py` this replaces names of the pinned version of ministack, and
`tests/local_aws/embedded/test_forecast_requests.py` fails when one of them has moved.

- A request of a client is answered under one id: that of the answer is that of the invocation and of its log.
- `arn:aws:states:::aws-sdk:forecast:*` and `forecastquery:*` of Step Functions reach the service, too. In AWS they
  always call Amazon Forecast: a task has no way to name another address.
"""

from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import router
from ministack.services import lambda_svc, stepfunctions

FORECAST_FUNCTION = "ForecastApiFunction"  # what CloudFormation makes part of the deployed function's name
TARGETS = {"forecast": "AmazonForecast", "forecastquery": "AmazonForecastRuntime"}
ROUTERS_IDS = ("x-amzn-requestid", "x-amz-request-id", "x-amz-id-2")  # an answer has x-amzn-RequestId
NOT_DEPLOYED = "No forecast service is deployed yet."

_request_id: ContextVar[str | None] = ContextVar("_request_id", default=None)


def install() -> None:
    """Replace what must be replaced."""
    for service, target in TARGETS.items():
        router.SERVICE_PATTERNS[service] = {"target_prefixes": [f"{target}."], "host_patterns": []}
        app.SERVICE_HANDLERS[service] = answer
        stepfunctions._AWS_SDK_SERVICE_MAP[service] = {"target_prefix": target, "protocol": "json"}
        stepfunctions._AWS_SDK_ERROR_PREFIX[service] = service.capitalize()
    _invoke_under_the_id_of_the_request()


async def answer(method: str, path: str, headers: dict[str, Any], body: bytes | str, query: dict[str, Any]) -> Any:
    """Hand a request to the deployed service; Step Functions brings the body as text.

    A second stack does not take over the callers of the first; its service answers at its output `ForecastApiUrl`.
    """
    urls = [
        config["FunctionUrl"]
        for (_account, _region, function), config in lambda_svc._function_urls.all_items()
        if FORECAST_FUNCTION in function
    ]
    if not urls:
        message = f'{{"__type":"ServiceUnavailableException","message":"{NOT_DEPLOYED}"}}'
        return 503, {"Content-Type": "application/x-amz-json-1.1"}, message.encode()
    content = body.encode() if isinstance(body, str) else body
    url_id = lambda_svc._function_url_id(urls[0])
    status, answered, told = await lambda_svc.handle_function_url_request(url_id, method, path, headers, content, query)
    return status, HeadersWithId(answered), told


class HeadersWithId(dict[str, Any]):
    """Headers of an answer that has its request's id: ministack's router adds none of its own."""

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in ROUTERS_IDS:
            super().__setitem__(name, value)

    def update(self, more: dict[str, Any]) -> None:  # type: ignore[override]
        """As ministack calls it."""
        for name, value in more.items():
            self[name] = value


def _invoke_under_the_id_of_the_request() -> None:
    """As in AWS the request of a function URL, its invocation and the log have one id."""
    new_uuid, handle = lambda_svc.new_uuid, lambda_svc.handle_function_url_request

    async def handle_under_one_id(*given: Any, **named: Any) -> Any:
        token = _request_id.set(new_uuid())
        try:
            return await handle(*given, **named)
        finally:
            _request_id.reset(token)

    lambda_svc.new_uuid = lambda: _request_id.get() or new_uuid()
    lambda_svc.handle_function_url_request = handle_under_one_id
