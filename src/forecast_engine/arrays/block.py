"""A block of series that models fit at once, one array operation for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array

SERIES_PER_BLOCK = 500  # measured: larger blocks fall out of the processor's cache, smaller blocks pay for Python
_VALUES_PER_BLOCK = 400_000  # blocks of long series fall out of it too, and would not fit into memory either
_FEWEST_PER_BLOCK = 30


@dataclass(frozen=True)
class Block:
    """Series that end together, the longest first.

    ``values`` [series, time] are finite from ``starts`` [series] (ascending) on, and 0 before. The results of a series
    depend on that series alone, never on its neighbours in the block.
    """

    values: Array
    starts: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Observations of each series."""
        return self.values.shape[1] - self.starts

    def present(self) -> NDArray[np.bool_]:
        """[series, time]: from the start of each series on."""
        return np.arange(self.values.shape[1]) >= self.starts[:, None]

    def with_values(self, values: Array) -> "Block":
        """The same series with other values, which are set to 0 before each start."""
        return Block(np.where(self.present(), values, 0.0), self.starts)

    def first_values(self, count: int) -> Array:
        """[series, count]: the first observations of each series, NaN where it is shorter."""
        columns = self.starts[:, None] + np.arange(count)
        inside = columns < self.values.shape[1]
        taken = np.take_along_axis(self.values, np.where(inside, columns, 0), axis=1)
        return np.where(inside, taken, np.nan)


def blocks_of(history: Array) -> Iterator[tuple[NDArray[np.int64], Block]]:
    """Cut a history [item, time] into blocks; yields the items of each and the block itself.

    Items without any observation are in no block. Between observations values are interpolated, after the last
    observation the last value is repeated.
    """
    observed = ~np.isnan(history)
    starts = np.where(observed.any(axis=1), observed.argmax(axis=1), history.shape[1])
    order = np.argsort(starts, kind="stable")
    order = order[starts[order] < history.shape[1]]
    first = 0
    while first < len(order):
        earliest = int(starts[order[first]])
        fitting = max(_VALUES_PER_BLOCK // (history.shape[1] - earliest), _FEWEST_PER_BLOCK)
        items = order[first : first + min(fitting, SERIES_PER_BLOCK)]
        first += len(items)
        values = _without_gaps(history[items, earliest:], observed[items, earliest:])
        yield items, Block(values, starts[items] - earliest)


def _without_gaps(values: Array, observed: NDArray[np.bool_]) -> Array:
    filled = np.where(observed, values, 0.0)
    periods = np.arange(values.shape[1])
    for series in np.flatnonzero(~observed[:, -1] | (np.diff(observed, axis=1).sum(axis=1) > 1)):
        known = observed[series]
        first = int(known.argmax())
        filled[series, first:] = np.interp(periods[first:], periods[known], values[series, known])
    return filled
