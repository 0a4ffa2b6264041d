"""What the report shows: the figures of the run, and its items. Facts throughout: the page has the words for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from forecast_contract.forecast_types import MEAN
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_facts import RunFacts
from forecast_pipeline.publishing.measures.comparison import Accuracy
from forecast_pipeline.publishing.outputs.report_page import page_number
from forecast_pipeline.publishing.report.blocks import DETAILS_OF_A_BLOCK, ITEMS_OF_A_BLOCK, packed, unpacked
from forecast_pipeline.publishing.report.holiday_marks import holiday_marks
from forecast_pipeline.publishing.report.items import ReportItems
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.published import MonitorEvaluation, PartOfPeriod, Published, RowFigures


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
    shards: Sequence[ReportItems],
) -> dict[str, Any]:
    """The JSON document that the page draws; ``shards`` have the items, cut to what ``largest_of`` says."""
    types = facts.forecast_types
    shares, impact = published.ModelShares, published.AttributeImpact or {}
    return {
        "name": run.name,
        "run": run.run_id,
        "made": f"{measures.made:%Y-%m-%dT%H:%MZ}",
        "target": run.target_column,
        "horizon": published.Horizon,
        "frequency": run.frequency,
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
        **_items(shards),
        "holidays": holiday_marks(run.holiday_country, run.frequency, unpacked(shards[0].times)),
        "total": _total(shards, MEAN if MEAN in types.names else types.line),
    }


def largest_of(shards: Sequence[ReportItems]) -> list[int]:
    """How many of each shard's items, which begin with its largest, are among the largest of the run."""
    ranked = sorted((-item.volume, item.key, number) for number, shard in enumerate(shards) for item in shard.items)
    chosen = [number for *_, number in ranked[: max((shard.most for shard in shards), default=0)]]
    return [chosen.count(number) for number in range(len(shards))]


def _items(shards: Sequence[ReportItems]) -> dict[str, Any]:
    """The items of each shard as they are stored, and how to read them."""
    first = shards[0]
    return {
        "times": first.times,
        "historyLength": first.history_length,
        "forecastStart": first.forecast_start,
        "recent": first.recent,
        "shortHistory": first.history,
        "levels": first.levels,
        "detailedCount": sum(len(shard.items) for shard in shards),
        "blocks": {"lines": ITEMS_OF_A_BLOCK, "details": DETAILS_OF_A_BLOCK},
        "parts": [
            {
                "count": shard.count,
                "index": shard.index,
                "lines": shard.lines,
                "details": [
                    packed([item.document for item in shard.items[begin : begin + DETAILS_OF_A_BLOCK]])
                    for begin in range(0, len(shard.items), DETAILS_OF_A_BLOCK)
                ],
            }
            for shard in shards
        ],
    }


def _total(shards: Sequence[ReportItems], summed: str) -> dict[str, Any] | None:
    """The sums over all items, of the forecast type ``summed``; None for one item, or where a sum means nothing."""
    totals = [shard.total for shard in shards if shard.total]
    if not totals or sum(shard.count for shard in shards) < 2:
        return None
    total = reduce(add, totals)
    history = [value if known else None for value, known in zip(total.history, total.known, strict=True)]
    return {
        "summed": summed,
        "history": [None if value is None else page_number(value) for value in history],
        "forecast": {name: [page_number(value) for value in line] for name, line in total.lines.items()},
        "backtests": [],
    }


def _account(published: Published) -> dict[str, Any]:
    """What became of the rows, of items and of earlier forecasts."""
    part, first, changes = published.PartialPeriod, published.PartialFirstPeriod, published.ItemChanges
    return {
        "partialPeriod": _part(part) if part else None,
        "partialFirstPeriod": _part(first) if first else None,
        "rows": [_rows(FOLDERS[name], rows) for name, rows in published.Rows.items()],
        "aggregated": {"count": published.AggregatedRowCount, "by": published.Aggregation},
        "itemChanges": {
            "since": changes.Since,
            "new": changes.New,
            "newNames": changes.NewNames,
            "vanished": changes.Vanished,
            "vanishedNames": changes.VanishedNames,
        }
        if changes
        else None,
        "drift": published.Drift,
        "notCompared": published.NotCompared,
        "monitors": [_monitored(each) for each in published.Monitored],
        "cameTrue": [
            {
                "run": each.Run,
                "made": each.Made[:10],
                "first": each.First,
                "periods": each.Periods,
                "frequency": each.Frequency,
                "points": each.Points,
                "actual": page_number(each.Actual),
                "forecast": page_number(each.Forecast),
                "inside": each.Inside,
                "bandShare": each.BandShare,
                "wql": each.AverageWeightedQuantileLoss,
                "naiveWql": each.SeasonalNaiveAverageWeightedQuantileLoss,
                "promisedWql": each.PromisedAverageWeightedQuantileLoss,
                "wape": each.WAPE,
                "naiveWape": each.SeasonalNaiveWAPE,
            }
            for each in published.CameTrue
        ],
    }


def _monitored(evaluation: MonitorEvaluation) -> dict[str, Any]:
    return {
        "monitor": evaluation.Monitor,
        "evaluated": evaluation.Evaluated,
        "first": evaluation.First,
        "last": evaluation.Last,
        "wql": evaluation.AverageWeightedQuantileLoss,
        "wape": evaluation.WAPE,
        "baselineWql": evaluation.BaselineAverageWeightedQuantileLoss,
    }


def _part(part: PartOfPeriod) -> dict[str, Any]:
    return {
        "start": part.Start,
        "period": part.Period,
        "held": part.Held,
        "steps": part.Steps,
        "step": part.Step,
        "isLeftOut": part.IsLeftOut,
    }


def _rows(folder: str, rows: RowFigures) -> dict[str, Any]:
    return {
        "place": folder,
        "read": rows.Read,
        "used": rows.Used,
        "leftOut": rows.LeftOut,
        "first": rows.FirstLeftOut,
        "unknown": rows.Unknown,
    }


def _figures(accuracy: Accuracy) -> dict[str, float | None]:
    return {
        "wql": accuracy.average_weighted_quantile_loss,
        "wape": accuracy.wape,
        "rmse": accuracy.rmse,
        "mase": accuracy.mase,
        "coverage": accuracy.coverage,
    }
