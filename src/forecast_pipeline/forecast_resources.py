"""Creating, finding and awaiting one resource of Amazon Forecast, for the steps of the pipeline.

The state machine knows a step's errors by their class names:

    ResourcePending      not there yet; Retry asks again, so a step may be called any number of times
    ResourceFailed       it will not come; the message says which resource and why, in the service's words
    Superseded           the files of the run are others by now; it ends without a forecast
    ServiceUnreachable   the service did not answer at all; Retry tries a few times

Throttling ends no run: a throttled call of Amazon Forecast is pending, one of another service is ServiceUnreachable.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from forecast_language import said

if TYPE_CHECKING:
    from mypy_boto3_forecast import ForecastServiceClient

Description = Mapping[str, Any]

WAITING = {"CREATE_PENDING", "CREATE_IN_PROGRESS", "UPDATE_PENDING", "UPDATE_IN_PROGRESS"}
# What services say in the place of HTTP 429, or inside an answer of another status.
THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
BUSY = {"ResourceInUseException"}
TOO_MANY_REQUESTS = 429  # a function URL says it by its status alone


class ResourcePending(Exception):  # noqa: N818  the state machine knows this name
    """Not there yet: the state machine asks again."""


class ResourceFailed(Exception):  # noqa: N818  the state machine knows this name
    """It will not come; the message is a sentence for the user."""


class Superseded(Exception):  # noqa: N818  the execution's error has this name
    """The bucket no longer holds what the run was started for; the message is a sentence for the user."""


class ServiceUnreachable(Exception):  # noqa: N818  the state machine knows this name
    """The service did not answer, or answered with an error of its own (5xx)."""


def forecast_client() -> "ForecastServiceClient":
    """The client of Amazon Forecast, made once per process and endpoint."""
    return _forecast_client(os.environ.get("AWS_ENDPOINT_URL_FORECAST"))


@lru_cache(maxsize=1)
def _forecast_client(_endpoint: str | None) -> "ForecastServiceClient":
    return boto3.client("forecast")


def sibling_arn(arn: str, resource_type: str, *names: str) -> str:
    """The ARN of another resource of the same account.

    >>> sibling_arn("arn:aws:forecast:eu-west-1:123456789012:dataset-group/sales", "forecast", "sales_1")
    'arn:aws:forecast:eu-west-1:123456789012:forecast/sales_1'
    """
    return ":".join([*arn.split(":")[:5], "/".join([resource_type, *names])])


def find(describe: Callable[..., Any], **identity: str) -> Description | None:
    """The description of a resource, or None if there is none."""
    try:
        with step_errors():
            description: Description = describe(**identity)
            return description
    except ResourceFailed as error:
        if service_code(error) == "ResourceNotFoundException":
            return None
        raise


def create_unless_exists(
    describe: Callable[..., Any], identity: dict[str, str], create: Callable[..., Any], request: Mapping[str, Any]
) -> Description:
    """The description of the resource that ``identity`` names, created with ``request`` if it was not there.

    ``describe`` and ``create`` are operations of the client, ``identity`` is what ``describe`` takes. Of two
    calls at the same time, one creates the resource and the other finds it.
    """
    description = find(describe, **identity)
    if description is None:
        create_or_find(create, request)
        description = find(describe, **identity)
    if description is None:
        raise ResourcePending(f"{_short(next(iter(identity.values())))} was created and cannot be described yet")
    return description


def create_or_find(create: Callable[..., Any], request: Mapping[str, Any]) -> str:
    """The ARN of the resource just created, or of the resource that has its name already.

    The service ends its message with the ARN: "A dataset already exists with the arn: arn:aws:forecast:...".
    """
    try:
        with step_errors():
            answer = create(**request)
    except ResourceFailed as error:
        if service_code(error) == "ResourceAlreadyExistsException":
            return service_message(error).split()[-1]
        raise
    return next(str(value) for member, value in answer.items() if member.endswith("Arn"))


def require_active(descriptions: Mapping[str, Description]) -> None:
    """Return if every resource (ARN -> description) is ACTIVE.

    Raises ResourceFailed if one of them failed, else ResourcePending if one is still being made.
    """
    for arn, description in descriptions.items():
        if description["Status"] not in WAITING | {"ACTIVE"}:
            reason = description.get("Message") or said("the service gives no reason")
            raise ResourceFailed(
                said(
                    "{resource} is {status}: {reason}",
                    resource=_short(arn),
                    status=description["Status"],
                    reason=reason,
                )
            )
    for arn, description in descriptions.items():
        if description["Status"] != "ACTIVE":
            minutes = description.get("EstimatedTimeRemainingInMinutes")
            estimate = "" if minutes is None else f", about {minutes} minutes to go"
            raise ResourcePending(f"{_short(arn)} is {description['Status']}{estimate}")


def _short(arn: str) -> str:
    return arn.split(":", 5)[-1]


@contextmanager
def step_errors() -> Iterator[None]:
    """Turn what the SDK raises inside the block into the three errors of this module, and no subclass of them.

    Retry compares the name of the class.
    """
    try:
        yield
    except ClientError as error:
        raise _step_error(error) from error
    except (ConnectionError, HTTPClientError) as error:
        raise ServiceUnreachable(str(error)) from error


@contextmanager
def passing_errors() -> Iterator[None]:
    """Turn what passes with time inside the block, or the decorated function, into ServiceUnreachable.

    That is throttling, an error of the service's own, and no answer, of any service. All else goes on as it is.
    """
    try:
        yield
    except (ClientError, Boto3Error) as error:
        cause = error if isinstance(error, ClientError) else error.__context__  # boto3's transfers hide what happened
        if isinstance(cause, ClientError) and is_passing(cause):
            raise ServiceUnreachable(str(cause)) from error
        raise
    except (ConnectionError, HTTPClientError) as error:
        raise ServiceUnreachable(str(error)) from error


def service_code(error: Exception) -> str | None:
    """The service's own code for an error that ``step_errors`` raised."""
    cause = error.__cause__
    return cause.response["Error"]["Code"] if isinstance(cause, ClientError) else None


def service_message(error: Exception) -> str:
    """The service's own sentence in an error that ``step_errors`` raised; empty where no service spoke."""
    cause = error.__cause__
    return str(cause.response["Error"].get("Message", "")) if isinstance(cause, ClientError) else ""


def _step_error(error: ClientError) -> Exception:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if is_throttled(error) or code in BUSY or (code == "LimitExceededException" and _passes_with_time(message)):
        return ResourcePending(message)
    if _status(error) >= 500:
        return ServiceUnreachable(str(error))
    return ResourceFailed(
        said("{call} was refused ({code}): {message}", call=error.operation_name, code=code, message=message)
    )


def is_throttled(error: ClientError) -> bool:
    """Whether a service, or Lambda in front of it, refused a call for now, since there were too many."""
    return error.response["Error"]["Code"] in THROTTLED or _status(error) == TOO_MANY_REQUESTS


def is_passing(error: ClientError) -> bool:
    """Whether a refusal passes with time: throttling, or an error of the service's own."""
    return is_throttled(error) or _status(error) >= 500


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)


def _passes_with_time(message: str) -> bool:
    """Whether the quota counts jobs that run at a time; the service says so in these words only."""
    return "concurrently" in message or "dataset import jobs" in message
