"""NPTS, the non-parametric forecast of intermittent demand: the future is drawn from the past itself.

Each future period is distributed as the observed values, weighted by exp(-age / memory), and doubly if they lie in the
same phase of the season. Several memories are averaged; a mixture of weighted samples is again a weighted sample.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array, sums_over_time

MEMORIES = (8.0, 30.0, 120.0)  # periods; chosen with the boost on backtests of car parts and retail histories
SAME_PHASE_BOOST = 1.0  # one more vote; keeping to the same phase alone leaves too few observations


class NonParametricTimeSeries:
    """A weighted sample of the series' own past for each phase of the season."""

    name: ClassVar[str] = "npts"

    def __init__(self, season_length: int = 1, memories: tuple[float, ...] = MEMORIES) -> None:
        """``season_length`` in periods; the memories count in equal parts.

        A season longer than twice the longest memory is left out: no memory reaches its second cycle.
        """
        self.season_length = season_length if season_length <= 2 * max(memories) else 1
        self.memories = memories

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``; the mean of each weighted sample."""
        phases = [sums_over_time(self._weights(block, phase) * block.values) for phase in self._phases(horizon)]
        return np.stack(phases, axis=1)[:, np.arange(horizon) % len(phases)]

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
        return range(min(self.season_length, horizon))

    def _weights(self, block: Block, phase: int) -> Array:
        """[series, time] for the step ``phase`` behind the end; each row sums to 1."""
        length = block.values.shape[1]
        ages = np.arange(length - 1, -1, -1)
        same_phase = (ages + 1 + phase) % self.season_length == 0
        total = np.zeros(block.values.shape)
        for memory in self.memories:
            weights = np.exp(-ages / memory) * (1 + SAME_PHASE_BOOST * same_phase)
            since = np.cumsum(weights[::-1])[::-1]  # sums from each period to the end
            total += weights / since[block.starts, None]
        return block.present() * (total / len(self.memories))


def sample_quantiles(history: Array, season_length: int, horizon: int, levels: Array) -> Array:
    """[item, step, level]: NPTS quantiles of each item; zeros without history."""
    quantiles = np.zeros((len(history), horizon, len(levels)))
    for items, block in blocks_of(history):
        quantiles[items] = NonParametricTimeSeries(season_length).quantiles(block, horizon, levels)
    return quantiles


def _weighted_quantiles(ranked: Array, weights: Array, levels: Array) -> Array:
    """[series, level]: the smallest value at which the summed weights reach the level."""
    cumulated = np.cumsum(weights, axis=1)
    cumulated /= cumulated[:, -1:]
    positions = [np.minimum((cumulated < level).sum(axis=1), ranked.shape[1] - 1) for level in levels]
    columns: NDArray[np.int64] = np.stack(positions, axis=1)
    return np.take_along_axis(ranked, columns, axis=1)
