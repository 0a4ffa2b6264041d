"""The items of the report: the largest ones, with the lines of their charts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Array
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import Comparison, backtest_chunk
from forecast_pipeline.publishing.measures.item_accuracy import wape_per_item
from forecast_pipeline.publishing.measures.item_models import Mixture, mixtures_of
from forecast_pipeline.publishing.measures.observed_periods import unobserved_in_all
from forecast_pipeline.publishing.outputs.report_page import page_number

LARGEST_ITEMS = 500
NUMBERS_IN_PAGE = 600_000  # some 4 MB of page, which a phone still opens at once
LONGEST_TAIL = 400  # periods of history in a chart; more than its pixels would not be seen


@dataclass(frozen=True)
class ReportItem:
    """An item that may be among the largest of a run: ``volume`` is the total of its history.

    ``document`` is what the page draws of it.
    """

    volume: float
    key: list[str]
    document: dict[str, Any]


@dataclass(frozen=True)
class ReportItems:
    """The largest items of some series, the largest first.

    ``most`` is how many a page holds; ``times`` are those of its shared axis, of which ``history_length`` are history,
    and the forecast begins at ``forecast_start``.
    """

    most: int
    times: list[str]
    history_length: int
    forecast_start: int
    items: list[ReportItem]


@dataclass(frozen=True)
class ReportAxis:
    """The shared time axis: periods ``first`` .. ``first + history_length`` of history, then the forecast's steps.

    ``shown`` [period] of its periods are drawn: not those that occur in no series.
    """

    first: int
    history_length: int
    forecast_start: int
    horizon: int
    shown: NDArray[np.bool_]

    def place(self, period: int) -> int:
        """How many of the periods that are drawn lie before a period of the grid."""
        return int(self.shown[: period - self.first].sum())

    def drawn(self, values: Array, period: int) -> Array:
        """Those of ``values`` [..., period], from a period of the grid on, that are drawn."""
        begin = period - self.first
        return values[..., self.shown[begin : begin + values.shape[-1]]]


def report_items(tables: RunTables, history: AlignedHistory, comparison: Comparison) -> ReportItems:
    """The largest items of these series; the same run gives the same ones."""
    axis = _axis(tables, history, comparison.window_starts)
    numbers_each = axis.history_length + 3 * tables.run.horizon * (1 + len(comparison.window_starts))
    most = max(1, min(LARGEST_ITEMS, NUMBERS_IN_PAGE // numbers_each))
    with_forecast = tables.series_with_forecast()
    order = np.argsort(-comparison.items.volume[with_forecast], kind="stable")
    timestamps = history.grid.timestamps(axis.first, len(axis.shown))[axis.shown]
    return ReportItems(
        most,
        times=[str(timestamp).replace("T", " ") for timestamp in timestamps],
        history_length=axis.place(axis.first + axis.history_length),
        forecast_start=axis.place(axis.forecast_start),
        items=_items(tables, history, comparison, axis, with_forecast[order[:most]]),
    )


def _axis(tables: RunTables, history: AlignedHistory, window_starts: list[int]) -> ReportAxis:
    """The axis begins 4 horizons, 3 seasons or 30 periods before the end, or a horizon before the oldest window.

    The longest of these counts, up to LONGEST_TAIL periods.
    """
    grid, horizon = history.grid, tables.run.horizon
    oldest_window = min(window_starts, default=grid.length)
    enough = max(4 * horizon, 3 * grid.frequency.season_length, grid.length - oldest_window + horizon, 30)
    length = min(enough, LONGEST_TAIL, grid.length)
    first = grid.length - length
    start, last = (int(index) for index in grid.index_of(np.array(tables.exported_span())))
    shown = np.ones(max(grid.length, last + 1) - first, dtype=bool)  # newer data may reach beyond the forecast
    if tables.run.periods == "observed":
        shown = ~unobserved_in_all(history, first, first + len(shown))
    return ReportAxis(first, length, start, last + 1 - start, shown)


def _items(
    tables: RunTables, history: AlignedHistory, comparison: Comparison, axis: ReportAxis, chosen: NDArray[np.int64]
) -> list[ReportItem]:
    if not len(chosen):
        return []
    numbers = np.sort(chosen)
    tails = history.panel_of(numbers).target[:, axis.first :]
    forecasts = _forecast_arrays(tables, history, numbers, axis)
    backtests = backtest_chunk(tables, history, numbers, comparison.window_starts)
    totals = comparison.items
    wapes = wape_per_item(totals.forecast_error, totals.actual)
    naive_wapes = wape_per_item(totals.naive_error, totals.actual)
    keys = dict(zip(numbers.tolist(), tables.keys_of(numbers), strict=True))
    mixtures = mixtures_of(tables, numbers)
    windows = [*enumerate(comparison.window_starts)]

    def document(number: int, row: int) -> dict[str, Any]:
        return {
            "name": " · ".join(keys[number]),
            "history": _numbers(axis.drawn(tails[row], axis.first)),
            "forecast": _lines(
                tables.forecast_types,
                {name: axis.drawn(each[row], axis.forecast_start) for name, each in forecasts.items()},
            ),
            "backtests": _backtest_lines(
                tables.backtest_types,
                axis,
                {start: {name: each[row, at] for name, each in backtests.values.items()} for at, start in windows},
            ),
            "wape": page_number(wapes[number]),
            "naiveWape": page_number(naive_wapes[number]),
            **_made_of(mixtures.get(number)),
        }

    return [
        ReportItem(
            float(totals.volume[number]), list(keys[number]), document(number, int(np.searchsorted(numbers, number)))
        )
        for number in chosen.tolist()
    ]


def _backtest_lines(
    types: ForecastTypes, axis: ReportAxis, windows: dict[int, dict[str, Array]]
) -> list[dict[str, Any]]:
    """What a chart draws of the windows that the axis holds; ``windows`` maps a start to values [step] per type."""
    return [
        {"start": axis.place(start)} | _lines(types, {name: axis.drawn(each, start) for name, each in values.items()})
        for start, values in windows.items()
        if start >= axis.first
    ]


def _made_of(mixture: Mixture | None) -> dict[str, Any]:
    """The models of an item in percents, without models that round to 0, and its note; empty where unknown."""
    if mixture is None:
        return {}
    percents = {model: round(100 * share) for model, share in mixture.shares.items()}
    return {"models": [[model, percent] for model, percent in percents.items() if percent], "note": mixture.note}


def _forecast_arrays(
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


def _lines(types: ForecastTypes, values: dict[str, Array]) -> dict[str, Any]:
    """What a chart draws of one forecast, ``values`` [step] per type: its line, and its band if it has one."""
    lines: dict[str, Any] = {"line": _numbers(values[types.line])}
    if types.band is not None:
        lines |= {"low": _numbers(values[types.band[0]]), "high": _numbers(values[types.band[1]])}
    return lines


def _numbers(values: Array) -> list[float | None]:
    return [page_number(value) for value in values.tolist()]
