"""CREATE TABLE ... AS SELECT, which awswrangler writes around a query: its rows as Parquet, and a table over them."""

import asyncio
import contextvars
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlparse

import duckdb
from ministack.services import athena, glue, s3

from forecast_contract.sql import identifier, literal

# duckdb's type -> Glue's; what is not named here becomes a text.
GLUE_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "HUGEINT": "bigint",  # the sum of whole numbers
    "FLOAT": "float",
    "DOUBLE": "double",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
}
SQL_TYPES = {"bigint": "BIGINT", "timestamp": "TIMESTAMP", "string": "VARCHAR"}

_running: contextvars.ContextVar[str] = contextvars.ContextVar("query_id")


@dataclass(frozen=True)
class TableFromQuery:
    """The statement: the table it makes, where its files go if it says so, and the query of its rows."""

    database: str | None
    table: str
    location: str | None
    query: str

    @classmethod
    def parse(cls, sql: str) -> Self | None:
        """The statement as it is written; None if it is another."""
        cursor = athena._Cursor(sql)
        if not cursor.keywords("create", "table"):
            return None
        name, location = cursor.dotted_name(2), None
        if name is not None and cursor.keywords("with") and cursor.punct("("):
            while not cursor.at_end() and not cursor.punct(")"):
                if cursor.keywords("external_location") and cursor.punct("="):
                    location = cursor.string()
                elif cursor.punct("("):
                    cursor.skip_group()
                else:
                    cursor.advance()
        if name is None or not cursor.keywords("as") or cursor.at_end():
            return None
        database, table = name
        return cls(database, table, location, sql[cursor.peek()[2] :].rstrip().rstrip(";"))


def install() -> None:
    """Replace what must be replaced, before the server starts."""
    execute, run = athena._execute_query, athena._run_duckdb

    async def execute_query(query_id: str, *arguments: Any) -> None:
        _running.set(query_id)
        await execute(query_id, *arguments)

    async def run_duckdb(query: str, database: str, catalog: str | None = None) -> Any:
        asked = TableFromQuery.parse(query)
        if asked is None:
            return await run(query, database, catalog)
        await _create(asked, athena._executions[_running.get()], asked.database or database, catalog)
        return {"columns": [], "rows": [], "column_types": []}

    athena._execute_query = execute_query
    athena._run_duckdb = run_duckdb


async def _create(asked: TableFromQuery, execution: dict[str, Any], database: str, catalog: str | None) -> None:
    if f"{database}/{asked.table}" in glue._tables:
        raise ValueError(f"Table '{database}.{asked.table}' already exists")
    results = execution["ResultConfiguration"]["OutputLocation"].removesuffix(".csv")
    location = f"{asked.location or results}".rstrip("/") + "/"
    query, buckets, folders = await athena._rewrite_data_paths(asked.query, database, catalog)
    try:
        content, types = await asyncio.to_thread(_rows_as_parquet, query, buckets)
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    from forecast_pipeline.publishing.outputs.glue_tables import parquet_table  # noqa: PLC0415 - boto3 with it

    path = f"{location}{execution['QueryExecutionId']}.parquet"
    _put(path, content)
    status, _, answer = glue._create_table(
        {"DatabaseName": database, "TableInput": parquet_table(asked.table, types, location)}
    )
    if status >= 300:
        raise ValueError(f"Table '{database}.{asked.table}' cannot be made: {answer!r}")
    _put(f"{results}-manifest.csv", f"{path}\n".encode())
    execution["Statistics"]["DataManifestLocation"] = f"{results}-manifest.csv"


def _rows_as_parquet(query: str, buckets: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The rows of a query as a Parquet file, and its columns -> Glue's types."""
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        connection.execute("SET disabled_optimizers = 'type_pushdown'")  # as ministack does for its CSV reader
        athena._attach_s3_table_buckets(connection, buckets)
        found = connection.execute(f"SELECT * FROM ({query}) AS asked LIMIT 0").description
        types = {name: GLUE_TYPES.get(str(duckdb_type), "string") for name, duckdb_type, *_ in found}
        columns = [
            f"CAST({identifier(name)} AS {SQL_TYPES[each]}) AS {identifier(name)}"
            if each in SQL_TYPES
            else identifier(name)
            for name, each in types.items()
        ]
        path = Path(folder) / "rows.parquet"
        connection.execute(f"COPY (SELECT {', '.join(columns)} FROM ({query}) AS asked) TO {literal(path)}")
        return path.read_bytes(), types


def _put(address: str, content: bytes) -> None:
    place = urlparse(address)
    status, _, answer = s3._put_object(
        place.netloc, place.path.lstrip("/"), content, {"content-length": str(len(content))}
    )
    if status >= 300:
        raise ValueError(f"{address} cannot be written: {answer!r}")
