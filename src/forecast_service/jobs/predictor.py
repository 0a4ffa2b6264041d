"""Train a predictor: the engine's rounds over the shards of the target's import.

Each round leaves the state of each shard (``state/<round>/<shard>.npz``) and what all shards found together, added up
by ``finish`` (``shared/<round>.json``). Forecasts and exports read those of the last round; the others are deleted.
"""

from functools import cached_property

from forecast_engine import (
    ROUNDS,
    JsonObject,
    Panel,
    PanelAccuracy,
    TrainedPanel,
    initial_shared_state,
    merge_round,
    run_round,
)
from forecast_service.accuracy.evaluation_results import evaluation_result, execution
from forecast_service.jobs.base.engine_errors import engine_refusals
from forecast_service.jobs.base.job import JobContext, Outcome, Round
from forecast_service.panel.panel_source import PanelSource
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.panel.trained_predictor import shared_name, state_name
from forecast_service.storage import stored_panel
from forecast_service.storage.bucket import WORK
from forecast_service.storage.imported_dataset import ImportedDataset

# AutoML answers with an ensemble and no single algorithm of Amazon's; an ARN that says so is better than a wrong one.
ENSEMBLE_ARN = "arn:aws:forecast:::algorithm/Ensemble"


class PredictorTraining:
    """See the module. The job of auto predictors and of legacy ones; its rounds are the engine's."""

    def __init__(self, context: JobContext) -> None:
        self.rounds: tuple[Round[JsonObject], ...] = tuple(
            _TrainingRound(context, index) for index in range(len(ROUNDS))
        )

    def discard(self) -> None:
        """Nothing: all that was written lies in the resource's own storage."""


class _TrainingRound:
    """One of the engine's rounds: it reads what the round before left, and writes the same of its own."""

    def __init__(self, context: JobContext, index: int) -> None:
        self._context = context
        self._storage = context.storage
        self._request = context.record.request
        self._index = index

    def plan_shards(self) -> list[int]:
        if self._index == 0:
            with engine_refusals():
                self._new_plan().save(self._storage)
        return self._plan.shards

    def run(self, shard: int, /) -> JsonObject:
        with engine_refusals():
            panel = self._panel(shard)
            state = self._storage.read_arrays(state_name(self._index - 1, shard)) if self._index else {}
            result = run_round(ROUNDS[self._index], panel, self._plan.settings, state, self._shared_before)
        self._storage.write_arrays(state_name(self._index, shard), result.state)
        return result.sums

    def finish(self, results: list[JsonObject], /) -> Outcome:
        with engine_refusals():
            shared = merge_round(ROUNDS[self._index], results, self._shared_before, self._plan.settings)
        self._storage.write_document(shared_name(self._index), shared)
        if self._index + 1 < len(ROUNDS):
            return Outcome()
        for earlier in range(self._index):
            self._storage.delete(f"state/{earlier}/")
        return self._outcome(TrainedPanel.from_document(shared).accuracy)

    def _panel(self, shard: int) -> Panel:
        """The panel of a shard: made of its rows in the first round, and kept for the others."""
        name = f"{WORK}panel/{shard:04}.npz"
        if self._index:
            return stored_panel.panel_of(self._storage.read_arrays(name), self._plan.grid())
        source = PanelSource.of(self._plan, self._context.record.inputs, self._context.storage_of)
        _, panel = source.panel(shard, self._plan.shard_count, with_new_items=False)  # they have nothing to learn from
        self._storage.write_arrays(name, stored_panel.arrays_of(panel))
        return panel

    def _new_plan(self) -> PredictorPlan:
        inputs = self._context.record.inputs
        return PredictorPlan.of_request(
            self._request,
            ImportedDataset.of(self._context.storage_of(inputs["TARGET_TIME_SERIES"])),
            self._imported(inputs.get("RELATED_TIME_SERIES")),
            self._imported(inputs.get("ITEM_METADATA")),
        )

    def _imported(self, arn: str | None) -> ImportedDataset | None:
        return ImportedDataset.of(self._context.storage_of(arn)) if arn else None

    def _outcome(self, accuracy: PanelAccuracy) -> Outcome:
        grid, horizon = self._plan.grid(), self._plan.settings.horizon
        is_legacy = "FeaturizationConfig" in self._request
        algorithm_arn = self._request.get("AlgorithmArn", ENSEMBLE_ARN) if is_legacy else None
        outcome: JsonObject = {
            "PredictorEvaluationResults": [evaluation_result(accuracy, grid, horizon, algorithm_arn)]
        }
        if algorithm_arn:
            executions = [execution(accuracy, grid, horizon, algorithm_arn)]
            outcome["PredictorExecutionDetails"] = {"PredictorExecutions": executions}
        if self._request.get("PerformAutoML"):
            outcome["AutoMLAlgorithmArns"] = [ENSEMBLE_ARN]
        return Outcome(outcome, {"window_count": len(accuracy.windows), "shard_count": self._plan.shard_count})

    @cached_property
    def _shared_before(self) -> JsonObject:
        """What the rounds before found together; before the first, how many series there are."""
        if self._index == 0:
            return initial_shared_state(self._plan.series_count)
        shared: JsonObject = self._storage.read_document(shared_name(self._index - 1))
        return shared

    @cached_property
    def _plan(self) -> PredictorPlan:
        return PredictorPlan.load(self._storage)
