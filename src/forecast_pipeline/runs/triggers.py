"""The inputs of start_pipeline and plan_preparation: an S3 event, a schedule, or what a person types."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.parser import BaseModel, parse
from pydantic import ConfigDict, Field, ValidationError

from forecast_files.data_keys import is_data
from forecast_pipeline.parameters.problems import ParameterError, problems_of
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.executions import Trigger


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
    time: datetime
    detail: ObjectCreatedDetail


class Request(BaseModel):
    """A schedule's input, or a hand-written one; a misspelt member is an error."""

    model_config = ConfigDict(extra="forbid")

    bucket: str | None = Field(default=None, alias="Bucket")
    id: str | None = None
    time: datetime | None = None


class ScheduledEvent(BaseModel):
    """EventBridge's own event of a scheduled rule."""

    id: str
    time: datetime


def read_trigger(event: dict[str, Any], default_bucket: str, function: str = "start_pipeline") -> Trigger:
    """Who asks the function for a run, and over which bucket.

    ParameterError names the mistake in a hand-written input. pydantic's ValidationError is raised for an
    event that is not as AWS writes it.
    """
    if event.get("source") == "aws.s3":
        created = parse(event=event, model=ObjectCreated)
        return Trigger(created.detail.bucket.name, created.detail.object.key, created.id, created.time)
    if event.get("source") == "aws.events":
        scheduled = parse(event=event, model=ScheduledEvent)
        return Trigger(default_bucket, id=scheduled.id, time=scheduled.time)
    try:
        asked = parse(event=event, model=Request)
    except ValidationError as error:
        raise ParameterError.of(f"the input of {function}", problems_of(error, Request)) from error
    return Trigger(asked.bucket or default_bucket, id=asked.id, time=asked.time)


def starts_run(key: str) -> bool:
    """Whether a new object of this key starts a run.

    >>> starts_run("train/2026/SALES.CSV"), starts_run("train/sales.csv.tmp"), starts_run("raw_data/sales.csv")
    (True, False, False)
    """
    folder = FOLDERS["TARGET_TIME_SERIES"]
    return key.startswith(folder) and is_data(key.removeprefix(folder))
