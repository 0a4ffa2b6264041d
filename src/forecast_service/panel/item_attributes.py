"""What an import of item metadata knows of the items of a shard."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_contract.sql import identifier
from forecast_files.input_refused import InputRefused
from forecast_files.schema import Column
from forecast_service.storage.imported_dataset import CanonicalRows


class ItemAttributes:
    """The rows of one shard of an import, at most one for each item; ``columns`` are the attributes to read.

    Raises InputRefused if two rows of an item differ: only the caller knows which one is right.
    """

    def __init__(self, imported: CanonicalRows, shard: int, shard_count: int, columns: list[Column]) -> None:
        self._columns = columns
        self._rows: dict[str, tuple[Any, ...]] = {}
        names = ", ".join(["item_id", *(identifier(column.canonical) for column in columns)])
        with imported.rows(shard, shard_count) as (connection, relation):
            rows = connection.execute(f"SELECT DISTINCT {names} FROM {relation}").fetchall() if relation else []
        for item_id, *values in rows:
            if item_id in self._rows:
                self._refuse(item_id, self._rows[item_id], tuple(values))
            self._rows[item_id] = tuple(values)

    @property
    def item_ids(self) -> list[str]:
        """The items of the shard, sorted."""
        return sorted(self._rows)

    def arrays(self, item_ids: list[str]) -> dict[str, NDArray[Any]]:
        """Attribute -> its value for each of ``item_ids``: text, "" where unknown, or numbers, NaN where unknown."""
        nothing = (None,) * len(self._columns)
        rows = [self._rows.get(item_id, nothing) for item_id in item_ids]
        return {
            column.name: _array([row[position] for row in rows], column.is_number)
            for position, column in enumerate(self._columns)
        }

    def _refuse(self, item_id: str, one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
        for column, *values in zip(self._columns, one, other, strict=True):
            if repr(values[0]) != repr(values[1]):
                both = " and ".join(sorted(repr(value) for value in values))
                raise InputRefused(f"The item metadata of {item_id!r}: found {column.name} {both}, wanted one row.")


def _array(values: list[Any], is_number: bool) -> NDArray[Any]:
    if is_number:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(["" if value is None else value for value in values], dtype=str)
