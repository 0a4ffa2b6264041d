"""Forecasts that earlier runs published, read back so that they can be held against what has come since."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from duckdb import DuckDBPyConnection

from forecast_contract.spreadsheet_text import unguarded
from forecast_contract.sql import identifier, literal
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_database import export_rows

# A column of values has the name of its forecast type, with a number behind it where an attribute has that name.
VALUE_COLUMN = re.compile(r"(p\d{1,2}|mean)(_\d+)?")
TABLE = "staged_earlier"


@dataclass(frozen=True)
class EarlierForecast:
    """The forecast of one earlier run: its value columns, its first timestamp and its last (ISO 8601)."""

    names: tuple[str, ...]
    first: str
    last: str

    @property
    def types(self) -> ForecastTypes:
        """What ``names`` stand for."""
        return ForecastTypes(self.names)

    def together(self, other: Self) -> "EarlierForecast":
        """The same forecast, of which both have read some files."""
        return EarlierForecast(self.names, min(self.first, other.first), max(self.last, other.last))

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """A forecast from its JSON object."""
        return cls(**document | {"names": tuple(document["names"])})


def stage_earlier_forecasts(
    connection: DuckDBPyConnection, keys: Sequence[str], files: Mapping[str, Sequence[Path]]
) -> dict[str, EarlierForecast]:
    """Read the wide files of earlier forecasts, run -> its files, into ``staged_earlier``; returns those with rows.

    The table has run, key_0, key_1, ..., timestamp, and a column per forecast type, null where a run has none.
    A file whose rows are of other series than the key columns tell apart is passed over.
    """
    aliases = [f"key_{number}" for number in range(len(keys))]
    read = {run_id: each for run_id, paths in files.items() if (each := _columns_of(connection, keys, paths))}
    declared = ["run VARCHAR", *(f"{alias} VARCHAR" for alias in aliases), "timestamp TIMESTAMP"]
    declared += [f"{name} DOUBLE" for name in sorted({name for each in read.values() for name in each.values})]
    connection.execute(f"CREATE TABLE {TABLE} ({', '.join(declared)})")
    found = {}
    for run_id, columns in read.items():
        selected = [f"{literal(run_id)} AS run"]
        named = zip(keys, aliases, strict=True)
        selected += [f"coalesce({unguarded(identifier(key))}, '') AS {alias}" for key, alias in named]
        selected.append(f"CAST({identifier(columns.date)} AS TIMESTAMP) AS timestamp")
        selected += [f"CAST({identifier(column)} AS DOUBLE) AS {name}" for name, column in columns.values.items()]
        rows = export_rows(files[run_id])
        connection.execute(f"INSERT INTO {TABLE} BY NAME SELECT {', '.join(selected)} FROM {rows} AS rows")
        if span := _span(connection, run_id, aliases):
            found[run_id] = EarlierForecast(tuple(columns.values), *span)
    return found


@dataclass(frozen=True)
class _WideColumns:
    """The column of the timestamps of a wide file, and those of its values, forecast type -> column."""

    date: str
    values: dict[str, str]


def _columns_of(connection: DuckDBPyConnection, keys: Sequence[str], files: Sequence[Path]) -> _WideColumns | None:
    """What a wide file's columns are: keys, item metadata, the timestamp, values. None where it has other keys."""
    columns = [name for name, *_ in connection.execute(f"DESCRIBE FROM {export_rows(files)}").fetchall()]
    first = len(columns)
    while first and VALUE_COLUMN.fullmatch(columns[first - 1]):
        first -= 1
    if columns[: len(keys)] != list(keys) or not len(keys) < first < len(columns):
        return None
    return _WideColumns(columns[first - 1], {column.partition("_")[0]: column for column in columns[first:]})


def _span(connection: DuckDBPyConnection, run_id: str, aliases: Sequence[str]) -> tuple[str, str] | None:
    """The first and the last timestamp of a run's rows; None without rows.

    Where an item has several rows of one period, a column that was a key then and is none now tells them apart: these
    are no forecasts of this run's series, and go.
    """
    of_run = f"FROM {TABLE} WHERE run = {literal(run_id)}"
    series = ", ".join([*aliases, "timestamp"])
    if connection.execute(f"SELECT 1 {of_run} GROUP BY {series} HAVING count(*) > 1 LIMIT 1").fetchall():
        connection.execute(f"DELETE {of_run}")
    ((first, last),) = connection.execute(f"SELECT min(timestamp), max(timestamp) {of_run}").fetchall()
    return None if first is None else (first.isoformat(), last.isoformat())
