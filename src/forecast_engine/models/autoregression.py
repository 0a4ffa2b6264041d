"""Autoregression: each value from those just before it, by Burg's method, which never explodes."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_first, sums_over_time

ORDER = 36  # the longest memory in periods; 24 to 48 do about as well in backtests of hourly histories
_LARGEST_REFLECTION = 0.999  # a root on the unit circle would never fade


class Autoregression:
    """x_t = a_1 x_(t-1) + ... + a_p x_(t-p) + e_t, on values around their mean or on differences around 0.

    Burg's reflection coefficient of each order is shrunk by how likely it is, by AICc, that the order is needed. All
    stay below 1, so the average of orders is as stable as each of them, and one recursion forecasts it.
    """

    name: ClassVar[str] = "autoregression"

    def __init__(self, order: int = ORDER, differenced: bool = False) -> None:
        """Orders 0 to ``order`` are averaged, as far as a series is long enough for them."""
        self.order = order
        self.differenced = differenced

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        if self.differenced:
            return block.values[:, -1:] + np.cumsum(self._changes(block, horizon), axis=1)
        count = block.lengths
        first = block.values[np.arange(len(count)), block.starts][:, None]  # keeps the numbers of the sum small
        mean = first + sums_over_time(block.with_values(block.values - first).values)[:, None] / count[:, None]
        values = block.with_values(block.values - mean).values
        return mean + self._continued(values, block.starts, horizon)

    def _changes(self, block: Block, horizon: int) -> Array:
        differences = np.diff(block.values, axis=1, prepend=0.0)
        differences[np.arange(len(block.starts)), block.starts] = 0.0
        starts = np.minimum(block.starts + 1, block.values.shape[1] - 1)
        return self._continued(differences, starts, horizon)

    def _continued(self, values: Array, starts: NDArray[np.int64], horizon: int) -> Array:
        """Steps [series, step] behind ``values`` [series, time], which are 0 before ``starts``."""
        known = min(self.order, values.shape[1])
        path = np.zeros((len(values), self.order + horizon))
        path[:, self.order - known : self.order] = values[:, values.shape[1] - known :]
        oldest_first = coefficients(_reflections(values, starts, self.order))[:, ::-1]
        for step in range(horizon):
            path[:, self.order + step] = sums_over_time(oldest_first * path[:, step : self.order + step])
        return path[:, self.order :]


def shrunk_by_likelihood(
    reflections: Array, variance: Array, counts: NDArray[np.int64], longest: NDArray[np.int64]
) -> Array:
    """Reflection coefficients [series, lag], each times the weight of all orders from its own on.

    An order weighs as much as it is likely by AICc; ``variance`` [series] is that of the values, ``counts`` [series] is
    how many of them are known, and orders beyond the ``longest`` [series] weigh nothing.
    """
    tiny = np.finfo(float).tiny
    criteria = np.full((len(reflections), reflections.shape[1] + 1), np.inf)
    criteria[:, 0] = counts * np.log(variance + tiny)
    for lag in range(1, reflections.shape[1] + 1):
        variance = variance * (1 - reflections[:, lag - 1] * reflections[:, lag - 1])
        freedom = counts - lag - 2
        penalty = 2 * lag * counts / np.maximum(freedom, 1)
        possible = (freedom > 0) & (lag <= longest)
        criteria[:, lag] = np.where(possible, counts * np.log(variance + tiny) + penalty, np.inf)
    likelihood = np.exp((criteria.min(axis=1, keepdims=True) - criteria) / 2)
    from_order_on = np.cumsum(likelihood[:, ::-1], axis=1)[:, ::-1]
    return reflections * (from_order_on[:, 1:] / from_order_on[:, :1])


def coefficients(reflections: Array) -> Array:
    """Coefficients [series, lag] of the autoregression with these reflections: Levinson's recursion."""
    solved = np.zeros(reflections.shape)
    for lag in range(reflections.shape[1]):
        reflection = reflections[:, lag, None]
        shorter = solved[:, :lag].copy()
        solved[:, :lag] = shorter - reflection * shorter[:, ::-1]
        solved[:, lag] = reflections[:, lag]
    return solved


def _reflections(values: Array, starts: NDArray[np.int64], order: int) -> Array:
    """Burg's reflection coefficients [series, lag], shrunk, of ``values`` [series, time], 0 before ``starts``."""
    counts = values.shape[1] - starts
    variance = sums_over_time(values * values) / counts
    reflections = np.zeros((len(values), order))
    forward, backward = (np.array(values.T, order="C") for _ in range(2))  # [time, series]
    for lag in range(1, min(order, values.shape[1] - 1) + 1):
        inside = np.flatnonzero(starts < len(forward))
        forward[starts[inside], inside] = 0.0  # the first error of a series has no predecessor
        forward, backward = forward[1:], backward[:-1]
        power = _sums(forward * forward + backward * backward)
        reflection = 2 * _sums(forward * backward) / np.where(power > 0, power, 1.0)
        reflection = np.clip(reflection, -_LARGEST_REFLECTION, _LARGEST_REFLECTION)
        reflections[:, lag - 1] = reflection
        forward, backward = forward - reflection * backward, backward - reflection * forward
    return shrunk_by_likelihood(reflections, variance, counts, longest=counts)


def _sums(values: Array) -> Array:
    """Sums [series] of values [time, series], added one by one: a single series would be summed in groups."""
    return values.sum(axis=0) if values.shape[1] > 1 else sums_over_first(values)
