"""Create a what-if forecast: the baseline once more, on a panel whose related series a scenario has changed."""

from dataclasses import replace
from functools import cached_property
from typing import cast

from forecast_files.input_refused import InputRefused
from forecast_service.jobs.base.engine_errors import engine_refusals
from forecast_service.jobs.base.job import JobContext, Outcome
from forecast_service.jobs.forecast import Forecasting, ShardForecast
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.facts import ForecastFacts, WhatIfForecastFacts
from forecast_service.storage.imported_dataset import Key
from forecast_service.what_if.analysis_series import AnalysisSeries
from forecast_service.what_if.replacement_series import ReplacementSeries
from forecast_service.what_if.scenario import Baseline
from forecast_service.what_if.scenario_columns import ScenarioColumns
from forecast_service.what_if.transformation import Transformation, transformations_of


class WhatIfForecasting(Forecasting):
    """See the module. The job of a what-if forecast; predictor, data and quantiles are those of the baseline."""

    def __init__(self, context: JobContext) -> None:
        super().__init__(context, context.records.get(context.record.parents["forecast"]))

    def plan_shards(self) -> list[int]:
        try:
            self._refuse_unknown_futures()
        except InvalidInputException as error:  # the predictor was trained with fewer attributes than the data have
            raise InputRefused(error.message) from error
        if self._replacement:
            self._replacement.gather(self._shard_count)
        return self._shards

    def run(self, shard: int, /) -> ShardForecast:
        with engine_refusals():
            keys, panel = self._panel(shard)
            baseline = Baseline(panel, keys, [column.name for column in self._series_columns])
            replacing = 0
            if self._replacement:
                replacement = self._replacement.of_shard(shard)
                replacing = baseline.replacing_row_count(replacement)
                changed = baseline.replaced(replacement)
            else:
                changed = baseline.transformed(self._transformations)
        result = self._forecast_series(shard, keys, changed)
        return {**result, "replacing": replacing, "changed": baseline.changed_value_count(changed)}

    def finish(self, results: list[ShardForecast], /) -> Outcome:
        if self._replacement and not any(result["replacing"] for result in results):
            found = f"found no row for a series of the analysis from {self._steps[0]} to {self._steps[-1]}"
            raise InputRefused(f"{self._replacement.path}: {found}, wanted at least one.")
        outcome = super().finish(results)
        changed = sum(result["changed"] for result in results)
        facts: WhatIfForecastFacts = {**cast(ForecastFacts, outcome.facts), "changed_value_count": changed}
        return Outcome(outcome.outcome, facts)

    def _refuse_unknown_futures(self) -> None:
        """Refuse a scenario that names attributes without values in the horizon: it would change nothing."""
        known = [attribute.name for attribute in self._predictor.plan.related if attribute.is_forward]
        if self._replacement:
            named = self._replacement.attributes
        else:
            named = [name for transformation in self._transformations for name in transformation.related_attributes]
        for name in named:
            if name not in known:
                raise InputRefused(
                    f"The predictor knows {name} in the past only; wanted a scenario of {', '.join(known)}."
                )

    def _chosen(self, shard: int) -> set[Key]:
        return self._series.keys(shard)

    @property
    def _shards(self) -> list[int]:
        return self._series.shards

    @cached_property
    def _series(self) -> AnalysisSeries:
        analysis = self._context.records.get(self._context.record.parents["what_if_analysis"])
        return AnalysisSeries.of(analysis, self._context.storage_of)

    @cached_property
    def _replacement(self) -> ReplacementSeries | None:
        source = self._context.record.request.get("TimeSeriesReplacementsDataSource")
        if source is None:
            return None
        return ReplacementSeries(source, self._columns, self._source.grid, self._storage)

    @cached_property
    def _transformations(self) -> list[Transformation]:
        return transformations_of(self._context.record.request["TimeSeriesTransformations"], self._columns)

    @cached_property
    def _columns(self) -> ScenarioColumns:
        """The columns that a scenario may name: attributes that the data have and the predictor was trained with."""
        plan, related = self._predictor.plan, self._source.related
        if related is None:  # the analysis has refused such a predictor
            raise InputRefused("The predictor was trained without related time series, wanted some to change.")
        columns = ScenarioColumns.of_schemas(plan.schema, plan.dimensions, related.schema, None)
        known = {attribute.name for attribute in plan.related}
        return replace(
            columns,
            related=tuple(column for column in columns.related if column.name in known),
            metadata=tuple(plan.attributes),
        )
