"""The tables of dashboards: their columns are the same for every schema, so a dashboard can stand before the first run.

``template.yaml`` declares them over ``dashboard/<name>/``, and ``dashboard_files`` writes them. Publishing lays
all of them but ``forecast_runs`` over the folders of its run; that one stays where it is and grows.
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
# `high_type` name the forecast types that stand in p10, p50 and p90 of forecast_fan. The columns that begin with
# `came_true` are about the latest earlier run whose time has come, as far as this run knows.
FORECAST_RUNS = DashboardTable(
    "forecast_runs",
    {"run_id": STRING, "published": TIMESTAMP}
    | {"average_wql": DOUBLE, "seasonal_naive_average_wql": DOUBLE, "coverage": DOUBLE}
    | {"series": BIGINT, "predictor_arn": STRING, "low_type": STRING, "middle_type": STRING, "high_type": STRING}
    | {"came_true_run_id": STRING, "came_true_bias": DOUBLE, "came_true_coverage": DOUBLE}
    | {"came_true_average_wql": DOUBLE, "came_true_seasonal_naive_average_wql": DOUBLE},
)
# One row per earlier run, series and period that has come since: what was forecast, and what it is. `steps_ahead` is 1
# for the first period of the forecast, `made` when its run began, `run_id` that run; `seasonal_naive` is what seasonal
# naive would have said then.
FORECAST_VERSUS_ACTUAL = DashboardTable(
    "forecast_versus_actual",
    _SERIES
    | {"timestamp": TIMESTAMP, "actual": DOUBLE, "p10": DOUBLE, "p50": DOUBLE, "p90": DOUBLE, "mean": DOUBLE}
    | {"seasonal_naive": DOUBLE, "steps_ahead": BIGINT, "made": TIMESTAMP, "run_id": STRING},
)
# One row per earlier run and step ahead, over all series: `points` values have come, `bias` is (sum of actual - sum of
# forecast) / sum of |actual|, `coverage` the share inside the band.
FORECAST_CAME_TRUE = DashboardTable(
    "forecast_came_true",
    {"run_id": STRING, "made": TIMESTAMP, "steps_ahead": BIGINT, "points": BIGINT}
    | dict.fromkeys(("bias", "coverage", "wape", "seasonal_naive_wape"), DOUBLE)
    | dict.fromkeys(("average_wql", "seasonal_naive_average_wql"), DOUBLE),
)
DASHBOARD_TABLES = (FORECAST_FAN, FORECAST_ACCURACY, FORECAST_RUNS, FORECAST_VERSUS_ACTUAL, FORECAST_CAME_TRUE)
SEPARATOR = " · "
