"""Whether the data begin or end within a period of the forecast, and whether the service has left that one out."""

import numpy as np

from forecast_contract.time_alignment import boundary_fields
from forecast_engine import (
    Boundary,
    Frequency,
    first_periods,
    last_periods,
    partial_first_period,
    partial_last_period,
)
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.runs.published import PartOfPeriod


def partial_period(tables: RunTables, history: AlignedHistory) -> PartOfPeriod | None:
    """The last period of the history if it is a part; None if it is whole, or nobody can tell.

    It is left out where the run asks for it and the forecast begins with that very period.
    """
    timestamps = tables.timestamps_between(*last_periods(history.grid))
    part = partial_last_period(history.grid, timestamps, _data_frequency(tables), _boundary(tables))
    if part is None:
        return None
    is_left_out = tables.run.drops_partial_period and bool(tables.exported_span()[0] == part.start)
    return PartOfPeriod(
        Start=str(part.start),
        Period=tables.run.frequency,
        Held=part.held,
        Steps=part.steps,
        Step=str(part.step),
        IsLeftOut=is_left_out,
    )


def first_partial_period(tables: RunTables, history: AlignedHistory) -> PartOfPeriod | None:
    """The first period of the history if it is a part; None if it is whole, or nobody can tell."""
    timestamps = tables.timestamps_between(*first_periods(history.grid))
    part = partial_first_period(history.grid, timestamps, _data_frequency(tables), _boundary(tables))
    if part is None:
        return None
    return PartOfPeriod(
        Start=str(part.start), Period=tables.run.frequency, Held=part.held, Steps=part.steps, Step=str(part.step)
    )


def whole_history(tables: RunTables, history: AlignedHistory, part: PartOfPeriod | None) -> AlignedHistory:
    """The history that the forecast was made of: without the part of a period that was left out."""
    if part is None or not part.IsLeftOut:
        return history
    tables.end_history(np.datetime64(part.Start, "s"))
    return AlignedHistory(tables)


def _data_frequency(tables: RunTables) -> Frequency | None:
    return Frequency.parse(tables.run.data_frequency) if tables.run.data_frequency else None


def _boundary(tables: RunTables) -> Boundary:
    return Boundary(**boundary_fields(tables.run.alignment.boundary))
