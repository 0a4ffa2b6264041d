"""What all jobs have in common: rounds, one after the other, each over shards that run at the same time.

    plan_shards()      look at the input, write what the shards must agree on, and number them
    run(shard)         the work of one shard; any number at a time, on any machine. Returns a small document, as JSON
    finish(results)    add up the results of the shards, in their order; the last round's Outcome ends the job

Every step may be repeated: it reads only what earlier steps wrote, and writes whole objects under names that follow
from the record, the round and the shard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from forecast_service.records.facts import Facts, NoFacts
from forecast_service.records.record import JsonObject, Record
from forecast_service.records.table import Records
from forecast_service.storage.bucket import Storage

ResultT = TypeVar("ResultT")  # of one shard: None, a number, or a TypedDict


@dataclass(frozen=True)
class Outcome:
    """What the record says of a finished job: members of the API's answers, and our own numbers."""

    outcome: JsonObject = field(default_factory=dict)
    facts: Facts = field(default_factory=NoFacts)


@dataclass(frozen=True)
class JobContext:
    """What a job works on: the record of its resource, all records, and the storage of its resource."""

    record: Record
    records: Records
    storage: Storage

    def storage_of(self, arn: str) -> Storage:
        """The storage of another resource. Raises ResourceNotFoundException."""
        return self.storage.of(self.records.get(arn))


class Round(Protocol[ResultT]):
    """One round of a job; see the module."""

    def plan_shards(self) -> list[int]:
        """The numbers of the shards."""

    def run(self, shard: int, /) -> ResultT:
        """Do the work of one shard."""

    def finish(self, results: list[ResultT], /) -> Outcome:
        """Add up the results of all shards."""


class Job(Protocol):
    """What is done for one kind of resource."""

    @property
    def rounds(self) -> Sequence[Round[Any]]:
        """The rounds, in their order."""

    def discard(self) -> None:
        """Remove what a failed job has left with the caller; the resource's own storage is emptied by the machine."""
