"""The inputs of start_pipeline and plan_preparation: a batch of their queue, or what a person types.

A record of the queue holds what a single input may be: an S3 event, a schedule's event, or a schedule's input.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.parser import BaseModel
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from forecast_files.data_keys import is_data
from forecast_pipeline.parameters.problems import ParameterError, problems_of, shown
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.executions import Trigger

Answer = dict[str, Any]


class Bucket(BaseModel):
    name: str


class Object(BaseModel):
    key: str


class ObjectCreatedDetail(BaseModel):
    bucket: Bucket
    object: Object


class ObjectCreated(BaseModel):
    """EventBridge's event of a new object, as far as it is read here."""

    id: str
    time: AwareDatetime
    detail: ObjectCreatedDetail


class NotifiedObject(BaseModel):
    bucket: Bucket
    object: Object


class Notification(BaseModel):
    """A record of S3's own notification, as ``sam local generate-event s3 put`` writes it."""

    s3: NotifiedObject
    time: AwareDatetime = Field(alias="eventTime")


class Request(BaseModel):
    """A schedule's input, or a hand-written one; a misspelt member is an error.

    ``AsOf`` asks for the forecast as it would have been made at the end of an old day.
    """

    model_config = ConfigDict(extra="forbid")

    bucket: str | None = Field(default=None, alias="Bucket")
    as_of: date | None = Field(default=None, alias="AsOf")
    id: str | None = None
    time: AwareDatetime | None = None


class ScheduledEvent(BaseModel):
    """EventBridge's own event of a scheduled rule."""

    id: str
    time: AwareDatetime


# The stack's parameter StartOn -> the folders whose files start a run.
STARTING_FOLDERS = {
    "Train": (FOLDERS["TARGET_TIME_SERIES"],),
    "Data": tuple(FOLDERS.values()),
    "DataAndParameters": tuple(FOLDERS.values()),
}
MODELS: dict[str, type[ObjectCreated | ScheduledEvent | Request]] = {
    "aws.s3": ObjectCreated,
    "aws.events": ScheduledEvent,
}


def answer(
    event: Mapping[str, Any],
    default_bucket: str,
    function: str,
    start: Callable[[Sequence[Trigger]], Answer],
    tell: Callable[[str], None],
) -> Answer:
    """Let ``start`` answer the triggers of an event, all those of one bucket and one date together.

    Of a batch the answer says which records go back to the queue: those that nobody can read and those of a bucket that
    AWS refuses, of which ``tell`` is told. They keep the others from nothing. Of a single input it is what ``start``
    says.
    """
    if "Records" not in event:
        return start([read_trigger(event, default_bucket, function)])
    if notified := _notified(event["Records"], function):
        return start(notified)
    triggers: dict[tuple[str, date | None], dict[str, Trigger]] = {}  # bucket and AsOf -> record -> trigger
    failed = []
    for record in event["Records"]:
        try:
            trigger = read_trigger(_event_in(record["body"]), default_bucket, function)
        except ParameterError as error:
            tell(f"Record {record['messageId']} of the queue goes back: {error}")
            failed.append(record["messageId"])
        else:
            triggers.setdefault((trigger.bucket, trigger.as_of), {})[record["messageId"]] = trigger
    for (bucket, _), of_records in triggers.items():
        try:
            start(list(of_records.values()))
        except (BotoCoreError, ClientError) as error:
            first, count = next(iter(of_records)), len(of_records)
            tell(f"Record {first} of the queue goes back, one of {count} with bucket {bucket}: {error}")
            failed += of_records
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def _notified(records: object, function: str) -> list[Trigger]:
    """What S3's own notification asks for, of one bucket; nothing if the records are those of a queue."""
    if not isinstance(records, list) or not all(
        isinstance(each, dict) and {"body", "s3"} & each.keys() for each in records
    ):
        raise ParameterError(f"the input of {function}, Records: found {shown(records)}, wanted those of SQS or of S3.")
    try:
        given = [Notification.model_validate(record) for record in records if "body" not in record]
    except ValidationError as error:
        raise ParameterError.of(f"the input of {function}", problems_of(error, Notification)) from error
    if len({each.s3.bucket.name for each in given}) > 1:
        raise ParameterError(f"the input of {function}, Records: found more than one bucket, wanted one.")
    return [Trigger(each.s3.bucket.name, unquote_plus(each.s3.object.key), time=each.time) for each in given]


def _event_in(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ParameterError(f"found {shown(body)}, wanted an event in JSON.") from None


def read_trigger(event: object, default_bucket: str, function: str = "start_pipeline") -> Trigger:
    """Who asks the function for a run, and over which bucket.

    ParameterError names the mistake in an input.
    """
    if not isinstance(event, dict):
        raise ParameterError(f"the input of {function}: found {shown(event)}, wanted an object.")
    model = MODELS.get(str(event.get("source")), Request)
    try:
        given = model.model_validate(event)
    except ValidationError as error:
        raise ParameterError.of(f"the input of {function}", problems_of(error, model)) from error
    if isinstance(given, ObjectCreated):
        return Trigger(given.detail.bucket.name, given.detail.object.key, given.id, given.time)
    if not isinstance(given, Request):
        return Trigger(default_bucket, id=given.id, time=given.time)
    today = datetime.now(UTC).date()
    if given.as_of and given.as_of >= today:
        raise ParameterError(f"the input of {function}, AsOf: found {given.as_of}, wanted a day before {today}.")
    return Trigger(given.bucket or default_bucket, id=given.id, time=given.time, as_of=given.as_of)


def starts_run(key: str, start_on: str = "Train", parameter_file: str = "params.json") -> bool:
    """Whether a new object of this key starts a run, where the stack's parameter StartOn has this value.

    >>> starts_run("train/2026/SALES.CSV"), starts_run("train/sales.csv.tmp"), starts_run("raw_data/sales.csv")
    (True, False, False)
    >>> [starts_run("related/price.csv", value) for value in ("Train", "Data", "DataAndParameters")]
    [False, True, True]
    """
    if key == parameter_file:
        return start_on == "DataAndParameters"
    return any(key.startswith(folder) and is_data(key.removeprefix(folder)) for folder in STARTING_FOLDERS[start_on])
