"""What earlier runs said, beside what has come since: did the forecast come true?

An earlier forecast is scored on each of its periods that the history now holds, after the same filling as the history
(decision 0103), and beside seasonal naive of what came before its first period. Where the past was corrected since, the
corrected values count, for the actual values and for seasonal naive.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from forecast_contract.forecast_types import MEAN
from forecast_contract.sql import literal
from forecast_engine import Array
from forecast_engine.evaluation import absolute_errors, is_covered, pinball
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory, SeriesChunk
from forecast_pipeline.publishing.measures.comparison import naive_forecast

TABLE = "forecast_versus_actual"
QUANTILES = ("p10", "p50", "p90")  # columns of the table: the lower edge of the band, the line, the upper edge


@dataclass(frozen=True)
class TruthSums:
    """Sums over the series that an earlier forecast is scored on, each array [step ahead].

    ``points`` counts values, ``inside`` those within the band. ``actual`` is the sum of y, ``demand`` of |y|,
    ``forecast`` of the point f. ``error`` and ``naive_error`` are sums of |y - f|, ``loss`` and ``naive_loss`` of the
    pinball losses 2 max(q (y - f), (1 - q) (f - y)), averaged over the quantiles q.
    """

    points: Array
    inside: Array
    actual: Array
    demand: Array
    forecast: Array
    error: Array
    naive_error: Array
    loss: Array
    naive_loss: Array

    @classmethod
    def nothing(cls, steps: int) -> Self:
        """Zeros."""
        return cls(*(np.zeros(steps) for _ in fields(cls)))

    @classmethod
    def of(cls, actual: Array, forecast: dict[str, Array], naive: dict[str, Array], types: ForecastTypes) -> Self:
        """Of ``actual`` [item, step], NaN left out, and of forecast and naive, [item, step] per forecast type."""
        known = ~np.isnan(actual)

        def summed(values: Array) -> Array:
            return np.where(known, values, 0.0).sum(axis=0)

        covered = is_covered(actual, *(forecast[name] for name in types.band)) if types.band else np.zeros_like(actual)
        return cls(
            points=known.sum(axis=0).astype(float),
            inside=summed(covered),
            actual=summed(actual),
            demand=summed(np.abs(actual)),
            forecast=summed(forecast[types.point]),
            error=summed(absolute_errors(actual, forecast[types.point])),
            naive_error=summed(absolute_errors(actual, naive[types.point])),
            loss=summed(_mean_loss(actual, forecast, types)),
            naive_loss=summed(_mean_loss(actual, naive, types)),
        )

    def __add__(self, other: "TruthSums") -> "TruthSums":
        """The sums of both groups of series."""
        return TruthSums(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def total(self) -> "TruthSums":
        """The sums over all steps, each an array without dimensions."""
        return TruthSums(*(getattr(self, each.name).sum() for each in fields(self)))

    def at(self, step: int) -> Self:
        """The sums of one step, each an array without dimensions."""
        return type(self)(*(getattr(self, each.name)[step] for each in fields(self)))

    def to_document(self) -> dict[str, list[float]]:
        """The same sums as a JSON object."""
        return {each.name: getattr(self, each.name).tolist() for each in fields(self)}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Sums from what ``to_document`` wrote."""
        return cls(**{name: np.array(values, dtype=float) for name, values in document.items()})


def compare_with_actual(tables: RunTables, history: AlignedHistory, whole_periods: int) -> dict[str, TruthSums]:
    """The sums of each earlier forecast, by its run; fills the table ``forecast_versus_actual``.

    The history's first ``whole_periods`` periods count: a last one of which it holds a part would look like a fall.
    The table has a row per run, series and period: run, series, timestamp, steps_ahead (1 is the first), actual, p10,
    p50, p90, mean, seasonal_naive.
    """
    numbers = ", ".join(f"{name} DOUBLE" for name in ("actual", *QUANTILES, MEAN, "seasonal_naive"))
    tables.connection.execute(
        f"CREATE TABLE {TABLE} (run VARCHAR, series INTEGER, timestamp TIMESTAMP, steps_ahead INTEGER, {numbers})"
    )
    earlier = tables.facts.earlier_forecasts
    known = {run_id: _known_periods(tables, history, run_id, whole_periods) for run_id in earlier}
    sums = {run_id: TruthSums.nothing(len(periods)) for run_id, periods in known.items()}
    if any(known.values()):
        for chunk in history.chunks():
            for run_id, periods in known.items():
                if periods:
                    sums[run_id] += _compared(tables, history, chunk, run_id, periods)
    return sums


