"""The files of a run as tables: key_0, key_1, ... as texts, everything else typed.

They are ``train_rows`` and ``times`` of the train files, ``staged_<name>`` of an export, and ``earlier_items``.
``run_tables`` numbers the series of the staged tables and keeps their rows by number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from forecast_contract.spreadsheet_text import unguarded
from forecast_contract.sql import identifier, literal
from forecast_files import csv_rows, header
from forecast_files.csv_part import CsvPart
from forecast_files.left_out import LeftOut
from forecast_files.row_counts import RowCounts
from forecast_pipeline.publishing.exports.earlier_forecasts import stage_earlier_forecasts
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_database import export_rows
from forecast_pipeline.publishing.exports.run_facts import RunFacts

_MODEL_TYPES = {"season": "INTEGER", "weight": "DOUBLE"}  # the other columns are texts
MODEL_COLUMNS = {name: _MODEL_TYPES.get(name, "VARCHAR") for name in ITEM_MODELS_COLUMNS}
NOT_A_METRIC = (BACKTEST_WINDOW, WINDOW_START, WINDOW_END)
# Column of the export -> column of the table.
FORECAST_MEASURES = {DATE: "timestamp"}
BACKTEST_MEASURES = {WINDOW_START: "window_start", BACKTEST_TIMESTAMP: "timestamp", BACKTEST_TARGET: "actual"}


def key_aliases(run: FinishedRun) -> list[str]:
    """What the key columns are called inside, key_0, key_1, ...: an attribute may have the name of any column here."""
    return [f"key_{number}" for number in range(len(run.key_columns))]


def key_columns_of_rows(run: FinishedRun) -> str:
    """The key columns of ``train_rows`` under their names inside, as a select list."""
    canonical = {column.name: column.canonical for column in run.train_format.schema.columns}
    return _keys(canonical[name] for name in run.key_columns)


def _keys(columns: Iterable[str]) -> str:
    """The key columns under their names inside, as a select list."""
    return ", ".join(f"coalesce({identifier(name)}, '') AS key_{number}" for number, name in enumerate(columns))


class Staging:
    """Reads files of one run into staged tables; ValueError names the column that an export lacks."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, run: FinishedRun) -> None:
        """Nothing is read yet."""
        self.connection = connection
        self.run = run
        self._keys = _keys(run.key_columns)

    def train(self, parts: Iterable[CsvPart], folder: Path) -> RunFacts:
        """The user's rows, as an import reads them (``train_rows``), and when anything was observed (``times``).

        ``folder`` is for what is on the way.
        """
        file_format = self.run.train_format
        columns = {column.canonical: column for column in file_format.schema.columns}
        declared = ", ".join(f"{identifier(name)} {column.sql_type}" for name, column in columns.items())
        self.connection.execute(f"CREATE TABLE train_rows ({declared})")
        beginnings: list[bool] = []
        quoted: list[bool] = []

        def looked_at() -> Iterator[CsvPart]:
            for part in parts:
                quoted.append(b'"' in part.text)
                if part.is_start:
                    beginnings.append(header.has_header(part, file_format))
                yield part

        left_out = LeftOut.sum(
            csv_rows.load(self.connection, part, file_format, "train_rows", folder) for part in looked_at()
        )
        self.connection.execute(
            "CREATE TABLE times AS SELECT timestamp, bool_or(target IS NOT NULL AND NOT isnan(target)) AS is_known"
            " FROM train_rows GROUP BY timestamp"
        )
        used, unknown = self.connection.execute(
            "SELECT count(*), count(*) FILTER (target IS NULL OR isnan(target)) FROM train_rows"
        ).fetchall()[0]
        rows = RowCounts(used + left_out.total, left_out, unknown)
        return RunFacts(rows=rows, is_headed=all(beginnings), is_quoted=any(quoted))

    def forecast(self, files: Sequence[Path]) -> RunFacts:
        """The forecast export; its columns, and those of the item metadata, about_0, about_1, ... inside.

        A metadata column may have any name. Forecasts of dimensions have none.
        """
        present, names = self._columns_of(files), self.run.metadata_columns
        has_metadata = len(self.run.key_columns) == 1
        metadata = {f"about_{n}": name for n, name in enumerate(names) if has_metadata and name in present}
        types = self._export("forecast", files, FORECAST_MEASURES, metadata)
        ((count, first, last),) = self.connection.execute(
            "SELECT count(*), min(timestamp), max(timestamp) FROM staged_forecast"
        ).fetchall()
        return RunFacts(
            forecast_names=types,
            metadata_columns=metadata,
            forecast_span=(first.isoformat(), last.isoformat()) if count else None,
            forecast_row_count=count,
        )

    def backtest(self, files: Sequence[Path]) -> RunFacts:
        """The forecasts of the backtest windows beside the actual values."""
        types = self._export("backtest", files, BACKTEST_MEASURES, {})
        starts = self.connection.execute("SELECT DISTINCT window_start FROM staged_backtest").fetchall()
        return RunFacts(backtest_names=types, window_starts=tuple(sorted(start.isoformat() for (start,) in starts)))

    def _export(
        self, name: str, files: Sequence[Path], measures: Mapping[str, str], texts: Mapping[str, str]
    ) -> tuple[str, ...]:
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
        return tuple(types)

    def item_accuracy(self, files: Sequence[Path]) -> RunFacts:
        """The service's own figures per item, as it wrote them: some are words (``not defined``).

        Inside, their columns are metric_0, metric_1, ...
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
        return RunFacts(accuracy_metrics=metrics)

    def item_models(self, files: Sequence[Path]) -> RunFacts:
        """What made each forecast; an empty table if there are no files."""
        declared = ", ".join(f"{name} {sql_type}" for name, sql_type in MODEL_COLUMNS.items())
        self.connection.execute(f"CREATE TABLE staged_item_models ({self._declared_keys}, {declared})")
        if not files:
            return RunFacts()
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
        return RunFacts()

    def earlier_items(self, files: Sequence[Path]) -> RunFacts:
        """The items of an earlier run, by its published files of models; none where it had other key columns."""
        self.connection.execute(f"CREATE TABLE earlier_items ({self._declared_keys})")
        wanted = [*self.run.key_columns, *self.run.item_models_columns.values()]
        if not files or self._columns_of(files) != wanted:
            return RunFacts()
        keys = ", ".join(f"coalesce({unguarded(identifier(name))}, '')" for name in self.run.key_columns)
        self.connection.execute(f"INSERT INTO earlier_items SELECT DISTINCT {keys} FROM {export_rows(files)}")
        return RunFacts(has_earlier_items=True)

    def earlier_forecasts(self, files: Mapping[str, Sequence[Path]]) -> RunFacts:
        """The published forecasts of earlier runs, run -> its files."""
        found = stage_earlier_forecasts(self.connection, self.run.key_columns, files)
        return RunFacts(earlier_forecasts=found)

    @property
    def _declared_keys(self) -> str:
        return ", ".join(f"{key} VARCHAR" for key in key_aliases(self.run))

    def _columns_of(self, files: Sequence[Path]) -> list[str]:
        self.connection.execute(f"SELECT * FROM {export_rows(files)} LIMIT 0")
        return [column[0] for column in self.connection.description or []]

    @staticmethod
    def _require(columns: Sequence[str], present: Sequence[str], name: str) -> None:
        known = {column.lower() for column in present}
        for column in columns:
            if column.lower() not in known:
                raise ValueError(f"{name} export: found the columns {', '.join(present)}, wanted {column} among them")
