"""Phases in which nothing was ever observed, such as the weekends of a price: no periods of that series at all."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.panel.panel import Panel
from forecast_engine.panel.phases import Phases, phases_of


def unobserved_steps(panel: Panel, horizon: int) -> NDArray[np.bool_]:
    """[item, step]: steps behind the grid in whose phase nothing was ever observed, in enough cycles to tell."""
    known = ~np.isnan(panel.target)
    length, width = panel.grid.length, panel.grid.length + horizon
    steps = np.zeros((len(known), horizon), dtype=bool)
    for phases in phases_of(panel.grid, width):
        steps |= _never_observed(known, phases)[:, phases.phase[phases.of_periods(length, width)]]
    return steps


def _never_observed(known: NDArray[np.bool_], phases: Phases) -> NDArray[np.bool_]:
    """[item, phase]: nothing is ``known`` [item, time] in the phase, though something is in other phases of its cycles.

    A cell that the grid does not hold as a whole counts neither way.
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
    never: NDArray[np.bool_] = (is_live.sum(axis=1) >= phases.fewest_cycles) & ~cells.any(axis=1)
    return never
