"""Damped trend: a level and a trend that fades; Holt's linear trend where the damping is 1."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.smoothing import grid_weights, run_over

LEVEL_SMOOTHING = (0.05, 0.15, 0.3, 0.5, 0.7, 0.9)
TREND_SMOOTHING = (0.02, 0.1, 0.25)  # beta*: the share of alpha's correction that the trend takes
DAMPING = (0.8, 0.9, 0.95, 0.98)
_FIRST_VALUES = 8  # the first trend is a line through a few values


class DampedTrend:
    """e_t = y_t - l - phi b; l_t = l + phi b + alpha e_t; b_t = phi b + alpha beta* e_t.

    Step k is l + (phi + ... + phi^k) b.
    """

    name: ClassVar[str] = "damped_trend"

    def __init__(
        self,
        level_smoothing: tuple[float, ...] = LEVEL_SMOOTHING,
        trend_smoothing: tuple[float, ...] = TREND_SMOOTHING,
        damping: tuple[float, ...] = DAMPING,
    ) -> None:
        """All combinations of alpha, beta* and phi are weighted by their likelihood."""
        combinations = np.meshgrid(level_smoothing, trend_smoothing, damping, indexing="ij")
        self.alpha, self.beta, self.phi = (axis.ravel() for axis in combinations)

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        states = _LevelsAndTrends(block, self.alpha, self.alpha * self.beta, self.phi)
        squares = run_over(block, states)
        weights = grid_weights(squares, block.lengths)
        level = (weights * states.level).sum(axis=1)
        trend = weights * states.trend
        reach = np.cumsum(self.phi ** np.arange(1, horizon + 1)[:, None], axis=0)  # [step, grid]
        return level[:, None] + np.stack([(trend * step).sum(axis=1) for step in reach], axis=1)


class _LevelsAndTrends:
    """Level and trend of each series at each grid point, and the recursion that moves them."""

    def __init__(self, block: Block, alpha: Array, alpha_beta: Array, phi: Array) -> None:
        self.size = len(alpha)
        self.alpha, self.alpha_beta, self.phi = alpha, alpha_beta, phi
        level, slope = _first_line(block.first_values(_FIRST_VALUES))
        self.level = np.repeat(level[:, None], self.size, axis=1)
        self.trend = np.repeat(slope[:, None], self.size, axis=1)
        self._first = block.values[np.arange(len(block.starts)), block.starts][:, None]

    def enter(self, entering: slice) -> None:
        self.level[entering] += self.alpha * (self._first[entering] - self.level[entering])

    def predict(self, known: slice, ages: NDArray[np.int64]) -> Array:  # noqa: ARG002 - the state does not age
        self.trend[known] *= self.phi
        self.level[known] += self.trend[known]
        return self.level[known]

    def update(self, known: slice, values: Array, errors: Array, ages: NDArray[np.int64]) -> None:  # noqa: ARG002
        self.level[known] += self.alpha * errors
        self.trend[known] += self.alpha_beta * errors


def _first_line(first_values: Array) -> tuple[Array, Array]:
    """Value at the first observation and slope [series] of a least squares line through ``first_values``."""
    known = ~np.isnan(first_values)
    count = known.sum(axis=1)
    times = np.where(known, np.arange(first_values.shape[1]), 0)
    values = np.where(known, first_values, 0.0)
    mean_time, mean_value = times.sum(axis=1) / count, values.sum(axis=1) / count
    centred = np.where(known, times - mean_time[:, None], 0.0)
    spread = (centred**2).sum(axis=1)
    slope = np.where(spread > 0, (centred * values).sum(axis=1) / np.where(spread > 0, spread, 1.0), 0.0)
    return mean_value - slope * mean_time, slope
