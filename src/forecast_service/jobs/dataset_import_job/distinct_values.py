"""How many distinct values many tables hold together, from a small sketch of each (k-minimum-values).

A sketch is the smallest hashes of a table's values. Sketches of several tables merge into the sketch of all their rows.
A count is exact up to ``SKETCH_SIZE`` values, and within about one percent above.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast_contract.sql import identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SKETCH_SIZE = 16_384

Sketch = NDArray[np.uint64]


def sketch(connection: "DuckDBPyConnection", table: str, expression: str, condition: str = "true") -> Sketch:
    """The sketch of an expression's values in the rows that meet a condition; NULL is no value."""
    query = (
        f"SELECT DISTINCT hash({expression}) AS h FROM {identifier(table)}"
        f" WHERE ({expression}) IS NOT NULL AND {condition} ORDER BY h LIMIT {SKETCH_SIZE}"
    )
    return connection.execute(query).fetchnumpy()["h"].astype(np.uint64)


def merge_sketches(sketches: Iterable[Sketch]) -> Sketch:
    """The sketch of all rows, from sketches of some rows each."""
    merged: Sketch = np.empty(0, dtype=np.uint64)
    for added in sketches:
        merged = np.union1d(merged, added)[:SKETCH_SIZE]
    return merged


def distinct_count(merged: Sketch) -> int:
    """How many distinct values a sketch stands for."""
    if len(merged) < SKETCH_SIZE:
        return len(merged)
    return round((SKETCH_SIZE - 1) / (float(merged[-1]) / 2.0**64))
