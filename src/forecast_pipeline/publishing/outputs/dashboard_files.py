"""The Parquet files of the tables that dashboards read; ``dashboard_tables`` says what stands in them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from forecast_contract.forecast_types import MEAN
from forecast_contract.sql import identifier, literal
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.came_true import ScoredRun, steps_of
from forecast_pipeline.publishing.measures.comparison import Accuracy
from forecast_pipeline.publishing.outputs.dashboard_tables import (
    FORECAST_ACCURACY,
    FORECAST_CAME_TRUE,
    FORECAST_FAN,
    FORECAST_RUNS,
    FORECAST_VERSUS_ACTUAL,
    SEPARATOR,
    DashboardTable,
)
from forecast_pipeline.publishing.outputs.earlier_runs import EarlierRun
from forecast_pipeline.runs.published import Published


def write_dashboard_files(tables: RunTables, earlier_runs: Sequence[EarlierRun], directory: Path) -> None:
    """Write ``<table>.parquet`` of the dashboard tables that have rows of series."""
    _write_fan(tables, directory)
    _write_accuracy(tables, directory)
    _write_versus_actual(tables, earlier_runs, directory)


def write_run_row(
    tables: RunTables, published: Published, accuracy: tuple[Accuracy, Accuracy], made: datetime, directory: Path
) -> None:
    """Write the row of the run: ``accuracy`` of its forecast and of seasonal naive, and when it was exported."""
    forecast, seasonal_naive = accuracy
    low, middle, high = tables.forecast_types.chart
    columns = {
        "published": literal(f"{made.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
        "average_wql": _number(forecast.average_weighted_quantile_loss),
        "seasonal_naive_average_wql": _number(seasonal_naive.average_weighted_quantile_loss),
        "coverage": _number(forecast.coverage),
        "series": str(published.ItemCount),
        "predictor_arn": literal(tables.run.predictor_arn),
        "low_type": _name(low),
        "middle_type": _name(middle),
        "high_type": _name(high),
    } | _came_true_columns(published)
    _write(tables, FORECAST_RUNS, columns, "", directory)


def _write_fan(tables: RunTables, directory: Path) -> None:
    """The aligned history, then the forecast, of each series."""
    types = tables.forecast_types
    quantiles = dict(zip(("p10", "p50", "p90"), types.chart, strict=True))
    values = {column: "NULL" if name is None else identifier(name) for column, name in quantiles.items()}
    values["mean"] = identifier(MEAN) if MEAN in types.names else "NULL"
    numbers = ", ".join(f"CAST({each} AS DOUBLE) AS {column}" for column, each in values.items())
    rows = (
        f"FROM (SELECT series, timestamp, NULL AS history, {numbers} FROM forecast"
        " UNION ALL BY NAME SELECT series, timestamp, target AS history FROM aligned_history) AS line"
        " JOIN series USING (series) ORDER BY series.series, line.timestamp, line.history IS NULL"
    )
    columns = {name: f"line.{name}" for name in ("timestamp", "history", *values)}
    _write(tables, FORECAST_FAN, columns, rows, directory)


def _write_accuracy(tables: RunTables, directory: Path) -> None:
    """What the comparison of each series with seasonal naive found (table ``item_wape``)."""
    columns = {
        "wape": "nullif(item_wape.forecast_wape, 'nan')",
        "seasonal_naive_wape": "nullif(item_wape.seasonal_naive_wape, 'nan')",
        "coverage": "nullif(item_wape.forecast_coverage, 'nan')",
        "total": "item_wape.total",
    }
    measured = "(SELECT DISTINCT series FROM backtest) AS measured"
    rows = f"FROM {measured} JOIN item_wape USING (series) JOIN series USING (series) ORDER BY series.series"
    _write(tables, FORECAST_ACCURACY, columns, rows, directory)


def _write_versus_actual(tables: RunTables, earlier_runs: Sequence[EarlierRun], directory: Path) -> None:
    """What earlier runs forecast beside what has come since (table ``forecast_versus_actual``)."""
    names = ("timestamp", "actual", "p10", "p50", "p90", "mean", "seasonal_naive", "steps_ahead")
    columns = {name: f"truth.{name}" for name in names} | {"run_id": "truth.run", "made": _made(earlier_runs)}
    order = "ORDER BY truth.run, series.series, truth.timestamp"
    rows = f"FROM forecast_versus_actual AS truth JOIN series USING (series) {order}"
    _write(tables, FORECAST_VERSUS_ACTUAL, columns, rows, directory)


def write_came_true(tables: RunTables, scored: Sequence[ScoredRun], directory: Path) -> None:
    """Write what became of each earlier forecast, a row per step ahead of which a value has come."""
    rows = [
        f"({literal(run.run_id)}, {literal(_utc(run.made))}, {', '.join(_number(each) for each in measures)})"
        for run in scored
        for measures in steps_of(run)
    ]
    names = [*FORECAST_CAME_TRUE.columns]
    given = f"(VALUES {', '.join(rows)})" if rows else f"(SELECT {', '.join(['NULL'] * len(names))} WHERE false)"
    columns = {name: f"truth.{name}" for name in names}
    _write(tables, FORECAST_CAME_TRUE, columns, f"FROM {given} AS truth ({', '.join(names)})", directory)


def _came_true_columns(published: Published) -> dict[str, str]:
    """What the row of a run says of the latest earlier forecast whose time has come."""
    if not published.CameTrue:
        return {name: "NULL" for name in FORECAST_RUNS.columns if name.startswith("came_true")}
    figures = published.CameTrue[0]
    return {
        "came_true_run_id": literal(figures.Run),
        "came_true_bias": _number(figures.Bias),
        "came_true_coverage": _number(figures.Inside),
        "came_true_average_wql": _number(figures.AverageWeightedQuantileLoss),
        "came_true_seasonal_naive_average_wql": _number(figures.SeasonalNaiveAverageWeightedQuantileLoss),
    }


def _made(earlier_runs: Sequence[EarlierRun]) -> str:
    """When the run of a row began, in SQL."""
    cases = [f"WHEN {literal(each.run_id)} THEN {literal(_utc(each.made))}" for each in earlier_runs]
    return f"CASE truth.run {' '.join(cases)} END" if cases else "NULL"


def _utc(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _write(tables: RunTables, table: DashboardTable, columns: Mapping[str, str], rows: str, directory: Path) -> None:
    first, *further = tables.named_keys.values()
    separator = literal(SEPARATOR)
    named = {
        "series": f"concat_ws({separator}, {', '.join([first, *further])})",
        "item_id": first,
        "dimension": f"concat_ws({separator}, {', '.join(further)})" if further else "''",
        "run_id": literal(tables.run.run_id),
    }
    tables.write_parquet(directory / f"{table.name}.parquet", table.columns, {**named, **columns}, rows)


def _number(value: float | None) -> str:
    return "NULL" if value is None else repr(float(value))


def _name(forecast_type: str | None) -> str:
    return "NULL" if forecast_type is None else literal(forecast_type)
