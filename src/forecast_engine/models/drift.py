"""Random walk with drift: the last value, and on from it by the mean of recent changes."""

from typing import ClassVar

import numpy as np

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_time

MEMORY = 8.0  # periods in which a change's weight falls by e; 4 to 24 do about as well


class RandomWalkWithDrift:
    """y_(n+k) = y_n + k b, b being the mean of all changes, weighted by exp(-age / memory)."""

    name: ClassVar[str] = "drift"

    def __init__(self, memory: float = MEMORY) -> None:
        """``memory`` in periods; infinity counts all changes alike, as the textbook's drift does."""
        self.memory = memory

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        changes = np.diff(block.values, axis=1)
        ages = np.arange(changes.shape[1])[::-1]
        known = np.arange(changes.shape[1]) >= block.starts[:, None]
        weights = np.where(known, np.exp(-ages / self.memory), 0.0)
        last = block.values[:, -1:]
        if not changes.shape[1]:
            return np.repeat(last, horizon, axis=1)
        total = sums_over_time(weights)
        drift = sums_over_time(weights * changes) / np.where(total > 0, total, 1.0)
        return last + drift[:, None] * np.arange(1, horizon + 1)
