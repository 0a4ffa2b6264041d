"""The second round of an import: each shard gathers its rows from all tasks, sorts and counts them."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_contract.sql import identifier, literal, shard_sql
from forecast_engine import Frequency, Grid
from forecast_files.input_refused import InputRefused
from forecast_files.left_out import LeftOut
from forecast_files.schema import Schema
from forecast_service.jobs.base.job import JobContext, Outcome
from forecast_service.jobs.dataset_import_job.distinct_values import distinct_count, merge_sketches
from forecast_service.jobs.dataset_import_job.field_statistics import column_sketches, column_sums, field_statistics
from forecast_service.jobs.dataset_import_job.papers import (
    PLAN,
    ROW_GROUPS,
    SHARDS,
    ColumnSums,
    ImportPlan,
    RowGroupIndex,
    ShardPlan,
    ShardResult,
)
from forecast_service.jobs.dataset_import_job.read_files import (
    NEW,
    OLD,
    row_groups_name,
    series_sketch_name,
)
from forecast_service.jobs.dataset_import_job.whole_periods import leave_out_from, partial_period
from forecast_service.records.facts import ImportFacts
from forecast_service.records.record import JsonObject, Record
from forecast_service.storage.bucket import WORK
from forecast_service.storage.database import database
from forecast_service.storage.imported_dataset import ImportedDataset, shard_name
from forecast_service.storage.shards import shard_count_for_cells

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST_HISTORY = 10_000_000  # periods: 19 years of minutes


class Gathering:
    """See the module. Leaves the ``ImportedDataset``."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage

    def plan_shards(self) -> list[int]:
        """The shards that may hold rows; more than were read where few rows lie on many periods."""
        if self._grid and self._grid.length > LONGEST_HISTORY:
            found = f"{self._grid.length:,} periods from {self._index['first']} to {self._index['last']}"
            raise InputRefused(f"The timestamps span {found}, wanted at most {LONGEST_HISTORY:,}. Is a year mistyped?")
        shard_count = max(self._read_count, self._count_for_cells())
        frequency, tasks = self._dataset.request.get("DataFrequency"), len(self._index["tasks"])
        job, has_timestamp = self._context.record, self._schema.has_timestamp
        part = partial_period(job, frequency, self._storage, tasks) if has_timestamp else None
        last, end = (str(part[0]), str(part[1])) if part else (self._index["last"], None)
        plan = ShardPlan(shard_count=shard_count, last=last, end=end)
        self._storage.write_document(SHARDS, plan)
        read = {int(shard) for task in self._index["tasks"] for shard in task["row_groups"]}
        return [shard for shard in range(self._shard_count) if shard % self._read_count in read]

    def _count_for_cells(self) -> int:
        if self._grid is None:
            return 1
        tasks = range(len(self._index["tasks"]))
        series = merge_sketches(self._storage.read_arrays(series_sketch_name(task))["series"] for task in tasks)
        return shard_count_for_cells(distinct_count(series) * self._grid.length)

    def run(self, shard: int, /) -> ShardResult:
        """Write the shard's canonical rows, sorted, and count them."""
        with database() as (connection, folder):
            self._load_rows(connection, folder, shard)
            end = self._shard_plan["end"]
            in_partial_period = leave_out_from(connection, end, NEW) if end else 0
            _replace_old_rows(connection, self._schema)
            path = folder / "shard.parquet"
            connection.execute("CREATE VIEW rows AS SELECT * EXCLUDE (generation) FROM gathered")
            connection.execute(
                f"COPY (SELECT * FROM rows ORDER BY {', '.join(self._order)}) TO {literal(path)}"
                " (FORMAT parquet, COMPRESSION zstd)"
            )
            self._storage.upload(path, shard_name(shard))
            self._storage.write_arrays(_sketch_name(shard), column_sketches(connection, "rows", self._schema))
            counts = f"count(*), count(DISTINCT item_id), count(DISTINCT ({', '.join(self._keys)}))"
            (rows, items, series) = connection.execute(f"SELECT {counts} FROM rows").fetchall()[0]
            return ShardResult(
                shard=shard,
                rows=rows,
                items=items,
                series=series,
                last_values=_last_values(connection, self._schema),
                merged=self._merged_row_count(connection),
                in_partial_period=in_partial_period,
                sums=column_sums(connection, "rows", self._schema),
            )

    def _load_rows(self, connection: "DuckDBPyConnection", folder: Path, shard: int) -> None:
        columns = ", ".join(f"{identifier(c.canonical)} {c.sql_type}" for c in self._schema.columns)
        connection.execute(f"CREATE TABLE gathered ({columns}, generation INTEGER)")
        names = ", ".join(identifier(c.canonical) for c in self._schema.columns)
        within = f"{shard_sql('item_id', self._shard_count)} = {shard}"
        for task, rows in enumerate(self._index["tasks"]):
            for first, length in rows["row_groups"].get(str(shard % self._read_count), []):
                path = folder / "row_group.parquet"
                path.write_bytes(self._storage.read_bytes(row_groups_name(task), first, length))
                connection.execute(
                    f"INSERT INTO gathered SELECT {names}, {rows['generation']}"
                    f" FROM read_parquet({literal(path)}, hive_partitioning=false)"
                    f" WHERE {within if self._shard_count > self._read_count else 'true'}"
                )

    def _merged_row_count(self, connection: "DuckDBPyConnection") -> int:
        """Rows that fall into a bucket (series, period of the data frequency) which another row has taken already."""
        keys = ", ".join(self._keys)
        if not self._schema.has_timestamp:
            query = f"SELECT count(*) - count(DISTINCT ({keys})) FROM rows"
            return int(connection.execute(query).fetchall()[0][0])
        query = f"SELECT hash({keys}) AS series, timestamp FROM rows ORDER BY {keys}, timestamp"
        columns = connection.execute(query).fetchnumpy()
        timestamps = columns["timestamp"].astype("datetime64[s]")
        periods = self._grid.index_of(timestamps) if self._grid else timestamps.astype(np.int64)
        repeats = (np.diff(columns["series"]) == 0) & (np.diff(periods) == 0)
        return int(repeats.sum())

    def finish(self, results: list[ShardResult], /) -> Outcome:
        in_partial_period = sum(result["in_partial_period"] for result in results)
        results = [result for result in results if result["rows"]]
        self._refuse_empty_target([result["sums"] for result in results])
        shards = [result["shard"] for result in results]
        items = sum(result["items"] for result in results)
        imported = ImportedDataset(
            storage=self._storage,
            schema=self._schema,
            frequency=self._dataset.request.get("DataFrequency"),
            shard_count=self._shard_count,
            shards=shards,
            first=self._index["first"],
            last=self._shard_plan["last"],
            item_count=items,
            series_count=sum(result["series"] for result in results),
            last_values=_latest([result["last_values"] for result in results]),
        )
        imported.save()
        outcome: JsonObject = {
            "FieldStatistics": field_statistics(
                self._schema, [result["sums"] for result in results], self._distinct_counts(shards, items)
            ),
            "DataSize": self._plan["source_bytes"] / 2**30,  # Amazon's GB
        }
        left_out = self._left_out(in_partial_period)
        if left_out.total:
            outcome["Message"] = left_out.sentence(self._index["rows_read"])
        facts: ImportFacts = {
            "row_count": sum(result["rows"] for result in results),
            "item_count": items,
            "first_timestamp": imported.first,
            "last_timestamp": imported.last,
            "length": self._length,
            "shard_count": imported.shard_count,
            "merged_row_count": sum(result["merged"] for result in results),
            "left_out_row_count": left_out.total,
        }
        return Outcome(outcome, facts)

    def _left_out(self, in_partial_period: int) -> LeftOut:
        """What the tasks left out, and the rows of a partial period that the shards did."""
        by_tasks = LeftOut(self._index["left_out"]["counts"], self._index["left_out"]["first"])
        by_shards = LeftOut({"period": in_partial_period} if in_partial_period else {})
        return LeftOut.sum([by_tasks, by_shards])

    def _refuse_empty_target(self, by_shard: list[dict[str, ColumnSums]]) -> None:
        """Refuse a target without a value: nothing can be forecast from it."""
        for column in self._schema.of_role("target"):
            rows = sum(sums[column.name]["count"] + sums[column.name]["null"] for sums in by_shard)
            if all(sums[column.name]["min"] is None for sums in by_shard):
                path = self._context.record.request["DataSource"]["S3Config"]["Path"]
                raise InputRefused(
                    f"{path}: found no value in column {column.name}: all of its {rows} rows are empty or NaN,"
                    " wanted at least one number."
                )

    def _distinct_counts(self, shards: list[int], items: int) -> dict[str, int]:
        sketches = [self._storage.read_arrays(_sketch_name(shard)) for shard in shards]
        return {
            column.name: items
            if column.role == "item_id"
            else distinct_count(merge_sketches(sketch[column.canonical] for sketch in sketches))
            for column in self._schema.columns
        }

    @cached_property
    def _dataset(self) -> Record:
        return self._context.records.get(self._context.record.parents["dataset"])

    @cached_property
    def _schema(self) -> Schema:
        return Schema.of_dataset(self._dataset.request)

    @property
    def _keys(self) -> list[str]:
        """What names a series, as SQL."""
        return [identifier(column.canonical) for column in self._schema.key_columns]

    @property
    def _order(self) -> list[str]:
        """All columns, as SQL: the rows of a series together, in the order of time, whatever the order of the files."""
        first = [*self._keys, *(["timestamp"] if self._schema.has_timestamp else [])]
        columns = [identifier(column.canonical) for column in self._schema.columns]
        return [*first, *(column for column in columns if column not in first)]

    @cached_property
    def _plan(self) -> ImportPlan:
        plan: ImportPlan = self._storage.read_document(PLAN)
        return plan

    @property
    def _read_count(self) -> int:
        """The number of shards that the tasks of the first round have parted their rows by."""
        return self._plan["shard_count"]

    @cached_property
    def _shard_count(self) -> int:
        return self._shard_plan["shard_count"]

    @cached_property
    def _shard_plan(self) -> ShardPlan:
        plan: ShardPlan = self._storage.read_document(SHARDS)
        return plan

    @cached_property
    def _index(self) -> RowGroupIndex:
        index: RowGroupIndex = self._storage.read_document(ROW_GROUPS)
        return index

    @property
    def _length(self) -> int | None:
        """The periods of the data frequency that are kept; None where there is no frequency or no time."""
        if self._grid is None or self._shard_plan["last"] is None:
            return None
        return int(self._grid.index_of(np.array([self._shard_plan["last"]], dtype="datetime64[s]"))[0]) + 1

    @cached_property
    def _grid(self) -> Grid | None:
        """The grid of the data frequency over the whole import; None where there is no frequency or no time."""
        frequency = self._dataset.request.get("DataFrequency")
        if not frequency or not self._schema.has_timestamp:
            return None
        first, last = (np.datetime64(end, "s") for end in (self._index["first"], self._index["last"]))
        return Grid.covering(Frequency.parse(frequency), first, last)


