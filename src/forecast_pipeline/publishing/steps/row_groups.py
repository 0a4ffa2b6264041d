"""The rows that a worker has read, parted by shard, in one object; and the rows of a shard, of all these objects.

A worker's object is Parquet files one behind the other: those of each shard, one without rows, which has the columns
even where a shard has no row, and ``times``, which every shard needs whole.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from duckdb import DuckDBPyConnection

from forecast_contract.sql import literal, shard_sql
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_database import paths
from forecast_pipeline.publishing.exports.staging import key_aliases, key_columns_of_rows
from forecast_pipeline.publishing.steps.plan import Kind

TABLES: Mapping[Kind, str] = {
    "train": "train_rows",
    "forecast": "staged_forecast",
    "backtest": "staged_backtest",
    "accuracy": "staged_item_accuracy",
    "item_models": "staged_item_models",
    "earlier_items": "earlier_items",
    "earlier_forecasts": "staged_earlier",
}
Extent = tuple[int, int]  # first byte, length


class RowGroups(TypedDict):
    """Where the rows of each shard, by its number as a text, lie in an object; ``times`` only of train files."""

    shards: dict[str, list[Extent]]
    columns: list[Extent]
    times: list[Extent]


def store_rows(
    connection: DuckDBPyConnection, run: FinishedRun, kind: Kind, shard_count: int, folder: Path
) -> tuple[Path, RowGroups]:
    """Write what a task of ``kind`` has read as one file, parted by the MD5 of the key columns (decision 0302)."""
    table, keys = TABLES[kind], ", ".join(key_aliases(run))
    is_train = kind == "train"
    rows = f"(SELECT {key_columns_of_rows(run)}, * FROM {table})" if is_train else table
    shard = shard_sql(f"concat_ws(chr(31), {keys})", shard_count)
    connection.execute(
        f"CREATE TABLE sharded AS SELECT *, {shard} AS shard FROM (SELECT DISTINCT {keys} FROM {rows} AS keyed)"
    )
    chosen = f"* EXCLUDE ({keys})" if is_train else "*"
    parted = folder / "parted"
    connection.execute(
        f"COPY (SELECT {chosen} FROM {rows} AS keyed JOIN sharded USING ({keys})) TO {literal(parted)}"
        " (FORMAT parquet, PARTITION_BY (shard), COMPRESSION snappy)"
    )
    groups = RowGroups(shards={}, columns=[], times=[])
    joined = folder / "joined"
    joined.touch()
    for path in sorted(parted.glob("shard=*/*.parquet")):
        groups["shards"].setdefault(path.parent.name.removeprefix("shard="), []).append(_append(joined, path))
    groups["columns"].append(_append(joined, _written(connection, f"FROM {table} LIMIT 0", folder)))
    if is_train:
        groups["times"].append(_append(joined, _written(connection, "FROM times", folder)))
    return joined, groups


def load_rows(connection: DuckDBPyConnection, kind: Kind, files: list[Path], times: list[Path]) -> None:
    """Make the table of ``kind`` of Parquet files, as if one worker had read all; of ``train``, ``times`` besides."""
    read = "read_parquet({}, union_by_name = true, hive_partitioning = false)"
    connection.execute(f"CREATE TABLE {TABLES[kind]} AS FROM {read.format(paths(files))}")
    if kind == "train":
        connection.execute(
            "CREATE TABLE times AS SELECT timestamp, bool_or(is_known) AS is_known"
            f" FROM {read.format(paths(times))} GROUP BY timestamp"
        )


def _written(connection: DuckDBPyConnection, query: str, folder: Path) -> Path:
    path = folder / "written.parquet"
    connection.execute(f"COPY ({query}) TO {literal(path)} (FORMAT parquet, COMPRESSION snappy)")
    return path


def _append(joined: Path, path: Path) -> Extent:
    """Append a file, and remove it; returns where it lies now."""
    content = path.read_bytes()
    path.unlink()
    with joined.open("ab") as file:
        first = file.tell()
        file.write(content)
    return first, len(content)
