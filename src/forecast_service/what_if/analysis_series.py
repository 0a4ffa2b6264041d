"""The series of a what-if analysis: all series of its baseline forecast, or those that its request selects."""

from collections.abc import Callable
from dataclasses import dataclass

from forecast_service.panel.series_selection import SeriesSelection
from forecast_service.records.record import Record
from forecast_service.storage.bucket import Storage
from forecast_service.storage.forecast_table import ForecastTable
from forecast_service.storage.imported_dataset import Key

_FOLDER = "series/"  # of the analysis' storage: its forecasts need what its job has read


@dataclass(frozen=True)
class AnalysisSeries:
    """``baseline`` is the table of the forecast, ``selection`` None where the analysis wants all of its series."""

    baseline: ForecastTable
    selection: SeriesSelection | None

    @classmethod
    def of(cls, analysis: Record, storage_of: Callable[[str], Storage]) -> "AnalysisSeries":
        baseline = ForecastTable.of(storage_of(analysis.parents["forecast"]))
        selector = analysis.request.get("TimeSeriesSelector")
        if selector is None:
            return cls(baseline, None)
        identifiers, storage = selector["TimeSeriesIdentifiers"], storage_of(analysis.arn)
        return cls(baseline, SeriesSelection(identifiers, baseline.series_columns, storage, _FOLDER))

    @property
    def shards(self) -> list[int]:
        """The baseline's shards that may hold a series."""
        return self.selection.shards_among(self.baseline.shards) if self.selection else self.baseline.shards

    def keys(self, shard: int) -> set[Key]:
        """The series of a shard: item and dimensions of each."""
        keys = self.baseline.keys(shard)
        return keys & self.selection.keys(shard) if self.selection else keys
