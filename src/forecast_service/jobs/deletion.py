"""Delete the data of a resource, and of all that lies below it; files that the caller owns stay where they are.

The values of a forecast that a monitor has yet to evaluate are retained by the monitor.

All resources below were marked when the deletion was asked for. Their records go before the record of the resource: a
client that no longer finds the resource finds none of its tree, and may use all names again.
"""

from contextlib import suppress

from forecast_service.jobs.base.job import JobContext, Outcome, Round
from forecast_service.monitors.retained_forecasts import retain_forecasts
from forecast_service.records import lifecycle
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.kinds import SUBRESOURCES
from forecast_service.storage.bucket import WORK

_TREE = f"{WORK}tree.json"


class Deletion:
    """The job of every deletion: one round, with a shard for each resource below; one shard where there is none."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage
        self.rounds: tuple[Round[None], ...] = (self,)

    def plan_shards(self) -> list[int]:
        below = self._context.records.descendants_of(self._context.record.arn)
        for record in below:
            if record.kind not in SUBRESOURCES:  # those go whatever they are at
                with suppress(ResourceNotFoundException):  # its own deletion was faster
                    lifecycle.begin_deletion(self._context.records, record.arn)
        retain_forecasts(self._context.records, self._storage, [self._context.record, *below])
        descendants = [record.arn for record in below]
        self._storage.write_document(_TREE, descendants)
        return list(range(len(descendants) or 1))

    def run(self, shard: int, /) -> None:
        descendants = self._storage.read_document(_TREE)
        if descendants:
            with suppress(ResourceNotFoundException):
                self._context.storage_of(descendants[shard]).delete()

    def finish(self, _results: list[None], /) -> Outcome:
        for record in reversed(self._context.records.descendants_of(self._context.record.arn)):
            lifecycle.deleted(self._context.records, record.arn)
        self._storage.delete()
        return Outcome()

    def discard(self) -> None:
        """Mark the resources of the tree that are still there as DELETE_FAILED."""
        for record in self._context.records.descendants_of(self._context.record.arn):
            if record.status in lifecycle.DELETING:
                reason = f"The deletion of {self._context.record.arn} failed"
                with suppress(ResourceNotFoundException):
                    lifecycle.fail_deletion(self._context.records, record.arn, reason)
