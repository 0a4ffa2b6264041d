"""The report of a run whose tables are loaded, with as much said of the run as the report reads."""

from datetime import datetime
from typing import Any

from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import Comparison, compare
from forecast_pipeline.publishing.measures.forecast_versus_actual import compare_with_actual
from forecast_pipeline.publishing.measures.partial_period import partial_period
from forecast_pipeline.publishing.report.data import RunMeasures, report_data
from forecast_pipeline.publishing.report.items import report_items
from forecast_pipeline.publishing.report.tails import ItemTails
from forecast_pipeline.runs.published import AccuracyFigures, Published, RowFigures
from tests.forecast_pipeline.publishing.read_report import items_of, unpacked


def report_of(tables: RunTables, history: AlignedHistory, made: datetime) -> dict[str, Any]:
    """The document that the page draws, with its items and times as they are read from it."""
    tails = ItemTails(tables, history)
    comparison = compare(tables, history, tails.add)
    compare_with_actual(tables, history, history.grid.length)
    measures = RunMeasures(made, comparison.forecast, comparison.seasonal_naive, len(comparison.window_starts), 0)
    published = _published(tables, history, comparison)
    items = report_items(comparison, tails)
    data = report_data(tables.run, tables.facts, measures, published, [items])
    return data | {"items": items_of(data), "times": unpacked(data["times"])}


def _published(tables: RunTables, history: AlignedHistory, comparison: Comparison) -> Published:
    return Published(
        Accuracy=AccuracyFigures(),
        SeasonalNaive=AccuracyFigures(),
        ItemCount=tables.series_count(),
        NewItemCount=tables.new_series_count(),
        Horizon=2,
        FirstTimestamp="2024-03-04T00:00:00",
        LastTimestamp="2024-03-11T00:00:00",
        Rows={"TARGET_TIME_SERIES": RowFigures.of(tables.rows)},
        AggregatedRowCount=comparison.aggregated_row_count,
        PartialPeriod=partial_period(tables, history),
    )
