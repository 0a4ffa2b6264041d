"""The open periods of a panel's series as they are known at some period: by flags known ahead, and by the calendar."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.panel.closed_filling import filled_closed
from forecast_engine.panel.closed_periods import ClosedPhases, Mask, candidates, closed_phases
from forecast_engine.panel.demand_class import intermittent
from forecast_engine.panel.grid import Grid
from forecast_engine.panel.opening_flags import Flag, closed_by_flags, flags_of, opened_by_flags
from forecast_engine.panel.panel import Panel
from forecast_engine.panel.phases import TIME_OF_YEAR, Phases, phases_of

_DAYS_OF_YEAR = 365


@dataclass(frozen=True)
class ClosedNow:
    """Why an item is closed: ``phases`` [phase] of a ``kind`` that are, or a flag of that name with the ``value``."""

    kind: str
    phases: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    value: float = 0.0


@dataclass(frozen=True)
class OpenHistory:
    """The series before some period: ``values`` [item, time], NaN where ``closed`` [item, time + horizon].

    ``values`` are the panel's own where nothing is closed. ``reasons``: by item, what is closed now.
    """

    values: Array
    closed: Mask
    season_length: int
    reasons: dict[int, list[ClosedNow]] = field(default_factory=dict)

    @property
    def closed_steps(self) -> Mask:
        """[item, step]: which of the periods behind the history are closed."""
        return self.closed[:, self.values.shape[1] :]

    @property
    def end(self) -> int:
        """The period behind the history."""
        return self.values.shape[1]

    @property
    def items(self) -> NDArray[np.int64]:
        """Those that have closed periods, in the history or behind it."""
        return np.flatnonzero(self.closed.any(axis=1))

    def open_panel(self, panel: Panel) -> Panel:
        """The panel without what is closed before the end; what lies behind it is the panel's own."""
        return self._with_history(panel, self.values)

    def filled_panel(self, panel: Panel) -> Panel:
        """The panel with what is closed before the end filled; what lies behind it is the panel's own."""
        return self._with_history(panel, self.filled(self.values))

    def filled(self, values: Array) -> Array:
        """``values`` [item, time] of the history with something in closed periods that disturbs no level and no season.

        The same array where nothing is closed. Intermittent items carry their last value on: see ``filled_closed``.
        """
        items = self.items
        if not len(items):
            return values
        filled = values.copy()
        closed = self.closed[items, : self.end]
        filled[items] = filled_closed(values[items], closed, self.season_length, intermittent(self.values[items]))
        return filled

    def _with_history(self, panel: Panel, values: Array) -> Panel:
        if not len(self.items):
            return panel
        return replace(panel, target=np.concatenate([values, panel.target[:, self.end :]], axis=1))


def open_history(panel: Panel, end: int, horizon: int) -> OpenHistory:
    """The history before period ``end``, and what is closed there and in ``horizon`` periods from it on.

    Of the target only what lies before ``end`` is looked at.
    """
    history, season_length = panel.target[:, :end], panel.grid.frequency.season_length
    closed = np.zeros((len(history), end + horizon), dtype=bool)
    items = candidates(history)
    if not len(items):
        return OpenHistory(history, closed, season_length)
    found = _Search(history[items].copy(), panel.grid, flags_of(panel, items, end + horizon), closed[items])
    closed[items] = found.closed()
    if not closed.any():
        return OpenHistory(history, closed, season_length)
    reasons = {int(items[item]): causes for item, causes in found.reasons.items()}
    return OpenHistory(np.where(closed[:, :end], np.nan, history), closed, season_length, reasons)


@dataclass
class _Search:
    """What is left to explain of ``history`` [item, time], and what was found: NaN in it and ``by`` flags or phases."""

    history: Array
    grid: Grid
    flags: list[Flag]
    by_flags: Mask  # [item, time + horizon]
    reasons: dict[int, list[ClosedNow]] = field(default_factory=dict)

    def closed(self) -> Mask:
        """[item, time + horizon]: flags first, whose word counts ahead, then phases, then flags for what is left."""
        full = self.history.copy()
        self._look_at_flags()
        by_phases = self._by_phases()
        self._look_at_flags()
        if self.flags:
            by_phases &= ~opened_by_flags(full, by_phases, self.flags)
        return self.by_flags | by_phases

    def _look_at_flags(self) -> None:
        if not self.flags:
            return
        closed, found = closed_by_flags(self.history, self.flags)
        self.by_flags |= closed
        self.history[closed[:, : self.history.shape[1]]] = np.nan
        for flag, value, closes in found:
            for item in np.flatnonzero(closes):
                self.reasons.setdefault(int(item), []).append(ClosedNow(flag.name, value=value))

    def _by_phases(self) -> Mask:
        end, width = self.history.shape[1], self.by_flags.shape[1]
        ignored = np.any([flag.rare(end) for flag in self.flags], axis=0) if self.flags else None
        closed = np.zeros_like(self.by_flags)
        for phases in phases_of(self.grid, width):
            found = closed_phases(self.history, phases, ignored)
            if not found.history.any():
                continue
            closed[:, :end] |= found.history
            closed[:, end:] |= found.now[:, phases.phase[phases.of_periods(end, width)]]
            if phases.kind == TIME_OF_YEAR and self.grid.frequency.unit == "D":
                closed |= _ragged_edges(self.history, found, phases, width)
            self.history[closed[:, :end]] = np.nan
            for item in np.flatnonzero(found.now.any(axis=1)):
                self.reasons.setdefault(int(item), []).append(ClosedNow(phases.kind, found.now[item]))
        return closed


def _ragged_edges(history: Array, found: ClosedPhases, phases: Phases, width: int) -> Mask:
    """Days [item, time + horizon] around a closed time of the year that are closed as well: weeks begin when they will.

    In the history zeros up to the first open day; behind it the days that were so a year before.
    """
    end = history.shape[1]
    edges = np.zeros((len(history), width), dtype=bool)
    edges[:, :end] = _next_to(found.history, history) | _next_to(found.history[:, ::-1], history[:, ::-1])[:, ::-1]
    later = np.arange(max(end, _DAYS_OF_YEAR), width)
    later = later[later - _DAYS_OF_YEAR < end]
    beside = found.now | np.roll(found.now, 1, axis=1) | np.roll(found.now, -1, axis=1)
    edges[:, later] = edges[:, later - _DAYS_OF_YEAR] & beside[:, phases.phase[phases.of_periods(0, width)[later]]]
    return edges


def _next_to(closed: Mask, history: Array) -> Mask:
    """Zeros [item, time] with nothing above zero since something ``closed``."""
    periods = np.arange(history.shape[1])
    last_closed, last_open = (
        np.maximum.accumulate(np.where(cells, periods, -1), axis=1) for cells in (closed, history > 0)
    )
    return (history == 0) & (last_closed > last_open)
