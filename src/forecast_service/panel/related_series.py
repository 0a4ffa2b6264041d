"""Related time series of a panel's items: aligned to its grid and one horizon beyond, filled, and free of gaps.

Unlike the target they are never aggregated, and nothing is filled unless the request says how:

    start of the item's values .. their end            middlefill, up to the end of the target
    end of the item's values .. end of the target      backfill
    end of the target .. end of the horizon            futurefill
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Array, Grid, fill_cells
from forecast_files.input_refused import InputRefused
from forecast_service.storage.imported_dataset import CanonicalRows, Key, Series


@dataclass(frozen=True)
class RelatedAttribute:
    """One number of a related time series: ``is_forward`` if it is known for the horizon of a forecast too.

    ``fillings`` are the request's parameters: ``middlefill``, ``backfill``, ``futurefill``, each with its ``_value``.
    """

    name: str
    is_forward: bool
    fillings: dict[str, str] = field(default_factory=dict)

    def fill(self, values: Array, known: NDArray[np.bool_], gaps: NDArray[np.bool_], filling: str) -> None:
        """Fill ``gaps`` of ``values`` in place, if the request says how. All are [series, time]."""
        if filling in self.fillings:
            value = self.fillings.get(f"{filling}_value")
            fill_cells(values, known, gaps, self.fillings[filling], None if value is None else float(value))


@dataclass(frozen=True)
class SeriesOfPanel:
    """The series of the panel: ``keys`` are item and ``dimensions`` of each.

    ``starts`` [series] is the period of the target's first value; the length of the grid where it has none.
    """

    keys: list[Key]
    dimensions: list[str]
    starts: NDArray[np.int64]


@dataclass(frozen=True)
class _Rows:
    """Rows of related series and the periods [row] that hold them, 0 being the first of the grid.

    Rows of the ``lead`` periods before the grid are used too: values from before the target fill gaps.
    """

    series: Series
    periods: NDArray[np.int64]
    lead: int


@dataclass(frozen=True)
class RelatedSeries:
    """The related series of one import. Their values hold for all series of a dimension that the import lacks."""

    imported: CanonicalRows
    attributes: list[RelatedAttribute]
    grid: Grid
    horizon: int

    def arrays(self, shard: int, shard_count: int, panel: SeriesOfPanel) -> dict[str, Array]:
        """Attribute -> [series, time + horizon] for the panel's series, all of one shard.

        NaN where a series has no values at all, before its first value, and behind the grid where none are known.
        Raises InputRefused with item, attribute, time, found and wanted for two values of a period and for gaps.
        """
        own = [column.name for column in self.imported.schema.of_role("dimension")]
        positions = [0, *(1 + panel.dimensions.index(name) for name in own)]
        related_keys = [tuple(key[position] for position in positions) for key in panel.keys]
        columns = [_column(attribute) for attribute in self.attributes]
        series = self.imported.series(shard, shard_count, own, columns).only(set(related_keys))
        periods = self.grid.index_of(series.timestamps)
        lead = min(max(0, -int(periods.min(initial=0))), self._length)
        index_of = {key: index for index, key in enumerate(series.keys)}
        nothing = len(index_of)  # the index of a row of NaN, for series without related values
        indices = np.array([index_of.get(key, nothing) for key in related_keys], dtype=np.int64)
        arrays = {}
        for attribute in self.attributes:
            values = self._filled(_Rows(series, periods, lead), attribute)
            arrays[attribute.name] = np.concatenate([values, np.full((1, values.shape[1]), np.nan)])[indices]
            self._refuse_late_start(panel, attribute, arrays[attribute.name])
        return arrays

    def _filled(self, rows: _Rows, attribute: RelatedAttribute) -> Array:
        """[series, time + horizon] of one attribute."""
        values = self._aligned(rows, attribute)
        periods = np.arange(values.shape[1]) - rows.lead  # [time]: 0 is the first of the grid
        past = periods < self.grid.length
        if not attribute.is_forward:
            values[:, ~past] = np.nan  # unknown to training; a forecast must not know more
        known = ~np.isnan(values)
        first, last = _known_extent(known, periods)
        gaps = ~known & (periods > first) & (periods >= 0)
        attribute.fill(values, known, gaps & past & (periods < last), "middlefill")
        attribute.fill(values, known, gaps & past & (periods > last), "backfill")
        if attribute.is_forward:
            attribute.fill(values, known, gaps & ~past, "futurefill")
        needed = past | attribute.is_forward
        missing = gaps & needed & np.isnan(values)
        in_grid = slice(rows.lead, None)
        self._refuse_gap(rows.series.keys, attribute, missing[:, in_grid], last[:, 0])
        return values[:, in_grid]

    def _aligned(self, rows: _Rows, attribute: RelatedAttribute) -> Array:
        """[series, lead + time + horizon]: the values as they are."""
        column, index = rows.series.values[_column(attribute)], rows.series.index
        positions, width = rows.periods + rows.lead, rows.lead + self._length
        known = ~np.isnan(column)
        taken = known & (positions >= 0) & (positions < width)
        cells = index[taken] * width + positions[taken]
        values = np.full((len(rows.series.keys), width), np.nan)
        values.ravel()[cells] = column[taken]
        differing = cells[values.ravel()[cells] != column[taken]]
        if len(differing):
            number, position = divmod(int(differing.min()), width)
            raise InputRefused(
                f"{self._label(rows.series.keys[number])}: found several values of {attribute.name} in the period"
                f" {self._time(position - rows.lead)}, wanted one: related time series are never aggregated."
            )
        self._refuse_long_gone(rows, attribute, np.isnan(values).all(axis=1)[index] & known & (positions < 0))
        return values

    def _refuse_long_gone(self, rows: _Rows, attribute: RelatedAttribute, outdated: NDArray[np.bool_]) -> None:
        """Refuse the first series with ``outdated`` [row] values, all before the target begins: a mistyped year?"""
        if outdated.any():
            number = int(rows.series.index[outdated].min())
            last = rows.series.timestamps[outdated & (rows.series.index == number)].max()
            raise InputRefused(
                f"{self._label(rows.series.keys[number])}: found {attribute.name} up to {last}, "
                f"wanted it from {self._time(0)} on, where the target time series begins."
            )

    def _refuse_gap(
        self, keys: list[Key], attribute: RelatedAttribute, missing: NDArray[np.bool_], last: NDArray[np.int64]
    ) -> None:
        """Refuse the first gap, in the order of series and time; ``last`` [series] is where the values end."""
        with_gaps = np.flatnonzero(missing.any(axis=1))
        if not len(with_gaps):
            return
        number = int(with_gaps[0])
        period, end = int(missing[number].argmax()), int(last[number])
        label, name = self._label(keys[number]), attribute.name
        if period < min(end, self.grid.length):
            raise InputRefused(
                f"{label}: found no {name} at {self._time(period)}, wanted a value, or a middlefill for {name}."
            )
        if period < end:
            raise InputRefused(
                f"{label}: found no {name} at {self._time(period)}, wanted a value, or a futurefill for {name}."
            )
        fillings = ["backfill"] if period < self.grid.length else []
        goal, meaning = self._time(self.grid.length - 1), "the end of the target time series"
        if attribute.is_forward:
            fillings += [] if "futurefill" in attribute.fillings else ["futurefill"]
            goal, meaning = self._time(self._length - 1), "the end of the forecast"
        raise InputRefused(
            f"{label}: found {name} up to {self._time(end)}, wanted it up to {goal}, {meaning},"
            f" or a {' and a '.join(fillings)} for {name}."
        )

    def _refuse_late_start(self, panel: SeriesOfPanel, attribute: RelatedAttribute, values: Array) -> None:
        """Refuse a series whose related values begin behind the target's."""
        known = ~np.isnan(values)
        starts = np.where(known.any(axis=1), known.argmax(axis=1), 0)
        late = np.flatnonzero((starts > panel.starts) & (panel.starts < self.grid.length))
        if len(late):
            number = int(late[0])
            raise InputRefused(
                f"{self._label(panel.keys[number])}: found {attribute.name} from {self._time(int(starts[number]))} on, "
                f"wanted it from {self._time(int(panel.starts[number]))} on, where the target time series begins."
            )

    @property
    def _length(self) -> int:
        return self.grid.length + self.horizon

    def _label(self, key: Key) -> str:
        item, *dimensions = key
        return f"The related time series of {item!r}" + "".join(f", {dimension!r}" for dimension in dimensions)

    def _time(self, period: int) -> str:
        return str(self.grid.timestamps(period, 1)[0])


def _known_extent(known: NDArray[np.bool_], periods: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[series, 1] each: the periods of the first and the last known value; one behind them all where none is known.

    ``known`` is [series, time], ``periods`` [time] ascends.
    """
    behind = periods[-1] + 1
    first = np.where(known, periods, behind).min(axis=1, keepdims=True)
    last = np.where(known, periods, periods[0]).max(axis=1, keepdims=True)
    return first, np.where(known.any(axis=1, keepdims=True), last, behind)


def _column(attribute: RelatedAttribute) -> str:
    """The attribute's column in the import's files."""
    return f"feature_{attribute.name}"
