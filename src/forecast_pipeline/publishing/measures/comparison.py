"""How good the forecast was on the backtest windows, and how good seasonal naive would have been on the same ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_contract.forecast_types import MEAN
from forecast_engine import Array
from forecast_engine.evaluation import (
    Metrics,
    ScoredForecast,
    WindowSums,
    complete_items,
    covered_count,
    seasonal_differences,
    seasonal_naive,
    summary_of,
    total_of,
    unobserved_periods,
)
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory, SeriesChunk


@dataclass(frozen=True)
class Accuracy:
    """Means over the windows; None where nothing defines a measure: no actual values, no quantiles, no band."""

    average_weighted_quantile_loss: float | None
    wape: float | None
    rmse: float | None
    mase: float | None
    coverage: float | None


@dataclass(frozen=True)
class ItemTotals:
    """Sums per series, each array [series].

    ``volume`` is the total of the history. The others are sums over all backtest windows: of |actual|, of
    |actual - forecast|, of |actual - seasonal naive|, of the points, and of the points inside the band.
    """

    volume: Array
    actual: Array
    forecast_error: Array
    naive_error: Array
    points: Array
    inside: Array


@dataclass(frozen=True)
class BacktestChunk:
    """Backtest rows as arrays: ``actual`` [item, window, step] and ``values`` [item, window, step] per forecast type.

    NaN where the export has no row: an item that was not observed throughout a window is left out of it, and steps that
    never occur in a series, such as the weekends of a price, are left out of its windows.
    """

    actual: Array
    values: dict[str, Array]

    def complete(self, window: int, unobserved: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which items [item] have every value of a window, actual and forecast, but for ``unobserved`` [item, step]."""
        parts = [self.actual[:, window], *(each[:, window] for each in self.values.values())]
        return complete_items(np.logical_and.reduce([~np.isnan(part) for part in parts]), unobserved)


@dataclass
class WindowTotals:
    """The sums over one backtest window from which a forecast's measures are computed, added chunk by chunk."""

    types: ForecastTypes
    sums: list[WindowSums] = field(default_factory=list)
    inside: int = 0
    points: int = 0

    def add(self, actual: Array, values: dict[str, Array], scales: Array) -> None:
        """Add complete items: ``actual`` [item, step] or NaN, ``values`` [item, step] per type, ``scales`` [item]."""
        if not len(actual):
            return
        quantiles = np.empty((*actual.shape, len(self.types.levels)))
        for index, name in enumerate(self.types.quantile_names):
            quantiles[:, :, index] = values[name]
        forecast = ScoredForecast(values[self.types.point], quantiles)
        self.sums.append(WindowSums.of(actual, forecast, self.types.levels, scales))
        self.points += int((~np.isnan(actual)).sum())
        if self.types.band is not None:
            self.inside += covered_count(actual, np.stack([values[name] for name in self.types.band], axis=-1))

    def metrics(self) -> Metrics:
        """The measures of everything added, by the engine's formulas."""
        return total_of(self.sums).metrics(self.types.levels)

    @classmethod
    def together(cls, totals: Sequence["WindowTotals"]) -> "WindowTotals":
        """The sums over all series, from those over some each; there must be one."""
        sums = [each for some in totals for each in some.sums]
        inside, points = sum(each.inside for each in totals), sum(each.points for each in totals)
        return cls(totals[0].types, sums, inside, points)

    def to_document(self) -> dict[str, Any]:
        """The same sums as a JSON object."""
        sums = [total_of(self.sums).to_document()] if self.sums else []
        return {"sums": sums, "inside": self.inside, "points": self.points}

    @classmethod
    def from_document(cls, types: ForecastTypes, document: dict[str, Any]) -> "WindowTotals":
        """Sums from what ``to_document`` wrote."""
        sums = [WindowSums.from_document(each) for each in document["sums"]]
        return cls(types, sums, document["inside"], document["points"])


@dataclass(frozen=True)
class Comparison:
    """A forecast and seasonal naive over the same windows and points; ``window_starts`` are indices of the grid."""

    forecast_totals: list[WindowTotals]
    naive_totals: list[WindowTotals]
    window_starts: list[int]
    items: ItemTotals
    aggregated_row_count: int

    @property
    def forecast(self) -> Accuracy:
        """The accuracy of the forecast."""
        return accuracy_of(self.forecast_totals)

    @property
    def seasonal_naive(self) -> Accuracy:
        """The accuracy of seasonal naive."""
        return accuracy_of(self.naive_totals)


