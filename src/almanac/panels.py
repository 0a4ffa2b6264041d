"""The caller's rows as the panels that the engine trains on, made as the service makes them of its imports."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from forecast_contract.domains import ITEM_METADATA, RELATED_TIME_SERIES, TARGET_TIME_SERIES
from forecast_contract.sql import identifier, shard_sql
from forecast_files.schema import Schema
from forecast_service.panel.panel_source import PanelSource
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.storage.imported_dataset import CanonicalRows
from forecast_service.storage.shards import shard_count_for
from local_aws.upload.bucket_file import dimension_names, item_column, renamed
from local_aws.upload.metadata_file import metadata_columns
from local_aws.upload.related_rows import ROWS
from local_aws.upload.target_file import target_rows
from local_aws.upload.upload import Guesses, parameters_of

BYTES_PER_ROW = 40  # of CSV, by which an import is parted into shards
ISO = "'%Y-%m-%dT%H:%M:%S'"


@dataclass(frozen=True)
class HeldRows(CanonicalRows):
    """Rows in a ``table`` of the connection that the caller's frame was loaded into."""

    connection: DuckDBPyConnection
    table: str

    @contextmanager
    def rows(self, shard: int, shard_count: int) -> Iterator[tuple[DuckDBPyConnection, str | None]]:
        """A cursor, which has temporary tables of its own, and SQL for the rows of a shard."""
        cursor = self.connection.cursor()
        within = f"{shard_sql('item_id', shard_count)} = {shard}" if shard_count > 1 else "true"
        try:
            yield cursor, f"(SELECT * FROM {self.table} WHERE {within})" if self.holds(shard, shard_count) else None
        finally:
            cursor.close()

    @classmethod
    def load(cls, connection: DuckDBPyConnection, dataset: dict[str, Any], rows: str) -> "HeldRows":
        """Load rows, given in SQL with the attributes of the dataset's schema for columns, under canonical names."""
        schema, table = Schema.of_dataset(dataset), f"canonical_{dataset['DatasetType'].lower()}"
        columns = ", ".join(
            f"try_cast({identifier(c.name)} AS {c.sql_type}) AS {identifier(c.canonical)}" for c in schema.columns
        )
        connection.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT {columns} FROM ({rows}) WHERE coalesce(item_id, '') != ''"
        )
        keys = ", ".join(identifier(column.canonical) for column in schema.key_columns)
        first, last = (
            f"strftime({end}(timestamp), {ISO})" if schema.has_timestamp else "NULL" for end in ("min", "max")
        )
        count, items, series, first, last = connection.execute(
            f"SELECT count(*), count(DISTINCT item_id), count(DISTINCT ({keys})), {first}, {last} FROM {table}"
        ).fetchall()[0]
        shard_count = shard_count_for(max(1, BYTES_PER_ROW * count))
        held = connection.execute(f"SELECT DISTINCT {shard_sql('item_id', shard_count)} FROM {table} ORDER BY 1")
        return cls(
            schema=schema,
            frequency=dataset.get("DataFrequency"),
            shard_count=shard_count,
            shards=[int(shard) for (shard,) in held.fetchall()],
            first=first,
            last=last,
            item_count=items,
            series_count=series,
            last_values=_last_values(connection, table, schema),
            connection=connection,
            table=table,
        )


def panel_source(guesses: Guesses) -> PanelSource:
    """What the panels of training and forecast are made of. InputRefused or ValueError for what cannot be."""
    tree, planned = parameters_of(guesses), guesses.planned
    datasets = {dataset["DatasetType"]: dataset for dataset in tree["Datasets"]}
    columns = ["_moment AS timestamp", item_column(planned.roles), *renamed(dimension_names(planned.roles))]
    rows = f"SELECT {', '.join(columns)}, _value AS target_value FROM ({target_rows(planned)})"
    target = HeldRows.load(planned.table.connection, datasets[TARGET_TIME_SERIES], rows)
    related = metadata = None
    if guesses.related:
        selected = f"SELECT _moment AS timestamp, * EXCLUDE (_moment) FROM {ROWS}"
        related = HeldRows.load(guesses.related.table.connection, datasets[RELATED_TIME_SERIES], selected)
    if guesses.metadata:
        selected = f"SELECT {', '.join(metadata_columns(guesses.metadata))} FROM data"
        metadata = HeldRows.load(guesses.metadata.table.connection, datasets[ITEM_METADATA], selected)
    plan = PredictorPlan.of_request(tree["AutoPredictor"], target, related, metadata)
    return PanelSource(plan, target, related if plan.related else None, metadata if plan.attributes else None)


def _last_values(connection: DuckDBPyConnection, table: str, schema: Schema) -> dict[str, str]:
    """The time of the latest value of each number of a related time series; nothing for other rows."""
    if schema.dataset_type != RELATED_TIME_SERIES:
        return {}
    names = {column.name: identifier(column.canonical) for column in schema.of_role("feature") if column.is_number}
    lasts = [f"strftime(max(timestamp) FILTER (WHERE NOT isnan({name})), {ISO})" for name in names.values()]
    (row,) = connection.execute(f"SELECT {', '.join(lasts)} FROM {table}").fetchall()
    return {name: last for name, last in zip(names, row, strict=True) if last is not None}
