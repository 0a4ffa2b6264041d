"""Seasonal naive: what was seen one season ago; the forecast that every other must beat."""

from typing import ClassVar

import numpy as np

from forecast_engine.block import Array, Block
from forecast_engine.models.model import PointForecast


class SeasonalNaive:
    """Repeats the last season; series shorter than a season repeat their last value."""

    name: ClassVar[str] = "seasonal_naive"

    def __init__(self, season_length: int = 1) -> None:
        """``season_length`` in periods; 1 is the naive forecast."""
        self.season_length = season_length

    def forecast(self, block: Block, horizon: int) -> PointForecast:
        """See ``Model.forecast``."""
        season = min(self.season_length, block.values.shape[1])
        seasonal = block.values[:, block.values.shape[1] - season + np.arange(horizon) % season]
        long_enough = block.lengths >= self.season_length
        points = np.where(long_enough[:, None], seasonal, block.values[:, -1:])
        return PointForecast(points, _seasonal_residual(block, self.season_length))


def _seasonal_residual(block: Block, season_length: int) -> Array:
    """Root mean square of the differences over one season [series], over one step for short series."""
    residual = _difference_residual(block, 1)
    if 1 < season_length < block.values.shape[1]:
        seasonal = _difference_residual(block, season_length)
        residual = np.where(block.lengths > season_length, seasonal, residual)
    return residual


def _difference_residual(block: Block, lag: int) -> Array:
    if block.values.shape[1] <= lag:
        return np.zeros(len(block.values))
    differences = block.values[:, lag:] - block.values[:, :-lag]
    differences = np.where(block.present()[:, :-lag], differences, 0.0)
    return np.sqrt((differences**2).sum(axis=1) / np.maximum(block.lengths - lag, 1))
