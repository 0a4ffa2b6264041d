"""Rows that have types already, such as those of a frame, as a table of texts: what follows guesses as for a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from numpy.typing import NDArray

from forecast_language import said
from local_aws.guessing.rows import total_rows
from local_aws.guessing.rows.parquet import load_typed
from local_aws.guessing.table import DataError, Table


def table_of(columns: Mapping[str, NDArray[Any]], name: str) -> Table:
    """The table of these columns, which messages call `name`; its rows are counted from 0.

    An array holds numbers, moments, or texts with None where there is none. DataError without a row.
    """
    connection = duckdb.connect()
    rows = len(next(iter(columns.values()), ()))
    if not rows:
        raise DataError(said("{file}: found no row, wanted at least one", file=name))
    connection.execute(f"SET pandas_analyze_sample = {rows}")  # else a column that begins with None is one of numbers
    connection.register("typed_rows", dict(columns))
    names = load_typed("typed_rows", "data", connection, {}, first=0)
    connection.unregister("typed_rows")
    totals = total_rows.total_rows(connection, "data", names, rows)
    left_out: tuple[str, ...] = ()
    if totals:
        connection.execute(f"DELETE FROM data WHERE line IN ({', '.join(str(row) for row, _ in totals)})")
        left_out = (total_rows.sentence(totals, name, "row"),)
    return Table(Path(name), connection, names, True, ",", left_out, is_own=False, noun="row")
