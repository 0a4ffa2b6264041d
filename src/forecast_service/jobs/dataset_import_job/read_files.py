"""The first round of an import: tasks read byte ranges of the caller's files and part their rows by shard."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_contract.partial_period import is_asked_for
from forecast_contract.sql import identifier, literal, shard_sql
from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_files import csv_rows, parquet_rows
from forecast_files.csv_file import BYTES_PER_RANGE, CsvFile
from forecast_files.file_format import FileFormat
from forecast_files.input_refused import InputRefused
from forecast_files.left_out import LeftOut
from forecast_files.schema import Schema
from forecast_service.caller_files.caller_bucket import CallerBucket, CallerFile
from forecast_service.jobs.base.job import JobContext, Outcome
from forecast_service.jobs.dataset_import_job.distinct_values import sketch
from forecast_service.jobs.dataset_import_job.papers import (
    PLAN,
    ROW_GROUPS,
    BaseTask,
    ByteRange,
    Extent,
    ImportPlan,
    LeftOutRows,
    ReadResult,
    ReadTask,
    RowGroupIndex,
    RowGroups,
)
from forecast_service.jobs.dataset_import_job.whole_periods import write_timestamps
from forecast_service.records.record import Record
from forecast_service.storage.bucket import WORK
from forecast_service.storage.database import database
from forecast_service.storage.imported_dataset import ImportedDataset, shard_name
from forecast_service.storage.shards import shard_count_for

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NEW, OLD = 1, 0  # generation of a row: from this import's files, or from the import that it adds to
MOST_RANGES = 1000  # in a task: a file costs a call of S3, and 10,000 files are not for one worker
_SMALL_FILE = 2**20  # bytes up to which whole files are fetched several at a time and read together
_CALLS_AT_A_TIME = 10  # as many as a boto3 client keeps connections
_CSV_BYTES_PER_PARQUET_BYTE = 5


def row_groups_name(task: int) -> str:
    """The object with the rows that a task has read."""
    return f"{WORK}row_groups/{task:05}"


def series_sketch_name(task: int) -> str:
    """The object with the sketch of the series that a task has read."""
    return f"{WORK}sketches/series-{task:05}.npz"


class Reading:
    """See the module. Leaves the ImportPlan and the RowGroupIndex."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage
        self._request = context.record.request

    def plan_shards(self) -> list[int]:
        files = self._files()
        base = self._base()
        csv_bytes = sum(file.size for file in files) * (_CSV_BYTES_PER_PARQUET_BYTE if self._is_parquet else 1)
        shard_count = shard_count_for(csv_bytes)
        tasks: list[ReadTask] = [
            {"byte_ranges": byte_ranges} for byte_ranges in _ranges_by_task(files, splits=not self._is_parquet)
        ]
        if base:
            imported = ImportedDataset.of(self._storage.of(base))
            shard_count = max(shard_count, imported.shard_count)
            tasks += [BaseTask(base=base.arn, shard=shard) for shard in imported.shards]
        plan = ImportPlan(tasks=tasks, shard_count=shard_count, source_bytes=sum(file.size for file in files))
        self._storage.write_document(PLAN, plan)
        return list(range(len(tasks)))

    def run(self, shard: int, /) -> ReadResult:
        """Read what one task is to read and store its rows parted by shard."""
        task = self._plan["tasks"][shard]
        with database() as (connection, folder):
            columns = ", ".join(f"{identifier(c.canonical)} {c.sql_type}" for c in self._schema.columns)
            connection.execute(f"CREATE TABLE rows ({columns})")
            if "base" in task:
                left_out = self._read_base(connection, folder, task)
            else:
                left_out = self._read_byte_ranges(connection, folder, task["byte_ranges"])
            extent = _extent(connection, self._schema)
            self._write_series_sketch(connection, shard)
            if self._schema.has_timestamp and is_asked_for(self._context.record.tags):
                write_timestamps(connection, self._storage, shard)
            row_groups = self._part_by_shard(connection, folder, row_groups_name(shard))
        generation = OLD if "base" in task else NEW
        left_out_paper: LeftOutRows = {"counts": dict(left_out.counts), "first": dict(left_out.first)}
        return ReadResult(**extent, left_out=left_out_paper, row_groups=row_groups, generation=generation)

    def _write_series_sketch(self, connection: "DuckDBPyConnection", task: int) -> None:
        keys = ", ".join(identifier(column.canonical) for column in self._schema.key_columns)
        self._storage.write_arrays(series_sketch_name(task), {"series": sketch(connection, "rows", f"hash({keys})")})

    def _read_base(self, connection: "DuckDBPyConnection", folder: Path, task: BaseTask) -> LeftOut:
        """Take over a shard of the import that this one adds to; its rows are checked already."""
        storage = self._context.storage_of(task["base"])
        path = storage.download(shard_name(task["shard"]), folder / "base.parquet")
        connection.execute(f"INSERT INTO rows SELECT * FROM read_parquet({literal(path)})")
        return LeftOut()

    def _read_byte_ranges(
        self, connection: "DuckDBPyConnection", folder: Path, byte_ranges: list[ByteRange]
    ) -> LeftOut:
        """Read ranges of files; small whole files together, if they are plain. Returns what was left out."""
        small = [byte_range for byte_range in byte_ranges if _is_small_file(byte_range)]
        if len(small) > 1 and not self._is_parquet:
            with ThreadPoolExecutor(_CALLS_AT_A_TIME) as pool:
                contents = [*pool.map(lambda file: self._bucket.read(file["key"], 0, file["size"]), small)]
            if csv_rows.load_together(connection, contents, self._file_format, "rows", folder):
                byte_ranges = [byte_range for byte_range in byte_ranges if not _is_small_file(byte_range)]
        return LeftOut.sum(self._read_byte_range(connection, folder, chosen) for chosen in byte_ranges)

    def _read_byte_range(self, connection: "DuckDBPyConnection", folder: Path, byte_range: ByteRange) -> LeftOut:
        key, size = byte_range["key"], byte_range["size"]
        address = self._bucket.address(key)
        if self._is_parquet:
            path = folder / "byte_range"
            path.write_bytes(self._bucket.read(key, 0, size))
            return parquet_rows.load(connection, path, address, self._file_format, "rows")
        file = CsvFile(lambda at, count: self._bucket.read(key, at, count), size, address, len(self._schema.columns))
        part = file.part(byte_range["first"], byte_range["length"])
        return csv_rows.load(connection, part, self._file_format, "rows", folder)

    def _part_by_shard(self, connection: "DuckDBPyConnection", folder: Path, name: str) -> RowGroups:
        """Store the rows as one object; returns where those of each shard lie in it."""
        shard = shard_sql("item_id", self._plan["shard_count"])
        parted = folder / "parted"
        connection.execute(
            f"CREATE TABLE items AS SELECT item_id, {shard} AS shard FROM (SELECT DISTINCT item_id FROM rows)"
        )
        connection.execute(
            f"COPY (SELECT rows.*, shard FROM rows JOIN items USING (item_id)) TO {literal(parted)}"
            " (FORMAT parquet, PARTITION_BY (shard), COMPRESSION snappy)"
        )
        row_groups: RowGroups = {}
        with (folder / "joined").open("wb") as joined:
            for path in sorted(parted.glob("shard=*/*.parquet")):
                of_shard = row_groups.setdefault(path.parent.name.removeprefix("shard="), [])
                of_shard.append((joined.tell(), path.stat().st_size))
                joined.write(path.read_bytes())
        self._storage.upload(folder / "joined", name)
        return row_groups

    def finish(self, results: list[ReadResult], /) -> Outcome:
        new_rows = sum(result["rows"] for result in results if result["generation"] == NEW)
        if not new_rows:
            raise InputRefused(f"{self._bucket.path}: found no rows, wanted {', '.join(self._schema.names)}.")
        left_out = _sum_of(result["left_out"] for result in results)
        firsts = [result["first"] for result in results if result["first"]]
        lasts = [result["last"] for result in results if result["last"]]
        index = RowGroupIndex(
            first=min(firsts, default=None),
            last=max(lasts, default=None),
            rows_read=new_rows + sum(left_out["counts"].values()),
            left_out=left_out,
            tasks=[{"row_groups": result["row_groups"], "generation": result["generation"]} for result in results],
        )
        self._storage.write_document(ROW_GROUPS, index)
        return Outcome()

    @cached_property
    def _schema(self) -> Schema:
        return Schema.of_dataset(self._context.records.get(self._context.record.parents["dataset"]).request)

    @cached_property
    def _bucket(self) -> CallerBucket:
        return CallerBucket(self._request["DataSource"]["S3Config"])

    @cached_property
    def _plan(self) -> ImportPlan:
        plan: ImportPlan = self._storage.read_document(PLAN)
        return plan

    @property
    def _is_parquet(self) -> bool:
        return bool(self._request.get("Format", "CSV") == "PARQUET")

    @property
    def _file_format(self) -> FileFormat:
        return FileFormat(self._schema, self._request.get("TimestampFormat", DATE_AND_TIME))

    def _files(self) -> list[CallerFile]:
        files = self._bucket.files()
        if self._is_parquet:
            files = [file for file in files if parquet_rows.is_parquet_name(file.key)]
            if not files:
                wanted = f"names ending in {', '.join(parquet_rows.EXTENSIONS)}"
                raise InputRefused(f"{self._bucket.path}: found no Parquet file, wanted {wanted}.")
        return [file for file in files if file.size]

    def _base(self) -> Record | None:
        """The import that an incremental one adds to."""
        previous = self._context.record.inputs.get("previous")
        return self._context.records.get(previous) if previous else None


