"""The first round of an import: tasks read pieces of the caller's files and part their rows by shard."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_service.caller_files import csv_file, parquet_file
from forecast_service.caller_files.caller_bucket import CustomerBucket, CustomerFile
from forecast_service.caller_files.csv_file import Piece
from forecast_service.caller_files.file_format import FileFormat
from forecast_service.caller_files.input_refused import InputRefused
from forecast_service.jobs.base.job import JobContext, Outcome
from forecast_service.jobs.dataset_import_job.distinct_values import sketch
from forecast_service.records.table import Record
from forecast_service.storage.bucket import WORK
from forecast_service.storage.database import database, identifier, literal
from forecast_service.storage.imported_dataset import ImportedDataset, shard_name
from forecast_service.storage.schema import Schema
from forecast_service.storage.shards import shard_count_for, shard_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PLAN, PARTS = f"{WORK}plan.json", f"{WORK}parts.json"
NEW, OLD = 1, 0  # generation of a row: from this import's files, or from the import that it adds to
BYTES_PER_PIECE = 64 * 2**20  # of CSV: some 1.5 million rows, 100 MB in memory
MOST_PIECES = 1000  # in a task: a file costs a call of S3, and 10,000 files are not for one worker
_SMALL_FILE = 2**20  # bytes up to which whole files are fetched several at a time and read together
_CALLS_AT_A_TIME = 10  # as many as a boto3 client keeps connections
_CSV_BYTES_PER_PARQUET_BYTE = 5


def part_name(task: int) -> str:
    """The object with the rows that a task has read."""
    return f"{WORK}parts/{task:05}"


def series_sketch_name(task: int) -> str:
    """The object with the sketch of the series that a task has read."""
    return f"{WORK}sketches/series-{task:05}.npz"


class Reading:
    """See the module. Leaves a plan (tasks, number of shards) and an index of the parts (what lies where, extent)."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage
        self._request = context.record.request

    def plan_shards(self) -> list[int]:
        files = self._files()
        base = self._base()
        csv_bytes = sum(file.size for file in files) * (_CSV_BYTES_PER_PARQUET_BYTE if self._is_parquet else 1)
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
        }
        self._storage.write_document(PLAN, plan)
        return list(range(len(tasks)))

    def run(self, shard: int, /) -> dict[str, Any]:
        """Read the pieces of one task and store its rows parted by shard."""
        task = self._plan["tasks"][shard]
        with database() as (connection, folder):
            columns = ", ".join(f"{identifier(c.canonical)} {c.sql_type}" for c in self._schema.columns)
            connection.execute(f"CREATE TABLE rows ({columns})")
            if "base" in task:
                left_out = self._read_base(connection, folder, task)
            else:
                left_out = self._read_pieces(connection, folder, task["pieces"])
            left_out += _drop_rows_without_key(connection, self._schema)
            found = _extent(connection, self._schema)
            self._write_series_sketch(connection, shard)
            ranges = self._part_by_shard(connection, folder, part_name(shard))
        return found | {"left_out": left_out, "ranges": ranges, "generation": OLD if "base" in task else NEW}

    def _write_series_sketch(self, connection: "DuckDBPyConnection", task: int) -> None:
        keys = ", ".join(identifier(column.canonical) for column in self._schema.key_columns)
        self._storage.write_arrays(series_sketch_name(task), {"series": sketch(connection, "rows", f"hash({keys})")})

    def _read_base(self, connection: "DuckDBPyConnection", folder: Path, task: dict[str, Any]) -> int:
        """Take over a shard of the import that this one adds to; its rows are checked already."""
        storage = self._context.storage_of(task["base"])
        path = storage.download(shard_name(task["shard"]), folder / "base.parquet")
        connection.execute(f"INSERT INTO rows SELECT * FROM read_parquet({literal(path)})")
        return 0

    def _read_pieces(self, connection: "DuckDBPyConnection", folder: Path, pieces: list[dict[str, Any]]) -> int:
        """Read pieces of files, small whole ones together where they are plain. Returns how many rows were left out."""
        small = [piece for piece in pieces if _is_small_file(piece)]
        left_out = None
        if len(small) > 1 and not self._is_parquet:
            with ThreadPoolExecutor(_CALLS_AT_A_TIME) as pool:
                contents = [*pool.map(lambda piece: self._bucket.read(piece["key"], 0, piece["size"]), small)]
            left_out = csv_file.load_together(connection, folder / "together", contents, self._file_format, "rows")
        if left_out is not None:
            pieces = [piece for piece in pieces if not _is_small_file(piece)]
        return (left_out or 0) + sum(self._read_piece(connection, folder, piece) for piece in pieces)

    def _read_piece(self, connection: "DuckDBPyConnection", folder: Path, piece: dict[str, Any]) -> int:
        key, size = piece["key"], piece["size"]
        address = self._bucket.address(key)
        path = folder / "piece"
        if self._is_parquet:
            path.write_bytes(self._bucket.read(key, 0, size))
            parquet_file.load(connection, path, address, self._file_format, "rows")
            return 0
        first = piece["first"]
        path.write_bytes(
            csv_file.cut_to_lines(first, piece["length"], size, lambda at, length: self._bucket.read(key, at, length))
        )
        local = Piece(path, address, first == 0, lambda: self._lines_before(key, first))
        return csv_file.load(connection, local, self._file_format, "rows")

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
            f"CREATE TABLE items AS SELECT item_id, {shard} AS shard FROM (SELECT DISTINCT item_id FROM rows)"
        )
        connection.execute(
            f"COPY (SELECT rows.*, shard FROM rows JOIN items USING (item_id)) TO {literal(parted)}"
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

    def finish(self, results: list[dict[str, Any]], /) -> Outcome:
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
        self._storage.write_document(PARTS, parts)
        return Outcome()

    @cached_property
    def _schema(self) -> Schema:
        return Schema.of_dataset(self._context.records.get(self._context.record.parents["dataset"]).request)

    @cached_property
    def _bucket(self) -> CustomerBucket:
        return CustomerBucket(self._request["DataSource"]["S3Config"])

    @cached_property
    def _plan(self) -> dict[str, Any]:
        plan: dict[str, Any] = self._storage.read_document(PLAN)
        return plan

    @property
    def _is_parquet(self) -> bool:
        return bool(self._request.get("Format", "CSV") == "PARQUET")

    @property
    def _file_format(self) -> FileFormat:
        return FileFormat(self._schema, self._request.get("TimestampFormat", DATE_AND_TIME))

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
    """Pieces of files, about ``BYTES_PER_PIECE`` per task, and not too many. Without ``splits`` a file is one piece."""
    tasks: list[list[dict[str, Any]]] = [[]]
    room = BYTES_PER_PIECE
    for file in files:
        step = BYTES_PER_PIECE if splits else file.size
        for first in range(0, file.size, step):
            length = min(step, file.size - first)
            if tasks[-1] and (length > room or len(tasks[-1]) == MOST_PIECES):
                tasks.append([])
                room = BYTES_PER_PIECE
            tasks[-1].append({"key": file.key, "size": file.size, "first": first, "length": length})
            room -= length
    return tasks


def _is_small_file(piece: dict[str, Any]) -> bool:
    """Whether a piece is a whole file, and small."""
    return bool(piece["length"] == piece["size"] <= _SMALL_FILE)


def _drop_rows_without_key(connection: "DuckDBPyConnection", schema: Schema) -> int:
    """Leave out rows that name no item or no time, and make an empty dimension the empty text. Returns how many."""
    needed = ["item_id", *(["timestamp"] if schema.has_timestamp else [])]
    missing = " OR ".join(f"{column} IS NULL" for column in needed)
    (count,) = connection.execute(f"SELECT count(*) FROM rows WHERE {missing}").fetchall()[0]
    connection.execute(f"DELETE FROM rows WHERE {missing}")
    return int(count)


def _extent(connection: "DuckDBPyConnection", schema: Schema) -> dict[str, Any]:
    """Number of rows and the first and last timestamp, as ISO text, of what a task has read."""
    if not schema.has_timestamp:
        (rows,) = connection.execute("SELECT count(*) FROM rows").fetchall()[0]
        return {"rows": rows, "first": None, "last": None}
    iso = "'%Y-%m-%dT%H:%M:%S'"
    query = f"SELECT count(*), strftime(min(timestamp), {iso}), strftime(max(timestamp), {iso}) FROM rows"
    rows, first, last = connection.execute(query).fetchall()[0]
    return {"rows": rows, "first": first, "last": last}
