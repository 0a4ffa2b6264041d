"""One row per item: what the service says of its accuracy, and the plain comparison with seasonal naive."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast_pipeline.publishing.comparison import ItemTotals
from forecast_pipeline.publishing.run_tables import RunTables, quoted, text


def write_item_accuracy(tables: RunTables, items: ItemTotals, path: Path) -> None:
    """Key columns, the Summary row's columns as the service wrote them, then two figures that compare like with like.

    ``forecast_wape`` and ``seasonal_naive_wape`` are the share of the item's actual total that was missed, over all
    windows together; the service's own WAPE column may follow Amazon's item file, which does not divide by the total.
    """
    tables.insert_new(
        "item_wape",
        {
            "series": np.arange(len(items.actual), dtype=np.int32),
            "forecast_wape": wape_per_item(items.forecast_error, items.actual),
            "seasonal_naive_wape": wape_per_item(items.naive_error, items.actual),
        },
    )
    keys = ", ".join(f"series.{quoted(column)}" for column in tables.run.key_columns)
    metrics = "".join(f"item_accuracy.{quoted(metric)}, " for metric in tables.accuracy_metrics)
    tables.connection.execute(
        f"""
        COPY (SELECT {keys}, {metrics} nullif(forecast_wape, 'nan') AS forecast_wape,
                     nullif(seasonal_naive_wape, 'nan') AS seasonal_naive_wape
              FROM item_accuracy JOIN series USING (series) JOIN item_wape USING (series) ORDER BY series)
        TO {text(str(path))} (FORMAT csv, HEADER true)
        """
    )


def wape_per_item(error: NDArray[np.float64], actual: NDArray[np.float64]) -> NDArray[np.float64]:
    """sum |y - f| / sum |y| [series]; NaN where the actual total is zero."""
    return np.divide(error, actual, out=np.full(len(error), np.nan), where=actual > 0)
