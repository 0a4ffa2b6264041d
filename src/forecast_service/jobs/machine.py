"""The steps of ``forecast_job.asl.json``: each finds the job of a record, runs a step of it, and sets its status."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypedDict

from forecast_files.input_refused import InputRefused
from forecast_service.jobs.base.batches import ShardsLeft
from forecast_service.jobs.base.job import Job, JobContext
from forecast_service.jobs.dataset_import_job.job import DatasetImport
from forecast_service.jobs.deletion import Deletion
from forecast_service.jobs.explainability import explaining
from forecast_service.jobs.explainability_export import ExplainabilityExport
from forecast_service.jobs.forecast import Forecasting
from forecast_service.jobs.forecast_export_job import ForecastExport
from forecast_service.jobs.monitor import Monitoring
from forecast_service.jobs.monitor_evaluation import MonitorEvaluation
from forecast_service.jobs.predictor import PredictorTraining
from forecast_service.jobs.predictor_backtest_export_job import BacktestExport
from forecast_service.jobs.stop import Stopping
from forecast_service.jobs.what_if_analysis import WhatIfAnalysis
from forecast_service.jobs.what_if_forecast import WhatIfForecasting
from forecast_service.jobs.what_if_forecast_export import WhatIfForecastExport
from forecast_service.records import lifecycle
from forecast_service.records.arn import kind_of
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.kinds import SUBRESOURCES
from forecast_service.records.record import Record
from forecast_service.records.table import Records
from forecast_service.storage.bucket import WORK, Storage

JOBS: dict[str, Callable[[JobContext], Job]] = {
    "dataset_import_job": DatasetImport,
    "predictor": PredictorTraining,
    "forecast": Forecasting,
    "forecast_export_job": ForecastExport,
    "explainability": explaining,
    "explainability_export": ExplainabilityExport,
    "predictor_backtest_export_job": BacktestExport,
    "monitor": Monitoring,
    "monitor_evaluation": MonitorEvaluation,
    "what_if_analysis": WhatIfAnalysis,
    "what_if_forecast": WhatIfForecasting,
    "what_if_forecast_export": WhatIfForecastExport,
}


class StepResult(TypedDict, total=False):
    """What ``run`` leaves for ``finish``: the result of a shard's round, or what the caller must mend."""

    result: Any
    refused: str


class Machine:
    """Runs the steps of one job. ``action`` is ``create``, ``stop`` or ``delete``."""

    def __init__(self, records: Records, storage: Storage, record: Record, action: str) -> None:
        self._records = records
        self._arn = record.arn
        self._action = action
        self._storage = storage.of(record)
        self._job = _job(JobContext(record, records, self._storage), action)
        self._has_ended = record.status in lifecycle.ENDED

    def plan(self) -> list[int] | None:
        """Set the status to in progress and return the shards of the first round; None if the job has ended."""
        if self._has_ended:  # this step is repeated, and had gone on to the end
            self._storage.delete(WORK)
            return None
        if self._action == "create":
            lifecycle.begin(self._records, self._arn)
        elif self._action == "delete":
            lifecycle.begin_deletion(self._records, self._arn)
        return self._job.rounds[0].plan_shards()

    def run(self, round_index: int, shards: list[int], is_time_left: Callable[[], bool]) -> None:
        """Run the shards of a batch that have no result yet. Raises ShardsLeft where time is over before the last one.

        The first shard is begun whatever time is left.
        """
        left = shards
        if len(shards) > 1:
            done = set(self._storage.names(_result_name(round_index)))
            left = [shard for shard in shards if _result_name(round_index, shard) not in done]
        for number, shard in enumerate(left):
            if number and not is_time_left():
                raise ShardsLeft(f"{len(left) - number} of {len(shards)} shards of the batch are left")
            self._run_shard(round_index, shard)

    def _run_shard(self, round_index: int, shard: int) -> None:
        """Run a shard and store its result, or the refusal of its input: ``finish`` raises the first refusal."""
        try:
            document = StepResult(result=self._job.rounds[round_index].run(shard))
        except InputRefused as refusal:
            document = StepResult(refused=str(refusal))
        self._storage.write_document(_result_name(round_index, shard), document)

    def finish(self, round_index: int, shards: list[int]) -> list[int] | None:
        """Return the shards of the next round, or None when the job has done its work and the record says so.

        Raises InputRefused with the first refusal in the order of shards.
        """
        if self._has_ended:  # this step is repeated, perhaps because it ended between its last two lines
            self._storage.delete(WORK)
            return None
        # Only a creation has results: a deletion that is finished again has removed its own.
        names = [_result_name(round_index, shard) for shard in shards] if self._action == "create" else []
        documents: list[StepResult] = self._storage.read_documents(names)
        for document in documents:
            if "refused" in document:
                raise InputRefused(document["refused"])
        outcome = self._job.rounds[round_index].finish([document["result"] for document in documents])
        if round_index + 1 < len(self._job.rounds):
            return self._job.rounds[round_index + 1].plan_shards()
        if self._action == "delete":
            lifecycle.deleted(self._records, self._arn)
        elif self._action == "stop":
            lifecycle.stopped(self._records, self._arn)
        else:
            lifecycle.finish(self._records, self._arn, outcome.outcome, outcome.facts)
            self._storage.delete(WORK)
        return None

    def fail(self, error: str, cause: str) -> None:
        """Give the record its failed status with a sentence, and remove what was half done.

        A creation that is to stop is stopped even if what it left could not be removed: its deletion removes that.
        """
        message = sentence(error, cause)
        if self._action == "delete":
            self._job.discard()
            lifecycle.fail_deletion(self._records, self._arn, message)
        elif self._action == "stop":
            lifecycle.stopped(self._records, self._arn)
        elif not self._has_ended:
            with suppress(InputRefused):  # where nothing may be written, nothing can be removed
                self._job.discard()
            self._storage.delete()
            lifecycle.fail(self._records, self._arn, message)


def machine_of(records: Records, storage: Storage, arn: str, action: str) -> Machine | None:
    """The machine of a job; None if nothing is left to do: the record is deleted, or the creation is to stop.

    Sub-resources are deleted whatever their status.
    """
    try:
        record = records.get(arn)
    except ResourceNotFoundException:
        if action != "delete" and kind_of(arn) not in SUBRESOURCES:
            raise
        return None
    if action == "create" and record.status in lifecycle.STOPPING | lifecycle.STOPPED:
        return None
    return Machine(records, storage, record, action)


def _job(context: JobContext, action: str) -> Job:
    if action == "delete":
        return Deletion(context)
    created = JOBS[context.record.kind](context)
    return Stopping(context, created) if action == "stop" else created


def sentence(error: str, cause: str) -> str:
    """What a caller reads of a failure: the refusal's own words, or that the fault is not in the input."""
    if error == InputRefused.__name__:
        return str(json.loads(cause)["errorMessage"])
    return f"The job failed inside the service ({error}). Nothing was left behind; it may be created again."


def _result_name(round_index: int, shard: int | None = None) -> str:
    """The object of a shard's result, or the folder of them all."""
    return f"{WORK}results/{round_index}/" + (f"{shard:04}.json" if shard is not None else "")