def _sketch_name(shard: int) -> str:
    return f"{WORK}sketches/{shard:04}.npz"


def _replace_old_rows(connection: "DuckDBPyConnection", schema: Schema) -> None:
    """Drop old rows whose item, dimensions and timestamp a new row has."""
    keys = [identifier(column.canonical) for column in schema.key_columns]
    keys += ["timestamp"] if schema.has_timestamp else []
    same = " AND ".join(f"gathered.{key} IS NOT DISTINCT FROM added.{key}" for key in keys)
    connection.execute(
        f"DELETE FROM gathered USING (SELECT DISTINCT {', '.join(keys)} FROM gathered"
        f" WHERE generation = {NEW}) AS added"
        f" WHERE gathered.generation = {OLD} AND {same}"
    )


def _last_values(connection: "DuckDBPyConnection", schema: Schema) -> dict[str, str]:
    """The time of the latest value of each number of a related time series, as ISO text; nothing for other types."""
    columns = [column for column in schema.of_role("feature") if schema.has_timestamp and column.is_number]
    if not columns:
        return {}
    lasts = [
        f"strftime(max(timestamp) FILTER (WHERE NOT isnan({identifier(column.canonical)})), '%Y-%m-%dT%H:%M:%S')"
        for column in columns
    ]
    (row,) = connection.execute(f"SELECT {', '.join(lasts)} FROM rows").fetchall()
    return {column.name: last for column, last in zip(columns, row, strict=True) if last is not None}


def _latest(documents: list[dict[str, str]]) -> dict[str, str]:
    """The latest time under each name; ISO text sorts as time does."""
    names = sorted({name for document in documents for name in document})
    return {name: max(document[name] for document in documents if name in document) for name in names}
