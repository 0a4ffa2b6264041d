"""What the shards of a run say together: the published document, its row of ``forecast_runs``, and the report."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from forecast_contract.domains import TARGET_TIME_SERIES
from forecast_engine import Frequency
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_database import connect
from forecast_pipeline.publishing.exports.run_facts import RunFacts, without_period
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.came_true import ScoredRun, figures_of
from forecast_pipeline.publishing.measures.comparison import Accuracy, WindowTotals, accuracy_of
from forecast_pipeline.publishing.measures.input_drift import LevelSums, input_signs, span_of_season
from forecast_pipeline.publishing.measures.item_changes import changed_items
from forecast_pipeline.publishing.measures.item_models import average_shares
from forecast_pipeline.publishing.measures.shared_totals import SharedTotals
from forecast_pipeline.publishing.outputs.dashboard_files import write_came_true, write_run_row
from forecast_pipeline.publishing.outputs.latest_forecast import MARK
from forecast_pipeline.publishing.outputs.report_page import report_page
from forecast_pipeline.publishing.report.data import RunMeasures, report_data
from forecast_pipeline.publishing.steps.plan import PublishingPlan
from forecast_pipeline.publishing.steps.shard import ShardFigures
from forecast_pipeline.runs.came_true import drift_signs
from forecast_pipeline.runs.published import AccuracyFigures, ChangedItems, Published, RowFigures, RunBefore
from forecast_pipeline.runs.run_document import WithPredictor

REPORT = "report.html"


class WholeRun:
    """A run that is read and measured; ``figures`` are those of each shard."""

    def __init__(
        self, document: WithPredictor, plan: PublishingPlan, facts: RunFacts, figures: Sequence[ShardFigures]
    ) -> None:
        """Nothing is added up yet."""
        self.document = document
        self.run = FinishedRun.from_document(document)
        self.plan = plan
        self.facts = facts
        self.figures = figures
        self._forecast = _accuracy([each.forecast_totals for each in figures])
        self._seasonal_naive = _accuracy([each.naive_totals for each in figures])
        self._scored = [*self._scored_runs()]

    def published(
        self, files: Mapping[str, str], impact: dict[str, float] | None, before: RunBefore | None = None
    ) -> Published:
        """The published document; ``files`` maps its members to paths in S3, ``before`` lacks totals.

        ValueError where no step of the forecast is left.
        """
        first, last = self._span()
        share, window_count = self.facts.backtest_types.band_share, len(self.facts.window_starts)
        behind = [sum(counts) for counts in zip(*(each.behind_the_end for each in self.figures), strict=True)]
        rows = RowFigures.of(without_period(self.facts.rows, *behind))
        scored = [figures_of(run, self.run.frequency) for run in self._scored]
        came_true = [each for each in scored if each is not None]
        published = Published(
            Accuracy=_accuracy_figures(self._forecast, share, window_count),
            SeasonalNaive=_accuracy_figures(self._seasonal_naive, share, window_count),
            ItemCount=sum(each.series for each in self.figures),
            NewItemCount=sum(each.new_series for each in self.figures),
            Horizon=max(each.periods for each in self.figures),
            FirstTimestamp=first,
            LastTimestamp=last,
            ModelShares=average_shares([each.models for each in self.figures]),
            Rows={each.DatasetType: each.Rows for each in self.document.Imported}
            | {TARGET_TIME_SERIES: rows},  # counted again, by what publishing has read
            RowsBefore=self.plan.rows_before,
            AggregatedRowCount=sum(each.aggregated_rows for each in self.figures),
            Aggregation=self.run.alignment.aggregation,
            PartialFirstPeriod=self.figures[0].partial_first,
            PartialPeriod=self.figures[0].partial_last,
            ItemChanges=self._item_changes(),
            CameTrue=came_true,
            NotCompared=self.plan.not_compared,
            Files=dict(files),
            AttributeImpact=impact,
            Before=before and self._beside(before),
        )
        published.Drift = [*self._drift_of(published)]
        return published

    def write(self, published: Published, directory: Path) -> None:
        """Write the files that a run has once: the report, its row of ``forecast_runs``, and accuracy.json."""
        measures = RunMeasures(
            self.plan.made,
            self._forecast,
            self._seasonal_naive,
            window_count=len(self.facts.window_starts),
            noted_items=sum(each.models.noted for each in self.figures),
        )
        items = [each.largest for each in self.figures]
        page = report_page(report_data(self.run, self.facts, measures, published, items))
        (directory / REPORT).write_text(page, encoding="utf-8")
        with connect(directory, "run_row") as connection:
            tables = RunTables(connection, self.run, self.facts)
            accuracy = self._forecast, self._seasonal_naive
            write_run_row(tables, published, accuracy, self.plan.made, directory)
            write_came_true(tables, self._scored, directory)
        run = self.run
        mark: dict[str, Any] = {
            "RunId": run.run_id,
            "StartedAt": run.started_at.isoformat(),
            "DatasetGroup": run.name,
            "Frequency": run.frequency,
            "Keys": [*run.key_columns],
        }
        content = json.dumps(published.model_dump() | mark, indent=2, allow_nan=False) + "\n"
        (directory / MARK).write_text(content, encoding="utf-8")

    def _beside(self, before: RunBefore) -> RunBefore:
        """The run before with the totals of the steps that both have forecast; as it is where there is no such step."""
        totals = reduce(add, (each.beside_before for each in self.figures), SharedTotals())
        if not totals.steps:
            return before
        return before.model_copy(update={"Total": totals.before, "SharedTotal": totals.now})

    def _drift_of(self, published: Published) -> Iterator[str]:
        """What says that the forecast of the run before drifts, then that the input does."""
        limits, frequency = self.document.Pipeline.DriftLimits, self.run.frequency
        if published.CameTrue:
            yield from drift_signs(published.CameTrue[0], limits)
        levels = reduce(add, (each.levels for each in self.figures), LevelSums())
        span = span_of_season(Frequency.parse(frequency).seasonal_periods, frequency)
        yield from input_signs(published, levels, span, limits)

    def _scored_runs(self) -> Iterator[ScoredRun]:
        """The earlier forecasts with their sums over all shards, the latest run first."""
        for run in self.plan.earlier_runs:
            forecast = self.facts.earlier_forecasts.get(run.run_id)
            if forecast is not None:
                sums = reduce(add, (each.came_true[run.run_id] for each in self.figures))
                promised = run.promised_loss, run.promised_inside
                yield ScoredRun(run.run_id, run.made, forecast.first, forecast.types, *promised, sums)

    def _span(self) -> tuple[str, str]:
        spans = [each.span for each in self.figures if each.span]
        if not spans:
            first = self.facts.forecast_span and self.facts.forecast_span[0]
            raise ValueError(
                f"Pipeline.Periods: found observed, and none of the {self.run.horizon} periods from {first} on occurs "
                "in the history, wanted a longer ForecastHorizon"
            )
        return min(first for first, _ in spans), max(last for _, last in spans)

    def _item_changes(self) -> ChangedItems | None:
        """The items against those of the latest forecast of the same dataset group; as before if it is this run's."""
        if self.plan.earlier_run and self.facts.has_earlier_items:
            return changed_items(self.plan.earlier_run, [each.items for each in self.figures])
        return ChangedItems.model_validate(self.plan.item_changes) if self.plan.item_changes else None


def _accuracy(totals: Sequence[list[WindowTotals]]) -> Accuracy:
    """The accuracy over all series, from the totals [shard, window] of some each."""
    return accuracy_of([WindowTotals.together(of_window) for of_window in zip(*totals, strict=True)])


def _accuracy_figures(accuracy: Accuracy, band_share: float | None, window_count: int) -> AccuracyFigures:
    return AccuracyFigures(
        AverageWeightedQuantileLoss=accuracy.average_weighted_quantile_loss,
        WAPE=accuracy.wape,
        RMSE=accuracy.rmse,
        MASE=accuracy.mase,
        Coverage80=accuracy.coverage if band_share == 0.8 else None,
        WindowCount=window_count,
    )
