"""Seasonal naive: what was seen one season ago; the forecast that every other must beat."""

from typing import ClassVar

import numpy as np

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array


class SeasonalNaive:
    """Repeats the last season; series shorter than a season repeat their last value."""

    name: ClassVar[str] = "seasonal_naive"

    def __init__(self, season_length: int = 1) -> None:
        """``season_length`` in periods; 1 is the naive forecast."""
        self.season_length = season_length

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        season = min(self.season_length, block.values.shape[1])
        seasonal = block.values[:, block.values.shape[1] - season + np.arange(horizon) % season]
        long_enough = block.lengths >= self.season_length
        return np.where(long_enough[:, None], seasonal, block.values[:, -1:])


def naive_points(history: Array, season_length: int, horizon: int) -> Array:
    """Seasonal naive points [item, step]; zeros without history."""
    points = np.zeros((len(history), horizon))
    for items, block in blocks_of(history):
        points[items] = SeasonalNaive(season_length).forecast(block, horizon)
    return points
