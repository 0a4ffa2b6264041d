"""A boto3 client whose requests reach the handler of the API as events of a function URL, without a network."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

Refused = Callable[..., AbstractContextManager[None]]  # of a code and a text, see ``refused``
StartedJobs = Callable[[], list[dict[str, str]]]  # the inputs of the executions of the job machine
CALLER_ARN = "arn:aws:iam::123456789012:root"
CREATED_BY = {"Key": "aws:almanac:created-by", "Value": CALLER_ARN}  # the tag that nobody has set
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:forecast-api"
# What the runtime tells the function about itself.
FUNCTION_CONTEXT = SimpleNamespace(
    function_name="forecast-api",
    memory_limit_in_mb=512,
    invoked_function_arn=FUNCTION_ARN,
    aws_request_id="11111111-2222-3333-4444-555555555555",
)


class _Body(io.BytesIO):
    """What botocore reads a response from."""

    def stream(self, **_arguments: Any) -> Iterator[bytes]:
        yield self.read()


def url_event(request: AWSPreparedRequest) -> dict[str, Any]:
    """The function URL event (payload 2.0) of an HTTP request, its body in base64 as Lambda delivers it."""
    body = request.body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    return {
        "version": "2.0",
        "requestContext": {"authorizer": {"iam": {"userArn": CALLER_ARN, "accountId": "123456789012"}}},
        "rawPath": urlsplit(request.url).path or "/",
        "headers": headers,
        "body": base64.b64encode(body if isinstance(body, bytes) else body.encode()).decode(),
        "isBase64Encoded": True,
    }


def connected_client(service: str, handler: Callable[[dict[str, Any], Any], dict[str, Any]]) -> Any:
    """A boto3 client whose requests reach the handler as events of a function URL."""

    def answer(request: AWSPreparedRequest, **_arguments: Any) -> AWSResponse:
        response = handler(url_event(request), FUNCTION_CONTEXT)
        body = _Body(response["body"].encode())
        return AWSResponse(request.url, response["statusCode"], response["headers"], body)

    # A host that moto does not know, since it answers some operations itself; and no second attempts, which wait.
    options = {
        "endpoint_url": "https://forecast-api.test/any/path",
        "config": Config(retries={"total_max_attempts": 1}),
    }
    client = boto3.client(service, **options)  # type: ignore[call-overload]
    client.meta.events.register_first(f"before-send.{service}", answer)
    return client


@contextmanager
def refused(code: str, text: str = "") -> Iterator[None]:
    """Expect an API error of a code whose message contains the text."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error["Message"]
    assert text in error["Message"]
