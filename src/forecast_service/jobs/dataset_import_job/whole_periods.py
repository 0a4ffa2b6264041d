"""An unfinished last period is left out of an import where its tag asks for it, by what all tasks have read."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast_contract.partial_period import period_asked_for
from forecast_contract.sql import literal
from forecast_engine import Boundary, Frequency, Grid, partial_last_period
from forecast_service.jobs.base.engine_errors import engine_refusals
from forecast_service.records.record import Record
from forecast_service.storage.bucket import WORK, Storage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def _timestamps_name(task: int) -> str:
    """The object with the distinct timestamps of a task, in seconds."""
    return f"{WORK}timestamps/{task:05}.npz"


def write_timestamps(connection: "DuckDBPyConnection", storage: Storage, task: int) -> None:
    """Store the distinct timestamps of the table ``rows``, which is what a task has read."""
    times = connection.execute("SELECT DISTINCT timestamp FROM rows").fetchnumpy()["timestamp"]
    seconds = times.astype("datetime64[s]").astype(np.int64)
    storage.write_arrays(_timestamps_name(task), {"timestamps": seconds})


def partial_period(
    job: Record, data_frequency: str | None, storage: Storage, task_count: int
) -> tuple[np.datetime64, np.datetime64] | None:
    """The last timestamp before an unfinished last period, and its beginning; None where nothing is to be left out."""
    with engine_refusals():
        asked = period_asked_for(job.tags)
        if asked is None:
            return None
        frequency, fields = asked
        timestamps, boundary = _timestamps(storage, task_count), Boundary(**fields)
        grid = Grid.covering(Frequency.parse(frequency), timestamps[0], timestamps[-1], boundary)
        declared = Frequency.parse(data_frequency) if data_frequency else None
        part = partial_last_period(grid, timestamps, declared, boundary)
    return None if part is None else (timestamps[timestamps < part.start][-1], part.start)


def _timestamps(storage: Storage, task_count: int) -> NDArray[np.datetime64]:
    """Those of all tasks, ascending."""
    seconds = [storage.read_arrays(_timestamps_name(task))["timestamps"] for task in range(task_count)]
    return np.unique(np.concatenate(seconds)).astype("datetime64[s]")


def leave_out_from(connection: "DuckDBPyConnection", end: str, new: int) -> int:
    """Delete the rows of the table ``gathered`` from ``end`` on; how many of them are of the generation ``new``."""
    behind = f"FROM gathered WHERE timestamp >= {literal(end)}::TIMESTAMP"
    ((count,),) = connection.execute(f"SELECT count(*) FILTER (generation = {new}) {behind}").fetchall()
    connection.execute(f"DELETE {behind}")
    return int(count)
