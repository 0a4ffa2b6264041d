"""A shard of publishing: the rows of some series become figures, and a part of every file that is published."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import Comparison, WindowTotals, compare
from forecast_pipeline.publishing.measures.forecast_versus_actual import TruthSums, compare_with_actual
from forecast_pipeline.publishing.measures.input_drift import LevelSums, level_sums
from forecast_pipeline.publishing.measures.item_accuracy import write_item_accuracy
from forecast_pipeline.publishing.measures.item_changes import ItemDifference, item_difference
from forecast_pipeline.publishing.measures.item_models import ModelWeights, model_weights, write_item_models
from forecast_pipeline.publishing.measures.observed_periods import leave_out_unobserved
from forecast_pipeline.publishing.measures.partial_period import first_partial_period, partial_period, whole_history
from forecast_pipeline.publishing.measures.shared_totals import SharedTotals, shared_totals
from forecast_pipeline.publishing.outputs.dashboard_files import write_dashboard_files
from forecast_pipeline.publishing.outputs.earlier_runs import EarlierRun
from forecast_pipeline.publishing.outputs.forecast_csv import write_long, write_train, write_wide
from forecast_pipeline.publishing.report.items import ReportItem, ReportItems, report_items
from forecast_pipeline.publishing.report.tails import ItemTails, Total
from forecast_pipeline.runs.published import PartOfPeriod

# Member of the published document -> the file of it, of which each shard has a part.
SHARD_FILES = {
    "Forecast": "forecast.csv",
    "ForecastLong": "forecast_long.csv",
    "ItemAccuracy": "item_accuracy.csv",
    "ItemModels": "item_models.csv",
}


@dataclass(frozen=True)
class ShardFigures:
    """What a shard knows of its series, such that the sums over all shards are those of the run.

    ``periods`` is the length of the longest forecast, ``span`` the first and the last timestamp of all (ISO 8601; None
    without any), ``behind_the_end`` counts rows left out and those of them without a target. ``partial_first`` and
    ``partial_last`` are those of the run, the same in every shard. ``came_true`` are the sums of the forecasts of
    earlier runs, by run, ``levels`` those of the last seasons, ``beside_before`` those of the forecast and of the run
    before over the steps that both have. The totals are lists over the backtest windows.
    """

    series: int
    new_series: int
    periods: int
    span: tuple[str, str] | None
    behind_the_end: tuple[int, int]
    aggregated_rows: int
    partial_first: PartOfPeriod | None
    partial_last: PartOfPeriod | None
    came_true: dict[str, TruthSums]
    levels: LevelSums
    beside_before: SharedTotals
    forecast_totals: list[WindowTotals]
    naive_totals: list[WindowTotals]
    models: ModelWeights
    items: ItemDifference
    largest: ReportItems

    def to_document(self) -> dict[str, Any]:
        """The same figures as a JSON object."""
        plain = {name: getattr(self, name) for name in ("series", "new_series", "periods", "span", "behind_the_end")}
        parts = {name: getattr(self, name) for name in ("partial_first", "partial_last")}
        return {
            **plain,
            "aggregated_rows": self.aggregated_rows,
            **{name: part.model_dump() if part else None for name, part in parts.items()},
            "came_true": {run: sums.to_document() for run, sums in self.came_true.items()},
            "forecast_totals": [each.to_document() for each in self.forecast_totals],
            "naive_totals": [each.to_document() for each in self.naive_totals],
            **{name: asdict(getattr(self, name)) for name in ("levels", "beside_before", "models", "items", "largest")},
        }

    @classmethod
    def from_document(cls, types: ForecastTypes, document: dict[str, Any]) -> Self:
        """Figures from what ``to_document`` wrote; ``types`` are those of the backtest."""
        largest, total = document["largest"], document["largest"]["total"]
        items = {
            "items": [ReportItem(**each) for each in largest["items"]],
            "total": Total(**total) if total else None,
        }
        return cls(
            **document
            | {name: document[name] and PartOfPeriod(**document[name]) for name in ("partial_first", "partial_last")}
            | {
                name: [WindowTotals.from_document(types, each) for each in document[name]]
                for name in ("forecast_totals", "naive_totals")
            }
            | {"came_true": {run: TruthSums.from_document(each) for run, each in document["came_true"].items()}}
            | {"levels": LevelSums(**document["levels"]), "beside_before": SharedTotals(**document["beside_before"])}
            | {"models": ModelWeights(**document["models"]), "items": ItemDifference(**document["items"])}
            | {"largest": ReportItems(**largest | items)}
        )


def publish_shard(
    tables: RunTables, earlier_runs: Sequence[EarlierRun], directory: Path, before: str | None = None
) -> ShardFigures:
    """Measure the series of the tables that ``Staging`` has filled, and write their part of every file.

    Files of SHARD_FILES and ``<table>.parquet`` go into the directory. ``before`` is the run that the run is compared
    with.
    """
    tables.number()
    if tables.facts.is_quoted:
        write_train(tables, directory / "train.parquet")
    imported = AlignedHistory(tables)
    partial_first, partial_last = first_partial_period(tables, imported), partial_period(tables, imported)
    history = whole_history(tables, imported, partial_last)
    if tables.run.periods == "observed":
        leave_out_unobserved(tables, history)
    tails = ItemTails(tables, history)
    comparison = compare(tables, history, tails.add)
    whole_periods = history.grid.length - int(partial_last is not None and not partial_last.IsLeftOut)
    came_true = compare_with_actual(tables, history, whole_periods)
    _write_files(tables, comparison, earlier_runs, directory)
    span = tables.forecast_span()
    return ShardFigures(
        series=tables.series_count(),
        new_series=tables.new_series_count(),
        periods=tables.forecast_period_count(),
        span=(span[0].isoformat(), span[1].isoformat()) if span else None,
        behind_the_end=tables.behind_the_end,
        aggregated_rows=comparison.aggregated_row_count,
        partial_first=partial_first,
        partial_last=partial_last,
        came_true=came_true,
        levels=level_sums(tables, history, whole_periods),
        beside_before=shared_totals(tables, before),
        forecast_totals=comparison.forecast_totals,
        naive_totals=comparison.naive_totals,
        models=model_weights(tables),
        items=item_difference(tables),
        largest=report_items(comparison, tails),
    )


def _write_files(
    tables: RunTables, comparison: Comparison, earlier_runs: Sequence[EarlierRun], directory: Path
) -> None:
    """Write the files of SHARD_FILES, and those of the tables."""
    write_wide(tables, directory / SHARD_FILES["Forecast"])
    write_long(tables, directory / SHARD_FILES["ForecastLong"], directory / "forecast.parquet")
    write_item_accuracy(tables, comparison.items, directory / SHARD_FILES["ItemAccuracy"])
    write_item_models(tables, directory / SHARD_FILES["ItemModels"], directory / "item_models.parquet")
    write_dashboard_files(tables, earlier_runs, directory)