def compare(
    tables: RunTables, history: AlignedHistory, gather: Callable[[SeriesChunk], None] = lambda _: None
) -> Comparison:
    """One pass over all series; also fills the tables ``last_actual`` and ``aligned_history``, of the same panels.

    ``gather`` is called with each chunk that passes.
    """
    types = tables.backtest_types
    starts = window_starts(tables, history)
    forecast_totals = [WindowTotals(types) for _ in starts]
    naive_totals = [WindowTotals(types) for _ in starts]
    items = ItemTotals(*(np.zeros(tables.series_count()) for _ in range(6)))
    aggregated_row_count = 0
    for chunk in history.chunks():
        backtest = backtest_chunk(tables, history, chunk.numbers, starts)
        items.volume[chunk.numbers] = np.where(chunk.panel.observed, chunk.panel.target, 0.0).sum(axis=1)
        for window, start in enumerate(starts):
            complete = backtest.complete(window, unobserved_periods(chunk.panel, start, start + tables.run.horizon))
            numbers, actual = chunk.numbers[complete], backtest.actual[complete, window]
            past = chunk.panel.target[complete, :start]
            scales, _ = seasonal_differences(past, history.grid.frequency.season_length)
            forecast = {name: each[complete, window] for name, each in backtest.values.items()}
            naive = naive_forecast(past, history, types, tables.run.horizon)
            forecast_totals[window].add(actual, forecast, scales)
            naive_totals[window].add(actual, naive, scales)
            items.actual[numbers] += np.nansum(np.abs(actual), axis=1)
            items.forecast_error[numbers] += np.nansum(np.abs(actual - forecast[types.point]), axis=1)
            items.naive_error[numbers] += np.nansum(np.abs(actual - naive[types.point]), axis=1)
            if types.band is not None:
                low, high = (forecast[name] for name in types.band)
                items.points[numbers] += (~np.isnan(actual)).sum(axis=1)
                items.inside[numbers] += ((actual >= low) & (actual <= high)).sum(axis=1)
        aggregated_row_count += chunk.panel.merged_row_count
        gather(chunk)
        tables.insert("last_actual", _last_actual(chunk))
        tables.insert("aligned_history", history.rows_of(chunk))
    return Comparison(forecast_totals, naive_totals, starts, items, aggregated_row_count)


def window_starts(tables: RunTables, history: AlignedHistory) -> list[int]:
    """The backtest windows' first periods, ascending."""
    return [int(index) for index in np.unique(history.grid.index_of(tables.window_starts()))]


def backtest_chunk(
    tables: RunTables, history: AlignedHistory, numbers: NDArray[np.int64], starts: list[int]
) -> BacktestChunk:
    """The backtest rows of these series (ascending) as arrays; ValueError for a row outside its window."""
    types = tables.backtest_types
    rows = tables.rows_of("backtest", numbers, ["actual", *types.names])
    shape = (len(numbers), len(starts), tables.run.horizon)
    begin = history.grid.index_of(rows["window_start"].astype("datetime64[s]"))
    step = history.grid.index_of(rows["timestamp"].astype("datetime64[s]")) - begin
    misplaced = (step < 0) | (step >= tables.run.horizon)
    if misplaced.any():
        row = int(np.argmax(misplaced))
        raise ValueError(
            f"backtest export: found {rows['timestamp'][row]} in the window that starts {rows['window_start'][row]}, "
            f"wanted one of its {tables.run.horizon} periods of {tables.run.frequency}"
        )
    cells = (np.searchsorted(numbers, rows["series"]), np.searchsorted(starts, begin), step)
    arrays = {}
    for name in ["actual", *types.names]:
        arrays[name] = np.full(shape, np.nan)
        arrays[name][cells] = rows[name]
    return BacktestChunk(arrays.pop("actual"), arrays)


def naive_forecast(past: Array, history: AlignedHistory, types: ForecastTypes, horizon: int) -> dict[str, Array]:
    """Seasonal naive of ``past`` [item, time], what was known before a window, as [item, step] per forecast type."""
    quantiles, mean = seasonal_naive(past, history.grid.frequency.season_length, horizon, types.levels)
    return {MEAN: mean} | {name: quantiles[:, :, index] for index, name in enumerate(types.quantile_names)}


def accuracy_of(windows: Sequence[WindowTotals]) -> Accuracy:
    """The mean over the windows that hold items, as Amazon's SUMMARY."""
    measured = [window for window in windows if window.points]
    if not measured:
        return Accuracy(None, None, None, None, None)
    types = measured[0].types
    summary = summary_of([window.metrics() for window in measured])
    shares = [window.inside / window.points for window in measured]
    return Accuracy(
        average_weighted_quantile_loss=summary.average_weighted_quantile_loss if types.levels else None,
        wape=summary.wape,
        rmse=summary.rmse,
        mase=summary.mase,
        coverage=sum(shares) / len(shares) if types.band is not None else None,
    )


def _last_actual(chunk: SeriesChunk) -> dict[str, NDArray[Any]]:
    """The last observed period of each series: number, timestamp, value. Series without an observation are left out."""
    panel = chunk.panel
    seen = np.flatnonzero(panel.observed.any(axis=1))
    last = panel.grid.length - 1 - panel.observed[seen, ::-1].argmax(axis=1)
    return {
        "series": chunk.numbers[seen].astype(np.int32),
        "timestamp": panel.grid.timestamps(0, panel.grid.length)[last].astype("datetime64[us]"),
        "target": panel.target[seen, last],
    }
