"""Import a dataset: the caller's files become canonical rows, one Parquet object per shard of items.

    reading     a task reads byte ranges of files, checks every value, and leaves its rows parted by the shard of
                their item
    gathering   a shard gathers its rows from all tasks, sorts them, and counts

A task's rows lie in one object: the Parquet files of all shards one behind the other. So a large import needs few
writes, and a shard fetches only its own bytes. The documents between the steps are those of ``papers``.
"""

from typing import Any

from forecast_service.jobs.base.job import JobContext, Round
from forecast_service.jobs.dataset_import_job.gather_shards import Gathering
from forecast_service.jobs.dataset_import_job.read_files import Reading


class DatasetImport:
    """See the module. The job of a dataset import job."""

    def __init__(self, context: JobContext) -> None:
        self.rounds: tuple[Round[Any], ...] = (Reading(context), Gathering(context))

    def discard(self) -> None:
        """Nothing: all that was written lies in the resource's own storage."""
