"""The tables of dashboards: their columns are the same for every schema, so a dashboard can stand before the first run.

``template.yaml`` declares them over ``dashboard/<name>/``, and ``dashboard_files`` writes them. Publishing lays
``forecast_fan`` and ``forecast_accuracy`` over the folders of its run; ``forecast_runs`` stays where it is and grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forecast_pipeline.publishing.exports.catalog_types import BIGINT, DOUBLE, STRING, TIMESTAMP

_SERIES = {"series": STRING, "item_id": STRING, "dimension": STRING}


@dataclass(frozen=True)
class DashboardTable:
    """A table of the Glue catalog over Parquet files: its name, and column -> Glue's type in the order of the files."""

    name: str
    columns: Mapping[str, str]


# One row per series and period: a period of the history has `history` alone, one of the forecast the other numbers.
# `item_id` is the domain's identifier, `dimension` all further keys joined by SEPARATOR ('' if there are none), and
# `series` both together. `p50` is the quantile nearest the median, `p10` and `p90` are those of the band: p10 and p90,
# else the outermost. What they are stands in forecast_runs.
FORECAST_FAN = DashboardTable(
    "forecast_fan",
    _SERIES
    | {"timestamp": TIMESTAMP, "history": DOUBLE, "p10": DOUBLE, "p50": DOUBLE, "p90": DOUBLE, "mean": DOUBLE}
    | {"run_id": STRING},
)
# One row per series with a backtest. `total` is the sum of |actual| over all windows, so the mean of `wape` weighted
# by `total` is the WAPE over all series; `coverage` is the share of actual values inside the band.
FORECAST_ACCURACY = DashboardTable(
    "forecast_accuracy",
    _SERIES | {"wape": DOUBLE, "seasonal_naive_wape": DOUBLE, "coverage": DOUBLE, "total": DOUBLE, "run_id": STRING},
)
# One row per published run. `published` is when its forecast was exported, in UTC; `low_type`, `middle_type` and
# `high_type` name the forecast types that stand in p10, p50 and p90 of forecast_fan.
FORECAST_RUNS = DashboardTable(
    "forecast_runs",
    {"run_id": STRING, "published": TIMESTAMP}
    | {"average_wql": DOUBLE, "seasonal_naive_average_wql": DOUBLE, "coverage": DOUBLE}
    | {"series": BIGINT, "predictor_arn": STRING, "low_type": STRING, "middle_type": STRING, "high_type": STRING},
)
DASHBOARD_TABLES = (FORECAST_FAN, FORECAST_ACCURACY, FORECAST_RUNS)
SEPARATOR = " · "