def _ranges_by_task(files: list[CallerFile], splits: bool) -> list[list[ByteRange]]:
    """The byte ranges that each task reads: about ``BYTES_PER_RANGE`` in all, and at most ``MOST_RANGES`` of them.

    Without ``splits`` a file is one range.
    """
    tasks: list[list[ByteRange]] = [[]]
    room = BYTES_PER_RANGE
    for file in files:
        step = BYTES_PER_RANGE if splits else file.size
        for first in range(0, file.size, step):
            length = min(step, file.size - first)
            if tasks[-1] and (length > room or len(tasks[-1]) == MOST_RANGES):
                tasks.append([])
                room = BYTES_PER_RANGE
            tasks[-1].append({"key": file.key, "size": file.size, "first": first, "length": length})
            room -= length
    return tasks


def _is_small_file(byte_range: ByteRange) -> bool:
    """Whether a byte range is a whole file, and small."""
    return byte_range["length"] == byte_range["size"] <= _SMALL_FILE


def _sum_of(parts: Iterable[LeftOutRows]) -> LeftOutRows:
    total = LeftOut.sum(LeftOut(part["counts"], part["first"]) for part in parts)
    return {"counts": dict(total.counts), "first": dict(total.first)}


def _extent(connection: "DuckDBPyConnection", schema: Schema) -> Extent:
    """The extent of what a task has read."""
    if not schema.has_timestamp:
        (rows,) = connection.execute("SELECT count(*) FROM rows").fetchall()[0]
        return {"rows": rows, "first": None, "last": None}
    iso = "'%Y-%m-%dT%H:%M:%S'"
    query = f"SELECT count(*), strftime(min(timestamp), {iso}), strftime(max(timestamp), {iso}) FROM rows"
    rows, first, last = connection.execute(query).fetchall()[0]
    return {"rows": rows, "first": first, "last": last}
