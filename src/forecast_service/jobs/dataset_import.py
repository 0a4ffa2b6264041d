"""Import a dataset: the caller's files become canonical rows, one Parquet object per shard of items.

    round 0   a task reads some pieces of files, checks every value, and leaves its rows parted by shard
    round 1   a shard gathers its rows from all tasks, sorts them, and counts

A task's rows lie in one object, ``parts/<task>``: the Parquet files of all shards one behind the other. So a large
import needs few writes, and a shard fetches only its own ranges of bytes.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_engine import Frequency, Grid
from forecast_service import csv_file, parquet_file, timestamp_format
from forecast_service.csv_file import Piece
from forecast_service.customer_bucket import CustomerBucket, CustomerFile
from forecast_service.database import database, identifier, literal
from forecast_service.field_statistics import (
    column_sketches,
    column_sums,
    distinct_count,
    field_statistics,
    merge_sketches,
)
from forecast_service.imported_dataset import ImportedDataset, shard_name
from forecast_service.input_refused import InputRefused
from forecast_service.jobs.job import JobContext, Outcome
from forecast_service.records import Record
from forecast_service.schema import Schema
from forecast_service.shards import shard_count_for, shard_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BYTES_PER_PIECE = 64 * 2**20  # of CSV: some 1.5 million rows, 100 MB in memory
CSV_BYTES_PER_PARQUET_BYTE = 5
NEW, OLD = 1, 0  # generation of a row: from this import's files, or from the import that it adds to


class DatasetImport:
    """See the module. The job of a dataset import job."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage
        self._request = context.record.request

    # --- round 0: read the files

    def plan(self) -> list[int]:
        files = self._files()
        base = self._base()
        csv_bytes = sum(file.size for file in files) * (CSV_BYTES_PER_PARQUET_BYTE if self._is_parquet else 1)
        shard_count = shard_count_for(csv_bytes)
        tasks: list[dict[str, Any]] = [{"pieces": pieces} for pieces in _tasks(files, splits=not self._is_parquet)]
        if base:
            imported = ImportedDataset.of(self._storage.of(base))
            shard_count = max(shard_count, imported.shard_count)
            tasks += [{"base": base.arn, "shard": shard} for shard in imported.shards]
        plan = {
            "tasks": tasks,
            "shard_count": shard_count,
            "source_bytes": sum(file.size for file in files),
            "schema": self._schema.to_document(),
        }
        self._storage.write_document("plan.json", plan)
        return list(range(len(tasks)))

    def run(self, round_index: int, shard: int) -> dict[str, Any]:
        return self._read(shard) if round_index == 0 else self._gather(shard)

    def finish(self, round_index: int, results: list[dict[str, Any]]) -> list[int] | Outcome:
        return self._finish_reading(results) if round_index == 0 else self._finish_gathering(results)

    def discard(self) -> None:
        """Nothing: all that was written lies in the resource's own storage."""

    def _read(self, task_index: int) -> dict[str, Any]:
        """Read the pieces of one task and store its rows parted by shard."""
        task = self._plan["tasks"][task_index]
        with database() as (connection, folder):
            columns = ", ".join(f"{identifier(c.canonical)} {c.sql_type}" for c in self._schema.columns)
            connection.execute(f"CREATE TABLE rows ({columns})")
            if "base" in task:
                left_out = self._read_base(connection, folder, task)
            else:
                left_out = sum(self._read_piece(connection, folder, piece) for piece in task["pieces"])
            left_out += _drop_rows_without_key(connection, self._schema)
            found = _extent(connection, self._schema)
            ranges = self._part_by_shard(connection, folder, f"parts/{task_index:05}")
        return found | {"left_out": left_out, "ranges": ranges, "generation": OLD if "base" in task else NEW}

    def _read_base(self, connection: "DuckDBPyConnection", folder: Path, task: dict[str, Any]) -> int:
        """Take over a shard of the import that this one adds to; its rows are checked already."""
        storage = self._context.storage_of(task["base"])
        path = storage.download(shard_name(task["shard"]), folder / "base.parquet")
        connection.execute(f"INSERT INTO rows SELECT * FROM read_parquet({literal(path)})")  # noqa: S608
        return 0

    def _read_piece(self, connection: "DuckDBPyConnection", folder: Path, piece: dict[str, Any]) -> int:
        key, size = piece["key"], piece["size"]
        address = self._bucket.address(key)
        path = folder / "piece"
        if self._is_parquet:
            path.write_bytes(self._bucket.read(key, 0, size))
            parquet_file.load(connection, path, address, self._schema, self._strptime_format, "rows")
            return 0
        first = piece["first"]
        path.write_bytes(
            csv_file.cut_to_lines(first, piece["length"], size, lambda at, length: self._bucket.read(key, at, length))
        )
        local = Piece(path, address, first == 0, lambda: self._lines_before(key, first))
        return csv_file.load(connection, local, self._schema, self._strptime_format, "rows")

    def _lines_before(self, key: str, first: int) -> int:
        """Line breaks before the first line that begins at ``first`` or later: asked only for an error's line."""
        lines, at = 0, 0
        while at < first:
            length = min(BYTES_PER_PIECE, first - at)
            lines += self._bucket.read(key, at, length).count(b"\n")
            at += length
        return lines + (0 if first == 0 or self._bucket.read(key, first - 1, 1) == b"\n" else 1)

    def _part_by_shard(self, connection: "DuckDBPyConnection", folder: Path, name: str) -> dict[str, list[list[int]]]:
        """Store the rows as one object; returns shard -> [first byte, length] of each of its Parquet files there."""
        shard = shard_sql("item_id", self._plan["shard_count"])
        parted = folder / "parted"
        connection.execute(
            f"COPY (SELECT *, {shard} AS shard FROM rows) TO {literal(parted)}"  # noqa: S608
            " (FORMAT parquet, PARTITION_BY (shard), COMPRESSION snappy)"
        )
        ranges: dict[str, list[list[int]]] = {}
        with (folder / "joined").open("wb") as joined:
            for path in sorted(parted.glob("shard=*/*.parquet")):
                ranges.setdefault(path.parent.name.removeprefix("shard="), []).append(
                    [joined.tell(), path.stat().st_size]
                )
                joined.write(path.read_bytes())
        self._storage.upload(folder / "joined", name)
        return ranges

    def _finish_reading(self, results: list[dict[str, Any]]) -> list[int]:
        new_rows = sum(result["rows"] for result in results if result["generation"] == NEW)
        if not new_rows:
            raise InputRefused(f"{self._bucket.path}: found no rows, wanted {', '.join(self._schema.names)}.")
        firsts = [result["first"] for result in results if result["first"]]
        lasts = [result["last"] for result in results if result["last"]]
        parts = {
            "first": min(firsts, default=None),
            "last": max(lasts, default=None),
            "left_out": sum(result["left_out"] for result in results),
            "parts": [{"ranges": result["ranges"], "generation": result["generation"]} for result in results],
        }
        self._storage.write_document("parts.json", parts)
        return sorted({int(shard) for result in results for shard in result["ranges"]})

    # --- round 1: gather each shard

    def _gather(self, shard: int) -> dict[str, Any]:
        """Write the shard's canonical rows, sorted, and count them."""
        with database() as (connection, folder):
            self._load_parts(connection, folder, shard)
            _replace_old_rows(connection, self._schema)
            path = folder / "shard.parquet"
            connection.execute("CREATE TABLE rows AS SELECT * EXCLUDE (generation) FROM gathered ORDER BY ALL")
            connection.execute(
                f"COPY (SELECT * FROM rows ORDER BY ALL) TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608
            )
            self._storage.upload(path, shard_name(shard))
            self._storage.write_arrays(f"sketches/{shard:04}.npz", column_sketches(connection, "rows", self._schema))
            (rows, items) = connection.execute("SELECT count(*), count(DISTINCT item_id) FROM rows").fetchall()[0]
            return {
                "shard": shard,
                "rows": rows,
                "items": items,
                "merged": self._merged_row_count(connection),
                "sums": column_sums(connection, "rows", self._schema),
            }

    def _load_parts(self, connection: "DuckDBPyConnection", folder: Path, shard: int) -> None:
        columns = ", ".join(f"{identifier(c.canonical)} {c.sql_type}" for c in self._schema.columns)
        connection.execute(f"CREATE TABLE gathered ({columns}, generation INTEGER)")
        for task, part in enumerate(self._parts["parts"]):
            for first, length in part["ranges"].get(str(shard), []):
                path = folder / "part.parquet"
                path.write_bytes(self._storage.read_bytes(f"parts/{task:05}", first, length))
                names = ", ".join(identifier(c.canonical) for c in self._schema.columns)
                connection.execute(
                    f"INSERT INTO gathered SELECT {names}, {part['generation']}"  # noqa: S608
                    f" FROM read_parquet({literal(path)}, hive_partitioning=false)"
                )

    def _merged_row_count(self, connection: "DuckDBPyConnection") -> int:
        """Rows that fall into a bucket (series, period of the data frequency) which another row has taken already."""
        keys = ", ".join(identifier(column.canonical) for column in self._schema.key_columns)
        if not self._schema.has_timestamp:
            query = f"SELECT count(*) - count(DISTINCT ({keys})) FROM rows"  # noqa: S608
            return int(connection.execute(query).fetchall()[0][0])
        query = f"SELECT dense_rank() OVER (ORDER BY {keys}) AS series, timestamp FROM rows"  # noqa: S608
        columns = connection.execute(query).fetchnumpy()
        timestamps = columns["timestamp"].astype("datetime64[s]")
        periods = self._grid.index_of(timestamps) if self._grid else timestamps.astype(np.int64)
        cells = np.stack([columns["series"].astype(np.int64), periods])
        return int(cells.shape[1] - np.unique(cells, axis=1).shape[1])

    def _finish_gathering(self, results: list[dict[str, Any]]) -> Outcome:
        shards = [result["shard"] for result in results]
        imported = ImportedDataset(
            storage=self._storage,
            schema=self._schema,
            frequency=self._dataset.request.get("DataFrequency"),
            shard_count=self._plan["shard_count"],
            shards=shards,
            first=self._parts["first"],
            last=self._parts["last"],
        )
        imported.save()
        items = sum(result["items"] for result in results)
        outcome = {
            "FieldStatistics": field_statistics(
                self._schema, [result["sums"] for result in results], self._distinct_counts(shards, items)
            ),
            "DataSize": self._plan["source_bytes"] / 1e9,
        }
        facts = {
            "row_count": sum(result["rows"] for result in results),
            "item_count": items,
            "first_timestamp": imported.first,
            "last_timestamp": imported.last,
            "length": self._grid.length if self._grid else None,
            "shard_count": imported.shard_count,
            "merged_row_count": sum(result["merged"] for result in results),
            "left_out_row_count": self._parts["left_out"],
        }
        for folder in ("parts/", "sketches/"):
            self._storage.delete(folder)
        return Outcome(outcome, facts)

    def _distinct_counts(self, shards: list[int], items: int) -> dict[str, int]:
        sketches = [self._storage.read_arrays(f"sketches/{shard:04}.npz") for shard in shards]
        return {
            column.name: items
            if column.role == "item_id"
            else distinct_count(merge_sketches(sketch[column.name] for sketch in sketches))
            for column in self._schema.columns
        }

    # --- what the rounds share

    @cached_property
    def _dataset(self) -> Record:
        return self._context.records.get(self._context.record.parents["dataset"])

    @cached_property
    def _schema(self) -> Schema:
        return Schema.of_dataset(self._dataset.request)

    @cached_property
    def _bucket(self) -> CustomerBucket:
        return CustomerBucket(self._request["DataSource"]["S3Config"])

    @cached_property
    def _plan(self) -> dict[str, Any]:
        plan: dict[str, Any] = self._storage.read_document("plan.json")
        return plan

    @cached_property
    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = self._storage.read_document("parts.json")
        return parts

    @cached_property
    def _grid(self) -> Grid | None:
        """The grid of the data frequency over the whole import; None where there is no frequency or no time."""
        frequency = self._dataset.request.get("DataFrequency")
        if not frequency or not self._schema.has_timestamp:
            return None
        first, last = (np.datetime64(self._parts[name], "s") for name in ("first", "last"))
        return Grid.covering(Frequency.parse(frequency), first, last)

    @property
    def _is_parquet(self) -> bool:
        return bool(self._request.get("Format", "CSV") == "PARQUET")

    @property
    def _strptime_format(self) -> str:
        try:
            return timestamp_format.strptime_format(self._request.get("TimestampFormat", timestamp_format.DEFAULT))
        except ValueError as error:
            raise InputRefused(str(error)) from error

    def _files(self) -> list[CustomerFile]:
        files = self._bucket.files()
        if self._is_parquet:
            files = [file for file in files if parquet_file.is_parquet_name(file.key)]
            if not files:
                wanted = f"names ending in {', '.join(parquet_file.EXTENSIONS)}"
                raise InputRefused(f"{self._bucket.path}: found no Parquet file, wanted {wanted}.")
        return [file for file in files if file.size]

    def _base(self) -> Record | None:
        """The import that an incremental one adds to."""
        previous = self._context.record.inputs.get("previous")
        return self._context.records.get(previous) if previous else None


