"""NPTS, the non-parametric forecast of intermittent demand: the future is drawn from the past itself.

Each future period is distributed as the observed values, weighted by how recent they are and by whether they lie in
the same phase of the season. Several such kernels are mixed; a mixture of weighted samples is a weighted sample.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.block import Array, Block
from forecast_engine.models.model import PointForecast


@dataclass(frozen=True)
class Kernel:
    """Weights exp(-age / memory), the age counted in periods; only the same phase of the season if ``seasonal``."""

    memory: float
    seasonal: bool


KERNELS = (
    Kernel(8, seasonal=False),
    Kernel(30, seasonal=False),
    Kernel(120, seasonal=False),
    Kernel(60, seasonal=True),
    Kernel(240, seasonal=True),
)


class NonParametricTimeSeries:
    """A weighted sample of the series' own past for each phase of the season."""

    name: ClassVar[str] = "npts"

    def __init__(self, season_length: int = 1, kernels: tuple[Kernel, ...] = KERNELS) -> None:
        """``season_length`` in periods; the kernels are mixed in equal parts."""
        self.season_length = season_length
        self.kernels = kernels

    def forecast(self, block: Block, horizon: int) -> PointForecast:
        """See ``Model.forecast``; the mean of each weighted sample."""
        phases = [(self._weights(block, phase) * block.values).sum(axis=1) for phase in self._phases(horizon)]
        points = np.stack(phases, axis=1)[:, np.arange(horizon) % len(phases)]
        overall = self._weights(block, 0)
        residual = np.sqrt((overall * (block.values - points[:, :1]) ** 2).sum(axis=1))
        return PointForecast(points, residual)

    def quantiles(self, block: Block, horizon: int, levels: Array) -> Array:
        """[series, step, level]: quantiles of each weighted sample."""
        order = np.argsort(block.values, axis=1, kind="stable")
        ranked = np.take_along_axis(block.values, order, axis=1)
        phases = [
            _weighted_quantiles(ranked, np.take_along_axis(self._weights(block, phase), order, axis=1), levels)
            for phase in self._phases(horizon)
        ]
        return np.stack(phases, axis=1)[:, np.arange(horizon) % len(phases)]

    def _phases(self, horizon: int) -> range:
        return range(min(self.season_length, horizon) if horizon < self.season_length else self.season_length)

    def _weights(self, block: Block, phase: int) -> Array:
        """[series, time] for the step ``phase`` behind the end; each row sums to 1."""
        length = block.values.shape[1]
        ages = np.arange(length - 1, -1, -1)
        same_phase = (ages + 1 + phase) % self.season_length == 0
        present = block.present()
        total = np.zeros(block.values.shape)
        for kernel in self.kernels:
            recency = np.exp(-ages / kernel.memory)
            weights = present * (recency * same_phase if kernel.seasonal else recency)
            sums = weights.sum(axis=1)
            plain = present * recency  # a series with nothing in this phase of the season
            weights = np.where(sums[:, None] > 0, weights, plain)
            total += weights / weights.sum(axis=1, keepdims=True)
        return total / len(self.kernels)


def _weighted_quantiles(ranked: Array, weights: Array, levels: Array) -> Array:
    """[series, level]: the smallest value at which the summed weights reach the level."""
    cumulated = np.cumsum(weights, axis=1)
    cumulated /= cumulated[:, -1:]
    positions = [np.minimum((cumulated < level).sum(axis=1), ranked.shape[1] - 1) for level in levels]
    columns: NDArray[np.int64] = np.stack(positions, axis=1)
    return np.take_along_axis(ranked, columns, axis=1)
