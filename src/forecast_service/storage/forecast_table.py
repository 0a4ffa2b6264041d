"""The values of a forecast: one Parquet object per shard of items, and a document that describes them."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_contract.forecast_types import MEAN, level_of
from forecast_contract.sql import identifier, literal
from forecast_files.schema import Column
from forecast_service.storage.bucket import Storage
from forecast_service.storage.database import database

_DOCUMENT = "forecast.json"
STEP = "date"  # the column with the start of a step; forecasts of all builds have it under this name


def shard_name(shard: int) -> str:
    """The object that holds the values of a shard."""
    return f"values/{shard:04}.parquet"


@dataclass(frozen=True)
class ForecastTable:
    """``columns`` name a series (item, dimensions, item metadata); ``statistics`` are ``mean`` and quantiles ascending.

    ``first`` and ``last`` are the first and last step, as ISO text. ``has_cased_ids``: whether there is a table of
    ``cased_ids``, which forecasts of older builds lack.
    """

    storage: Storage
    columns: list[Column]
    statistics: list[str]
    shard_count: int
    shards: list[int]
    first: str
    last: str
    has_cased_ids: bool = False

    @classmethod
    def of(cls, storage: Storage) -> "ForecastTable":
        """The values that a finished forecast left in its storage."""
        document = storage.read_document(_DOCUMENT)
        columns = [Column(**column) for column in document["columns"]]
        return cls(storage=storage, **document | {"columns": columns})

    @staticmethod
    def is_in(storage: Storage) -> bool:
        """Whether a storage holds the values of a forecast."""
        return any(storage.names(_DOCUMENT))

    def save(self) -> None:
        self.storage.write_document(
            _DOCUMENT,
            {
                "columns": [asdict(column) for column in self.columns],
                "statistics": self.statistics,
                "shard_count": self.shard_count,
                "shards": self.shards,
                "first": self.first,
                "last": self.last,
                "has_cased_ids": self.has_cased_ids,
            },
        )

    def copy_to(self, storage: Storage) -> None:
        """Copy the values to the storage of another resource, and then the document that says that they are there."""
        self.storage.copy_to(storage, [shard_name(shard) for shard in self.shards])
        self.storage.copy_to(storage, [_DOCUMENT])

    @property
    def series_columns(self) -> list[Column]:
        """What tells series apart: the item and the forecast dimensions."""
        return [column for column in self.columns if column.role != "feature"]

    @property
    def quantiles(self) -> dict[float, str]:
        """The quantiles, ascending, and their columns."""
        return {level_of(name): name for name in self.statistics if name != MEAN}

    def values(self, shard: int) -> tuple[list[tuple[str, ...]], dict[str, NDArray[np.float64]]]:
        """The series that a shard holds, and of each statistic its values [series, step]."""
        names = ", ".join(identifier(column.canonical) for column in self.series_columns)
        with database() as (connection, folder):
            path = self.storage.download(shard_name(shard), folder / "values.parquet")
            source = f"FROM read_parquet({literal(path)})"
            keys = connection.execute(f"SELECT DISTINCT {names} {source} ORDER BY {names}").fetchall()
            query = f"SELECT {', '.join(self.statistics)} {source} ORDER BY {names}, {STEP}"
            columns = connection.execute(query).fetchnumpy()
        return keys, {name: columns[name].reshape(len(keys), -1) for name in self.statistics}

    def keys(self, shard: int) -> set[tuple[str, ...]]:
        """The series that a shard holds: item and dimensions of each."""
        names = ", ".join(identifier(column.canonical) for column in self.series_columns)
        with database() as (connection, folder):
            path = self.storage.download(shard_name(shard), folder / "values.parquet")
            return set(connection.execute(f"SELECT DISTINCT {names} FROM read_parquet({literal(path)})").fetchall())