def _known_periods(tables: RunTables, history: AlignedHistory, run_id: str, whole_periods: int) -> range:
    """The periods of a forecast that the history holds, as indices of its grid; none where nothing came before it."""
    forecast = tables.facts.earlier_forecasts[run_id]
    span = np.array([forecast.first, forecast.last], dtype="datetime64[s]")
    start, last = (int(index) for index in history.grid.index_of(span))
    return range(start, max(start, min(last + 1, whole_periods))) if start > 0 else range(0)


def _compared(tables: RunTables, history: AlignedHistory, chunk: SeriesChunk, run_id: str, periods: range) -> TruthSums:
    """The sums over a chunk of series; its rows go into the table."""
    types = tables.facts.earlier_forecasts[run_id].types
    forecast = _forecast_of(tables, history, chunk.numbers, run_id, periods)
    known = np.logical_and.reduce([~np.isnan(each) for each in forecast.values()])
    actual = np.where(known, chunk.panel.target[:, periods.start : periods.stop], np.nan)
    past = chunk.panel.target[:, : periods.start]
    naive = naive_forecast(past, history, types, len(periods))
    rows, steps = np.nonzero(~np.isnan(actual))
    timestamps = history.grid.timestamps(periods.start, len(periods)).astype("datetime64[us]")
    columns = _shown(forecast, types) | {"seasonal_naive": naive[types.point]}
    tables.insert(
        TABLE,
        {
            "run": np.full(len(rows), run_id, dtype=object),
            "series": chunk.numbers[rows].astype(np.int32),
            "timestamp": timestamps[steps],
            "steps_ahead": (steps + 1).astype(np.int32),
            "actual": actual[rows, steps],
        }
        | {column: each[rows, steps] for column, each in columns.items()},
    )
    return TruthSums.of(actual, forecast, naive, types)


def _shown(forecast: dict[str, Array], types: ForecastTypes) -> dict[str, Array]:
    """The columns p10, p50, p90 and mean of the table, each [item, step]; NaN where nothing stands for one."""
    nothing = np.full_like(forecast[types.names[0]], np.nan)
    shown = zip((*QUANTILES, MEAN), (*types.chart, MEAN if MEAN in types.names else None), strict=True)
    return {column: nothing if name is None else forecast[name] for column, name in shown}


def _forecast_of(
    tables: RunTables, history: AlignedHistory, numbers: NDArray[np.int64], run_id: str, periods: range
) -> dict[str, Array]:
    """The earlier forecast of these series as [item, step] per forecast type, NaN where it has no row."""
    names = tables.facts.earlier_forecasts[run_id].names
    rows = tables.rows_of("earlier", numbers, names, f"run = {literal(run_id)}")
    step = history.grid.index_of(rows["timestamp"].astype("datetime64[s]")) - periods.start
    is_met = step < len(periods)
    cells = np.searchsorted(numbers, rows["series"][is_met]), step[is_met]
    arrays = {}
    for name in names:
        arrays[name] = np.full((len(numbers), len(periods)), np.nan)
        arrays[name][cells] = rows[name][is_met]
    return arrays


def _mean_loss(actual: Array, values: dict[str, Array], types: ForecastTypes) -> Array:
    """[item, step]: the pinball loss, averaged over the quantiles; NaN without any."""
    if not types.levels:
        return np.full_like(actual, np.nan)
    losses = [
        pinball(actual, values[name], level) for name, level in zip(types.quantile_names, types.levels, strict=True)
    ]
    return np.mean(losses, axis=0)
