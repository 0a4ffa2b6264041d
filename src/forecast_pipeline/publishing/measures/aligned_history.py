"""The history of a run on the forecast's own grid, a few thousand series at a time, as the engine aligns it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_contract.time_alignment import boundary_fields
from forecast_contract.transformations import filling_fields
from forecast_engine import Boundary, Fillings, Frequency, Grid, Panel, build_panel
from forecast_pipeline.publishing.exports.run_tables import RunTables

# 4 million periods take 32 MB as floats, some 200 MB with everything that is computed from them.
PERIODS_AT_ONCE = 4_000_000
# Periods of all series that charts get; some 100 MB of Parquet. Where there are more, they get the last seasons.
PERIODS_IN_CHARTS = 12_000_000
SEASONS_IN_CHARTS = 3


@dataclass(frozen=True)
class SeriesChunk:
    """Consecutive series ``numbers`` (as in the table ``series``) and their panel, in the same order."""

    numbers: NDArray[np.int64]
    panel: Panel


class AlignedHistory:
    """Panels of the rows in table ``history``; the grid covers the whole import, as the service's does."""

    def __init__(self, tables: RunTables) -> None:
        """Find the grid; ValueError if the train files hold no row."""
        self.tables = tables
        self.alignment = tables.run.alignment
        first, last = tables.history_span()
        boundary = Boundary(**boundary_fields(self.alignment.boundary))
        self.grid = Grid.covering(Frequency.parse(tables.run.frequency), first, last, boundary)

    def chunks(self) -> Iterator[SeriesChunk]:
        """All series in order, in chunks of bounded size."""
        size = max(1, PERIODS_AT_ONCE // self.grid.length)
        for first in range(0, self.tables.series_count(), size):
            numbers = np.arange(first, min(first + size, self.tables.series_count()))
            yield SeriesChunk(numbers, self.panel_of(numbers))

    def rows_of(self, chunk: SeriesChunk) -> dict[str, NDArray[Any]]:
        """The periods of a chunk that charts show and that have a value: number of the series, timestamp, value."""
        series_of_the_run = self.tables.facts.forecast_row_count / self.tables.run.horizon
        is_whole = self.grid.length * series_of_the_run <= PERIODS_IN_CHARTS
        shown = self.grid.length if is_whole else SEASONS_IN_CHARTS * self.grid.frequency.season_length
        first = max(self.grid.length - shown, 0)
        values = chunk.panel.target[:, first:]
        series, period = np.nonzero(~np.isnan(values))
        timestamps = self.grid.timestamps(first, self.grid.length - first).astype("datetime64[us]")
        return {
            "series": chunk.numbers[series].astype(np.int32),
            "timestamp": timestamps[period],
            "target": values[series, period],
        }

    def panel_of(self, numbers: NDArray[np.int64]) -> Panel:
        """The panel of these series; one without history is NaN throughout."""
        rows = self.tables.rows_of("history", numbers, ["target"])
        return build_panel(
            np.searchsorted(numbers, rows["series"]).astype(np.int64),
            rows["timestamp"].astype("datetime64[s]"),
            rows["target"],
            [str(number) for number in numbers],
            self.grid,
            aggregation=self.alignment.aggregation,
            fillings=Fillings(**filling_fields(self.alignment.fillings)),
        )
