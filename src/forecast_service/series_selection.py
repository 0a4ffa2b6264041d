"""The series that a ``TimeSeriesSelector`` names: read once from the caller's files, then looked up shard by shard."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_service import csv_file, parquet_file, timestamp_format
from forecast_service.csv_file import Piece
from forecast_service.customer_bucket import CustomerBucket, CustomerFile
from forecast_service.database import database, identifier, literal
from forecast_service.input_refused import InputRefused
from forecast_service.jobs.job import WORK
from forecast_service.schema import Column, FileForm, Schema
from forecast_service.shards import shard_sql
from forecast_service.storage import Storage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEYS, _SHARDS = f"{WORK}selection.parquet", f"{WORK}selection.json"


@dataclass(frozen=True)
class SeriesSelection:
    """``identifiers`` is the request's TimeSeriesIdentifiers, ``key_columns`` what tells series apart, in order."""

    identifiers: dict[str, Any]
    key_columns: list[Column]
    storage: Storage

    @property
    def path(self) -> str:
        return str(self.identifiers["DataSource"]["S3Config"]["Path"])

    def gather(self, shard_count: int) -> int:
        """Read the caller's files and keep each series once. Returns how many there are.

        Raises InputRefused with file, line, found and wanted.
        """
        with database() as (connection, folder):
            columns = ", ".join(f"{identifier(column.canonical)} VARCHAR" for column in self._form.schema.columns)
            connection.execute(f"CREATE TABLE rows ({columns})")
            for file in self._files():
                self._load(connection, folder, file)
            item, *dimensions = (identifier(column.canonical) for column in self.key_columns)
            keys = ", ".join([item, *(f"coalesce({name}, '') AS {name}" for name in dimensions)])
            shard = shard_sql(item, shard_count)
            connection.execute(
                f"CREATE TABLE keys AS SELECT DISTINCT {keys}, {shard} AS shard FROM rows WHERE {item} IS NOT NULL"
            )
            path = folder / "keys.parquet"
            connection.execute(f"COPY keys TO {literal(path)} (FORMAT parquet)")
            shards = connection.execute("SELECT shard, count(*) FROM keys GROUP BY shard ORDER BY shard").fetchall()
            self.storage.upload(path, _KEYS)
            self.storage.write_document(_SHARDS, [shard for shard, _ in shards])
            return sum(count for _, count in shards)

    def shards(self) -> set[int]:
        """The shards that hold a series of the selection, if the data have it."""
        return set(self.storage.read_document(_SHARDS))

    def keys(self, shard: int) -> set[tuple[str, ...]]:
        """The series of a shard: item and dimensions."""
        names = ", ".join(identifier(column.canonical) for column in self.key_columns)
        with database() as (connection, folder):
            path = self.storage.download(_KEYS, folder / "keys.parquet")
            query = f"SELECT {names} FROM read_parquet({literal(path)}) WHERE shard = {int(shard)}"
            return set(connection.execute(query).fetchall())

    def _load(self, connection: "DuckDBPyConnection", folder: Path, file: CustomerFile) -> None:
        address, local = self._bucket.address(file.key), folder / "file"
        if self._is_parquet:
            local.write_bytes(self._bucket.read(file.key, 0, file.size))
            parquet_file.load(connection, local, address, self._form, "rows")
            return
        lines = csv_file.cut_to_lines(0, file.size, file.size, lambda at, size: self._bucket.read(file.key, at, size))
        local.write_bytes(lines)
        csv_file.load(connection, Piece(local, address, True, lambda: 0), self._form, "rows")

    def _files(self) -> list[CustomerFile]:
        files = [file for file in self._bucket.files() if file.size]
        if self._is_parquet:
            files = [file for file in files if parquet_file.is_parquet_name(file.key)]
        if not files:
            raise InputRefused(f"{self.path}: found no file with data, wanted one that names series.")
        return files

    @cached_property
    def _bucket(self) -> CustomerBucket:
        return CustomerBucket(self.identifiers["DataSource"]["S3Config"])

    @property
    def _is_parquet(self) -> bool:
        return bool(self.identifiers.get("Format", "CSV") == "PARQUET")

    @property
    def _form(self) -> FileForm:
        """The files' columns, in the order of the request's schema."""
        columns = {column.name: column for column in self.key_columns}
        names = [attribute["AttributeName"] for attribute in self.identifiers["Schema"]["Attributes"]]
        return FileForm(Schema("TIME_SERIES_IDENTIFIERS", tuple(columns[n] for n in names)), timestamp_format.DEFAULT)
