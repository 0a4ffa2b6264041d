"""The recursion over time and the weights over a grid of parameters that all exponential smoothing models share."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array


class SmoothingGrid(Protocol):
    """A recursion over time with one state per series and grid point; arrays are [series, grid]."""

    size: int

    def enter(self, entering: slice) -> None:
        """Set the state of series that begin in this period."""
        ...

    def predict(self, known: slice, ages: NDArray[np.int64]) -> Array:
        """One step ahead for series with a state; ``ages`` [series, 1] counts their observations so far."""
        ...

    def update(self, known: slice, values: Array, errors: Array, ages: NDArray[np.int64]) -> None:
        """Take in the observation of this period: ``values`` [series, 1], ``errors`` [series, grid], not to be kept."""
        ...


def run_over(block: Block, grid: SmoothingGrid) -> Array:
    """Run the recursion to the block's end; the sums of squared one-step errors [series, grid]."""
    shape = len(block.starts), grid.size
    squares, errors, squared = np.zeros(shape), np.empty(shape), np.empty(shape)
    # how many series, the first ones of the block, have an observation before each period
    started = np.searchsorted(block.starts, np.arange(block.values.shape[1] + 1), side="left").tolist()
    ages = -block.starts[:, None].copy()
    for period, column in enumerate(np.ascontiguousarray(block.values.T)):
        count, entered = started[period], started[period + 1]
        if count:
            known = slice(0, count)
            values = column[known, None]
            error = np.subtract(values, grid.predict(known, ages[known]), out=errors[known])
            squares[known] += np.multiply(error, error, out=squared[known])
            grid.update(known, values, error, ages[known])
        if entered > count:
            grid.enter(slice(count, entered))
        ages += 1
    return squares


def grid_weights(squares: Array, lengths: NDArray[np.int64]) -> Array:
    """Weights [series, grid] that sum to 1: the likelihood of each grid point under normal errors."""
    best = squares.min(axis=1, keepdims=True)
    count = np.maximum(lengths - 1, 1)[:, None]
    tiny = np.finfo(float).tiny
    ratio = (best + tiny) / (squares + tiny)
    weights = ratio ** (count / 2)
    return weights / weights.sum(axis=1, keepdims=True)
