"""Periods that occur in a series are published where the run asks for these alone: business days of a price."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Panel
from forecast_engine.evaluation import unobserved_periods
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory


def leave_out_unobserved(tables: RunTables, history: AlignedHistory) -> None:
    """Delete the steps of the forecast that never occur in their series.

    What never occurs in any series does not in one whose history is too short to tell, or that has none.
    """
    start, end = (int(index) for index in history.grid.index_of(np.array(tables.exported_span())))
    timestamps = history.grid.timestamps(start, end + 1 - start).astype("datetime64[us]")
    in_all = unobserved_in_all(history, start, end + 1)
    for chunk in history.chunks():
        never = unobserved_periods(chunk.panel, start, end + 1) | in_all
        rows, steps = np.nonzero(never)
        series = chunk.numbers[rows].astype(np.int32)
        tables.leave_out_of_forecast({"series": series, "timestamp": timestamps[steps]})


def unobserved_in_all(history: AlignedHistory, first: int, end: int) -> NDArray[np.bool_]:
    """[period]: periods from ``first`` to ``end`` that never occur in any series, by what all of the run's hold."""
    known = np.zeros(history.grid.length, dtype=bool)
    known[history.grid.index_of(history.tables.known_timestamps())] = True
    together = Panel(["all"], history.grid, np.where(known, 1.0, np.nan)[None], known[None], 0)
    return unobserved_periods(together, first, end)[0]
