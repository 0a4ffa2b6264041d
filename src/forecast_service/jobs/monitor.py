"""Begin to monitor a predictor: its accuracy at training becomes the baseline. One round of one shard.

The monitor of a predictor that was trained again begins with copies of the evaluations of the predictor before.
"""

from contextlib import suppress
from dataclasses import replace

from forecast_files.input_refused import InputRefused
from forecast_service.jobs.base.job import JobContext, Outcome, Round
from forecast_service.monitors.evaluations import evaluation_arn, is_result, monitor_of
from forecast_service.monitors.metrics import baseline_metrics
from forecast_service.records.errors import ResourceAlreadyExistsException
from forecast_service.records.lifecycle import RUNNING, begin_stop, stopped
from forecast_service.records.record import Record, StatusConflictError


class Monitoring:
    """See the module. The job of a monitor."""

    def __init__(self, context: JobContext) -> None:
        self._records = context.records
        self._monitor = context.record
        self.rounds: tuple[Round[None], ...] = (self,)

    def plan_shards(self) -> list[int]:
        predictor = self._predictor
        if predictor.status != "ACTIVE":
            raise InputRefused(f"The predictor {predictor.arn} is {predictor.status}, wanted one that is ACTIVE.")
        return [0]

    def run(self, _shard: int, /) -> None:
        for evaluation in self._earlier_evaluations():
            with suppress(ResourceAlreadyExistsException):  # this step is repeated
                self._records.create(evaluation)

    def finish(self, _results: list[None], /) -> Outcome:
        metrics = baseline_metrics(self._predictor.outcome["PredictorEvaluationResults"])
        return Outcome({"Baseline": {"PredictorBaseline": {"BaselineMetrics": metrics}}})

    def discard(self) -> None:
        """End what the monitor has at work: a monitor that is stopped evaluates nothing."""
        for evaluation in self._records.children_of(self._monitor.arn, "monitor_evaluation"):
            if evaluation.status in RUNNING:
                with suppress(StatusConflictError):  # it has just ended
                    begin_stop(self._records, evaluation.arn)
                    stopped(self._records, evaluation.arn)

    def _earlier_evaluations(self) -> list[Record]:
        """Copies, for this monitor, of the results of the monitor of the reference predictor."""
        reference = self._predictor.request.get("ReferencePredictorArn")
        before = monitor_of(self._records, reference) if reference else None
        if before is None:
            return []
        evaluations = self._records.children_of(before.arn, "monitor_evaluation")
        return [
            replace(
                evaluation,
                arn=evaluation_arn(self._monitor.arn, evaluation.name),
                parents={"monitor": self._monitor.arn},
            )
            for evaluation in evaluations
            if is_result(evaluation)
        ]

    @property
    def _predictor(self) -> Record:
        return self._records.get(self._monitor.parents["predictor"])
