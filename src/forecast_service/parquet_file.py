"""Parquet files as callers send them: columns by name, or by position where the names are others."""

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from forecast_service.database import identifier, literal
from forecast_service.input_refused import InputRefused
from forecast_service.schema import Column, Schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXTENSIONS = (".parquet", ".parq", ".pqt")


def is_parquet_name(key: str) -> bool:
    """Whether a key may hold Parquet: one of its extensions, or none."""
    name = key.rpartition("/")[2]
    return name.lower().endswith(EXTENSIONS) or "." not in name


def load(
    connection: "DuckDBPyConnection", path: Path, address: str, schema: Schema, strptime_pattern: str, table: str
) -> None:
    """Append the rows of a file to ``table``. Raises InputRefused with file, row, column, found and wanted."""
    source = f"read_parquet({literal(path)}, file_row_number=true)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()  # noqa: S608
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise InputRefused(f"{address}: found a file that is not Parquet, wanted Format PARQUET.") from error
    found = [(row[0], row[1]) for row in described]
    columns = [
        (column, name, _converted(column, name, sql_type, strptime_pattern))
        for column, (name, sql_type) in zip(schema.columns, _matched(found, schema, address), strict=True)
    ]
    for column, name, expression in columns:
        _refuse_unconverted(connection, source, address, column, name, expression)
    select = ", ".join(expression for _, _, expression in columns)
    connection.execute(f"INSERT INTO {identifier(table)} SELECT {select} FROM {source}")  # noqa: S608


def _matched(found: list[tuple[str, str]], schema: Schema, address: str) -> list[tuple[str, str]]:
    """The file's column (name, type) for each column of the schema."""
    by_name = {name.lower(): (name, sql_type) for name, sql_type in found}
    if all(name.lower() in by_name for name in schema.names):
        return [by_name[name.lower()] for name in schema.names]
    if len(found) != len(schema.columns):
        names = ", ".join(name for name, _ in found)
        raise InputRefused(f"{address}: found the columns {names}, wanted {', '.join(schema.names)}.")
    return found


def _converted(column: Column, name: str, sql_type: str, strptime_pattern: str) -> str:
    if column.sql_type == "TIMESTAMP" and sql_type == "VARCHAR":
        return f"try_strptime({identifier(name)}, {literal(strptime_pattern)})"
    return f"TRY_CAST({identifier(name)} AS {column.sql_type})"


def _refuse_unconverted(
    connection: "DuckDBPyConnection", source: str, address: str, column: Column, name: str, expression: str
) -> None:
    wrong = f"{identifier(name)} IS NOT NULL AND {expression} IS NULL"
    if column.sql_type == "VARCHAR":
        return
    wanted = "a timestamp" if column.sql_type == "TIMESTAMP" else "a number"
    if column.is_number:
        wrong += f" OR isinf({expression})"
        wanted = "a finite number"
    if column.type == "integer":
        wrong += f" OR {expression} <> trunc({expression})"
        wanted = "an integer"
    rows = connection.execute(
        f"SELECT file_row_number + 1, {identifier(name)}::VARCHAR FROM {source} WHERE {wrong}"  # noqa: S608
        " ORDER BY file_row_number LIMIT 1"
    ).fetchall()
    for row, value in rows:
        raise InputRefused(f"{address}, row {row}, column {column.name}: found {value!r}, wanted {wanted}.")
