"""One row per item: what the service says of its accuracy, and the plain comparison with seasonal naive."""

from pathlib import Path

import numpy as np

from forecast_contract.exports import own_columns
from forecast_engine import Array
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.comparison import ItemTotals


def write_item_accuracy(tables: RunTables, items: ItemTotals, path: Path) -> None:
    """Key columns, the Summary row's columns as the service wrote them, then three figures over all windows together.

    ``forecast_wape`` and ``seasonal_naive_wape`` are the share of the item's actual total that was missed, which
    compare like with like; the service's own WAPE column may follow Amazon's item file, which does not divide by the
    total. ``forecast_coverage`` is the share of actual values inside the band, p10 to p90 where these were forecast.
    """
    tables.insert_new(
        "item_wape",
        {
            "series": np.arange(len(items.actual), dtype=np.int32),
            "forecast_wape": wape_per_item(items.forecast_error, items.actual),
            "seasonal_naive_wape": wape_per_item(items.naive_error, items.actual),
            "forecast_coverage": _shares(items.inside, items.points),
            "total": items.actual,
        },
    )
    columns = tables.keys_for_people
    columns |= {metric: f"item_accuracy.{alias}" for alias, metric in tables.accuracy_metrics.items()}
    own = own_columns(("forecast_wape", "seasonal_naive_wape", "forecast_coverage"), columns)
    columns |= {column: f"nullif(item_wape.{name}, 'nan')" for name, column in own.items()}
    rows = "FROM item_accuracy JOIN series USING (series) JOIN item_wape USING (series) ORDER BY series.series"
    tables.write_csv(path, columns, rows)


def wape_per_item(error: Array, actual: Array) -> Array:
    """sum |y - f| / sum |y| [series]; NaN where the actual total is zero."""
    return _shares(error, actual)


def _shares(part: Array, total: Array) -> Array:
    return np.divide(part, total, out=np.full(len(part), np.nan), where=total > 0)
