"""Export a predictor's backtest: what was forecast in each window, and the accuracy of each item.

    forecasted-values/         item_id, dimensions, timestamp, target_value, window start and end, mean, p10, ...
    accuracy-metrics-values/   item_id, dimensions, backtest_window, window start and end, wQL[0.1], ..., MASE

An item that was not observed at every step of a window that occurs in its series has no forecasted values there, and
``not defined`` in every metric. Its ``Summary`` row averages the windows that are defined. Steps that never occur, such
as the weekends of a price, have no row.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_contract.exports import (
    BACKTEST_ACCURACY_FOLDER,
    BACKTEST_TARGET,
    BACKTEST_TIMESTAMP,
    BACKTEST_VALUES_FOLDER,
    BACKTEST_WINDOW,
    COMPUTED,
    SUMMARY,
    WINDOW_END,
    WINDOW_START,
    own_columns,
)
from forecast_contract.forecast_types import MEAN, column_of
from forecast_contract.sql import identifier
from forecast_engine import Array, BacktestResult, Frequency, backtest_result
from forecast_service.accuracy import item_accuracy
from forecast_service.caller_files.export_files import ISO, ISO_Z, columns_as
from forecast_service.jobs.base.engine_errors import engine_refusals
from forecast_service.jobs.base.export_job import ExportJob
from forecast_service.panel.predictor_plan import series_key
from forecast_service.panel.trained_predictor import TrainedPredictor
from forecast_service.storage.database import database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VALUES_PREFIX, METRICS_PREFIX = f"{BACKTEST_VALUES_FOLDER}/Forecasts_", f"{BACKTEST_ACCURACY_FOLDER}/Accuracy_"


@dataclass(frozen=True)
class _Windows:
    """The reported windows in the order of time: positions in the result, first and last step of each."""

    order: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


class BacktestExport(ExportJob):
    """See the module."""

    prefixes = (VALUES_PREFIX, METRICS_PREFIX)

    def run(self, shard: int, /) -> None:
        with database() as (connection, folder):
            for source in self._parts[shard]:
                with engine_refusals():
                    result = backtest_result(self._predictor.of_shard(source))
                self._add(connection, result)
            self._write_values(connection, folder, shard)
            self._write_metrics(connection, folder, shard)

    def _add(self, connection: "DuckDBPyConnection", result: BacktestResult) -> None:
        """Add the items of a shard to the tables ``series``, ``steps`` and ``windows``."""
        dimension_count = len(self._predictor.plan.dimensions)
        keys = [series_key(item_id, dimension_count) for item_id in result.item_ids]
        connection.execute(f"CREATE TABLE IF NOT EXISTS series (series BIGINT, {self._key_declarations})")
        (first,) = connection.execute("SELECT count(*) FROM series").fetchall()[0]
        unnested = ", ".join(f"unnest(${i + 1}::VARCHAR[])" for i in range(dimension_count + 1))
        connection.execute(
            f"INSERT INTO series SELECT unnest(range({first}, {first + len(keys)})), {unnested}",
            [list(column) for column in zip(*keys, strict=True)],
        )
        windows = self._windows(result)
        _append(connection, "steps", self._step_columns(result, windows, first))
        _append(connection, "windows", self._metric_columns(result, windows, first))

    def _windows(self, result: BacktestResult) -> _Windows:
        order = np.argsort(result.window_starts)
        grid, horizon = self._predictor.plan.grid(), self._predictor.plan.settings.horizon
        starts = [int(result.window_starts[position]) for position in order]
        return _Windows(
            order,
            np.array([grid.timestamps(start, 1)[0] for start in starts]),
            np.array([grid.timestamps(start + horizon - 1, 1)[0] for start in starts]),
        )

    def _step_columns(self, result: BacktestResult, windows: _Windows, first: int) -> dict[str, np.ndarray]:
        """One entry per item, window and step of the complete windows that has an actual value."""
        grid, settings = self._predictor.plan.grid(), self._predictor.plan.settings
        columns: dict[str, list[np.ndarray]] = {}
        for number, position in enumerate(windows.order):
            items = np.flatnonzero(result.complete[:, position])
            steps = grid.timestamps(int(result.window_starts[position]), settings.horizon)
            window: dict[str, np.ndarray] = {
                "series": np.repeat(items + first, settings.horizon),
                "timestamp": np.tile(steps, len(items)),
                "target_value": result.actual[items, position].ravel(),
                "window_start": np.full(len(items) * settings.horizon, windows.starts[number]),
                "window_end": np.full(len(items) * settings.horizon, windows.ends[number]),
            }
            if settings.include_mean:
                window[MEAN] = result.mean[items, position].ravel()
            for index, level in enumerate(self._levels):
                window[column_of(str(level))] = result.quantiles[items, position, :, index].ravel()
            known = ~np.isnan(window["target_value"])
            for name, values in window.items():
                columns.setdefault(name, []).append(values[known])
        return {name: np.concatenate(values) for name, values in columns.items()}

    def _metric_columns(self, result: BacktestResult, windows: _Windows, first: int) -> dict[str, np.ndarray]:
        """One entry per item and window, then one per item that sums them up; NaN stands for not defined."""
        item_count, window_count = len(result.item_ids), len(windows.order)
        computed = self._metrics(result)  # name -> [item, window]
        columns = {
            "series": np.concatenate([np.repeat(np.arange(item_count), window_count), np.arange(item_count)]) + first,
            "is_summary": np.repeat([False, True], [item_count * window_count, item_count]),
            "window_start": np.concatenate(
                [np.tile(windows.starts, item_count), np.full(item_count, windows.starts[0])]
            ),
            "window_end": np.concatenate([np.tile(windows.ends, item_count), np.full(item_count, windows.ends[-1])]),
        }
        for name, values in computed.items():
            ordered = np.where(result.complete, values, np.nan)[:, windows.order]
            columns[name] = np.concatenate([ordered.ravel(), _defined_mean(ordered)])
        return columns

    def _metrics(self, result: BacktestResult) -> dict[str, Array]:
        """The metrics of each item and window, by the names of their columns."""
        season_length = Frequency.parse(self._predictor.plan.frequency).season_length
        losses = item_accuracy.weighted_quantile_losses(result.actual, result.quantiles, self._levels)
        metrics = {_loss_name(level): losses[:, :, index] for index, level in enumerate(self._levels)}
        if self._levels:
            metrics["Average wQL"] = losses.mean(axis=-1)
        return metrics | {
            "RMSE": item_accuracy.rmse(result.actual, result.mean),
            "WAPE": item_accuracy.summed_absolute_error(result.actual, result.mean),
            "MAPE": item_accuracy.mape(result.actual, result.mean),
            "MASE": item_accuracy.mase(result.actual, result.mean, season_length),
        }

    def _write_values(self, connection: "DuckDBPyConnection", folder: Path, part: int) -> None:
        settings = self._predictor.plan.settings
        statistics = [*([MEAN] if settings.include_mean else []), *(column_of(str(q)) for q in self._levels)]
        columns = {
            BACKTEST_TIMESTAMP: f"strftime(timestamp, {ISO_Z})",
            BACKTEST_TARGET: "target_value",
            WINDOW_START: f"strftime(window_start, {ISO})",
            WINDOW_END: f"strftime(window_end, {ISO})",
            **{name: name for name in statistics},
        }
        query = (
            f"SELECT {self._selected(columns)} FROM steps AS s JOIN series USING (series)"
            " ORDER BY s.series, s.window_start, s.timestamp"
        )
        self._files.write(connection, query, folder, self._files.name(part, VALUES_PREFIX))

    def _write_metrics(self, connection: "DuckDBPyConnection", folder: Path, part: int) -> None:
        names = [_loss_name(level) for level in self._levels] + (["Average wQL"] if self._levels else [])
        names += ["RMSE", "WAPE", "MAPE", "MASE"]
        columns = {
            BACKTEST_WINDOW: f"CASE WHEN is_summary THEN '{SUMMARY}' ELSE '{COMPUTED}' END",
            WINDOW_START: f"strftime(window_start, {ISO})",
            WINDOW_END: f"strftime(window_end, {ISO})",
        }
        for name in names:  # duckdb reads a NaN of numpy as NULL
            columns[name] = f"coalesce({identifier(name)}::VARCHAR, 'not defined')"
        query = (
            f"SELECT {self._selected(columns)} FROM windows AS w JOIN series USING (series)"
            " ORDER BY w.series, w.is_summary, w.window_start"
        )
        self._files.write(connection, query, folder, self._files.name(part, METRICS_PREFIX))

    # --- what the steps share

    @cached_property
    def _predictor(self) -> TrainedPredictor:
        return TrainedPredictor.of(self._context.storage_of(self._context.record.parents["predictor"]))

    @property
    def _source_shards(self) -> list[int]:
        return self._predictor.plan.shards

    @property
    def _levels(self) -> tuple[float, ...]:
        return tuple(sorted(self._predictor.plan.settings.quantiles))

    @property
    def _key_names(self) -> list[str]:
        plan = self._predictor.plan
        return [plan.schema.identifier.name, *plan.dimensions]

    def _selected(self, columns: dict[str, str]) -> str:
        """The select list of the key columns and of ours, column -> expression."""
        own = own_columns(columns, self._key_names)
        keys = [(name, self._files.of_series(f"key_{i}")) for i, name in enumerate(self._key_names)]
        return columns_as([*keys, *((own[name], expression) for name, expression in columns.items())])

    @property
    def _key_declarations(self) -> str:
        return ", ".join(f"key_{i} VARCHAR" for i in range(len(self._key_names)))


def _append(connection: "DuckDBPyConnection", table: str, columns: dict[str, np.ndarray]) -> None:
    """Append arrays of one length to a table, which the first call creates."""
    connection.register("added", {name: np.ascontiguousarray(values) for name, values in columns.items()})
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM added LIMIT 0")
    connection.execute(f"INSERT INTO {table} SELECT * FROM added")
    connection.unregister("added")


def _loss_name(level: float) -> str:
    """The column of a quantile's loss: ``wQL[0.65]``."""
    return f"wQL[{level:g}]"


def _defined_mean(values: Array) -> Array:
    """[item]: the mean of [item, window] without NaN; NaN where no window is defined."""
    defined = ~np.isnan(values)
    counts = defined.sum(axis=1)
    sums = np.where(defined, values, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
