"""AWS JSON 1.1 over a Lambda function URL: the event becomes a call, an answer or an error becomes the response."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from forecast_service.records.errors import ApiError, SerializationException, shown

CONTENT_TYPE = "application/x-amz-json-1.1"


@dataclass(frozen=True)
class Call:
    """What a client asks for: ``target`` is e.g. ``AmazonForecast.DescribeDataset``."""

    target: str
    parameters: dict[str, Any]


def read_call(event: dict[str, Any]) -> Call:
    """The call in a function URL event (payload 2.0; lower-case headers; any path). Raises SerializationException."""
    return Call(event.get("headers", {}).get("x-amz-target", ""), _parameters(event))


def _parameters(event: dict[str, Any]) -> dict[str, Any]:
    body = event.get("body") or "{}"
    try:
        # The content type is not one that Lambda takes for text: the body usually comes in base64.
        parameters = json.loads(base64.b64decode(body) if event.get("isBase64Encoded") else body)
    except (ValueError, RecursionError) as error:  # the second where brackets stand in brackets, thousands deep
        raise SerializationException(f"The body is not JSON: {shown(error)}") from error
    if not isinstance(parameters, dict):
        raise SerializationException("The body is not a JSON object")
    _require_whole_characters(parameters)
    return parameters


def _require_whole_characters(parameters: dict[str, Any]) -> None:
    """JSON can write half of a character, such as ``\\ud800``, which no text can hold that is stored or compared."""
    try:
        json.dumps(parameters, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])
        raise SerializationException(f"The body: found {half}, half of a character, wanted whole ones") from error


def success(answer: dict[str, Any]) -> dict[str, Any]:
    """The response of an operation that was done. Lambda adds the id of the request, which the log has, too."""
    return _response(200, answer)


def failure(error: ApiError) -> dict[str, Any]:
    """The response of a refused call. Clients read ``Message`` from the body, with its capital M."""
    return _response(400, {"__type": error.code, "Message": error.message})


def fault(error: Exception) -> dict[str, Any]:
    """The response where we are at fault. SDKs try again; the log says what happened.

    A right that the service itself lacks is named, since whoever set up the account can give it.
    """
    message = "The service failed. Its log says why."
    if isinstance(error, ClientError) and "AccessDenied" in (code := error.response["Error"]["Code"]):
        message = f"The service failed: {error.operation_name} was refused to its own role ({code}). Its log says more."
    return _response(500, {"__type": "InternalServerException", "Message": message})


def _response(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": CONTENT_TYPE},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
