"""The steps of ``forecast_job.asl.json``: they find the job of a record, and keep its status and its results."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from forecast_service import lifecycle
from forecast_service.errors import ResourceNotFoundException
from forecast_service.input_refused import InputRefused
from forecast_service.jobs.backtest_export import BacktestExport
from forecast_service.jobs.dataset_import import DatasetImport
from forecast_service.jobs.deletion import Deletion
from forecast_service.jobs.forecast_export import ForecastExport
from forecast_service.jobs.forecasting import Forecasting
from forecast_service.jobs.job import WORK, Job, JobContext
from forecast_service.jobs.predictor_training import PredictorTraining
from forecast_service.records import Records
from forecast_service.storage import Storage

JOBS: dict[str, Callable[[JobContext], Job]] = {
    "dataset_import_job": DatasetImport,
    "predictor": PredictorTraining,
    "forecast": Forecasting,
    "forecast_export_job": ForecastExport,
    "predictor_backtest_export_job": BacktestExport,
}


class Machine:
    """Runs the steps of one job. ``action`` is ``create`` or ``delete``."""

    def __init__(self, records: Records, storage: Storage, arn: str, action: str) -> None:
        self._records = records
        self._arn = arn
        self._deletes = action == "delete"
        record = records.get(arn)
        self._storage = storage.of(record)
        context = JobContext(record, records, self._storage)
        self._job = Deletion(context) if self._deletes else JOBS[record.kind](context)
        self._has_ended = record.status in lifecycle.ENDED

    def plan(self) -> list[int]:
        """Set the status to in progress and return the shards of the first round."""
        begin = lifecycle.begin_deletion if self._deletes else lifecycle.begin
        begin(self._records, self._arn)
        return self._job.rounds[0].plan_shards()

    def run(self, round_index: int, shard: int) -> None:
        """Run a shard and keep its result. What the caller must mend is a result too: ``finish`` tells the first."""
        try:
            result: dict[str, Any] = {"found": self._job.rounds[round_index].run(shard)}
        except InputRefused as refusal:
            result = {"refused": str(refusal)}
        self._storage.write_document(_result_name(round_index, shard), result)

    def finish(self, round_index: int, shards: list[int]) -> list[int] | None:
        """Return the shards of the next round, or None when the job has done its work and the record says so.

        Raises InputRefused with the first sentence, in the order of shards, of what cannot be used.
        """
        if self._has_ended:  # this step is repeated
            return None
        names = [] if self._deletes else [_result_name(round_index, shard) for shard in shards]
        results = self._storage.read_documents(names)  # a deletion that is finished again has removed its own
        for result in results:
            if "refused" in result:
                raise InputRefused(result["refused"])
        outcome = self._job.rounds[round_index].finish([result["found"] for result in results])
        if round_index + 1 < len(self._job.rounds):
            return self._job.rounds[round_index + 1].plan_shards()
        if self._deletes:
            lifecycle.deleted(self._records, self._arn)
        else:
            lifecycle.finish(self._records, self._arn, outcome.outcome, outcome.facts)
            self._storage.delete(WORK)
        return None

    def fail(self, error: str, cause: str) -> None:
        """Give the record its failed status with a sentence, and remove what was half done."""
        message = sentence(error, cause)
        if self._deletes:
            self._job.discard()
            lifecycle.fail_deletion(self._records, self._arn, message)
        elif not self._has_ended:
            with suppress(InputRefused):  # where nothing may be written, nothing can be removed
                self._job.discard()
            self._storage.delete()
            lifecycle.fail(self._records, self._arn, message)


def machine_of(records: Records, storage: Storage, arn: str, action: str) -> Machine | None:
    """The machine of a job; None if its deletion has been finished before, and so its record is gone."""
    try:
        return Machine(records, storage, arn, action)
    except ResourceNotFoundException:
        if action != "delete":
            raise
        return None


def sentence(error: str, cause: str) -> str:
    """What a caller reads of a failure: the refusal's own words, or that the fault is not in the input."""
    if error == InputRefused.__name__:
        return str(json.loads(cause)["errorMessage"])
    return f"The job failed inside the service ({error}). Nothing was left behind; it may be created again."


def _result_name(round_index: int, shard: int) -> str:
    return f"{WORK}results/{round_index}/{shard:04}.json"
