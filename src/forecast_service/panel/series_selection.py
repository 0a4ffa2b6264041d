"""The series that a ``TimeSeriesSelector`` names: read once from the caller's files, then looked up shard by shard."""

from dataclasses import dataclass
from typing import Any

from forecast_contract.sql import identifier, literal, shard_sql
from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_files.file_format import FileFormat
from forecast_files.schema import Column, Schema
from forecast_service.caller_files.small_files import SmallFiles
from forecast_service.storage.bucket import WORK, Storage
from forecast_service.storage.database import database

_KEYS, _SHARDS = "selection.parquet", "selection.json"


@dataclass(frozen=True)
class SeriesSelection:
    """``identifiers`` is the request's TimeSeriesIdentifiers, ``key_columns`` what tells series apart, in order.

    ``folder`` of the storage holds the series: by default for as long as the job needs them.
    """

    identifiers: dict[str, Any]
    key_columns: list[Column]
    storage: Storage
    folder: str = WORK

    @property
    def path(self) -> str:
        return str(self.identifiers["DataSource"]["S3Config"]["Path"])

    def gather(self, shard_count: int) -> int:
        """Read the caller's files and store each series once. Returns how many there are.

        Raises InputRefused with file, line, found and wanted.
        """
        with database() as (connection, folder):
            columns = ", ".join(
                f"{identifier(column.canonical)} VARCHAR" for column in self._file_format.schema.columns
            )
            connection.execute(f"CREATE TABLE rows ({columns})")
            self._files.load(connection, folder, "rows")
            item, *dimensions = (identifier(column.canonical) for column in self.key_columns)
            keys = ", ".join([item, *(f"coalesce({name}, '') AS {name}" for name in dimensions)])
            shard = shard_sql(item, shard_count)
            connection.execute(
                f"CREATE TABLE keys AS SELECT DISTINCT {keys}, {shard} AS shard FROM rows WHERE {item} IS NOT NULL"
            )
            path = folder / "keys.parquet"
            connection.execute(f"COPY keys TO {literal(path)} (FORMAT parquet)")
            shards = connection.execute("SELECT shard, count(*) FROM keys GROUP BY shard ORDER BY shard").fetchall()
            self.storage.upload(path, self.folder + _KEYS)
            self.storage.write_document(self.folder + _SHARDS, [shard for shard, _ in shards])
            return sum(count for _, count in shards)

    def shards_among(self, shards: list[int]) -> list[int]:
        """Those of ``shards`` that may hold a series of the selection.

        One at least: a job whose selection holds nothing ends in its last step, where it says so.
        """
        selected = set(self.storage.read_document(self.folder + _SHARDS))
        return [shard for shard in shards if shard in selected] or shards[:1]

    def keys(self, shard: int) -> set[tuple[str, ...]]:
        """The series of a shard: item and dimensions."""
        names = ", ".join(identifier(column.canonical) for column in self.key_columns)
        with database() as (connection, folder):
            path = self.storage.download(self.folder + _KEYS, folder / "keys.parquet")
            query = f"SELECT {names} FROM read_parquet({literal(path)}) WHERE shard = {int(shard)}"
            return set(connection.execute(query).fetchall())

    @property
    def _files(self) -> SmallFiles:
        is_parquet = self.identifiers.get("Format", "CSV") == "PARQUET"
        return SmallFiles(self.identifiers["DataSource"]["S3Config"], self._file_format, "names series", is_parquet)

    @property
    def _file_format(self) -> FileFormat:
        """The files' columns, in the order of the request's schema."""
        columns = {column.name: column for column in self.key_columns}
        names = [attribute["AttributeName"] for attribute in self.identifiers["Schema"]["Attributes"]]
        return FileFormat(Schema("TIME_SERIES_IDENTIFIERS", tuple(columns[n] for n in names)), DATE_AND_TIME)
