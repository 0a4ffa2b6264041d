"""Stop the creation of a resource: remove what its job has written, in the storage and in the caller's bucket."""

from contextlib import suppress

from forecast_files.input_refused import InputRefused
from forecast_service.jobs.base.job import Job, JobContext, Outcome, Round


class Stopping:
    """One round of one shard. ``stopped`` is the job of the creation."""

    def __init__(self, context: JobContext, stopped: Job) -> None:
        self._storage = context.storage
        self._stopped = stopped
        self.rounds: tuple[Round[None], ...] = (self,)

    def plan_shards(self) -> list[int]:
        return [0]

    def run(self, _shard: int, /) -> None:
        self.discard()

    def finish(self, _results: list[None], /) -> Outcome:
        self._storage.delete()
        return Outcome()

    def discard(self) -> None:
        with suppress(InputRefused):  # where nothing may be written, nothing can be removed
            self._stopped.discard()
        self._storage.delete()
