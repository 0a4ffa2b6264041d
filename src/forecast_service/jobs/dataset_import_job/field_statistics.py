"""``FieldStatistics`` of an import, from sums that shards emit and the last step adds up.

Distinct values are counted with sketches (``distinct_values``), items exactly, for no item is in two shards.
"""

from typing import TYPE_CHECKING, Any

from forecast_contract.sql import identifier
from forecast_files.schema import Column, Schema
from forecast_service.jobs.dataset_import_job.distinct_values import Sketch, sketch
from forecast_service.jobs.dataset_import_job.papers import ColumnSums

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LARGEST_INTEGER = 2_147_483_647  # above it the API's Integer members are -1, and only their Long twins count


def column_sums(connection: "DuckDBPyConnection", table: str, schema: Schema) -> dict[str, ColumnSums]:
    """What one shard knows of each column, by the column's name."""
    return {column.name: _sums(connection, table, column) for column in schema.columns}


def _sums(connection: "DuckDBPyConnection", table: str, column: Column) -> ColumnSums:
    name = identifier(column.canonical)
    rows = identifier(table)
    if column.sql_type == "VARCHAR":
        query = f"SELECT count({name}), count(*) - count({name}) FROM {rows}"
        count, null = connection.execute(query).fetchall()[0]
        return {"count": count, "null": null}
    if column.sql_type == "TIMESTAMP":
        query = (
            f"SELECT count({name}), count(*) - count({name}), strftime(min({name}), '%Y-%m-%dT%H:%M:%SZ'),"
            f" strftime(max({name}), '%Y-%m-%dT%H:%M:%SZ') FROM {rows}"
        )
        count, null, least, greatest = connection.execute(query).fetchall()[0]
        return {"count": count, "null": null, "min": least, "max": greatest}
    query = (
        f"SELECT count({name}), count(*) - count({name}), count(*) FILTER (isnan({name})), min(v), max(v),"
        f" coalesce(avg(v), 0), coalesce(var_pop(v), 0) * count(v)"
        f" FROM (SELECT {name}, CASE WHEN isnan({name}) THEN NULL ELSE {name} END v FROM {rows})"
    )
    count, null, nan, least, greatest, mean, squares = connection.execute(query).fetchall()[0]
    return {"count": count, "null": null, "nan": nan, "min": least, "max": greatest, "mean": mean, "squares": squares}


def column_sketches(connection: "DuckDBPyConnection", table: str, schema: Schema) -> dict[str, Sketch]:
    """The sketch of each column's values but the identifier's, by its canonical name. NaN is no value."""
    sketches = {}
    for column in schema.columns:
        name = identifier(column.canonical)
        condition = f"NOT isnan({name})" if column.is_number else "true"
        if column.role != "item_id":
            sketches[column.canonical] = sketch(connection, table, name, condition)
    return sketches


def field_statistics(
    schema: Schema, shards: list[dict[str, ColumnSums]], distinct: dict[str, int]
) -> dict[str, dict[str, Any]]:
    """The API's ``FieldStatistics`` from the sums of all shards and the distinct values per column."""
    return {
        column.name: _statistics(column, [sums[column.name] for sums in shards], distinct[column.name])
        for column in schema.columns
    }


def _statistics(column: Column, by_shard: list[ColumnSums], distinct: int) -> dict[str, Any]:
    statistics: dict[str, Any] = _counts("Count", sum(sums["count"] for sums in by_shard))
    statistics |= _counts("CountDistinct", distinct)
    statistics |= _counts("CountNull", sum(sums["null"] for sums in by_shard))
    if column.sql_type == "VARCHAR":
        return statistics
    present = [sums for sums in by_shard if sums["min"] is not None]
    if column.is_number:
        statistics |= _counts("CountNan", sum(sums["nan"] for sums in by_shard))
    if present:
        extremes = (min(sums["min"] for sums in present), max(sums["max"] for sums in present))
        statistics["Min"], statistics["Max"] = (_extreme(value, column) for value in extremes)
    if present and column.is_number:
        statistics["Avg"], statistics["Stddev"] = _moments(present)
    return statistics


def _counts(name: str, count: int) -> dict[str, Any]:
    return {name: count if count <= _LARGEST_INTEGER else -1, f"{name}Long": count}


def _extreme(value: Any, column: Column) -> str:
    if column.sql_type == "TIMESTAMP":
        return str(value)
    return str(int(value)) if column.type == "integer" else repr(float(value))


def _moments(by_shard: list[ColumnSums]) -> tuple[float, float]:
    """Mean and sample standard deviation of the values of all shards (Chan's formula, one shard after another)."""
    count, mean, squares = 0, 0.0, 0.0
    for sums in by_shard:
        added = sums["count"] - sums["nan"]
        total = count + added
        difference = sums["mean"] - mean
        mean += difference * added / total
        squares += sums["squares"] + difference**2 * count * added / total
        count = total
    return mean, (squares / (count - 1)) ** 0.5 if count > 1 else 0.0
