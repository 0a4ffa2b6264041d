"""What the report knows of every item of a shard, gathered as the comparison passes over the series."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecast_contract.forecast_types import MEAN
from forecast_engine import Array
from forecast_engine.evaluation import seasonal_differences
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory, SeriesChunk
from forecast_pipeline.publishing.measures.comparison import naive_forecast
from forecast_pipeline.publishing.report.axis import ReportAxis, report_plan


@dataclass
class Total:
    """Sums over items: ``history`` [period], of which ``known`` [period] items have a value, and ``lines`` [step].

    ``lines`` are line, low and high: the sum of the means where these were forecast, else of the quantiles nearest the
    median, and the sums of the edges of the bands. A sum of quantiles is no quantile of the sum.
    """

    history: list[float]
    known: list[int]
    lines: dict[str, list[float]] = field(default_factory=dict)

    def __add__(self, other: "Total") -> "Total":
        """The sums of both groups of items."""
        names = self.lines.keys() | other.lines.keys()
        nothing = [0.0] * max(len(each) for one in (self, other) for each in [[], *one.lines.values()])
        return Total(
            np.add(self.history, other.history).tolist(),
            np.add(self.known, other.known).tolist(),
            {each: np.add(self.lines.get(each, nothing), other.lines.get(each, nothing)).tolist() for each in names},
        )


class ItemTails:
    """Of each series its forecast, the end of its history, and how much the forecast departs from the last season."""

    def __init__(self, tables: RunTables, history: AlignedHistory) -> None:
        """Nothing is gathered yet; arrays are [series, ...], in single precision."""
        self.tables = tables
        self.history = history
        self.plan = report_plan(tables, history)
        count, axis, types = tables.series_count(), self.plan.axis, tables.forecast_types
        steps = len(axis.drawn(np.ones(axis.horizon), axis.forecast_start))
        self._names = {"line": types.line} | (dict(zip(("low", "high"), types.band, strict=True)) if types.band else {})
        self.has_forecast = np.zeros(count, dtype=bool)
        self.has_forecast[tables.series_with_forecast()] = True
        self.surprise = np.full(count, np.nan)
        kept = self.plan.levels > 0
        self.ends = np.full((count if kept else 0, self.plan.history), np.nan, dtype=np.float32)
        self.lines = {name: np.full((count if kept else 0, steps), np.nan, dtype=np.float32) for name in self._names}
        periods = axis.place(axis.first + axis.history_length)
        self.total = Total([0.0] * periods, [0] * periods, {name: [0.0] * steps for name in self._names})

    def add(self, chunk: SeriesChunk) -> None:
        """Gather the series of a chunk."""
        axis, types = self.plan.axis, self.tables.forecast_types
        forecast = forecast_arrays(self.tables, self.history, chunk.numbers, axis)
        lines = {name: axis.drawn(forecast[each], axis.forecast_start) for name, each in self._names.items()}
        shown = axis.drawn(chunk.panel.target[:, axis.first :], axis.first)
        if self.plan.levels:
            self.ends[chunk.numbers] = shown[:, shown.shape[1] - self.plan.history :]
            for name, each in lines.items():
                self.lines[name][chunk.numbers] = each
        self.surprise[chunk.numbers] = self._surprise(chunk, forecast[types.point])
        summed = self.has_forecast[chunk.numbers]
        middle = forecast[MEAN] if MEAN in forecast else forecast[types.line]
        of_total = lines | {"line": axis.drawn(middle, axis.forecast_start)}
        self.total += Total(
            np.nansum(shown[summed], axis=0).tolist(),
            (~np.isnan(shown[summed])).sum(axis=0).tolist(),
            {name: np.nansum(each[summed], axis=0).tolist() for name, each in of_total.items()},
        )

    def _surprise(self, chunk: SeriesChunk, point: Array) -> Array:
        """[item]: mean |f - n| / mean |y - the y of a season before|, where n repeats the last season.

        NaN where the history does not change from season to season.
        """
        past = chunk.panel.target[:, : self.plan.axis.forecast_start]
        types = self.tables.forecast_types
        naive = naive_forecast(past, self.history, types, point.shape[1])[types.point]
        scales, _ = seasonal_differences(past, self.history.grid.frequency.season_length)
        known = ~np.isnan(point - naive)
        missed = np.where(known, np.abs(point - naive), 0.0).sum(axis=1)
        weights = known.sum(axis=1) * scales
        surprise: Array = np.divide(missed, weights, out=np.full(len(point), np.nan), where=weights > 0)
        return surprise


def forecast_arrays(
    tables: RunTables, history: AlignedHistory, numbers: NDArray[np.int64], axis: ReportAxis
) -> dict[str, Array]:
    """Each forecast type as [item, step]."""
    rows = tables.rows_of("forecast", numbers, tables.forecast_types.names)
    step = history.grid.index_of(rows["timestamp"].astype("datetime64[s]")) - axis.forecast_start
    arrays = {}
    for name in tables.forecast_types.names:
        arrays[name] = np.full((len(numbers), axis.horizon), np.nan)
        arrays[name][np.searchsorted(numbers, rows["series"]), step] = rows[name]
    return arrays
