"""The rows of a run in one duckdb file on the local disk: history, forecast, backtest and item accuracy.

Twelve million rows and more pass through here, so nothing is ever held in Python: duckdb reads the CSV files,
spills to disk above its memory limit, and hands out numpy arrays for a few thousand items at a time.

Tables: ``series`` (series, the key columns), ``history`` (series, moment, target), ``last_actual`` (the same, filled
by the comparison), ``forecast`` (series, moment, about_0, about_1, ... of the item metadata, a column per forecast
type), ``backtest`` (series, window_start, moment, actual, a column per forecast type), ``item_accuracy`` (series, the
service's Summary figures as text), ``item_models`` (series, model, season, form, weight, note).
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from forecast_contract.exports import (
    BACKTEST_TARGET,
    BACKTEST_TIMESTAMP,
    BACKTEST_WINDOW,
    DATE,
    ITEM_MODELS_COLUMNS,
    SUMMARY,
    WINDOW_END,
    WINDOW_START,
    item_models_columns,
)
from forecast_contract.forecast_types import is_column
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes

BACKTEST_MEASURES = ("window_start", "moment", "actual")
Numbers = NDArray[np.int64]
Stamps = NDArray[np.datetime64]
Columns = dict[str, NDArray[Any]]

_MODEL_TYPES = {"season": "INTEGER", "weight": "DOUBLE"}  # the other columns are texts
MODEL_COLUMNS = {name: _MODEL_TYPES.get(name, "VARCHAR") for name in ITEM_MODELS_COLUMNS}
NOT_A_METRIC = (BACKTEST_WINDOW, WINDOW_START, WINDOW_END)

# Half of a Lambda's memory for duckdb; the other half holds numpy's chunks and the report. The default is a laptop's.
MEMORY_SHARE = 0.5
DEFAULT_MEMORY_MB = 3008


def connect(directory: Path) -> duckdb.DuckDBPyConnection:
    """Open an empty database file in the directory, bounded in memory, with nothing fetched from the network."""
    memory = int(float(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", DEFAULT_MEMORY_MB)) * MEMORY_SHARE)
    return duckdb.connect(
        str(directory / "run.duckdb"),
        config={
            "memory_limit": f"{memory}MB",
            "temp_directory": str(directory / "spill"),
            "preserve_insertion_order": False,  # every result here is ordered by its query, or does not need order
            "autoinstall_known_extensions": False,
        },
    )


class RunTables:
    """The tables of one run.

    ``forecast_types`` and ``backtest_types`` are the value columns of the two exports: a forecast may ask for other
    quantiles than its predictor was measured with. ``accuracy_metrics`` are the columns of the service's accuracy file,
    ``metadata_columns`` those of the item metadata that its forecast has, alias -> column: all of them, or none where
    dimensions are forecast.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, run: FinishedRun) -> None:
        """Keep the connection; ``load`` fills the tables."""
        self.connection = connection
        self.run = run
        self.forecast_types = ForecastTypes(())
        self.backtest_types = ForecastTypes(())
        self.accuracy_metrics: tuple[str, ...] = ()
        self.metadata_columns: dict[str, str] = {}

    def load(
        self,
        train: Sequence[Path],
        forecast: Sequence[Path],
        backtest: Sequence[Path],
        accuracy: Sequence[Path],
        item_models: Sequence[Path] = (),
    ) -> None:
        """Read all files of a run; ValueError names the column that an export lacks.

        ``item_models`` are none where the service does not say what made its forecast.
        """
        self._stage_history(train)
        present = self._columns_of(forecast)
        self.metadata_columns = {
            f"about_{number}": name for number, name in enumerate(self.run.metadata_columns) if name in present
        }
        self.forecast_types = self._stage_export("forecast", forecast, {DATE: "moment"}, self.metadata_columns)
        self.backtest_types = self._stage_export(
            "backtest",
            backtest,
            {WINDOW_START: "window_start", BACKTEST_TIMESTAMP: "moment", BACKTEST_TARGET: "actual"},
        )
        self.accuracy_metrics = self._stage_accuracy(accuracy)
        self._stage_item_models(item_models)
        self.connection.execute(
            "CREATE TABLE history_span AS SELECT min(moment) AS first, max(moment) AS last FROM staged_history"
        )
        self.connection.execute("CREATE TABLE last_actual (series INTEGER, moment TIMESTAMP, target DOUBLE)")
        self._number_the_series()
        self._keep("history", ["moment", "target"])
        self._keep("forecast", ["moment", *self.metadata_columns, *self.forecast_types.names])
        self._keep("backtest", [*BACKTEST_MEASURES, *self.backtest_types.names])
        self._keep("item_accuracy", self.accuracy_metrics)
        self._keep("item_models", list(MODEL_COLUMNS))

    def series_count(self) -> int:
        """How many series there are."""
        return int(self._one("SELECT count(*) FROM series")[0])

    def history_span(self) -> tuple[np.datetime64, np.datetime64]:
        """The first and the last timestamp of all train files, items without a forecast included."""
        first, last = self._one("SELECT first, last FROM history_span")
        if first is None:
            raise ValueError("Train files: found no row with a readable timestamp and an item, wanted one or more")
        return np.datetime64(first, "s"), np.datetime64(last, "s")

    def window_starts(self) -> Stamps:
        """The distinct starts of the backtest windows."""
        starts = self.connection.execute("SELECT DISTINCT window_start FROM backtest").fetchnumpy()["window_start"]
        return starts.astype("datetime64[s]")

    def forecast_span(self) -> tuple[np.datetime64, np.datetime64]:
        """The first and the last timestamp of the forecast."""
        first, last = self._one("SELECT min(moment), max(moment) FROM forecast")
        if first is None:
            raise ValueError("forecast export: found no row, wanted one or more")
        return np.datetime64(first, "s"), np.datetime64(last, "s")

    def series_with_forecast(self) -> Numbers:
        """The numbers of the series that have a forecast, ascending."""
        found = self.connection.execute("SELECT DISTINCT series FROM forecast ORDER BY series").fetchnumpy()
        return found["series"].astype(np.int64)

    def new_series_count(self) -> int:
        """How many series have a forecast and no history."""
        count = "SELECT count(DISTINCT series) FROM forecast ANTI JOIN (FROM history WHERE target IS NOT NULL)"
        return int(self._one(f"{count} USING (series)")[0])

    def rows_of(self, table: str, numbers: Numbers, columns: Sequence[str]) -> Columns:
        """The rows of these series (ascending numbers) as arrays: series, moment, the float columns; NaN for null."""
        floats = [f"coalesce({quoted(column)}, 'nan'::DOUBLE) AS {quoted(column)}" for column in columns]
        stamps = ["moment", "window_start"] if table == "backtest" else ["moment"]
        self.connection.register("wanted", {"series": numbers.astype(np.int32)})
        try:
            # SEMI JOIN over a range first: a chunk of consecutive series then skips most of the table.
            return self.connection.execute(
                f"SELECT series, {', '.join([*stamps, *floats])} FROM {table} SEMI JOIN wanted USING (series)"
                f" WHERE series BETWEEN {int(numbers[0])} AND {int(numbers[-1])}"
            ).fetchnumpy()
        finally:
            self.connection.unregister("wanted")

    def keys_of(self, numbers: Numbers) -> list[tuple[str, ...]]:
        """The key columns' values of these series, in the order of their numbers."""
        self.connection.register("wanted", {"series": numbers.astype(np.int32)})
        try:
            return self.connection.execute(
                f"SELECT {self.keys} FROM series SEMI JOIN wanted USING (series) ORDER BY series"
            ).fetchall()
        finally:
            self.connection.unregister("wanted")

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
        """The key columns as a list in SQL."""
        return ", ".join(quoted(column) for column in self.run.key_columns)

    def _stage_history(self, files: Sequence[Path]) -> None:
        """The user's rows. What does not parse is no row, as in an import: header lines go this way too."""
        columns = {name: "VARCHAR" for name, _ in self.run.attributes}
        keys = ", ".join(f"coalesce({quoted(column)}, '') AS {quoted(column)}" for column in self.run.key_columns)
        self.connection.execute(
            f"""
            CREATE TABLE staged_history AS
            SELECT {keys}, try_cast({quoted(self.run.timestamp_column)} AS TIMESTAMP) AS moment,
                   try_cast({quoted(self.run.target_column)} AS DOUBLE) AS target
            FROM read_csv({_paths(files)}, header = false, auto_detect = false, columns = {columns!r},
                          delim = ',', quote = '"', escape = '"', ignore_errors = true)
            WHERE moment IS NOT NULL AND {quoted(self.run.key_columns[0])} <> ''
            """
        )

    def _stage_export(
        self, name: str, files: Sequence[Path], renamed: dict[str, str], texts: Mapping[str, str] | None = None
    ) -> ForecastTypes:
        """An export's parts as numbers and timestamps; its columns are found by name, whatever their order.

        ``texts`` are columns that stay as they are, by another name: alias -> column.
        """
        texts = texts or {}
        present = self._columns_of(files)
        self._require([*self.run.key_columns, *renamed], present, name)
        types = [column.lower() for column in present if is_column(column) and column not in texts.values()]
        if not types:
            raise ValueError(f"{name} export: found the columns {', '.join(present)}, wanted p10, p50 or the like")
        keys = ", ".join(f"coalesce({quoted(column)}, '') AS {quoted(column)}" for column in self.run.key_columns)
        measures = [
            f"CAST({quoted(column)} AS {'DOUBLE' if alias == 'actual' else 'TIMESTAMP'}) AS {alias}"
            for column, alias in renamed.items()
        ]
        values = [f"CAST({quoted(column)} AS DOUBLE) AS {quoted(column)}" for column in types]
        values += [f"{quoted(column)} AS {alias}" for alias, column in texts.items()]
        self.connection.execute(
            f"CREATE TABLE staged_{name} AS SELECT {keys}, {', '.join([*measures, *values])} FROM {_export(files)}"
        )
        return ForecastTypes(tuple(types))

    def _stage_accuracy(self, files: Sequence[Path]) -> tuple[str, ...]:
        """The service's own figures per item, as it wrote them: some are words (``not defined``)."""
        present = self._columns_of(files)
        self._require([*self.run.key_columns, BACKTEST_WINDOW], present, "accuracy")
        keys = {column.lower() for column in self.run.key_columns}
        metrics = tuple(column for column in present if column.lower() not in {*keys, *NOT_A_METRIC})
        selected = ", ".join([self.keys, *(quoted(metric) for metric in metrics)])
        self.connection.execute(
            f"CREATE TABLE staged_item_accuracy AS SELECT {selected} FROM {_export(files)}"
            f" WHERE lower({BACKTEST_WINDOW}) = lower({text(SUMMARY)})"
        )
        return metrics

    def _stage_item_models(self, files: Sequence[Path]) -> None:
        """What made each forecast; a column of a dimension's name is called ``forecast_<name>`` in the export."""
        declared = ", ".join(f"{name} {kind}" for name, kind in MODEL_COLUMNS.items())
        keys = ", ".join(f"{quoted(column)} VARCHAR" for column in self.run.key_columns)
        self.connection.execute(f"CREATE TABLE staged_item_models ({keys}, {declared})")
        if not files:
            return
        exported = item_models_columns(self.run.key_columns)
        self._require([*self.run.key_columns, *exported.values()], self._columns_of(files), "item models")
        keys = ", ".join(f"coalesce({quoted(column)}, '') AS {quoted(column)}" for column in self.run.key_columns)
        columns = ", ".join(
            f"coalesce({quoted(column)}, '')" if kind == "VARCHAR" else f"CAST({quoted(column)} AS {kind})"
            for column, kind in zip(exported.values(), MODEL_COLUMNS.values(), strict=True)
        )
        self.connection.execute(f"INSERT INTO staged_item_models SELECT {keys}, {columns} FROM {_export(files)}")

    def _columns_of(self, files: Sequence[Path]) -> list[str]:
        self.connection.execute(f"SELECT * FROM {_export(files)} LIMIT 0")
        return [column[0] for column in self.connection.description or []]

    @staticmethod
    def _require(wanted: Sequence[str], present: Sequence[str], name: str) -> None:
        known = {column.lower() for column in present}
        for column in wanted:
            if column.lower() not in known:
                raise ValueError(f"{name} export: found the columns {', '.join(present)}, wanted {column} among them")

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
        listed = ", ".join(quoted(column) for column in columns)
        self.connection.execute(
            f"CREATE TABLE {name} AS SELECT series, {listed} FROM staged_{name} JOIN series USING ({self.keys})"
        )
        self.connection.execute(f"DROP TABLE staged_{name}")


def quoted(name: str) -> str:
    """A column's name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string as SQL takes it."""
    return "'" + value.replace("'", "''") + "'"


def _paths(files: Sequence[Path]) -> str:
    return "[" + ", ".join(text(str(path)) for path in files) + "]"


def _export(files: Sequence[Path]) -> str:
    return (
        f"read_csv({_paths(files)}, header = true, all_varchar = true, union_by_name = true,"
        " delim = ',', quote = '\"', escape = '\"')"
    )
