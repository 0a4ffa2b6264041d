"""The files of a run as tables ``staged_<name>``: key_0, key_1, ... as texts, everything else typed.

``run_tables`` numbers the series of the staged tables and keeps their rows by number.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from forecast_contract.exports import (
    BACKTEST_TARGET,
    BACKTEST_TIMESTAMP,
    BACKTEST_WINDOW,
    DATE,
    ITEM_MODELS_COLUMNS,
    SUMMARY,
    WINDOW_END,
    WINDOW_START,
    own_columns,
)
from forecast_contract.forecast_types import COLUMNS
from forecast_contract.sql import identifier, literal
from forecast_files import csv_rows
from forecast_files.csv_file import CsvFile
from forecast_files.left_out import LeftOut
from forecast_files.row_counts import RowCounts
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_database import export_rows

_MODEL_TYPES = {"season": "INTEGER", "weight": "DOUBLE"}  # the other columns are texts
MODEL_COLUMNS = {name: _MODEL_TYPES.get(name, "VARCHAR") for name in ITEM_MODELS_COLUMNS}
NOT_A_METRIC = (BACKTEST_WINDOW, WINDOW_START, WINDOW_END)
# Column of the export -> column of the table.
FORECAST_MEASURES = {DATE: "timestamp"}
BACKTEST_MEASURES = {WINDOW_START: "window_start", BACKTEST_TIMESTAMP: "timestamp", BACKTEST_TARGET: "actual"}


def key_aliases(run: FinishedRun) -> list[str]:
    """What the key columns are called inside, key_0, key_1, ...: an attribute may have the name of any column here."""
    return [f"key_{number}" for number in range(len(run.key_columns))]


def _keys(columns: Iterable[str]) -> str:
    """The key columns under their names inside, as a select list."""
    return ", ".join(f"coalesce({identifier(name)}, '') AS key_{number}" for number, name in enumerate(columns))


class Staging:
    """Reads the files of one run into staged tables; ValueError names the column that an export lacks."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, run: FinishedRun) -> None:
        """Nothing is read yet."""
        self.connection = connection
        self.run = run
        self._keys = _keys(run.key_columns)

    def history(self, files: Mapping[str, Path], folder: Path) -> RowCounts:
        """The user's rows, as an import reads them (``train_rows``); returns how many, and which it leaves out.

        ``files`` are the copies on the local disk by the files' keys; ``folder`` is for what is on the way.
        """
        file_format = self.run.train_format
        columns = {column.canonical: column for column in file_format.schema.columns}
        declared = ", ".join(f"{identifier(name)} {column.sql_type}" for name, column in columns.items())
        self.connection.execute(f"CREATE TABLE train_rows ({declared})")
        parts = (part for key, path in files.items() for part in CsvFile.local(path, key, len(columns)).parts())
        left_out = LeftOut.sum(
            csv_rows.load(self.connection, part, file_format, "train_rows", folder) for part in parts
        )
        canonical = {column.name: name for name, column in columns.items()}
        keys = _keys(canonical[name] for name in self.run.key_columns)
        self.connection.execute(f"CREATE TABLE staged_history AS SELECT {keys}, timestamp, target FROM train_rows")
        used, unknown = self.connection.execute(
            "SELECT count(*), count(*) FILTER (target IS NULL OR isnan(target)) FROM train_rows"
        ).fetchall()[0]
        return RowCounts(used + left_out.total, left_out, unknown)

    def forecast(self, files: Sequence[Path]) -> tuple[ForecastTypes, dict[str, str]]:
        """The forecast export; returns its value columns and those of the item metadata, alias -> column.

        The aliases are about_0, about_1, ...: a metadata column may have any name. Forecasts of dimensions have none.
        """
        present, names = self._columns_of(files), self.run.metadata_columns
        has_metadata = len(self.run.key_columns) == 1
        metadata = {f"about_{n}": name for n, name in enumerate(names) if has_metadata and name in present}
        return self._export("forecast", files, FORECAST_MEASURES, metadata), metadata

    def backtest(self, files: Sequence[Path]) -> ForecastTypes:
        """The forecasts of the backtest windows beside the actual values; returns the value columns."""
        return self._export("backtest", files, BACKTEST_MEASURES, {})

    def _export(
        self, name: str, files: Sequence[Path], measures: Mapping[str, str], texts: Mapping[str, str]
    ) -> ForecastTypes:
        """An export's parts; its columns are found by name, whatever their order.

        ``measures`` maps a column of the export to one of the table, a number or a timestamp. ``texts`` are columns
        that stay as they are, alias -> column. Returns the columns that are forecast types.
        """
        present = self._columns_of(files)
        own = own_columns([*measures, *COLUMNS], [*self.run.key_columns, *texts.values()])
        self._require([*self.run.key_columns, *(own[column] for column in measures)], present, name)
        place = {column.lower(): number for number, column in enumerate(present)}
        types = sorted(
            (each for each in COLUMNS if own[each].lower() in place), key=lambda each: place[own[each].lower()]
        )
        if not types:
            raise ValueError(f"{name} export: found the columns {', '.join(present)}, wanted p10, p50 or the like")
        columns = [
            f"CAST({identifier(own[column])} AS {'DOUBLE' if alias == 'actual' else 'TIMESTAMP'}) AS {alias}"
            for column, alias in measures.items()
        ]
        columns += [f"CAST({identifier(own[each])} AS DOUBLE) AS {each}" for each in types]
        columns += [f"{identifier(column)} AS {alias}" for alias, column in texts.items()]
        self.connection.execute(
            f"CREATE TABLE staged_{name} AS SELECT {self._keys}, {', '.join(columns)} FROM {export_rows(files)}"
        )
        return ForecastTypes(tuple(types))

    def item_accuracy(self, files: Sequence[Path]) -> dict[str, str]:
        """The service's own figures per item, as it wrote them: some are words (``not defined``).

        Returns their columns, alias -> column; the aliases are metric_0, metric_1, ...
        """
        present = self._columns_of(files)
        own = own_columns(NOT_A_METRIC, self.run.key_columns)
        window = own[BACKTEST_WINDOW]
        self._require([*self.run.key_columns, window], present, "accuracy")
        others = {column.lower() for column in (*self.run.key_columns, *own.values())}
        measured = [column for column in present if column.lower() not in others]
        metrics = {f"metric_{number}": column for number, column in enumerate(measured)}
        selected = "".join(f", {identifier(column)} AS {alias}" for alias, column in metrics.items())
        self.connection.execute(
            f"CREATE TABLE staged_item_accuracy AS SELECT {self._keys}{selected} FROM {export_rows(files)} AS export"
            f" WHERE lower(export.{identifier(window)}) = lower({literal(SUMMARY)})"
        )
        return metrics

    def item_models(self, files: Sequence[Path]) -> None:
        """What made each forecast; an empty table if there are no files."""
        declared = ", ".join(f"{name} {sql_type}" for name, sql_type in MODEL_COLUMNS.items())
        keys = ", ".join(f"{key} VARCHAR" for key in key_aliases(self.run))
        self.connection.execute(f"CREATE TABLE staged_item_models ({keys}, {declared})")
        if not files:
            return
        exported = self.run.item_models_columns
        self._require([*self.run.key_columns, *exported.values()], self._columns_of(files), "item models")
        columns = ", ".join(
            f"coalesce({identifier(column)}, '')"
            if sql_type == "VARCHAR"
            else f"CAST({identifier(column)} AS {sql_type})"
            for column, sql_type in zip(exported.values(), MODEL_COLUMNS.values(), strict=True)
        )
        self.connection.execute(
            f"INSERT INTO staged_item_models SELECT {self._keys}, {columns} FROM {export_rows(files)}"
        )

    def _columns_of(self, files: Sequence[Path]) -> list[str]:
        self.connection.execute(f"SELECT * FROM {export_rows(files)} LIMIT 0")
        return [column[0] for column in self.connection.description or []]

    @staticmethod
    def _require(columns: Sequence[str], present: Sequence[str], name: str) -> None:
        known = {column.lower() for column in present}
        for column in columns:
            if column.lower() not in known:
                raise ValueError(f"{name} export: found the columns {', '.join(present)}, wanted {column} among them")
