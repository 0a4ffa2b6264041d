"""A finished import: canonical rows by shard, and how to read the series of one shard."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast_contract.sql import identifier, literal, shard_sql
from forecast_files.schema import Schema
from forecast_service.storage.bucket import Storage
from forecast_service.storage.database import database
from forecast_service.storage.shards import shards_over

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Key = tuple[str, ...]  # what names a series: the item, then its dimensions

_DOCUMENT = "dataset.json"


def shard_name(shard: int) -> str:
    """The object that holds the rows of a shard."""
    return f"rows/{shard:04}.parquet"


@dataclass(frozen=True)
class Series:
    """The rows of a shard: ``keys`` [series] are item and dimensions; the arrays are [row], ``index`` into the keys.

    ``values`` maps the canonical name of each column that was asked for to its numbers, NaN where there is none.
    """

    keys: list[Key]
    index: NDArray[np.int64]
    timestamps: NDArray[np.datetime64]
    values: dict[str, NDArray[np.float64]]

    def only(self, keys: set[Key]) -> "Series":
        """Those series whose keys are among ``keys``."""
        if keys.issuperset(self.keys):
            return self
        chosen = [number for number, key in enumerate(self.keys) if key in keys]
        renumbered = np.full(len(self.keys), -1, dtype=np.int64)
        renumbered[chosen] = np.arange(len(chosen))
        index = renumbered[self.index]
        rows = index >= 0
        values = {name: column[rows] for name, column in self.values.items()}
        return Series([self.keys[number] for number in chosen], index[rows], self.timestamps[rows], values)


@dataclass(frozen=True)
class CanonicalRows(ABC):
    """Rows of a dataset under their canonical names, wherever they lie, and their extent.

    Times are ISO text; ``first`` and ``last`` are None for item metadata. ``series_count`` counts the distinct item and
    all dimensions. ``last_values`` maps each number of a related time series to the time of its latest value.
    """

    schema: Schema
    frequency: str | None
    shard_count: int
    shards: list[int]
    first: str | None
    last: str | None
    item_count: int
    series_count: int
    last_values: dict[str, str]

    @abstractmethod
    def rows(self, shard: int, shard_count: int) -> "AbstractContextManager[tuple[DuckDBPyConnection, str | None]]":
        """A connection and SQL for the rows of one of ``shard_count`` shards in it; None where there are none."""

    def holds(self, shard: int, shard_count: int) -> bool:
        """Whether one of ``shard_count`` shards, which may be finer or coarser than the rows' own, may hold rows."""
        return bool(self.own_shards(shard, shard_count))

    def series(self, shard: int, shard_count: int, dimensions: list[str], columns: list[str]) -> Series:
        """The rows of one of ``shard_count`` shards, which may be finer or coarser than the rows' own.

        ``dimensions`` are the attributes that tell series of one item apart; other dimensions are aggregated away.
        ``columns`` are the canonical names of the numbers to read.
        """
        key_columns = ["item_id", *(f"coalesce({identifier(f'dimension_{name}')}, '')" for name in dimensions)]
        keys = ", ".join(f"{column} AS key_{i}" for i, column in enumerate(key_columns))
        order = ", ".join(f"key_{i}" for i in range(len(key_columns)))
        names = ", ".join(identifier(column) for column in columns)
        values = ", ".join(
            f"coalesce({identifier(column)}, 'NaN'::DOUBLE) AS {identifier(column)}" for column in columns
        )
        with self.rows(shard, shard_count) as (connection, relation):
            if relation is None:
                return Series([], _empty(np.int64), _empty("datetime64[s]"), {name: _empty(float) for name in columns})
            connection.execute(f"CREATE TEMP TABLE rows AS SELECT {keys}, timestamp, {names} FROM {relation}")
            connection.execute(
                f"CREATE TEMP TABLE series AS SELECT row_number() OVER (ORDER BY {order}) - 1 AS series, *"
                f" FROM (SELECT DISTINCT {order} FROM rows)"
            )
            keys_by_number = connection.execute("SELECT * FROM series ORDER BY series").fetchall()
            arrays = connection.execute(
                f"SELECT series, timestamp, {values} FROM rows JOIN series USING ({order})"
            ).fetchnumpy()
        return Series(
            [tuple(key) for _, *key in keys_by_number],
            arrays["series"].astype(np.int64, copy=False),
            arrays["timestamp"].astype("datetime64[s]"),
            {column: arrays[column].astype(np.float64, copy=False) for column in columns},
        )

    def own_shards(self, shard: int, shard_count: int) -> list[int]:
        """The shards, of those that hold rows, in which the items of one of ``shard_count`` are."""
        held = set(self.shards)
        return [own for own in shards_over(shard, shard_count, self.shard_count) if own in held]


@dataclass(frozen=True)
class ImportedDataset(CanonicalRows):
    """The rows that an import left in the ``storage`` of its resource."""

    storage: Storage

    @classmethod
    def of(cls, storage: Storage) -> "ImportedDataset":
        """The dataset that a finished import left in its storage."""
        document = storage.read_document(_DOCUMENT)
        return cls(storage=storage, **document | {"schema": Schema.from_document(document["schema"])})

    def save(self) -> None:
        self.storage.write_document(
            _DOCUMENT,
            {
                "schema": self.schema.to_document(),
                "frequency": self.frequency,
                "shard_count": self.shard_count,
                "shards": self.shards,
                "first": self.first,
                "last": self.last,
                "item_count": self.item_count,
                "series_count": self.series_count,
                "last_values": self.last_values,
            },
        )

    @contextmanager
    def rows(self, shard: int, shard_count: int) -> "Iterator[tuple[DuckDBPyConnection, str | None]]":
        with database() as (connection, folder):
            yield connection, self.relation(folder, shard, shard_count)

    def relation(self, folder: Path, shard: int, shard_count: int) -> str | None:
        """SQL for the rows of one of ``shard_count`` shards, whose files are put into ``folder``; None without any."""
        own_shards = self.own_shards(shard, shard_count)
        if not own_shards:
            return None
        paths = [self.storage.download(shard_name(own), folder / f"rows-{own}.parquet") for own in own_shards]
        files = f"read_parquet([{', '.join(literal(path) for path in paths)}])"
        if shard_count <= self.shard_count:
            return files
        return f"(SELECT * FROM {files} WHERE {shard_sql('item_id', shard_count)} = {shard})"


def _empty(dtype: "np.typing.DTypeLike") -> np.ndarray:
    return np.empty(0, dtype=dtype)
