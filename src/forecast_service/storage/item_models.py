"""What made the forecast of each item: its models and their weights, and what is special about its history.

One Parquet object per shard lies beside the values of a forecast, with a row per item and model that has a weight.
Amazon's exports have no such file, and readers take every file for values. So an export writes it only where a tag asks
for it, in a folder of its own.
"""

from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_contract.exports import ITEM_MODELS_COLUMNS, ITEM_MODELS_TAG, own_columns
from forecast_contract.sql import identifier, literal
from forecast_engine import Forecast
from forecast_files.schema import Column
from forecast_service.records.record import Record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SMALLEST_WEIGHT = 0.0005  # what counts less is left out
_DIGITS = 6  # of a weight


def shard_name(shard: int) -> str:
    """The object that holds the models of a shard's items."""
    return f"item-models/{shard:04}.parquet"


def are_wanted(export: Record) -> bool:
    """Whether an export job carries the tag."""
    return ITEM_MODELS_TAG in export.tags


def exported_columns(keys: list[Column], of_series: Callable[[str], str] = str) -> list[tuple[str, str]]:
    """Name and expression of each exported column; ``of_series`` gives that of a key its case.

    >>> exported_columns([Column("item_id", "string", "item_id"), Column("Model", "string", "dimension")])[1:3]
    [('Model', '"dimension_Model"'), ('forecast_model', 'model')]
    """
    named = own_columns(ITEM_MODELS_COLUMNS, (column.name for column in keys))
    return [
        *((column.name, of_series(identifier(column.canonical))) for column in keys),
        *((exported, name) for name, exported in named.items()),
    ]


def write(connection: "DuckDBPyConnection", result: Forecast, columns: list[Column], path: Path) -> None:
    """Write the rows of a shard, of each item the weightiest first; table ``series`` holds number, item, dimensions."""
    weights = np.where(result.weights < _SMALLEST_WEIGHT, 0.0, result.weights)
    weights = np.round(weights / weights.sum(axis=0), _DIGITS)
    members, items = np.nonzero(weights)
    connection.register("item_weights", {"member": members, "series": items, "weight": weights[members, items]})
    connection.execute(
        "CREATE TABLE members AS SELECT unnest(range(len($1::VARCHAR[]))) AS member, unnest($1::VARCHAR[]) AS model,"
        " unnest($2::INTEGER[]) AS season, unnest($3::VARCHAR[]) AS form",
        [list(column) for column in zip(*map(astuple, result.members), strict=True)],
    )
    connection.execute(
        "CREATE TABLE notes AS SELECT unnest(range(len($1::VARCHAR[]))) AS series, unnest($1::VARCHAR[]) AS note",
        [result.notes],
    )
    names = ", ".join([*(identifier(column.canonical) for column in columns), *ITEM_MODELS_COLUMNS])
    connection.execute(
        f"COPY (SELECT {names} FROM item_weights JOIN series USING (series) JOIN members USING (member)"
        " JOIN notes USING (series) ORDER BY series, weight DESC, member)"
        f" TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)"
    )
