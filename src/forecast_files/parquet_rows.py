"""Parquet files as callers send them: columns by name, or by position where the names are others."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import duckdb

from forecast_contract.sql import identifier, literal
from forecast_files.file_format import FileFormat
from forecast_files.input_refused import InputRefused
from forecast_files.left_out import LeftOut
from forecast_files.loaded_rows import keep_rows_with_key, rows_without_key
from forecast_files.schema import Column, Schema
from forecast_language import said

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DUCKDB_NUMBER = "file_row_number"
EXTENSIONS = (".parquet", ".parq", ".pqt")


def is_parquet_name(key: str) -> bool:
    """Whether a key may hold Parquet: one of its extensions, or none."""
    name = key.rpartition("/")[2]
    return name.lower().endswith(EXTENSIONS) or "." not in name


@dataclass(frozen=True)
class _Source:
    """A file as duckdb reads it: the relation, its column with the number of each row from 0, what people call it."""

    relation: str
    row_number: str
    address: str

    @classmethod
    def of(cls, connection: "DuckDBPyConnection", path: Path, address: str) -> Self:
        """The file may have a column of whatever name, also of the one that duckdb gives to the row's number."""
        plain = f"read_parquet({literal(path)})"
        names = {row[0].lower() for row in connection.execute(f"DESCRIBE SELECT * FROM {plain}").fetchall()}
        if DUCKDB_NUMBER not in names:
            return cls(f"read_parquet({literal(path)}, {DUCKDB_NUMBER}=true)", DUCKDB_NUMBER, address)
        own = next(f"row_{n}" for n in range(len(names) + 1) if f"row_{n}" not in names)
        return cls(f"(SELECT *, row_number() OVER () - 1 AS {own} FROM {plain})", own, address)


@dataclass(frozen=True)
class _Match:
    """A column of the schema, the file's column for it, and the expression that converts it."""

    column: Column
    name: str
    expression: str


def load(connection: "DuckDBPyConnection", path: Path, address: str, file_format: FileFormat, table: str) -> LeftOut:
    """Append the rows of a file to ``table``. Returns what was left out: rows without an identifier or a timestamp.

    Raises InputRefused with file, row, column, found and wanted.
    """
    try:
        return _loaded(connection, _Source.of(connection, path, address), file_format, table)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:  # whatever a damaged file makes of its reader
        if _is_parquet(path):
            raise InputRefused(
                said("{file}: found a Parquet file that is damaged, wanted Format PARQUET.", file=address)
            ) from error
        raise InputRefused(
            said("{file}: found a file that is not Parquet, wanted Format PARQUET.", file=address)
        ) from error


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _loaded(connection: "DuckDBPyConnection", source: _Source, file_format: FileFormat, table: str) -> LeftOut:
    address = source.address
    described = connection.execute(f"DESCRIBE SELECT * EXCLUDE ({source.row_number}) FROM {source.relation}").fetchall()
    file_columns = [(row[0], row[1]) for row in described]
    schema = file_format.schema
    matches = [
        _Match(column, name, _converted(column, name, sql_type, file_format))
        for column, (name, sql_type) in zip(schema.columns, _matched(file_columns, schema, address), strict=True)
    ]
    for match in matches:
        _refuse_unconverted(connection, source, match, file_format)
    select = ", ".join(f"{match.expression} AS {identifier(match.column.canonical)}" for match in matches)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE loaded AS SELECT {select} FROM {source.relation}")
    counts = rows_without_key(connection, file_format)
    keep_rows_with_key(connection, file_format, table)
    return LeftOut(counts, dict.fromkeys(counts, source.address))


def _matched(file_columns: list[tuple[str, str]], schema: Schema, address: str) -> list[tuple[str, str]]:
    """The file's column (name, type) for each column of the schema."""
    by_name = {name.lower(): (name, sql_type) for name, sql_type in file_columns}
    if all(name.lower() in by_name for name in schema.names):
        return [by_name[name.lower()] for name in schema.names]
    if len(file_columns) != len(schema.columns):
        names = ", ".join(name for name, _ in file_columns)
        raise InputRefused(
            said(
                "{file}: found the columns {names}, wanted {wanted}.",
                file=address,
                names=names,
                wanted=", ".join(schema.names),
            )
        )
    return file_columns


def _converted(column: Column, name: str, sql_type: str, file_format: FileFormat) -> str:
    if column.sql_type == "TIMESTAMP" and sql_type == "VARCHAR":
        return f"try_strptime({identifier(name)}, {literal(file_format.strptime_pattern)})"
    return f"TRY_CAST({identifier(name)} AS {column.sql_type})"


def _refuse_unconverted(
    connection: "DuckDBPyConnection", source: _Source, match: _Match, file_format: FileFormat
) -> None:
    """Refuse the first value that is not of its column's type."""
    column, name, expression = match.column, identifier(match.name), match.expression
    if column.sql_type == "VARCHAR":
        return
    wrong = f"{name} IS NOT NULL AND {expression} IS NULL OR {file_format.out_of_bounds(column, expression)}"
    shown = expression if column.is_number else f"strftime({expression}, {literal(file_format.strptime_pattern)})"
    rows = connection.execute(
        f"SELECT {source.row_number} + 1, {name}::VARCHAR, {shown} FROM {source.relation} WHERE {wrong}"
        f" ORDER BY {source.row_number} LIMIT 1"
    ).fetchall()
    for row, value, converted in rows:
        bound = None if converted is None else file_format.bound_of(column, str(converted))
        wanted = bound or file_format.wanted(column)
        raise InputRefused(
            said(
                "{file}, row {row}, column {column}: found {found!r}, wanted {wanted}.",
                file=source.address,
                row=row,
                column=column.name,
                found=value,
                wanted=wanted,
            )
        )
