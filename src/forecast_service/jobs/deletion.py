"""Delete a resource's data; files that the caller owns stay where they are."""

from typing import Any

from forecast_service.jobs.job import JobContext, Outcome, Round


class Deletion:
    """The job of every deletion: one round of one shard, for objects are deleted a thousand at a time."""

    def __init__(self, context: JobContext) -> None:
        self._storage = context.storage
        self.rounds: tuple[Round, ...] = (self,)

    def plan_shards(self) -> list[int]:
        return [0]

    def run(self, _shard: int, /) -> dict[str, Any]:
        self._storage.delete()
        return {}

    def finish(self, _results: list[dict[str, Any]], /) -> Outcome:
        self._storage.delete()  # the result of the shard
        return Outcome()

    def discard(self) -> None:
        """Nothing: a deletion writes nothing."""
