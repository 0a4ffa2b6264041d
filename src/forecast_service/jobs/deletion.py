"""Delete a resource's data; files that the caller owns stay where they are."""

from typing import Any

from forecast_service.jobs.job import JobContext, Outcome


class Deletion:
    """One shard: objects are deleted a thousand at a time."""

    def __init__(self, context: JobContext) -> None:
        self._storage = context.storage

    def plan(self) -> list[int]:
        return [0]

    def run(self, round_index: int, shard: int) -> dict[str, Any]:
        self._storage.delete()
        return {}

    def finish(self, round_index: int, results: list[dict[str, Any]]) -> Outcome:
        self._storage.delete()  # the result of the shard
        return Outcome()

    def discard(self) -> None:
        """Nothing: a deletion writes nothing."""
