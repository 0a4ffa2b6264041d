"""Evaluate a forecast against an import that holds all of its steps. One round, over the forecast's shards.

The actual values are aligned and filled as the predictor's history was. A series counts if it then has a value in each
step that ever occurs: zeros from filling count and gaps do not, as in the accuracy of training. Errors are those of the
mean, or, in a forecast without a mean, of the quantile nearest to the median.
"""

from functools import cached_property

import numpy as np

from forecast_engine import Frequency, Grid, JsonObject, build_panel
from forecast_engine.evaluation import (
    ScoredForecast,
    WindowSums,
    complete_items,
    seasonal_scale,
    total_of,
    unobserved_periods,
)
from forecast_files.input_refused import InputRefused
from forecast_service.jobs.base.engine_errors import engine_refusals
from forecast_service.jobs.base.job import JobContext, Outcome, Round
from forecast_service.monitors.metrics import metric_results
from forecast_service.panel.predictor_plan import PredictorPlan, series_id
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.storage.bucket import Storage
from forecast_service.storage.forecast_table import ForecastTable
from forecast_service.storage.imported_dataset import ImportedDataset, Key


class MonitorEvaluation:
    """See the module. The job of a monitor's evaluation."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._inputs = context.record.inputs
        self.rounds: tuple[Round[JsonObject], ...] = (self,)

    def plan_shards(self) -> list[int]:
        return self._table.shards

    def run(self, shard: int, /) -> JsonObject:
        keys, values = self._table.values(shard)
        with engine_refusals():
            actual, complete, scales = self._actual(keys, shard)
        point = values[self._point]
        quantiles = np.empty((*point.shape, len(self._levels)))  # [series, step, level]: none if only the mean was made
        for index, name in enumerate(self._table.quantiles.values()):
            quantiles[..., index] = values[name]
        forecast = ScoredForecast(point[complete], quantiles[complete])
        return WindowSums.of(actual[complete], forecast, self._levels, scales[complete]).to_document()

    def finish(self, results: list[JsonObject], /) -> Outcome:
        sums = total_of(WindowSums.from_document(result) for result in results)
        if not sums.items:
            wanted = f"a value in each step from {self._table.first} to {self._table.last}"
            found = f"none in {self._inputs['dataset_import_job']}"
            raise InputRefused(f"Wanted at least one series of the forecast with {wanted}, found {found}.")
        metrics = sums.metrics(self._levels)
        values = {
            "AverageWeightedQuantileLoss": metrics.average_weighted_quantile_loss if self._levels else None,
            "MAPE": metrics.mape,
            "MASE": metrics.mase,
            "RMSE": metrics.rmse,
            "WAPE": metrics.wape,
        }
        return Outcome({"MetricResults": metric_results(values), "NumItemsEvaluated": sums.items})

    def discard(self) -> None:
        """Nothing: all that was written lies in the evaluation's own storage."""

    def _actual(self, keys: list[Key], shard: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """[series, step]: what was observed, NaN where nothing was; [series]: which count, and MASE's scale or 0."""
        plan, grid = self._plan, self._grid
        series = self._imported.series(shard, self._table.shard_count, plan.dimensions, ["target"]).only(set(keys))
        panel = build_panel(
            series.index,
            series.timestamps,
            series.values["target"],
            [series_id(key) for key in series.keys],
            grid,
            aggregation=plan.aggregation,
            fillings=plan.fillings,
        )
        start, horizon = int(grid.index_of(np.array([self._first_step]))[0]), plan.settings.horizon
        unobserved = unobserved_periods(panel, start, start + horizon)
        actual, scales = np.full((len(keys), horizon), np.nan), np.zeros(len(keys))
        complete = np.zeros(len(keys), dtype=bool)
        index_of = {key: index for index, key in enumerate(keys)}
        counts = complete_items(~np.isnan(panel.target[:, start : start + horizon]), unobserved)
        for key, target, is_complete in zip(series.keys, panel.target, counts, strict=True):
            actual[index_of[key]], complete[index_of[key]] = target[start : start + horizon], is_complete
            scales[index_of[key]] = seasonal_scale(target[:start], grid.frequency.season_length) or 0.0
        return actual, complete, scales

    # --- what the steps share

    @cached_property
    def _grid(self) -> Grid:
        """The periods of the import, such that the steps of the forecast are among them."""
        frequency, boundary = Frequency.parse(self._plan.frequency), self._plan.boundary
        first, last = (np.datetime64(str(end), "s") for end in (self._imported.first, self._imported.last))
        steps = Grid.covering(frequency, self._first_step, self._first_step, boundary)
        start = steps.timestamps(int(steps.index_of(np.array([first]))[0]), 1)[0]
        return Grid.covering(frequency, start, last, boundary)

    @property
    def _first_step(self) -> np.datetime64:
        return np.datetime64(self._table.first, "s")

    @property
    def _levels(self) -> tuple[float, ...]:
        """The quantiles that were forecast, ascending."""
        return tuple(self._table.quantiles)

    @property
    def _point(self) -> str:
        """The column of the forecast that errors are those of."""
        if "mean" in self._table.statistics:
            return "mean"
        return self._table.quantiles[min(self._levels, key=lambda level: (abs(level - 0.5), level))]

    @cached_property
    def _table(self) -> ForecastTable:
        return ForecastTable.of(self._storage_of(self._inputs["values"]))

    @cached_property
    def _imported(self) -> ImportedDataset:
        return ImportedDataset.of(self._storage_of(self._inputs["dataset_import_job"]))

    @cached_property
    def _plan(self) -> PredictorPlan:
        return PredictorPlan.load(self._storage_of(self._inputs["predictor"]))

    def _storage_of(self, arn: str) -> Storage:
        """The storage of a resource that an input names."""
        try:
            return self._context.storage_of(arn)
        except ResourceNotFoundException as error:
            raise InputRefused(f"{arn} was deleted before the evaluation began.") from error
