"""Export a forecast: one file per part, ``item_id, dimensions, date, mean, p10, ...``.

Where the job carries the tag of ``item_models``, another in a folder below: ``item_id, dimensions, model, ..., note``.
"""

from functools import cached_property

from forecast_contract.exports import DATE, ITEM_MODELS_FOLDER, own_columns
from forecast_contract.sql import identifier, literal
from forecast_service.caller_files.export_files import ISO_Z, columns_as
from forecast_service.jobs.base.export_job import ExportJob
from forecast_service.storage import item_models
from forecast_service.storage.database import database
from forecast_service.storage.forecast_table import STEP, ForecastTable, shard_name

ITEM_MODELS_PREFIX = f"{ITEM_MODELS_FOLDER}/"


class ForecastExport(ExportJob):
    """See the module."""

    prefixes = ("", ITEM_MODELS_PREFIX)

    def run(self, shard: int, /) -> None:
        table = self._table
        with database() as (connection, folder):
            paths = [
                table.storage.download(shard_name(source), folder / f"{source}.parquet")
                for source in self._parts[shard]
            ]
            sources = ", ".join(literal(path) for path in paths)
            columns = [
                (column.name, self._files.of_series(identifier(column.canonical))) for column in table.series_columns
            ]
            columns += [
                (column.name, identifier(column.canonical)) for column in table.columns if column.role == "feature"
            ]
            own = own_columns([DATE, *table.statistics], (column.name for column in table.columns))
            columns += [(own[DATE], f"strftime({STEP}, {ISO_Z})"), *((own[name], name) for name in table.statistics)]
            order = ", ".join(f"f.{identifier(column.canonical)}" for column in table.series_columns)
            query = f"SELECT {columns_as(columns)} FROM read_parquet([{sources}]) AS f ORDER BY {order}, f.{STEP}"
            self._files.write(connection, query, folder, self._files.name(shard))
        if item_models.are_wanted(self._context.record):
            self._write_item_models(shard)

    def _write_item_models(self, shard: int) -> None:
        table = self._table
        with database() as (connection, folder):
            paths = [
                table.storage.download(item_models.shard_name(source), folder / f"{source}.parquet")
                for source in self._parts[shard]
            ]
            columns = item_models.exported_columns(table.series_columns, self._files.of_series)
            sources = ", ".join(literal(path) for path in paths)
            keys = [identifier(column.canonical) for column in table.series_columns]
            order = ", ".join(f"m.{name}" for name in [*keys, "weight DESC", "model", "season", "form"])
            query = f"SELECT {columns_as(columns)} FROM read_parquet([{sources}]) AS m ORDER BY {order}"
            self._files.write(connection, query, folder, self._files.name(shard, ITEM_MODELS_PREFIX))

    @cached_property
    def _table(self) -> ForecastTable:
        return ForecastTable.of(self._context.storage_of(self._context.record.parents["forecast"]))

    @property
    def _source_shards(self) -> list[int]:
        return self._table.shards
