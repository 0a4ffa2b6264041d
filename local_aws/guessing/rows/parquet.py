"""Rows of a Parquet file as a table of texts, as a person would write them."""

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb

from forecast_contract.sql import identifier, literal
from forecast_language import said
from local_aws.guessing.rows.heading import unique
from local_aws.guessing.rows.loading import LINE
from local_aws.opening.data_error import DataError


def load_parquet(
    path: Path, name: str, table: str, connection: duckdb.DuckDBPyConnection
) -> tuple[tuple[str, ...], list[str]]:
    """Make the table from a Parquet file; gives its columns, and sentences on their clocks.

    Rows have their numbers for lines.
    """
    rows = f"read_parquet({literal(path)})"
    try:
        connection.execute("SET TimeZone = 'UTC'")
        described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
        zones = _zones(path, connection)
        zoned = {column: zones.get(column, "UTC") for column, kind, *_ in described if _has_zone(kind)}
        names = load_typed(rows, table, connection, zoned)
    except duckdb.Error:
        raise DataError(said("{file}: cannot be read as Parquet; the file is damaged", file=name)) from None
    return names, [
        said("time zone   {column} of {file} is read by the clock of {zone}", column=column, file=name, zone=zone)
        for column, zone in zoned.items()
    ]


def load_typed(
    rows: str, table: str, connection: duckdb.DuckDBPyConnection, zones: Mapping[str, str], first: int = 1
) -> tuple[str, ...]:
    """Make the table from rows of any types, given in SQL; gives its columns. Lines are counted from `first` on.

    `zones`: column -> the zone by whose clock its moments are read.
    """
    described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    names = tuple(unique([column[0] for column in described]))
    values = [
        _as_text(column[0], column[1], name, zones.get(column[0]))
        for column, name in zip(described, names, strict=True)
    ]
    connection.execute(
        f"CREATE TABLE {table} AS SELECT {', '.join(values)}, row_number() OVER () + {first - 1} AS {LINE} FROM {rows}"
    )
    for column, (_, kind, *_) in zip(names, described, strict=True):
        if kind.startswith("TIMESTAMP") and not _has_times(connection, table, column):
            connection.execute(f"UPDATE {table} SET {identifier(column)} = {identifier(column)}[:-10]")
    return names


def _has_zone(kind: str) -> bool:
    return kind.startswith(("TIMESTAMP WITH", "TIMESTAMPTZ", "TIMESTAMP_TZ"))


def _zones(path: Path, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Column -> zone, as pandas notes it; Parquet itself keeps moments in UTC alone."""
    found = connection.execute(
        f"SELECT decode(value) FROM parquet_kv_metadata({literal(path)}) WHERE decode(key) = 'pandas'"
    ).fetchall()
    columns = json.loads(found[0][0]).get("columns", []) if found else []
    zones: dict[str, str] = {
        column["name"]: (column.get("metadata") or {}).get("timezone", "") for column in columns if column["name"]
    }
    known = {row[0] for row in connection.execute("SELECT name FROM pg_timezone_names()").fetchall()} if zones else ()
    return {name: zone for name, zone in zones.items() if zone in known}


def _has_times(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    found = f"SELECT 1 FROM {table} WHERE {identifier(column)} NOT LIKE '% 00:00:00' LIMIT 1"
    return bool(connection.execute(found).fetchall())


def _as_text(column: str, kind: str, name: str, zone: str | None) -> str:
    """SQL for a column's values as a person would write them; what is no number in floating point is none."""
    value = identifier(column)
    if kind in ("DOUBLE", "FLOAT"):
        value = f"CASE WHEN NOT isnan({value}) THEN {value} END"
    elif zone:
        value = f"timezone({literal(zone)}, CAST({value} AS TIMESTAMPTZ))"
    return f"CAST({value} AS VARCHAR) AS {identifier(name)}"
