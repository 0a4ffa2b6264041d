"""Export an explainability: one file, ``item_id, dimensions, timestamp, <attribute>-NormalizedImpactScore, ...``.

That of a predictor has one row, and normalised scores alone.
"""

from functools import cached_property

import numpy as np

from forecast_service.caller_files.export_files import columns_as
from forecast_service.jobs.base.export_job import ExportJob
from forecast_service.storage.database import database
from forecast_service.storage.impact_table import ImpactTable


class ExplainabilityExport(ExportJob):
    """See the module."""

    def run(self, shard: int, /) -> None:
        table = self._table
        values: dict[str, np.ndarray] = {"row": np.arange(len(table.labels))}
        columns: list[tuple[str, str]] = []
        for index, name in enumerate(table.label_names):
            values[f"label_{index}"] = np.array([labels[index] for labels in table.labels])
            columns.append((name, f"label_{index}::VARCHAR"))
        for index, name in enumerate(table.attributes):
            values[f"normalized_{index}"] = np.ascontiguousarray(table.normalized[:, index])
            columns.append((f"{name}-NormalizedImpactScore", f"normalized_{index}"))
            if table.label_names:
                values[f"raw_{index}"] = np.ascontiguousarray(table.raw[:, index])
                columns.append((f"{name}-RawImpactScore", f"raw_{index}"))
        with database() as (connection, folder):
            connection.register("impacts", values)
            query = f"SELECT {columns_as(columns)} FROM impacts ORDER BY impacts.row"
            self._files.write(connection, query, folder, self._files.name(shard))

    @cached_property
    def _table(self) -> ImpactTable:
        return ImpactTable.load(self._context.storage_of(self._context.record.parents["explainability"]))

    @property
    def _source_shards(self) -> list[int]:
        """One: a table holds fifty series at most."""
        return [0]
