"""Weekdays and times at which nothing was ever observed, such as the weekends of a price: no periods of that series."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.panel.panel import Panel
from forecast_engine.panel.phases import TIME_OF_DAY, TIME_OF_WEEK, WEEKDAY, Phases, phases_of

_WEEK = 7 * 86400  # seconds
_CHANCE = 1e-4  # below which it is no accident that a phase is without a value


def unobserved_periods(panel: Panel, first: int, end: int) -> NDArray[np.bool_]:
    """[item, period]: periods from ``first`` to ``end``, of the grid or behind it, that never occur in a series.

    Nothing was ever observed in their weekday, time of the day or time of the week, in enough cycles to tell.
    """
    never = np.zeros((len(panel.target), end - first), dtype=bool)
    seconds = panel.grid.frequency.seconds
    if not seconds:
        return never
    known = ~np.isnan(panel.target)
    items = np.flatnonzero(~known[:, -(-_WEEK // seconds) :].all(axis=1))  # a last week of values has all phases
    if len(items):
        for phases in phases_of(panel.grid, max(end, panel.grid.length) + 1):
            if phases.kind in (WEEKDAY, TIME_OF_DAY, TIME_OF_WEEK):
                never[items] |= _never_observed(known[items], phases)[:, phases.phase[phases.of_periods(first, end)]]
    return never


def _never_observed(known: NDArray[np.bool_], phases: Phases) -> NDArray[np.bool_]:
    """[item, phase]: nothing is ``known`` [item, time] in the phase, though something is in other phases of its cycles.

    A cell that the grid does not hold as a whole counts neither way. With p the share of cells without a value in the
    phases that have values, n cycles without one are no accident where p^n <= 0.0001.
    """
    whole = np.flatnonzero(np.append(phases.starts[1:], phases.starts[-1] + known.shape[1]) <= known.shape[1])
    phase, cycle = phases.phase[whole], phases.cycle[whole]
    cells = np.zeros((len(known), int(phases.cycle[-1]) + 1, phases.count), dtype=bool)
    there = np.zeros(cells.shape[1:], dtype=bool)
    cells[:, cycle, phase] = np.logical_or.reduceat(known, phases.starts[phases.starts < known.shape[1]], axis=1)[
        :, whole
    ]
    there[cycle, phase] = True
    is_live = np.logical_or.reduce(cells, axis=2, keepdims=True) & there
    occurs: NDArray[np.bool_] = np.logical_or.reduce(cells, axis=1)
    cycles, counted = is_live.sum(axis=1), (is_live & occurs[:, None]).sum(axis=(1, 2))
    empty_share = 1 - cells.sum(axis=(1, 2)) / np.maximum(counted, 1)
    never: NDArray[np.bool_] = ~occurs & (cycles >= phases.fewest_cycles) & (empty_share[:, None] ** cycles <= _CHANCE)
    return never
