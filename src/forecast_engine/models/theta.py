"""Theta with a drift that is estimated anew at each step: smoothing plus a share of the straight line."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.smoothing import grid_weights, run_over

SMOOTHING = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.99)
DRIFT_SHARE = (0.5, 1.0, 1.5)  # 1 - 1/theta: 0.5 is the Theta method of the M3 competition
LOGARITHM_DRIFT_SHARE = (0.0, 0.25, 0.5, 0.75, 1.0)  # growth by a constant factor lasts less than by a constant amount
_FIRST_VALUES = 4


class DynamicTheta:
    """f_(n+k) = l_n + share b_n (k - 1 + (1 - (1 - alpha)^n) / alpha).

    l is simple exponential smoothing, b_n the slope of the least squares line through the n values so far.
    """

    name: ClassVar[str] = "theta"

    def __init__(self, smoothing: tuple[float, ...] = SMOOTHING, drift_share: tuple[float, ...] = DRIFT_SHARE) -> None:
        """All combinations of alpha and drift share are weighted by their likelihood."""
        self.alpha, self.share = (axis.ravel() for axis in np.meshgrid(smoothing, drift_share, indexing="ij"))

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        states = _LevelsAndDrift(block, self.alpha, self.share)
        squares = run_over(block, states)
        weights = grid_weights(squares, block.lengths)
        whole = slice(0, len(block.starts))
        next_step = (weights * states.predict(whole, block.lengths[:, None])).sum(axis=1)
        drift = (weights * self.share).sum(axis=1) * states.slope(whole, block.lengths[:, None])[:, 0]
        return next_step[:, None] + drift[:, None] * np.arange(horizon)


class _LevelsAndDrift:
    """Level of each series at each grid point, and the sums from which the slope follows at any time."""

    def __init__(self, block: Block, alpha: Array, share: Array) -> None:
        self.size = len(alpha)
        self.alpha, self.share = alpha, share
        self.share_per_alpha = share / alpha
        self.level = np.repeat(np.nanmean(block.first_values(_FIRST_VALUES), axis=1)[:, None], self.size, axis=1)
        self._first = block.values[np.arange(len(block.starts)), block.starts][:, None]
        self._sum = np.zeros((len(block.starts), 1))  # of y - first value, which keeps the numbers small
        self._time_sum = np.zeros((len(block.starts), 1))  # of i (y_i - first value), i counting from 0
        self._forgotten = np.ones((len(block.starts), self.size))  # (1 - alpha)^n

    def slope(self, known: slice, ages: NDArray[np.int64]) -> Array:
        """[series, 1]: slope of the line through the ``ages`` values so far; 0 for a single one."""
        count = ages.astype(float)
        centred = self._time_sum[known] - (count - 1) / 2 * self._sum[known]
        spread = count * (count * count - 1) / 12
        return np.where(ages > 1, centred / np.where(ages > 1, spread, 1.0), 0.0)

    def enter(self, entering: slice) -> None:
        self.level[entering] += self.alpha * (self._first[entering] - self.level[entering])
        self._forgotten[entering] *= 1 - self.alpha

    def predict(self, known: slice, ages: NDArray[np.int64]) -> Array:
        correction = (1 - self._forgotten[known]) * self.share_per_alpha
        correction *= self.slope(known, ages)
        correction += self.level[known]
        return correction

    def update(self, known: slice, values: Array, errors: Array, ages: NDArray[np.int64]) -> None:  # noqa: ARG002
        self.level[known] += self.alpha * (values - self.level[known])
        self._forgotten[known] *= 1 - self.alpha
        deviation = values - self._first[known]
        self._sum[known] += deviation
        self._time_sum[known] += ages * deviation
