"""Create a what-if analysis: check that a scenario can change its baseline, and count its series. One round."""

from functools import cached_property
from typing import cast

from forecast_files.input_refused import InputRefused
from forecast_service.jobs.base.job import JobContext, Outcome, Round
from forecast_service.panel.trained_predictor import TrainedPredictor
from forecast_service.records.facts import ForecastFacts
from forecast_service.records.record import Record
from forecast_service.what_if.analysis_series import AnalysisSeries


class WhatIfAnalysis:
    """See the module. The job of a what-if analysis; where all series are wanted it has nothing to read."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage
        self.rounds: tuple[Round[int], ...] = (self,)

    def plan_shards(self) -> list[int]:
        self._refuse_what_no_scenario_moves()
        selection = self._series.selection
        if selection is None:
            return [0]
        selection.gather(self._series.baseline.shard_count)
        return self._series.shards

    def run(self, shard: int, /) -> int:
        """How many series of a shard are selected."""
        return len(self._series.keys(shard)) if self._series.selection else 0

    def finish(self, series_counts: list[int], /) -> Outcome:
        selection = self._series.selection
        if selection is None:
            return Outcome({}, {"series_count": cast(ForecastFacts, self._baseline.facts)["series_count"]})
        count = sum(series_counts)
        if not count:
            raise InputRefused(f"{selection.path}: found no series that the forecast holds, wanted at least one.")
        return Outcome({}, {"series_count": count})

    def discard(self) -> None:
        """Nothing: all that was written lies in the resource's own storage."""

    def _refuse_what_no_scenario_moves(self) -> None:
        """Refuse a baseline that no scenario would move: its unchanged forecast would look like an answer."""
        predictor = TrainedPredictor.of(self._context.storage_of(self._baseline.parents["predictor"]))
        names = ", ".join(attribute.name for attribute in predictor.plan.related) or "none"
        if not any(attribute.is_forward for attribute in predictor.plan.related):
            raise InputRefused(
                f"The predictor knows the related time series ({names}) in the past only; wanted at least one that"
                " reached into the horizon when it was trained, for a scenario to change."
            )
        if predictor.shared["global_model"] is None:
            raise InputRefused(
                f"The predictor found too little data to learn from the related time series ({names}), so that no"
                " scenario would move its forecast; wanted longer histories, or more items."
            )

    @cached_property
    def _baseline(self) -> Record:
        return self._context.records.get(self._context.record.parents["forecast"])

    @cached_property
    def _series(self) -> AnalysisSeries:
        return AnalysisSeries.of(self._context.record, self._context.storage_of)
