"""The items of the report: name and figures of all, lines of those there is room for, everything of the largest."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Array
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.comparison import Comparison, backtest_chunk
from forecast_pipeline.publishing.measures.item_accuracy import wape_per_item
from forecast_pipeline.publishing.measures.item_models import Mixture, mixtures_of, notes_of
from forecast_pipeline.publishing.outputs.report_page import page_number
from forecast_pipeline.publishing.report.axis import ReportAxis
from forecast_pipeline.publishing.report.blocks import ITEMS_OF_A_BLOCK, ItemLines, index_of, lines_of, packed
from forecast_pipeline.publishing.report.latest_truth import LatestTruth
from forecast_pipeline.publishing.report.tails import ItemTails, Total, forecast_arrays

BETWEEN_KEYS = " · "


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
    """The items of some series, the largest first.

    ``index`` holds name and figures of the ``count`` items, ``lines`` the blocks of those that have lines of their own,
    with their last ``history`` periods in so many ``levels``; ``items`` are the largest, with everything, of which a
    page holds ``most``. ``times`` are those of the shared axis, packed: ``history_length`` of history, of which
    ``recent`` are drawn at first, and the forecast begins at ``forecast_start``. ``total`` is None where a sum of items
    means nothing.
    """

    most: int
    times: str
    history_length: int
    forecast_start: int
    recent: int
    count: int
    index: str
    history: int
    levels: int
    lines: list[str] = field(default_factory=list)
    total: Total | None = None
    items: list[ReportItem] = field(default_factory=list)


def report_items(comparison: Comparison, tails: ItemTails) -> ReportItems:
    """The items of these series; the same run gives the same ones."""
    tables, plan, axis = tails.tables, tails.plan, tails.plan.axis
    with_forecast = tables.series_with_forecast()
    ranked = with_forecast[np.argsort(-comparison.items.volume[with_forecast], kind="stable")]
    timestamps = tails.history.grid.timestamps(axis.first, len(axis.shown))[axis.shown]
    truth = LatestTruth(tables)
    return ReportItems(
        plan.detailed,
        times=packed([str(timestamp).replace("T", " ") for timestamp in timestamps]),
        history_length=axis.place(axis.first + axis.history_length),
        forecast_start=axis.place(axis.forecast_start),
        recent=axis.recent,
        count=len(ranked),
        index=_index(comparison, tails, truth, ranked),
        history=plan.history,
        levels=plan.levels,
        lines=_lines_of(tails, ranked) if plan.levels else [],
        total=tails.total if tables.run.alignment.aggregation == "sum" else None,
        items=_items(comparison, tails, truth, ranked[: plan.detailed]),
    )


def _index(comparison: Comparison, tails: ItemTails, truth: LatestTruth, ranked: NDArray[np.int64]) -> str:
    """Name, volume, WAPE, seasonal naive's, surprise, and the WAPE of the last forecast of each item."""
    totals = comparison.items
    figures = [
        wape_per_item(totals.forecast_error, totals.actual),
        wape_per_item(totals.naive_error, totals.actual),
        tails.surprise,
        truth.wapes(len(tails.surprise)),
    ]
    return index_of(
        [BETWEEN_KEYS.join(key) for key in _keys(tails.tables, ranked)],
        totals.volume[ranked],
        [each[ranked] for each in figures],
    )


def _keys(tables: RunTables, numbers: NDArray[np.int64]) -> list[tuple[str, ...]]:
    """The keys of these series, in their order."""
    ascending = np.sort(numbers)
    keys = dict(zip(ascending.tolist(), tables.keys_of(ascending), strict=True)) if len(numbers) else {}
    return [keys[number] for number in numbers.tolist()]


def _lines_of(tails: ItemTails, ranked: NDArray[np.int64]) -> list[str]:
    """The blocks of the items that have lines: all of them, or the largest that there is room for."""
    notes = notes_of(tails.tables)
    lined = ranked[: math.ceil(tails.plan.lined * len(ranked))]
    blocks = []
    for first in range(0, len(lined), ITEMS_OF_A_BLOCK):
        numbers = lined[first : first + ITEMS_OF_A_BLOCK]
        edges = [tails.lines[name][numbers].astype(float) if name in tails.lines else None for name in ("low", "high")]
        lines = ItemLines(tails.ends[numbers].astype(float), tails.lines["line"][numbers].astype(float), *edges)
        blocks.append(lines_of(lines, [notes.get(number, "") for number in numbers.tolist()], tails.plan.levels))
    return blocks


def _items(comparison: Comparison, tails: ItemTails, truth: LatestTruth, chosen: NDArray[np.int64]) -> list[ReportItem]:
    if not len(chosen):
        return []
    tables, history, axis, numbers = tails.tables, tails.history, tails.plan.axis, np.sort(chosen)
    target = history.panel_of(numbers).target[:, axis.first :]
    forecasts = forecast_arrays(tables, history, numbers, axis)
    backtests = backtest_chunk(tables, history, numbers, comparison.window_starts)
    mixtures = mixtures_of(tables, numbers)
    earlier = truth.lines(history, axis, numbers)
    windows = [*enumerate(comparison.window_starts)]

    def document(number: int) -> dict[str, Any]:
        row = int(np.searchsorted(numbers, number))
        return {
            "history": _numbers(axis.drawn(target[row], axis.first)),
            "forecast": _lines(
                tables.forecast_types,
                {name: axis.drawn(each[row], axis.forecast_start) for name, each in forecasts.items()},
            ),
            "backtests": _backtest_lines(
                tables.backtest_types,
                axis,
                {start: {name: each[row, at] for name, each in backtests.values.items()} for at, start in windows},
            ),
            **({"earlier": earlier[number]} if number in earlier else {}),
            **_made_of(mixtures.get(number)),
        }

    named = zip(chosen.tolist(), comparison.items.volume[chosen].tolist(), _keys(tables, chosen), strict=True)
    return [ReportItem(volume, list(key), document(number)) for number, volume, key in named]


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


def _lines(types: ForecastTypes, values: dict[str, Array]) -> dict[str, Any]:
    """What a chart draws of one forecast, ``values`` [step] per type: its line, and its band if it has one."""
    lines: dict[str, Any] = {"line": _numbers(values[types.line])}
    if types.band is not None:
        lines |= {"low": _numbers(values[types.band[0]]), "high": _numbers(values[types.band[1]])}
    return lines


def _numbers(values: Array) -> list[float | None]:
    return [page_number(value) for value in values.tolist()]
