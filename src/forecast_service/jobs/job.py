"""The form that all jobs share: plan, run the shards of a round, finish the round; again until an outcome is there.

    plan()                     -> the shards of round 0
    run(round, shard)          -> what this shard found, a small document   (any number at a time, on any machine)
    finish(round, results)     -> the shards of the next round, or the Outcome
    discard()                  removes what a failed job has left outside of the resource's own storage

Every step may be run again and then does the same: it writes whole objects under names that follow from the record,
the round and the shard, and reads only what earlier rounds wrote.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from forecast_service.records import Record, Records
from forecast_service.storage import Storage


@dataclass(frozen=True)
class Outcome:
    """What a finished job leaves in its record: members of the API's answers, and our own numbers."""

    outcome: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobContext:
    """What a job works on: its record, all others, and the storage of its own resource."""

    record: Record
    records: Records
    storage: Storage

    def storage_of(self, arn: str) -> Storage:
        """The storage of another resource. Raises ResourceNotFoundException."""
        return self.storage.of(self.records.get(arn))


class Job(Protocol):
    """See the module."""

    def plan(self) -> list[int]:
        """Look at the input, write what the shards must agree on, and number them."""

    def run(self, round_index: int, shard: int) -> dict[str, Any]:
        """Do the work of one shard."""

    def finish(self, round_index: int, results: list[dict[str, Any]]) -> list[int] | Outcome:
        """Add up the results of a round, in the order of its shards."""

    def discard(self) -> None:
        """Remove what a failed job has left with the caller; the resource's own storage is emptied by the machine."""
