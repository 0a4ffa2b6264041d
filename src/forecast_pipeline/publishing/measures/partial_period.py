"""Whether the data end within a period of the forecast, and whether the service has left that period out."""

import numpy as np

from forecast_contract.time_alignment import boundary_fields
from forecast_engine import Boundary, Frequency, first_that_tells, partial_last_period
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.runs.published import LastPeriod


def partial_period(tables: RunTables, history: AlignedHistory) -> LastPeriod | None:
    """The last period of the history if it is a part; None if it is whole, or nobody can tell.

    It is left out where the run asks for it and the forecast begins with that very period.
    """
    run = tables.run
    declared = Frequency.parse(run.data_frequency) if run.data_frequency else None
    boundary = Boundary(**boundary_fields(run.alignment.boundary))
    timestamps = tables.timestamps_from(first_that_tells(history.grid))
    part = partial_last_period(history.grid, timestamps, declared, boundary)
    if part is None:
        return None
    return LastPeriod(
        Start=str(part.start),
        Period=run.frequency,
        Held=part.held,
        Steps=part.steps,
        Step=str(part.step),
        IsLeftOut=run.drops_partial_period and bool(tables.forecast_span()[0] == part.start),
    )


def whole_history(tables: RunTables, history: AlignedHistory, part: LastPeriod | None) -> AlignedHistory:
    """The history that the forecast was made of: without the part of a period that was left out."""
    if part is None or not part.IsLeftOut:
        return history
    tables.end_history(np.datetime64(part.Start, "s"))
    return AlignedHistory(tables)
