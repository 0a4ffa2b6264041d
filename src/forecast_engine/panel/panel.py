"""A panel of series on one grid: rows of observations become one array of items by periods."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.arrays.series_hash import HASH_COUNT, series_hashes
from forecast_engine.panel.filling import Fillings, fill_gaps
from forecast_engine.panel.grid import Grid, Timestamps

AGGREGATIONS = ("sum", "avg", "first", "min", "max")
LARGEST_VALUE = 1e100  # of an observation or a covariate; squares of more would overflow
_NEGLIGIBLE_VALUE = 1e-100  # dividing by less would; it counts as zero


@dataclass(frozen=True)
class Covariates:
    """What is known of a panel's items beside their target, each by its name.

    ``related`` are series [item, time + horizon] that go on for one horizon behind the grid, NaN where unknown;
    ``calendar`` the same for all items [time + horizon], such as the public holidays in a period;
    ``attributes`` do not change with time: text [item], "" where unknown, or numbers [item], NaN where unknown.
    """

    related: dict[str, Array] = field(default_factory=dict)
    calendar: dict[str, Array] = field(default_factory=dict)
    attributes: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """Series that share a grid.

    ``target`` [item, time] is NaN before an item's first observation and where its filling leaves a gap;
    ``observed`` [item, time] tells what was there before filling; ``merged_row_count`` counts rows that
    were aggregated into a period that another row of the same item had already filled.
    """

    item_ids: list[str]
    grid: Grid
    target: Array
    observed: NDArray[np.bool_]
    merged_row_count: int
    covariates: Covariates = field(default_factory=Covariates)

    def drawn(self, share: float) -> "Panel":
        """A panel of about a ``share`` of the items, drawn from what their series were: all if it is 1 or more."""
        if share >= 1:
            return self
        items = np.flatnonzero(series_hashes(self.target) < int(share * HASH_COUNT))
        known = self.covariates
        return replace(
            self,
            item_ids=[self.item_ids[item] for item in items],
            target=self.target[items],
            observed=self.observed[items],
            covariates=Covariates(
                related={name: values[items] for name, values in known.related.items()},
                calendar=known.calendar,
                attributes={name: values[items] for name, values in known.attributes.items()},
            ),
        )


def build_panel(
    series: NDArray[np.int64],
    timestamps: Timestamps,
    values: Array,
    item_ids: list[str],
    grid: Grid,
    *,
    aggregation: str = "sum",
    fillings: Fillings | None = None,
) -> Panel:
    """Align rows (item index, timestamp, value or NaN; all [row]) to the grid and fill the gaps.

    The order of rows does not matter, to the last bit. ValueError names the item of a row outside the grid, or
    of a value that no computation could hold.
    """
    if aggregation not in AGGREGATIONS:
        raise ValueError(f"Unknown aggregation {aggregation!r}: expected one of {', '.join(AGGREGATIONS)}")
    if len(set(item_ids)) != len(item_ids):
        raise ValueError(f"Item ids must differ: found {len(item_ids)} of which {len(set(item_ids))} are different")
    periods = grid.index_of(timestamps)
    _require_inside(periods, grid, series, timestamps, item_ids)
    _require_moderate(values, series, timestamps, item_ids)
    values = np.where(np.abs(values) < _NEGLIGIBLE_VALUE, 0.0, values)
    cells = series.astype(np.int64) * grid.length + periods
    present = ~np.isnan(values)
    target = np.full((len(item_ids), grid.length), np.nan)
    filled_cells, aggregated = _aggregate(cells[present], timestamps[present], values[present], aggregation)
    target.ravel()[filled_cells] = aggregated
    observed = ~np.isnan(target)
    fill_gaps(target, observed, fillings or Fillings())
    return Panel(item_ids, grid, target, observed, len(cells) - len(np.unique(cells)))


def _require_inside(
    periods: NDArray[np.int64], grid: Grid, series: NDArray[np.int64], timestamps: Timestamps, item_ids: list[str]
) -> None:
    outside = np.flatnonzero((periods < 0) | (periods >= grid.length))
    if len(outside):
        row = outside[0]
        limits = grid.timestamps(0, grid.length)
        raise ValueError(
            f"Item {item_ids[series[row]]!r} has a row at {timestamps[row]}: "
            f"expected the grid's periods from {limits[0]} to {limits[-1]}"
        )


def _require_moderate(values: Array, series: NDArray[np.int64], timestamps: Timestamps, item_ids: list[str]) -> None:
    excessive = np.flatnonzero(np.abs(values) > LARGEST_VALUE)
    if len(excessive):
        row = excessive[0]
        raise ValueError(
            f"Item {item_ids[series[row]]!r} has the value {values[row]} at {timestamps[row]}: "
            f"expected a number between -{LARGEST_VALUE:g} and {LARGEST_VALUE:g}"
        )


def _aggregate(
    cells: NDArray[np.int64], timestamps: Timestamps, values: Array, aggregation: str
) -> tuple[NDArray[np.int64], Array]:
    """The distinct cells, ascending, and one value for each.

    Rows are sorted by cell, time and value first, so that neither a sum's rounding nor the choice between
    rows of the same instant depends on the order in which they came.
    """
    if not len(cells):
        return cells, values
    order = np.lexsort((values, timestamps, cells))
    cells, values = cells[order], values[order]
    starts = np.flatnonzero(np.r_[True, cells[1:] != cells[:-1]])
    if aggregation == "first":
        return cells[starts], values[starts]
    reduce = {"sum": np.add, "avg": np.add, "min": np.minimum, "max": np.maximum}[aggregation]
    aggregated = reduce.reduceat(values, starts)
    if aggregation == "avg":
        aggregated = aggregated / np.diff(np.r_[starts, len(cells)])
    return cells[starts], aggregated
