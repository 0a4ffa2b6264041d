"""Export what-if forecasts beside their baseline: ``date, item_id, dimensions, Baseline_p10, ..., sale_p10, ...``."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_contract.exports import DATE, own_columns
from forecast_contract.sql import identifier, literal
from forecast_files.schema import Column
from forecast_service.caller_files.export_files import ISO_Z, columns_as
from forecast_service.jobs.base.export_job import ExportJob
from forecast_service.storage.database import database
from forecast_service.storage.forecast_table import STEP, ForecastTable, shard_name
from forecast_service.what_if.export_columns import BASELINE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class WhatIfForecastExport(ExportJob):
    """See the module. The forecasts are of one analysis, and so hold the same series, which the baseline has too."""

    def run(self, shard: int, /) -> None:
        with database() as (connection, folder):
            for number, table in enumerate(self._tables.values()):
                self._create_view(connection, folder, f"f{number}", table, self._parts[shard])
            first, *others = (f"f{number}" for number in range(len(self._tables)))
            keys = [identifier(column.canonical) for column in self._series_columns]
            joins = " ".join(f"JOIN {other} USING ({', '.join([*keys, STEP])})" for other in others)
            values = {
                f"{name}_{statistic}": f"f{number}.{statistic}"
                for number, (name, table) in enumerate(self._tables.items())
                for statistic in table.statistics
            }
            own = own_columns([DATE, *values], (column.name for column in self._series_columns))
            columns = [(own[DATE], f"strftime({STEP}, {ISO_Z})")]
            columns += [
                (column.name, self._files.of_series(identifier(column.canonical))) for column in self._series_columns
            ]
            columns += [(own[name], expression) for name, expression in values.items()]
            order = ", ".join(f"{first}.{name}" for name in [*keys, STEP])
            query = f"SELECT {columns_as(columns)} FROM {first} {joins} ORDER BY {order}"
            self._files.write(connection, query, folder, self._files.name(shard))

    def _create_view(
        self, connection: "DuckDBPyConnection", folder: Path, name: str, table: ForecastTable, shards: list[int]
    ) -> None:
        """A view of a table's rows in some shards."""
        paths = [table.storage.download(shard_name(shard), folder / f"{name}_{shard}") for shard in shards]
        sources = ", ".join(literal(path) for path in paths)
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{sources}])")

    @cached_property
    def _tables(self) -> dict[str, ForecastTable]:
        """What the names of columns begin with -> the forecast that they show; the baseline first."""
        forecasts = [self._context.records.get(arn) for arn in self._context.record.request["WhatIfForecastArns"]]
        arns = {BASELINE: forecasts[0].parents["forecast"]} | {forecast.name: forecast.arn for forecast in forecasts}
        return {name: ForecastTable.of(self._context.storage_of(arn)) for name, arn in arns.items()}

    @property
    def _series_columns(self) -> list[Column]:
        return self._tables[BASELINE].series_columns

    @property
    def _source_shards(self) -> list[int]:
        """Those of the what-if forecasts: the baseline may hold more."""
        *_, last = self._tables.values()
        return last.shards
