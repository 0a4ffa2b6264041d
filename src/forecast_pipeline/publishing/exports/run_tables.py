"""The rows of a run in one duckdb file on the local disk: history, forecast, backtest and item accuracy.

Twelve million rows and more pass through here, so nothing is ever held in Python: duckdb reads the CSV files,
spills to disk above its memory limit, and hands out numpy arrays for a few thousand items at a time.

Tables, and their columns:

    series         series (its number), key_0, key_1, ... (the key columns)
    history        series, timestamp, target
    last_actual    the same, filled by the comparison
    aligned_history  the same on the forecast's grid, filled by the comparison
    times          timestamp, is_known: when any series of the run, of whatever shard, has a row, and a value
    earlier_items  key_0, key_1, ...: the items of an earlier run
    earlier        run, series, timestamp, a column per forecast type: what earlier runs forecast
    train_rows     the rows of the train files as they were read, only if they are to be copied
    forecast       series, timestamp, about_0, about_1, ... (the item metadata), a column per forecast type
    backtest       series, window_start, timestamp, actual, a column per forecast type
    item_accuracy  series, metric_0, metric_1, ... (the figures of the service's Summary row, as text)
    item_models    series, model, season, form, weight, note

No column here has the name of an attribute: ``named_keys``, ``metadata_columns`` and ``accuracy_metrics`` give the
names back where a file is written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from forecast_contract.spreadsheet_text import guarded
from forecast_contract.sql import identifier, literal
from forecast_files.row_counts import RowCounts
from forecast_pipeline.publishing.exports.catalog_types import SQL_TYPES
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_facts import RunFacts, without_period
from forecast_pipeline.publishing.exports.staging import (
    BACKTEST_MEASURES,
    MODEL_COLUMNS,
    key_aliases,
    key_columns_of_rows,
)

Numbers = NDArray[np.int64]
Timestamps = NDArray[np.datetime64]
Columns = dict[str, NDArray[Any]]


class RunTables:
    """The tables of the series of one run, or of those of one shard of it.

    ``facts`` are those of the whole run. Its ``metadata_columns`` are those of the item metadata that the forecast has:
    all of the metadata, or none where dimensions are forecast. ``behind_the_end`` counts the rows of the history that
    ``end_history`` left out, and those of them without a target.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, run: FinishedRun, facts: RunFacts) -> None:
        """Keep the connection; ``number`` fills the tables."""
        self.connection = connection
        self.run = run
        self.facts = facts
        self.forecast_types = facts.forecast_types
        self.backtest_types = facts.backtest_types
        self.accuracy_metrics = facts.accuracy_metrics
        self.metadata_columns = facts.metadata_columns
        self.behind_the_end = (0, 0)

    def number(self) -> None:
        """Number the series of the tables that ``Staging`` has filled, and keep their rows by number.

        ``train_rows`` stay only where they are to be copied, since values in them are quoted.
        """
        self.connection.execute(
            "CREATE TABLE history_span AS SELECT min(timestamp) AS first, max(timestamp) AS last FROM times"
        )
        for name in ("last_actual", "aligned_history"):
            self.connection.execute(f"CREATE TABLE {name} (series INTEGER, timestamp TIMESTAMP, target DOUBLE)")
        self._number_the_series()
        rows = f"(SELECT {key_columns_of_rows(self.run)}, timestamp, target FROM train_rows)"
        self.connection.execute(
            f"CREATE TABLE history AS SELECT series, timestamp, target FROM {rows} JOIN series USING ({self.keys})"
        )
        if not self.facts.is_quoted:
            self.connection.execute("DROP TABLE train_rows")
        self._keep("forecast", ["timestamp", *self.metadata_columns, *self.forecast_types.names])
        self._keep("backtest", [*BACKTEST_MEASURES.values(), *self.backtest_types.names])
        self._keep("item_accuracy", list(self.accuracy_metrics))
        self._keep("item_models", list(MODEL_COLUMNS))
        earlier = self.facts.earlier_forecasts.values()
        self._keep("earlier", ["run", "timestamp", *sorted({name for each in earlier for name in each.names})])

    @property
    def rows(self) -> RowCounts:
        """The rows of the train files, used and left out, without those behind the end of the history."""
        return without_period(self.facts.rows, *self.behind_the_end)

    def series_count(self) -> int:
        """How many series there are."""
        return int(self._one("SELECT count(*) FROM series")[0])

    def history_span(self) -> tuple[np.datetime64, np.datetime64]:
        """The first and the last timestamp of all train files, items without a forecast included."""
        first, last = self._one("SELECT first, last FROM history_span")
        if first is None:
            raise ValueError("Train files: found no row with a readable timestamp and an item, wanted one or more")
        return np.datetime64(first, "s"), np.datetime64(last, "s")

    def end_history(self, end: np.datetime64) -> None:
        """Leave the rows from ``end`` on out of the history, and count them so: they lie in an unfinished period."""
        moment = f"{literal(str(end))}::TIMESTAMP"
        behind = f"FROM history WHERE timestamp >= {moment}"
        count, unknown = self._one(f"SELECT count(*), count(*) FILTER (target IS NULL OR isnan(target)) {behind}")
        self.connection.execute(f"DELETE {behind}")
        self.connection.execute(f"DELETE FROM times WHERE timestamp >= {moment}")
        self.connection.execute(f"UPDATE history_span SET last = {moment} - INTERVAL '1 second'")
        self.behind_the_end = (count, unknown)

    def timestamps_between(self, first: np.datetime64, end: np.datetime64) -> Timestamps:
        """The distinct timestamps of all train files from ``first`` on and before ``end``, ascending."""
        query = "SELECT timestamp FROM times WHERE timestamp >= ? AND timestamp < ? ORDER BY timestamp"
        rows = self.connection.execute(query, [first.astype(datetime), end.astype(datetime)]).fetchnumpy()
        return rows["timestamp"].astype("datetime64[s]")

    def known_timestamps(self) -> Timestamps:
        """The distinct timestamps at which any series of the run has a value."""
        rows = self.connection.execute("SELECT timestamp FROM times WHERE is_known").fetchnumpy()
        return rows["timestamp"].astype("datetime64[s]")

    def window_starts(self) -> Timestamps:
        """The distinct starts of the backtest windows."""
        return np.array(self.facts.window_starts, dtype="datetime64[s]")

    def exported_span(self) -> tuple[np.datetime64, np.datetime64]:
        """The first and the last timestamp of the run's forecast export."""
        if self.facts.forecast_span is None:
            raise ValueError("forecast export: found no row, wanted one or more")
        first, last = self.facts.forecast_span
        return np.datetime64(first, "s"), np.datetime64(last, "s")

    def forecast_span(self) -> tuple[datetime, datetime] | None:
        """The first and the last timestamp of the forecast of these series; None where nothing is left of it."""
        first, last = self._one("SELECT min(timestamp), max(timestamp) FROM forecast")
        return None if first is None else (first, last)

    def forecast_period_count(self) -> int:
        """How many periods the longest forecast of a series has."""
        counts = "SELECT count(*) AS periods FROM forecast GROUP BY series"
        return int(self._one(f"SELECT coalesce(max(periods), 0) FROM ({counts})")[0])

    def leave_out_of_forecast(self, steps: Columns) -> None:
        """Delete steps of the forecast, given as arrays: series, timestamp."""
        self.connection.register("unobserved", steps)
        self.connection.execute(
            "DELETE FROM forecast WHERE (series, timestamp) IN (SELECT series, timestamp FROM unobserved)"
        )
        self.connection.unregister("unobserved")

    def series_with_forecast(self) -> Numbers:
        """The numbers of the series that have a forecast, ascending."""
        rows = self.connection.execute("SELECT DISTINCT series FROM forecast ORDER BY series").fetchnumpy()
        return rows["series"].astype(np.int64)

    def new_series_count(self) -> int:
        """How many series have a forecast and no history."""
        count = "SELECT count(DISTINCT series) FROM forecast ANTI JOIN (FROM history WHERE target IS NOT NULL)"
        return int(self._one(f"{count} USING (series)")[0])

    def rows_of(self, table: str, numbers: Numbers, columns: Sequence[str], condition: str = "true") -> Columns:
        """The rows of these series (ascending numbers) as arrays: series, timestamp, and the float columns.

        Null is NaN. The table ``backtest`` has window_start besides. ``condition`` is SQL about the table's rows.
        """
        floats = [f"coalesce({identifier(column)}, 'nan'::DOUBLE) AS {identifier(column)}" for column in columns]
        times = ["timestamp", "window_start"] if table == "backtest" else ["timestamp"]
        self.connection.register("chosen", {"series": numbers.astype(np.int32)})
        try:
            # SEMI JOIN over a range first: a chunk of consecutive series then skips most of the table.
            return self.connection.execute(
                f"SELECT series, {', '.join([*times, *floats])} FROM {table} SEMI JOIN chosen USING (series)"
                f" WHERE series BETWEEN {int(numbers[0])} AND {int(numbers[-1])} AND {condition}"
            ).fetchnumpy()
        finally:
            self.connection.unregister("chosen")

    def keys_of(self, numbers: Numbers) -> list[tuple[str, ...]]:
        """The key columns' values of these series, in the order of their numbers."""
        self.connection.register("chosen", {"series": numbers.astype(np.int32)})
        try:
            return self.connection.execute(
                f"SELECT {self.keys} FROM series SEMI JOIN chosen USING (series) ORDER BY series"
            ).fetchall()
        finally:
            self.connection.unregister("chosen")

    def insert(self, table: str, columns: Columns) -> None:
        """Append rows given as arrays."""
        self.connection.register("rows", columns)
        self.connection.execute(f"INSERT INTO {table} SELECT * FROM rows")
        self.connection.unregister("rows")

    def insert_new(self, table: str, columns: Columns) -> None:
        """Create a table of rows given as arrays."""
        self.connection.register("rows", columns)
        self.connection.execute(f"CREATE TABLE {table} AS SELECT * FROM rows")
        self.connection.unregister("rows")

    def _one(self, query: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self.connection.execute(query).fetchall()[0]
        return row

    @property
    def keys(self) -> str:
        """The key columns as a list in SQL, by their names inside."""
        return ", ".join(key_aliases(self.run))

    @property
    def named_keys(self) -> dict[str, str]:
        """Key column -> SQL for it in a query over the table ``series``."""
        aliases = key_aliases(self.run)
        return {name: f"series.{alias}" for name, alias in zip(self.run.key_columns, aliases, strict=True)}

    @property
    def keys_for_people(self) -> dict[str, str]:
        """The same for a file that people open in a spreadsheet, where no key may be a formula."""
        return {name: guarded(key) for name, key in self.named_keys.items()}

    def write_csv(self, path: Path, columns: Mapping[str, str], rows: str) -> None:
        """Write a file with a header: column -> SQL for it, and the query's part from FROM on.

        An attribute's name hides a column's in ORDER BY, so ``rows`` must say which table each column is of.
        """
        selected = ", ".join(f"{expression} AS {identifier(name)}" for name, expression in columns.items())
        self.connection.execute(f"COPY (SELECT {selected} {rows}) TO {literal(path)} (FORMAT csv, HEADER true)")

    def write_parquet(self, path: Path, types: Mapping[str, str], columns: Mapping[str, str], rows: str) -> None:
        """Write a Parquet file of a Glue table: column -> Glue's type, column -> SQL for it, the query from FROM on.

        What is not of the column's type is null, as where Athena reads a CSV file.
        """
        selected = ", ".join(
            f"TRY_CAST({columns[name]} AS {SQL_TYPES[each]}) AS {identifier(name.lower())}"
            for name, each in types.items()
        )
        self.connection.execute(f"COPY (SELECT {selected} {rows}) TO {literal(path)} (FORMAT parquet)")

    def _number_the_series(self) -> None:
        """Number every series with a forecast or a backtest in the order of their keys: the same on every run."""
        self.connection.execute(
            f"""
            CREATE TABLE series AS
            SELECT CAST(row_number() OVER (ORDER BY {self.keys}) - 1 AS INTEGER) AS series, {self.keys}
            FROM (SELECT {self.keys} FROM staged_forecast UNION SELECT {self.keys} FROM staged_backtest)
            """
        )

    def _keep(self, name: str, columns: Sequence[str]) -> None:
        listed = ", ".join(identifier(column) for column in columns)
        self.connection.execute(
            f"CREATE TABLE {name} AS SELECT series, {listed} FROM staged_{name} JOIN series USING ({self.keys})"
        )
        self.connection.execute(f"DROP TABLE staged_{name}")
