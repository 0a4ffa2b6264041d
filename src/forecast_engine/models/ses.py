"""Simple exponential smoothing: a level that follows the series; a flat forecast."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.block import Array, Block
from forecast_engine.models.model import grid_weights, run_over

SMOOTHING = (0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
_FIRST_VALUES = 4  # the level starts from the mean of a few values: one alone is noise, many are history


class SimpleExponentialSmoothing:
    """l_t = l_(t-1) + alpha (y_t - l_(t-1)); the forecast of every step is the last level."""

    name: ClassVar[str] = "ses"

    def __init__(self, smoothing: tuple[float, ...] = SMOOTHING) -> None:
        """``smoothing``: the values of alpha that are weighted by their likelihood."""
        self.smoothing = smoothing

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        levels = _Levels(block, np.array(self.smoothing))
        squares = run_over(block, levels)
        weights = grid_weights(squares, block.lengths)
        level = (weights * levels.level).sum(axis=1)
        return np.repeat(level[:, None], horizon, axis=1)


class _Levels:
    """The level of each series at each smoothing, and the recursion that moves it."""

    def __init__(self, block: Block, smoothing: Array) -> None:
        self.size = len(smoothing)
        self.smoothing = smoothing
        self.level = np.repeat(np.nanmean(block.first_values(_FIRST_VALUES), axis=1)[:, None], self.size, axis=1)
        self._first = block.values[np.arange(len(block.starts)), block.starts][:, None]

    def enter(self, entering: slice) -> None:
        self.level[entering] += self.smoothing * (self._first[entering] - self.level[entering])

    def predict(self, known: slice, ages: NDArray[np.int64]) -> Array:  # noqa: ARG002 - a level does not age
        return self.level[known]

    def update(self, known: slice, values: Array, errors: Array, ages: NDArray[np.int64]) -> None:  # noqa: ARG002
        self.level[known] += self.smoothing * errors
