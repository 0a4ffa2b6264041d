"""What of each item the report has room for: the shared time axis, and how much of the many a page carries."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Array
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.comparison import window_starts
from forecast_pipeline.publishing.measures.observed_periods import unobserved_in_all

NUMBERS_IN_PAGE = 600_000  # with all of every item; some 2 MB of page
NUMBERS_OF_THE_LARGEST = 150_000  # where that does not suffice: those of the largest items, with all of each
BYTES_OF_THE_OTHERS = 1_400_000  # forecast and some history of every other item
MOST_BYTES_OF_THE_OTHERS = 30_000_000  # forecasts alone; beyond, an item has its name and its figures
LONGEST_AXIS = 20_000  # periods; more than a screen has pixels
LONGEST_OF_THE_LARGEST = 400
LEAST_HISTORY = 12  # periods before each forecast
LEVELS = (32767, 4095, 1023, 255)  # steps into which an item's largest value is parted, the finest that has room


@dataclass(frozen=True)
class ReportAxis:
    """The shared time axis: periods ``first`` .. ``first + history_length`` of history, then the forecast's steps.

    ``shown`` [period] of its periods are drawn: not those that occur in no series. ``recent`` of its history's periods
    are drawn at first.
    """

    first: int
    history_length: int
    forecast_start: int
    horizon: int
    recent: int
    shown: NDArray[np.bool_]

    def place(self, period: int) -> int:
        """How many of the periods that are drawn lie before a period of the grid."""
        return int(self.shown[: max(0, period - self.first)].sum())

    def drawn(self, values: Array, period: int) -> Array:
        """Those of ``values`` [..., period], from a period of the grid on, that are drawn."""
        begin = period - self.first
        return values[..., self.shown[begin : begin + values.shape[-1]]]


@dataclass(frozen=True)
class ReportPlan:
    """What the page of a run holds of its items; the same for every shard of the run.

    The ``detailed`` largest items have all of the axis, their backtests and models. Every other one has its forecast
    and the last ``history`` periods, each number as one of ``levels`` steps between 0 and the item's largest value;
    ``lined`` is the share of the others that have these, the largest of them. Where all are detailed, ``levels`` is 0.
    """

    axis: ReportAxis
    detailed: int
    history: int
    levels: int
    lined: float


def report_plan(tables: RunTables, history: AlignedHistory) -> ReportPlan:
    """The plan by the numbers of series, periods and backtest windows of the whole run."""
    starts, horizon, length = window_starts(tables, history), tables.run.horizon, history.grid.length
    items = max(1, tables.facts.forecast_row_count // horizon)
    lines_each = 3 * horizon * (1 + len(starts) + bool(tables.facts.earlier_forecasts))
    recent = _recent(history, horizon, starts)
    room = NUMBERS_IN_PAGE // items - lines_each
    if room >= min(length, recent, LONGEST_OF_THE_LARGEST):
        return ReportPlan(_axis(tables, history, min(length, room, LONGEST_AXIS), recent), items, 0, 0, 0.0)
    axis = _axis(tables, history, min(length, LONGEST_OF_THE_LARGEST), recent)
    detailed = min(items, max(1, NUMBERS_OF_THE_LARGEST // (axis.history_length + lines_each)))
    others = max(1, items - detailed)
    wanted = min(axis.history_length, 2 * max(history.grid.frequency.season_length, horizon))
    rooms = {levels: int(BYTES_OF_THE_OTHERS / others / _bytes(levels)) - 2 * horizon for levels in LEVELS}
    levels = next((each for each, periods in rooms.items() if periods >= wanted), LEVELS[-1])
    kept = min(axis.history_length, max(rooms[levels], LEAST_HISTORY))
    bytes_of_all = others * (kept + 2 * horizon) * _bytes(levels)
    return ReportPlan(axis, detailed, kept, levels, min(1.0, MOST_BYTES_OF_THE_OTHERS / bytes_of_all))


def _bytes(levels: int) -> float:
    """What a number takes once it is compressed; the two edges of a band take half of that each."""
    return (levels + 1).bit_length() / 9


def _recent(history: AlignedHistory, horizon: int, starts: list[int]) -> int:
    """4 horizons, 3 seasons or 30 periods, or a horizon before the oldest window: the longest of these."""
    grid = history.grid
    oldest_window = min(starts, default=grid.length)
    return max(4 * horizon, 3 * grid.frequency.season_length, grid.length - oldest_window + horizon, 30)


def _axis(tables: RunTables, history: AlignedHistory, length: int, recent: int) -> ReportAxis:
    grid = history.grid
    first = grid.length - length
    start, last = (int(index) for index in grid.index_of(np.array(tables.exported_span())))
    shown = np.ones(max(grid.length, last + 1) - first, dtype=bool)  # newer data may reach beyond the forecast
    if tables.run.periods == "observed":
        shown = ~unobserved_in_all(history, first, first + len(shown))
    return ReportAxis(first, length, start, last + 1 - start, min(recent, LONGEST_OF_THE_LARGEST, length), shown)
