"""What there is of a resource: its record, and what a transaction changes on one."""

import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from forecast_service.records.facts import Facts, JobInputs, NoFacts

JsonObject = dict[str, Any]  # an object of the API's JSON: a request, an answer, or a part of one


@dataclass
class Record:
    """One resource. Times are epoch seconds with milliseconds."""

    kind: str  # name of its row in KINDS
    arn: str
    name: str
    status: str
    creation_time: float
    last_modification_time: float
    message: str | None = None  # why its job failed
    request: JsonObject = field(default_factory=dict)  # of the API, its defaults filled in
    parents: dict[str, str] = field(default_factory=dict)  # kind -> ARN
    inputs: JobInputs = field(default_factory=JobInputs)  # what its job reads
    outcome: JsonObject = field(default_factory=dict)  # fields of the API's answers that its job found
    facts: Facts = field(default_factory=NoFacts)  # numbers of ours that its job found
    tags: list[dict[str, str]] = field(default_factory=list)
    created_by: str = ""  # the ARN of the caller; empty where the service has created it by itself


@dataclass(frozen=True)
class Change:
    """What a transaction sets on one record, if its status is among those expected. No attributes: only the check.

    ``expect_tags``: also only if it still has these tags, which others may change whatever its status.
    """

    arn: str
    expect_status: frozenset[str] | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    expect_tags: list[dict[str, str]] | None = None


class Position(NamedTuple):
    """Where a page of a list ended."""

    arn: str
    created: str


class StatusConflictError(Exception):
    """A record has another status than a change expects: ``status``, or None if the record is gone."""

    def __init__(self, arn: str, status: str | None) -> None:
        super().__init__(f"{arn} is {status or 'gone'}")
        self.arn = arn
        self.status = status


def now() -> float:
    """The time, in epoch seconds with the milliseconds that the API shows."""
    return round(time.time(), 3)
