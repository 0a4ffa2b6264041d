"""Whether the data end within a period of the forecast, so that the last value counts only a part of it."""

import numpy as np
from numpy.typing import NDArray

from forecast_contract.frequencies import mean_seconds
from forecast_contract.time_alignment import boundary_fields
from forecast_engine import Boundary, Frequency, Grid
from forecast_pipeline.publishing.exports.run_tables import RunTables, Timestamps
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.runs.published import LastPeriod

EARLIER_PERIODS = 12  # that tell where in a period its data usually end
_STEPS = {60: "1min", 300: "5min", 600: "10min", 900: "15min", 1800: "30min", 3600: "H", 86400: "D", 604800: "W"}
_SHORTEST_MONTH, _LONGEST_MONTH = 28 * 86400, 31 * 86400


def partial_period(tables: RunTables, history: AlignedHistory) -> LastPeriod | None:
    """The last period of the history if it is a part; None if it is whole, or nobody can tell.

    It is a part if steps of the data are missing at its end that most of the periods before it have: a shop that is
    closed on Sundays has whole weeks of six days.
    """
    period = tables.run.frequency
    last = history.grid.length - 1
    first = max(last - EARLIER_PERIODS, 0)
    starts = history.grid.timestamps(first, last - first + 2)
    timestamps = tables.timestamps_from(starts[0])
    step = _step(tables.run.data_frequency, timestamps)
    if first == last or step is None or mean_seconds(step) >= mean_seconds(period):
        return None
    boundary = Boundary(**boundary_fields(tables.run.alignment.boundary))
    steps = Grid.covering(Frequency.parse(step), starts[0], starts[-1] - np.timedelta64(1, "s"), boundary)
    ends = np.append(steps.index_of(starts[1:-1]), steps.length)
    held = np.unique(steps.index_of(timestamps))
    # [period]: the steps of a period that no data reach, counted from its end.
    missing = ends - 1 - np.concatenate([[-1], held])[np.searchsorted(held, ends)]
    held_last, steps_last = int((held >= ends[-2]).sum()), int(ends[-1] - ends[-2])
    if not 0 < missing[-1] < steps_last or np.mean(missing[:-1] >= missing[-1]) >= 0.5:
        return None
    return LastPeriod(Start=str(starts[-2]), Period=period, Held=held_last, Steps=steps_last, Step=step)


def _step(declared: str | None, timestamps: Timestamps) -> str | None:
    """The frequency of the data: as declared, or as they come where that is coarser."""
    named = [step for step in (declared, _usual_step(timestamps)) if step is not None]
    return max(named, key=mean_seconds, default=None)


def _usual_step(timestamps: Timestamps) -> str | None:
    """The frequency of the most usual step from one timestamp to the next; None if it has no name."""
    steps: NDArray[np.int64] = np.diff(timestamps).astype("timedelta64[s]").astype(np.int64)
    if not len(steps):
        return None
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[counts.argmax()])
    return "M" if _SHORTEST_MONTH <= usual <= _LONGEST_MONTH else _STEPS.get(usual)
