"""Autoregression: each value from those just before it, by Burg's method, which never explodes."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_time

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
        oldest_first = _coefficients(_shrunk_reflections(values, starts, self.order))[:, ::-1]
        for step in range(horizon):
            path[:, self.order + step] = sums_over_time(oldest_first * path[:, step : self.order + step])
        return path[:, self.order :]


def _shrunk_reflections(values: Array, starts: NDArray[np.int64], order: int) -> Array:
    """Reflection coefficients [series, lag], each times the weight of all orders from its own on."""
    count = values.shape[1] - starts
    tiny = np.finfo(float).tiny
    variance = sums_over_time(values * values) / count
    reflections = np.zeros((len(values), order))
    criteria = np.full((len(values), order + 1), np.inf)
    criteria[:, 0] = count * np.log(variance + tiny)
    forward, backward = values, values
    for lag in range(1, min(order, values.shape[1] - 1) + 1):
        forward = forward.copy()
        inside = np.flatnonzero(starts < forward.shape[1])
        forward[inside, starts[inside]] = 0.0  # the first error of a series has no predecessor
        forward, backward = forward[:, 1:], backward[:, :-1]
        power = sums_over_time(forward * forward + backward * backward)
        reflection = 2 * sums_over_time(forward * backward) / np.where(power > 0, power, 1.0)
        reflection = np.clip(reflection, -_LARGEST_REFLECTION, _LARGEST_REFLECTION)
        reflections[:, lag - 1] = reflection
        variance = variance * (1 - reflection * reflection)
        freedom = count - lag - 2
        penalty = 2 * lag * count / np.maximum(freedom, 1)
        criteria[:, lag] = np.where(freedom > 0, count * np.log(variance + tiny) + penalty, np.inf)
        forward, backward = (
            forward - reflection[:, None] * backward,
            backward - reflection[:, None] * forward,
        )
    likelihood = np.exp((criteria.min(axis=1, keepdims=True) - criteria) / 2)
    from_order_on = np.cumsum(likelihood[:, ::-1], axis=1)[:, ::-1]
    return reflections * (from_order_on[:, 1:] / from_order_on[:, :1])


def _coefficients(reflections: Array) -> Array:
    """Coefficients [series, lag] of the autoregression with these reflections: Levinson's recursion."""
    coefficients = np.zeros(reflections.shape)
    for lag in range(reflections.shape[1]):
        reflection = reflections[:, lag, None]
        shorter = coefficients[:, :lag].copy()
        coefficients[:, :lag] = shorter - reflection * shorter[:, ::-1]
        coefficients[:, lag] = reflections[:, lag]
    return coefficients
