"""An import that is done: canonical rows by shard, and how to read the series of one shard."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast_service.database import database, identifier, literal
from forecast_service.schema import Schema
from forecast_service.shards import shard_sql
from forecast_service.storage import Storage

if TYPE_CHECKING:
    from forecast_engine.grid import Timestamps

_DOCUMENT = "dataset.json"


def shard_name(shard: int) -> str:
    """The object that holds the rows of a shard."""
    return f"rows/{shard:04}.parquet"


@dataclass(frozen=True)
class Series:
    """The observations of a shard: ``keys`` [series] are item and dimensions, the arrays have one entry per row."""

    keys: list[tuple[str, ...]]
    index: NDArray[np.int64]
    timestamps: "Timestamps"
    values: NDArray[np.float64]

    def only(self, keys: set[tuple[str, ...]]) -> "Series":
        """Those series whose keys are among ``keys``."""
        kept = [position for position, key in enumerate(self.keys) if key in keys]
        renumbered = np.full(len(self.keys), -1, dtype=np.int64)
        renumbered[kept] = np.arange(len(kept))
        index = renumbered[self.index]
        rows = index >= 0
        return Series([self.keys[k] for k in kept], index[rows], self.timestamps[rows], self.values[rows])


@dataclass(frozen=True)
class ImportedDataset:
    """Where the rows lie and what they cover. ``first`` and ``last`` are ISO text, None for item metadata."""

    storage: Storage
    schema: Schema
    frequency: str | None
    shard_count: int
    shards: list[int]
    first: str | None
    last: str | None

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
            },
        )

    def series(self, shard: int, shard_count: int, dimensions: list[str]) -> Series:
        """The target's rows of one of ``shard_count`` shards, which may be finer than the import's own.

        ``dimensions`` are the attributes that tell series of one item apart; other dimensions are aggregated away.
        """
        own_shard = shard % self.shard_count
        if own_shard not in self.shards:
            return Series([], _empty(np.int64), _empty(np.dtype("datetime64[s]")), _empty(np.float64))
        key_columns = ["item_id", *(f"coalesce({identifier(f'dimension_{name}')}, '')" for name in dimensions)]
        keys = ", ".join(f"{column} AS key_{i}" for i, column in enumerate(key_columns))
        order = ", ".join(f"key_{i}" for i in range(len(key_columns)))
        within = f"{shard_sql('item_id', shard_count)} = {shard}" if shard_count > self.shard_count else "true"
        with database() as (connection, folder):
            path = self.storage.download(shard_name(own_shard), folder / "shard.parquet")
            connection.execute(
                f"CREATE TABLE rows AS SELECT {keys}, timestamp, target FROM read_parquet({literal(path)})"
                f" WHERE {within}"
            )
            connection.execute(
                f"CREATE TABLE series AS SELECT row_number() OVER (ORDER BY {order}) - 1 AS series, *"
                f" FROM (SELECT DISTINCT {order} FROM rows)"
            )
            names = connection.execute("SELECT * FROM series ORDER BY series").fetchall()
            columns = connection.execute(
                "SELECT series, timestamp, coalesce(target, 'NaN'::DOUBLE) AS target FROM rows"
                f" JOIN series USING ({order})"
            ).fetchnumpy()
        return Series(
            [tuple(row[1:]) for row in names],
            columns["series"].astype(np.int64),
            columns["timestamp"].astype("datetime64[s]"),
            columns["target"].astype(np.float64),
        )


def _empty(dtype: "np.typing.DTypeLike") -> np.ndarray:
    return np.empty(0, dtype=dtype)
