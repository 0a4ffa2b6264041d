"""What the report shows: the figures of the run, and the lines of the charts of its largest items."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Array
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import Accuracy, Comparison, backtest_chunk
from forecast_pipeline.publishing.measures.item_accuracy import wape_per_item
from forecast_pipeline.publishing.measures.item_models import Mixture, average_shares, mixtures_of, noted_count
from forecast_pipeline.publishing.measures.observed_periods import unobserved_in_all
from forecast_pipeline.publishing.outputs.report_page import page_number
from forecast_pipeline.runs.account import (
    aggregation_sentence,
    item_changes_sentence,
    partial_period_sentence,
    rows_sentence,
)
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.published import Published

LARGEST_ITEMS = 500
NUMBERS_IN_PAGE = 600_000  # some 4 MB of page, which a phone still opens at once
LONGEST_TAIL = 400  # periods of history in a chart; more than its pixels would not be seen


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


def report_data(
    tables: RunTables,
    history: AlignedHistory,
    comparison: Comparison,
    made: datetime,
    published: Published,
) -> dict[str, Any]:
    """The JSON document that the page draws; the same run gives the same document."""
    run = tables.run
    axis = _axis(tables, history, comparison.window_starts)
    chosen = _largest(tables, comparison, axis)
    timestamps = history.grid.timestamps(axis.first, len(axis.shown))[axis.shown]
    types, backtest_types = tables.forecast_types, tables.backtest_types
    return {
        "name": run.name,
        "run": run.run_id,
        "made": f"{made:%Y-%m-%d %H:%M} UTC",
        "target": run.target_column,
        "horizon": published.Horizon,
        "frequency": run.frequency,
        "times": [str(timestamp).replace("T", " ") for timestamp in timestamps],
        "historyLength": axis.place(axis.first + axis.history_length),
        "forecastStart": axis.place(axis.forecast_start),
        "line": types.line,
        "bandShare": types.band_share,
        "windowCount": len(comparison.window_starts),
        "measuredBandShare": backtest_types.band_share,
        "accuracy": _figures(comparison.forecast),
        "seasonalNaive": _figures(comparison.seasonal_naive),
        "itemCount": tables.series_count(),
        "newItemCount": tables.new_series_count(),
        "impact": [
            {"name": name, "score": page_number(score)} for name, score in (published.AttributeImpact or {}).items()
        ],
        "models": [{"name": name, "share": page_number(share)} for name, share in average_shares(tables).items()],
        "notedCount": noted_count(tables),
        **_account(published),
        "items": _items(tables, history, comparison, axis, chosen),
    }


def _account(published: Published) -> dict[str, Any]:
    """What became of the rows, in sentences; an empty one where there is nothing to say."""
    part, first = published.PartialPeriod, published.PartialFirstPeriod
    return {
        "partialPeriod": partial_period_sentence(part) if part else "",
        "partialFirstPeriod": partial_period_sentence(first, "first") if first else "",
        "rows": [f"{FOLDERS[name]}: {rows_sentence(rows)}" for name, rows in published.Rows.items()],
        "aggregation": aggregation_sentence(published) if published.AggregatedRowCount else "",
        "itemChanges": item_changes_sentence(published.ItemChanges) if published.ItemChanges else "",
    }


def _figures(accuracy: Accuracy) -> dict[str, float | None]:
    return {
        "wql": accuracy.average_weighted_quantile_loss,
        "wape": accuracy.wape,
        "rmse": accuracy.rmse,
        "mase": accuracy.mase,
        "coverage": accuracy.coverage,
    }


def _axis(tables: RunTables, history: AlignedHistory, window_starts: list[int]) -> ReportAxis:
    """The axis begins 4 horizons, 3 seasons or 30 periods before the end, or a horizon before the oldest window.

    The longest of these counts, up to LONGEST_TAIL periods.
    """
    grid, horizon = history.grid, tables.run.horizon
    oldest_window = min(window_starts, default=grid.length)
    enough = max(4 * horizon, 3 * grid.frequency.season_length, grid.length - oldest_window + horizon, 30)
    length = min(enough, LONGEST_TAIL, grid.length)
    first = grid.length - length
    start, last = (int(index) for index in grid.index_of(np.array(tables.forecast_span())))
    shown = np.ones(max(grid.length, last + 1) - first, dtype=bool)  # newer data may reach beyond the forecast
    if tables.run.periods == "observed":
        shown = ~unobserved_in_all(history, first, first + len(shown))
    return ReportAxis(first, length, start, last + 1 - start, shown)


def _largest(tables: RunTables, comparison: Comparison, axis: ReportAxis) -> NDArray[np.int64]:
    """The series of the page, the largest first: NUMBERS_IN_PAGE / numbers of one series, at most LARGEST_ITEMS."""
    numbers_each = axis.history_length + 3 * tables.run.horizon * (1 + len(comparison.window_starts))
    count = max(1, min(LARGEST_ITEMS, NUMBERS_IN_PAGE // numbers_each))
    with_forecast = tables.series_with_forecast()
    order = np.argsort(-comparison.items.volume[with_forecast], kind="stable")
    return with_forecast[order[:count]]


def _items(
    tables: RunTables, history: AlignedHistory, comparison: Comparison, axis: ReportAxis, chosen: NDArray[np.int64]
) -> list[dict[str, Any]]:
    numbers = np.sort(chosen)
    tails = history.panel_of(numbers).target[:, axis.first :]
    forecasts = _forecast_arrays(tables, history, numbers, axis)
    backtests = backtest_chunk(tables, history, numbers, comparison.window_starts)
    totals = comparison.items
    wapes = wape_per_item(totals.forecast_error, totals.actual)
    naive_wapes = wape_per_item(totals.naive_error, totals.actual)
    names = dict(zip(numbers.tolist(), tables.keys_of(numbers), strict=True))
    mixtures = mixtures_of(tables, numbers)
    return [
        {
            "name": " · ".join(names[number]),
            "history": _numbers(axis.drawn(tails[row], axis.first)),
            "forecast": _lines(
                tables.forecast_types,
                {name: axis.drawn(each[row], axis.forecast_start) for name, each in forecasts.items()},
            ),
            "backtests": [
                {"start": axis.place(start)}
                | _lines(
                    tables.backtest_types,
                    {name: axis.drawn(each[row, at], start) for name, each in backtests.values.items()},
                )
                for at, start in enumerate(comparison.window_starts)
                if start >= axis.first
            ],
            "wape": page_number(wapes[number]),
            "naiveWape": page_number(naive_wapes[number]),
            **_made_of(mixtures.get(number)),
        }
        for number, row in ((int(number), int(np.searchsorted(numbers, number))) for number in chosen)
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
