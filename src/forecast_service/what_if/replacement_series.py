"""The rows of the caller's files that replace values of related series: read once, then looked up shard by shard."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast_contract.sql import identifier, literal, shard_sql
from forecast_engine import Array, Grid
from forecast_files.file_format import FileFormat
from forecast_files.input_refused import InputRefused
from forecast_files.schema import Column
from forecast_service.caller_files.small_files import SmallFiles
from forecast_service.storage.bucket import WORK, Storage
from forecast_service.storage.database import database
from forecast_service.storage.imported_dataset import Key
from forecast_service.what_if.replacement_schema import replacement_schema
from forecast_service.what_if.scenario import Replacement
from forecast_service.what_if.scenario_columns import ScenarioColumns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHARDS = f"{WORK}replacement.json"


def _rows_name(shard: int) -> str:
    return f"{WORK}replacement/{shard:04}.parquet"


@dataclass(frozen=True)
class ReplacementSeries:
    """``source`` is the request's TimeSeriesReplacementsDataSource. A series may have one row in each period."""

    source: dict[str, Any]
    columns: ScenarioColumns
    grid: Grid
    storage: Storage

    @property
    def path(self) -> str:
        return str(self.source["S3Config"]["Path"])

    @property
    def attributes(self) -> list[str]:
        """The related attributes that are replaced."""
        return [column.name for column in self._file_format.schema.of_role("feature")]

    def gather(self, shard_count: int) -> None:
        """Read the caller's files and part their rows by shard. Raises InputRefused with file, line and what is wrong.

        Rows without an identifier or a time are left out, as imports do.
        """
        with database() as (connection, folder):
            columns = self._file_format.schema.columns
            declarations = ", ".join(f"{identifier(column.canonical)} {column.sql_type}" for column in columns)
            connection.execute(f"CREATE TABLE rows ({declarations})")
            self._files.load(connection, folder, "rows")
            connection.execute("DELETE FROM rows WHERE item_id IS NULL OR timestamp IS NULL")
            for dimension in self._file_format.schema.of_role("dimension"):
                name = identifier(dimension.canonical)
                connection.execute(f"UPDATE rows SET {name} = '' WHERE {name} IS NULL")
            self._refuse_repeated_rows(connection)
            shard = shard_sql("item_id", shard_count)
            # Sorted, so that a shard's rows lie together: each is then found without a look at all the others.
            connection.execute(f"CREATE TABLE parted AS SELECT {shard} AS shard, * FROM rows ORDER BY ALL")
            shards = connection.execute("SELECT DISTINCT shard FROM parted ORDER BY shard").fetchall()
            for (number,) in shards:
                path = folder / "rows.parquet"
                query = f"SELECT * EXCLUDE (shard) FROM parted WHERE shard = {number} ORDER BY ALL"
                connection.execute(f"COPY ({query}) TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)")
                self.storage.upload(path, _rows_name(number))
            self.storage.write_document(_SHARDS, [number for (number,) in shards])

    def of_shard(self, shard: int) -> Replacement:
        """The rows for the series of a shard."""
        features = self._file_format.schema.of_role("feature")
        with database() as (connection, folder):
            if shard not in self.storage.read_document(_SHARDS):
                return self._replacement([], np.empty(0, dtype=np.int64), np.empty(0, dtype="datetime64[s]"), {})
            path = self.storage.download(_rows_name(shard), folder / "rows.parquet")
            connection.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet({literal(path)})")
            values = [f"coalesce({identifier(column.canonical)}, 'NaN'::DOUBLE)" for column in features]
            keys, index, timestamps, arrays = self._read(connection, values)
        return self._replacement(
            keys, index, timestamps, {column.name: array for column, array in zip(features, arrays, strict=True)}
        )

    def _replacement(
        self,
        keys: list[Key],
        index: NDArray[np.int64],
        timestamps: NDArray[np.datetime64],
        values: dict[str, Array],
    ) -> Replacement:
        return Replacement([column.name for column in self._keys], keys, index, timestamps, values)

    def _read(
        self, connection: "DuckDBPyConnection", values: list[str]
    ) -> tuple[list[Key], NDArray[np.int64], NDArray[np.datetime64], list[Array]]:
        """What table ``rows`` holds: its keys, and for each row the number of its key, its time and some values."""
        names = ", ".join(identifier(column.canonical) for column in self._keys)
        selected = ", ".join(["timestamp", *(f"{value} AS value_{number}" for number, value in enumerate(values))])
        keys = connection.execute(f"SELECT DISTINCT {names} FROM rows ORDER BY {names}").fetchall()
        query = f"SELECT dense_rank() OVER (ORDER BY {names}) - 1 AS number, {selected} FROM rows"
        arrays = connection.execute(query).fetchnumpy()
        return (
            keys,
            arrays["number"].astype(np.int64),
            arrays["timestamp"].astype("datetime64[s]"),
            [arrays[f"value_{number}"].astype(np.float64) for number in range(len(values))],
        )

    def _refuse_repeated_rows(self, connection: "DuckDBPyConnection") -> None:
        keys, index, timestamps, _ = self._read(connection, [])
        periods = self.grid.index_of(timestamps)
        order = np.lexsort((periods, index))
        repeated = (np.diff(index[order]) == 0) & (np.diff(periods[order]) == 0)
        if repeated.any():
            row = order[repeated.argmax()]
            self._refuse_repeated_row(keys[index[row]], int(periods[row]))

    def _refuse_repeated_row(self, key: Key, period: int) -> None:
        """Raise InputRefused with the place of the second row of a series in a period."""
        found = f"found a second row of {', '.join(key)} in the period of {self.grid.timestamps(period, 1)[0]}"
        places = [place for place, row in self._files.records() if self._is_in(row, key, period)]
        raise InputRefused(f"{places[1] if len(places) > 1 else self.path}: {found}, wanted one.")

    def _is_in(self, row: list[str], key: Key, period: int) -> bool:
        """Whether a record of a file belongs to a series and a period."""
        names = [column.canonical for column in self._file_format.schema.columns]
        if len(row) != len(names) or tuple(row[names.index(column.canonical)] for column in self._keys) != key:
            return False
        try:
            timestamp = datetime.strptime(row[names.index("timestamp")], self._file_format.strptime_pattern)
        except ValueError:  # a header
            return False
        return int(self.grid.index_of(np.array([timestamp], dtype="datetime64[s]"))[0]) == period

    @property
    def _keys(self) -> list[Column]:
        return self._file_format.schema.key_columns

    @property
    def _files(self) -> SmallFiles:
        return SmallFiles(self.source["S3Config"], self._file_format, "holds rows of related time series")

    @cached_property
    def _file_format(self) -> FileFormat:
        return FileFormat(replacement_schema(self.source["Schema"], self.columns), self.source["TimestampFormat"])
