"""What the report shows: the figures of the run, and its largest items."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_facts import RunFacts
from forecast_pipeline.publishing.measures.comparison import Accuracy
from forecast_pipeline.publishing.outputs.report_items import ReportItems
from forecast_pipeline.publishing.outputs.report_page import page_number
from forecast_pipeline.runs.account import (
    aggregation_sentence,
    item_changes_sentence,
    partial_period_sentence,
    rows_sentence,
)
from forecast_pipeline.runs.came_true import against, came_true_sentences, drift_sentence, span_of
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.published import Published


@dataclass(frozen=True)
class RunMeasures:
    """What was measured of all series of a run together; ``noted_items`` is how many the service says a note of.

    ``made`` is when the forecast was exported.
    """

    made: datetime
    forecast: Accuracy
    seasonal_naive: Accuracy
    window_count: int
    noted_items: int


def report_data(
    run: FinishedRun,
    facts: RunFacts,
    measures: RunMeasures,
    published: Published,
    largest: ReportItems,
) -> dict[str, Any]:
    """The JSON document that the page draws."""
    types = facts.forecast_types
    shares, impact = published.ModelShares, published.AttributeImpact or {}
    return {
        "name": run.name,
        "run": run.run_id,
        "made": f"{measures.made:%Y-%m-%d %H:%M} UTC",
        "target": run.target_column,
        "horizon": published.Horizon,
        "frequency": run.frequency,
        "times": largest.times,
        "historyLength": largest.history_length,
        "forecastStart": largest.forecast_start,
        "line": types.line,
        "bandShare": types.band_share,
        "windowCount": measures.window_count,
        "measuredBandShare": facts.backtest_types.band_share,
        "accuracy": _figures(measures.forecast),
        "seasonalNaive": _figures(measures.seasonal_naive),
        "itemCount": published.ItemCount,
        "newItemCount": published.NewItemCount,
        "impact": [{"name": name, "score": page_number(score)} for name, score in impact.items()],
        "models": [{"name": name, "share": page_number(share)} for name, share in shares.items()],
        "notedCount": measures.noted_items,
        **_account(published),
        "items": [item.document for item in largest.items],
    }


def largest_of(shards: Sequence[ReportItems]) -> list[int]:
    """How many of each shard's items, which begin with its largest, are among the largest of the run."""
    ranked = sorted((-item.volume, item.key, number) for number, shard in enumerate(shards) for item in shard.items)
    chosen = [number for *_, number in ranked[: max((shard.most for shard in shards), default=0)]]
    return [chosen.count(number) for number in range(len(shards))]


def together(shards: Sequence[ReportItems]) -> ReportItems:
    """The largest items of a run from those of its shards, each cut to what ``largest_of`` says."""
    items = sorted((item for shard in shards for item in shard.items), key=lambda item: (-item.volume, item.key))
    return replace(shards[0], items=items)


def _account(published: Published) -> dict[str, Any]:
    """What became of the rows, in sentences; an empty one where there is nothing to say."""
    part, first = published.PartialPeriod, published.PartialFirstPeriod
    return {
        "partialPeriod": partial_period_sentence(part) if part else "",
        "partialFirstPeriod": partial_period_sentence(first, "first") if first else "",
        "rows": [f"{FOLDERS[name]}: {rows_sentence(rows)}" for name, rows in published.Rows.items()],
        "aggregation": aggregation_sentence(published) if published.AggregatedRowCount else "",
        "itemChanges": item_changes_sentence(published.ItemChanges) if published.ItemChanges else "",
        **_came_true(published),
    }


def _came_true(published: Published) -> dict[str, Any]:
    """What became of earlier forecasts: sentences about the latest one, and a row for each."""
    return {
        "cameTrueWords": [*came_true_sentences(published.CameTrue[0])] if published.CameTrue else [],
        "drift": drift_sentence(published.Drift),
        "notCompared": published.NotCompared,
        "cameTrue": [
            {
                "run": each.Run,
                "made": each.Made[:10],
                "span": span_of(each),
                "against": against(each),
                "inside": each.Inside,
                "wql": each.AverageWeightedQuantileLoss,
                "naiveWql": each.SeasonalNaiveAverageWeightedQuantileLoss,
                "promisedWql": each.PromisedAverageWeightedQuantileLoss,
            }
            for each in published.CameTrue
        ],
    }


def _figures(accuracy: Accuracy) -> dict[str, float | None]:
    return {
        "wql": accuracy.average_weighted_quantile_loss,
        "wape": accuracy.wape,
        "rmse": accuracy.rmse,
        "mase": accuracy.mase,
        "coverage": accuracy.coverage,
    }
