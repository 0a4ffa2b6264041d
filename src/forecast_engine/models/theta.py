"""Theta with a drift that is estimated anew at each step: smoothing plus a share of the straight line."""

from typing import ClassVar

import numpy as np

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_first
from forecast_engine.models.smoothing import grid_weights, repeated, run_over

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
        self.alpha, self.share = np.array(smoothing), np.array(drift_share)

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        states = _LevelsAndDrift(block, self.alpha)
        run_over(block, states)
        weights = grid_weights(states.squares(self.share), block.lengths).reshape(len(self.share), len(self.alpha), -1)
        share = sums_over_first(weights * self.share[:, None, None])  # [alpha, series]: weight times drift share
        slope = states.slope[-1]
        next_step = sums_over_first(sums_over_first(weights) * states.level + share * states.reach * slope)
        drift = sums_over_first(share) * slope
        return next_step[:, None] + drift[:, None] * np.arange(horizon)


class _LevelsAndDrift:
    """Level of each series for each alpha [alpha, series], and sums of what errors are made of.

    The level knows nothing of the drift share: with the distance d of a value from its level and the drift b of a whole
    share, which is the slope times ``reach``, the error is d - share b, and its square is made of dd, db and bb.
    """

    def __init__(self, block: Block, alpha: Array) -> None:
        shape = len(alpha), len(block.starts)
        self.alpha, self.kept = repeated(alpha, shape[1]), repeated(1 - alpha, shape[1])
        self.first_level = np.nanmean(block.first_values(_FIRST_VALUES), axis=1)
        self.level = np.zeros(shape)
        self.reach = np.ones(shape)  # (1 - (1 - alpha)^n) / alpha
        self.slope = _slopes(block)  # [time + 1, series]
        self._products = np.zeros((3, *shape))  # sums of dd, db and bb
        self._distance, self._drift, self._product = np.empty(shape), np.empty(shape), np.empty(shape)

    def squares(self, share: Array) -> Array:
        """Sums of squared errors [share and alpha, series] for each of ``share``; rounding leaves none below zero."""
        dd, db, bb = self._products
        squares = [np.maximum(dd - 2 * one * db + one * one * bb, 0.0) for one in share.tolist()]
        return np.concatenate(squares)

    def take_in(self, values: Array, period: int) -> None:
        distance = np.subtract(values, self.level, out=self._distance)
        drift = np.multiply(self.reach, self.slope[period], out=self._drift)
        dd, db, bb = self._products
        dd += np.multiply(distance, distance, out=self._product)
        db += np.multiply(distance, drift, out=self._product)
        bb += np.multiply(drift, drift, out=self._product)
        self.level += np.multiply(distance, self.alpha, out=self._product)
        self.reach *= self.kept
        self.reach += 1

    def enter(self, entering: slice, values: Array) -> None:
        first = self.first_level[entering]
        self.level[:, entering] = first + self.alpha[:, entering] * (values - first)
        self.reach[:, entering] = 1.0
        self._products[:, :, entering] = 0.0


def _slopes(block: Block) -> Array:
    """[time + 1, series]: slope of the least squares line through all values before each period; 0 for a single one."""
    ages = np.arange(block.values.shape[1] + 1) - block.starts[:, None]  # how many values lie before each period
    first = block.values[np.arange(len(block.starts)), block.starts][:, None]
    deviation = np.where(ages[:, :-1] >= 0, block.values - first, 0.0)  # keeps the numbers of the sums small
    total, of_time = np.zeros(ages.shape), np.zeros(ages.shape)
    np.cumsum(deviation, axis=1, out=total[:, 1:])
    np.cumsum(ages[:, :-1] * deviation, axis=1, out=of_time[:, 1:])
    count = np.maximum(ages, 2).astype(float)
    slopes = (of_time - (count - 1) / 2 * total) / (count * (count * count - 1) / 12)
    return np.ascontiguousarray(np.where(ages > 1, slopes, 0.0).T)