def _tasks(files: list[CustomerFile], splits: bool) -> list[list[dict[str, Any]]]:
    """Pieces of files, together about ``BYTES_PER_PIECE`` per task. Without ``splits`` a file is one piece."""
    tasks: list[list[dict[str, Any]]] = [[]]
    room = BYTES_PER_PIECE
    for file in files:
        step = BYTES_PER_PIECE if splits else file.size
        for first in range(0, file.size, step):
            length = min(step, file.size - first)
            if tasks[-1] and length > room:
                tasks.append([])
                room = BYTES_PER_PIECE
            tasks[-1].append({"key": file.key, "size": file.size, "first": first, "length": length})
            room -= length
    return tasks


def _drop_rows_without_key(connection: "DuckDBPyConnection", schema: Schema) -> int:
    """Leave out rows that name no item or no time, and make an empty dimension the empty text. Returns how many."""
    needed = ["item_id", *(["timestamp"] if schema.has_timestamp else [])]
    missing = " OR ".join(f"{column} IS NULL" for column in needed)
    (count,) = connection.execute(f"SELECT count(*) FROM rows WHERE {missing}").fetchall()[0]  # noqa: S608
    connection.execute(f"DELETE FROM rows WHERE {missing}")  # noqa: S608
    return int(count)


def _extent(connection: "DuckDBPyConnection", schema: Schema) -> dict[str, Any]:
    """Number of rows and the first and last timestamp, as ISO text, of what a task has read."""
    if not schema.has_timestamp:
        (rows,) = connection.execute("SELECT count(*) FROM rows").fetchall()[0]
        return {"rows": rows, "first": None, "last": None}
    iso = "'%Y-%m-%dT%H:%M:%S'"
    query = f"SELECT count(*), strftime(min(timestamp), {iso}), strftime(max(timestamp), {iso}) FROM rows"  # noqa: S608
    rows, first, last = connection.execute(query).fetchall()[0]
    return {"rows": rows, "first": first, "last": last}


def _replace_old_rows(connection: "DuckDBPyConnection", schema: Schema) -> None:
    """Drop old rows whose item, dimensions and timestamp a new row has."""
    keys = [identifier(column.canonical) for column in schema.key_columns]
    keys += ["timestamp"] if schema.has_timestamp else []
    same = " AND ".join(f"gathered.{key} IS NOT DISTINCT FROM added.{key}" for key in keys)
    connection.execute(
        f"DELETE FROM gathered USING (SELECT DISTINCT {', '.join(keys)} FROM gathered WHERE generation = {NEW}) AS added"  # noqa: S608
        f" WHERE gathered.generation = {OLD} AND {same}"
    )
