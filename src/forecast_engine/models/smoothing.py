"""The recursion over time and the weights over a grid of parameters that all exponential smoothing models share."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_first


class SmoothingGrid(Protocol):
    """A recursion over time with one state per grid point and series; arrays are [grid, series].

    Array operations are fastest on whole arrays with long rows of series.
    """

    def take_in(self, values: Array, period: int) -> None:
        """Add up the one-step errors of a period, and take in its ``values`` [series].

        Series that have not begun are taken along, with zeros.
        """
        ...

    def enter(self, entering: slice, values: Array) -> None:
        """Set the state of series that begin in this period, with their first ``values``, and their sums to 0."""
        ...


def run_over(block: Block, grid: SmoothingGrid) -> None:
    """Run the recursion to the block's end."""
    # how many series, the first ones of the block, have an observation before each period
    started = np.searchsorted(block.starts, np.arange(block.values.shape[1] + 1), side="left").tolist()
    for period, values in enumerate(np.ascontiguousarray(block.values.T)):
        count, entered = started[period], started[period + 1]
        if count:
            grid.take_in(values, period)
        if entered > count:
            grid.enter(slice(count, entered), values[count:entered])


def repeated(column: Array, count: int) -> Array:
    """[grid, series]: a ``column`` [grid] for each of ``count`` series."""
    return np.repeat(column[:, None], count, axis=1)


def grid_weights(squares: Array, lengths: NDArray[np.int64]) -> Array:
    """Weights [grid, series] that sum to 1: the likelihood of each grid point under normal errors.

    ``squares`` [grid, series]: sums of squared one-step errors of series with ``lengths`` [series].
    """
    best = squares.min(axis=0)
    count = np.maximum(lengths - 1, 1)
    tiny = np.finfo(float).tiny
    ratio = (best + tiny) / (squares + tiny)
    weights: Array = ratio ** (count / 2)
    return weights / sums_over_first(weights)
