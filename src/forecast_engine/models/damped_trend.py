"""Damped trend: a level and a trend that fades; Holt's linear trend where the damping is 1."""

from typing import ClassVar

import numpy as np

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_first
from forecast_engine.models.smoothing import grid_weights, repeated, run_over

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
        run_over(block, states)
        weights = grid_weights(states.squares, block.lengths)
        level = sums_over_first(weights * states.level)
        trend = weights * states.trend
        reach = np.cumsum(self.phi ** np.arange(1, horizon + 1)[:, None], axis=0)  # [step, grid]
        return level[:, None] + np.stack([sums_over_first(trend * step[:, None]) for step in reach], axis=1)


class _LevelsAndTrends:
    """Level and trend of each series at each grid point [grid, series], and the recursion that moves them."""

    def __init__(self, block: Block, alpha: Array, alpha_beta: Array, phi: Array) -> None:
        shape = len(alpha), len(block.starts)
        self.alpha, self.alpha_beta, self.phi = (repeated(column, shape[1]) for column in (alpha, alpha_beta, phi))
        self.first_level, self.first_slope = _first_line(block.first_values(_FIRST_VALUES))
        self.level, self.trend, self.squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._errors, self._product = np.empty(shape), np.empty(shape)

    def take_in(self, values: Array, period: int) -> None:  # noqa: ARG002 - the state does not age
        self.trend *= self.phi
        self.level += self.trend
        errors = np.subtract(values, self.level, out=self._errors)
        self.squares += np.multiply(errors, errors, out=self._product)
        self.level += np.multiply(errors, self.alpha, out=self._product)
        self.trend += np.multiply(errors, self.alpha_beta, out=self._product)

    def enter(self, entering: slice, values: Array) -> None:
        first = self.first_level[entering]
        self.level[:, entering] = first + self.alpha[:, entering] * (values - first)
        self.trend[:, entering] = self.first_slope[entering]
        self.squares[:, entering] = 0.0


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
