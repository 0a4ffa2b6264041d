"""Create a forecast: every item of the latest imports, or those selected, from what the predictor learned. One round.

Items are forecast from the newest data and on their grid. An item that training did not see gets the panel's weights;
an item that only the item metadata name is forecast like the items of its kind.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

import numpy as np

from forecast_contract.forecast_types import column_of
from forecast_contract.sql import identifier, literal
from forecast_engine import Forecast, Panel, forecast
from forecast_files.input_refused import InputRefused
from forecast_files.schema import Column
from forecast_service.jobs.base.engine_errors import engine_refusals
from forecast_service.jobs.base.job import JobContext, Outcome, Round
from forecast_service.panel.panel_source import PanelSource
from forecast_service.panel.predictor_plan import quantiles_of
from forecast_service.panel.series_selection import SeriesSelection
from forecast_service.panel.trained_predictor import TrainedPredictor
from forecast_service.records.facts import ForecastFacts
from forecast_service.records.record import Record
from forecast_service.storage import cased_ids, item_models
from forecast_service.storage.database import database
from forecast_service.storage.forecast_table import STEP, ForecastTable, shard_name
from forecast_service.storage.imported_dataset import ImportedDataset, Key

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class ShardForecast(TypedDict):
    """How many series of a shard are forecast, and of a scenario what it changed: rows that replace, values changed."""

    items: int
    replacing: NotRequired[int]
    changed: NotRequired[int]


class Forecasting:
    """The job of a forecast, and the base of the what-if job, which forecasts again on a panel that it has changed.

    ``forecast`` is the record that names predictor, data, types and series: by default the record of the job itself.
    The job writes into the storage of its own resource.
    """

    def __init__(self, context: JobContext, forecast: Record | None = None) -> None:
        self._context = context
        self._forecast = forecast or context.record
        self._storage = context.storage
        self.rounds: tuple[Round[ShardForecast], ...] = (self,)

    def plan_shards(self) -> list[int]:
        if self._selection:
            self._selection.gather(self._shard_count)
        return self._shards

    def run(self, shard: int, /) -> ShardForecast:
        with engine_refusals():
            keys, panel = self._panel(shard)
        return self._forecast_series(shard, keys, panel)

    def _forecast_series(self, shard: int, keys: list[Key], panel: Panel) -> ShardForecast:
        """Forecast the series of a shard; store their values and the models that made them."""
        if not keys:
            return {"items": 0}
        types = self._forecast_types
        with engine_refusals():
            result = forecast(
                panel,
                self._predictor.of_shard(shard),
                quantiles=quantiles_of(types),
                include_mean="mean" in types,
            )
        with database() as (connection, folder):
            self._write_values(connection, folder, shard, keys, result)
            item_models.write(connection, result, self._series_columns, folder / "models.parquet")
            self._storage.upload(folder / "models.parquet", item_models.shard_name(shard))
        cased_ids.note(self._storage, shard, (item_id for item_id, *_ in keys))
        return {"items": len(keys)}

    def finish(self, results: list[ShardForecast], /) -> Outcome:
        if self._selection and not any(result["items"] for result in results):
            raise InputRefused(f"{self._selection.path}: found no series that the data hold, wanted at least one.")
        steps = self._steps
        shards = [shard for shard, result in zip(self._shards, results, strict=True) if result["items"]]
        table = ForecastTable(
            storage=self._storage,
            columns=[*self._series_columns, *self._metadata_columns],
            statistics=self._statistics,
            shard_count=self._shard_count,
            shards=shards,
            first=str(steps[0]),
            last=str(steps[-1]),
            has_cased_ids=cased_ids.gather(self._storage),
        )
        table.save()
        series_count = sum(result["items"] for result in results)
        facts: ForecastFacts = {
            "series_count": series_count,
            "first_timestamp": table.first,
            "last_timestamp": table.last,
        }
        return Outcome({}, facts)

    def discard(self) -> None:
        """Nothing: all that was written lies in the resource's own storage."""

    def _panel(self, shard: int) -> tuple[list[Key], Panel]:
        """The series of a shard that are to be forecast: their keys (item, dimensions), and the panel to do it on."""
        return self._source.panel(shard, self._shard_count, self._chosen(shard))

    def _chosen(self, shard: int) -> set[Key] | None:
        """The keys of the series of a shard that are to be forecast; None for all that the data hold."""
        return self._selection.keys(shard) if self._selection else None

    def _write_values(
        self,
        connection: "DuckDBPyConnection",
        folder: Path,
        shard: int,
        keys: list[Key],
        result: Forecast,
    ) -> None:
        """One row per series and step, in the order of series and time."""
        step_count = len(self._steps)
        values: dict[str, np.ndarray] = {
            "series": np.repeat(np.arange(len(keys)), step_count),
            STEP: np.tile(self._steps, len(keys)),
        }
        if result.mean is not None:
            values["mean"] = np.ascontiguousarray(result.mean.ravel())
        for index, level in enumerate(result.quantile_levels):
            values[column_of(str(level))] = np.ascontiguousarray(result.quantiles[:, :, index].ravel())
        connection.register("forecast_values", values)
        self._create_series(connection, keys)
        self._create_metadata(connection, folder, shard)
        names = [identifier(column.canonical) for column in (*self._series_columns, *self._metadata_columns)]
        path = folder / "values.parquet"
        connection.execute(
            f"COPY (SELECT {', '.join(names)}, {STEP}::TIMESTAMP AS {STEP}, {', '.join(self._statistics)}"
            " FROM forecast_values JOIN series USING (series) LEFT JOIN metadata USING (item_id)"
            f" ORDER BY series, {STEP}) TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)"
        )
        self._storage.upload(path, shard_name(shard))

    def _create_series(self, connection: "DuckDBPyConnection", keys: list[Key]) -> None:
        """Table ``series``: number of the series, item, dimensions."""
        columns = list(zip(*keys, strict=True))
        select = ", ".join(
            f"unnest(${i + 1}::VARCHAR[]) AS {identifier(column.canonical)}"
            for i, column in enumerate(self._series_columns)
        )
        connection.execute(
            f"CREATE TABLE series AS SELECT unnest(range({len(keys)})) AS series, {select}",
            [list(column) for column in columns],
        )

    def _create_metadata(self, connection: "DuckDBPyConnection", folder: Path, shard: int) -> None:
        """Table ``metadata``: one row per item, the first of them sorted where an import holds several."""
        connection.execute("CREATE TABLE metadata (item_id VARCHAR PRIMARY KEY)")
        if self._metadata is None:
            return
        for column in self._metadata_columns:
            connection.execute(f"ALTER TABLE metadata ADD COLUMN {identifier(column.canonical)} {column.sql_type}")
        names = ", ".join(["item_id", *(identifier(column.canonical) for column in self._metadata_columns)])
        relation = self._metadata.relation(folder, shard, self._shard_count)
        if relation:
            connection.execute(
                f"INSERT INTO metadata SELECT DISTINCT ON (item_id) {names} FROM {relation} ORDER BY ALL"
            )

    # --- what the steps share

    @cached_property
    def _predictor(self) -> TrainedPredictor:
        return TrainedPredictor.of(self._context.storage_of(self._forecast.parents["predictor"]))

    @cached_property
    def _source(self) -> PanelSource:
        return PanelSource.of(self._predictor.plan, self._forecast.inputs, self._context.storage_of)

    @cached_property
    def _metadata(self) -> ImportedDataset | None:
        """Item metadata, which exports show where there are no dimensions."""
        if "ITEM_METADATA" not in self._forecast.inputs or self._predictor.plan.dimensions:
            return None
        return ImportedDataset.of(self._context.storage_of(self._forecast.inputs["ITEM_METADATA"]))

    @cached_property
    def _selection(self) -> SeriesSelection | None:
        """The series that the request selects; None where it wants all."""
        selector = self._forecast.request.get("TimeSeriesSelector")
        if selector is None:
            return None
        return SeriesSelection(selector["TimeSeriesIdentifiers"], self._series_columns, self._storage)

    @cached_property
    def _shard_count(self) -> int:
        return self._source.shard_count

    @property
    def _shards(self) -> list[int]:
        """Those shards that may hold an item."""
        shards = self._source.shards
        return self._selection.shards_among(shards) if self._selection else shards

    @property
    def _forecast_types(self) -> list[str]:
        types: list[str] | None = self._forecast.request.get("ForecastTypes")
        if types:
            return types
        settings = self._predictor.plan.settings
        return [*map(str, settings.quantiles), *(["mean"] if settings.include_mean else [])]

    @property
    def _statistics(self) -> list[str]:
        types = self._forecast_types
        mean = ["mean"] if "mean" in types else []
        return [*mean, *(column_of(str(quantile)) for quantile in quantiles_of(types))]

    @cached_property
    def _steps(self) -> np.ndarray:
        """Starts of the periods that are forecast: those behind the last of the import."""
        grid = self._source.grid
        return grid.timestamps(grid.length, self._predictor.plan.settings.horizon)

    @property
    def _series_columns(self) -> list[Column]:
        plan = self._predictor.plan
        dimensions = {column.name: column for column in plan.schema.of_role("dimension")}
        return [plan.schema.identifier, *(dimensions[name] for name in plan.dimensions)]

    @property
    def _metadata_columns(self) -> list[Column]:
        return self._metadata.schema.of_role("feature") if self._metadata else []
