"""QueryForecast and QueryWhatIfForecast: the values of one series, read from the one shard that holds its item."""

import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from forecast_contract.sql import identifier, literal
from forecast_service.records.errors import InvalidInputException, shown
from forecast_service.records.record import Record
from forecast_service.storage import cased_ids
from forecast_service.storage.bucket import Storage, resource_prefix
from forecast_service.storage.database import shared_connection
from forecast_service.storage.forecast_table import STEP, ForecastTable, shard_name
from forecast_service.storage.shards import shard_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def query_forecast(
    record: Record, filters: dict[str, str], start: datetime | None = None, end: datetime | None = None
) -> dict[str, list[dict[str, Any]]]:
    """``Predictions``: statistic -> steps from ``start`` to ``end``, both inclusive and without zone.

    Raises InvalidInputException if the filters do not name exactly one series, or a time lies outside the forecast.
    """
    table = ForecastTable.of(Storage(os.environ["SERVICE_BUCKET"], resource_prefix(record), _s3_client()))
    item_id = _checked_filters(table, filters)
    first, last = _checked_range(table, start, end)
    rows = _rows(table, item_id, filters, first, last)
    timestamps = [str(row[0]) for row in rows]
    return {
        statistic: [
            {"Timestamp": timestamp, "Value": row[position]} for timestamp, row in zip(timestamps, rows, strict=True)
        ]
        for position, statistic in enumerate(table.statistics, start=1)
    }


def _checked_filters(table: ForecastTable, filters: dict[str, str]) -> str:
    """The item that the filters name. Item and dimensions must be among their keys; item metadata may be."""
    known = {column.name for column in table.columns}
    needed = ", ".join(column.name for column in table.series_columns)
    for name in filters:
        if name not in known:
            raise InvalidInputException(f"Filters: found the key {name}, wanted {needed}.")
    for column in table.series_columns:
        if column.name not in filters:
            given = ", ".join(filters) or "no key"
            raise InvalidInputException(f"Filters: found {given}, wanted the key {column.name} too.")
    return filters[table.columns[0].name]


def _checked_range(table: ForecastTable, start: datetime | None, end: datetime | None) -> tuple[str, str]:
    """First and last time asked for, as ISO text."""
    first = start.isoformat() if start else table.first
    last = end.isoformat() if end else table.last
    covered = f"a time from {table.first} to {table.last}"
    if first > table.last:
        raise InvalidInputException(f"StartDate: found {first}, wanted {covered}.")
    if last < table.first:
        raise InvalidInputException(f"EndDate: found {last}, wanted {covered}.")
    return first, last


def _rows(table: ForecastTable, item_id: str, filters: dict[str, str], first: str, last: str) -> list[tuple[Any, ...]]:
    """(timestamp, statistics...) of each step asked for, in order. Raises InvalidInputException if there is none.

    The series is the one that the filters spell, else the only one that they name where case does not count.
    """
    rows = _rows_of(table, item_id, filters)
    if not rows:
        series = _series_of_any_case(table, item_id, filters)
        rows = _rows_of(table, series[table.columns[0].name], series)
    return [row for row in rows if first <= row[0] <= last]


def _rows_of(table: ForecastTable, item_id: str, filters: dict[str, str]) -> list[tuple[Any, ...]]:
    """(timestamp, statistics...) of every step of the series that the filters spell, in order."""
    values = f"strftime({STEP}, '%Y-%m-%dT%H:%M:%S') AS step, {', '.join(table.statistics)}"
    columns = {column.name: identifier(column.canonical) for column in table.columns}
    conditions = " AND ".join(f"{columns[name]}::VARCHAR = ?" for name in filters)
    return _selected(table, item_id, f"SELECT {values} FROM {{}} WHERE {conditions} ORDER BY {STEP}", filters.values())


def _series_of_any_case(table: ForecastTable, item_id: str, filters: dict[str, str]) -> dict[str, str]:
    """Item and dimensions of the one series that the filters name where case does not count."""
    item_ids = {item_id, item_id.lower()}
    if table.has_cased_ids:
        item_ids.update(cased_ids.find(table.storage, item_id))
    columns = {column.name: identifier(column.canonical) for column in table.columns}
    names = [column.name for column in table.series_columns]
    conditions = [f"lower({columns[name]}::VARCHAR) = lower(?)" for name in filters]
    conditions[list(filters).index(names[0])] = f"{columns[names[0]]} = ?"
    query = f"SELECT DISTINCT {', '.join(columns[name] for name in names)} FROM {{}} WHERE {' AND '.join(conditions)}"
    found: list[tuple[Any, ...]] = []
    for candidate in sorted(item_ids):
        found += _selected(table, candidate, query, (filters | {names[0]: candidate}).values())
    asked = ", ".join(f"{name}={shown(value)}" for name, value in filters.items())
    if not found:
        raise InvalidInputException(f"Filters: found no series with {asked}, wanted one that the forecast holds.")
    if len(found) > 1:
        few = " and ".join(", ".join(map(shown, key)) for key in sorted(found)[:2])
        raise InvalidInputException(
            f"Filters: found {few} for {asked}, wanted the case of letters that tells them apart."
        )
    return dict(zip(names, found[0], strict=True))


def _selected(table: ForecastTable, item_id: str, query: str, values: Iterable[str]) -> list[tuple[Any, ...]]:
    """The rows of a query, whose ``{}`` is the shard of the item; none where the forecast lacks that shard."""
    shard = shard_of(item_id, table.shard_count)
    if shard not in table.shards:
        return []
    with tempfile.TemporaryDirectory(prefix="almanac-") as folder, shared_connection().cursor() as cursor:
        path = table.storage.download(shard_name(shard), Path(folder) / "values.parquet")
        return cursor.execute(query.format(f"read_parquet({literal(path)})"), list(values)).fetchall()


@cache
def _s3_client() -> "S3Client":
    """A client that a warm function keeps."""
    return boto3.client("s3")
