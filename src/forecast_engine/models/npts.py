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
        """See ``Model.forecast``; the mean of each weighted sample.

        Sums over the values of each phase are the same for all steps, and make the sum over all values.
        """
        phases, season = self._phases(horizon), self.season_length
        latest_first = block.values[:, ::-1]
        cycles = np.pad(latest_first, ((0, 0), (0, -latest_first.shape[1] % season))).reshape(
            len(latest_first), -1, season
        )
        points = np.zeros((len(latest_first), len(phases)))
        for memory in self.memories:
            decay = np.exp(-np.arange(cycles[0].size) / memory).reshape(-1, season)
            of_phase = np.cumsum(cycles * decay, axis=1)[:, -1]  # [series, phase], that of the last value first
            total = sums_over_time(of_phase)
            for phase in phases:
                weight = self._weights_since(phase, memory, block.values.shape[1])[block.starts]
                points[:, phase] += (total + SAME_PHASE_BOOST * of_phase[:, season - 1 - phase]) / weight
        return (points / len(self.memories))[:, np.arange(horizon) % len(phases)]

    def quantiles(self, block: Block, horizon: int, levels: Array) -> Array:
        """[series, step, level]: quantiles of each weighted sample."""
        order = np.argsort(block.values, axis=1, kind="stable")
        ranked = np.take_along_axis(block.values, order, axis=1)
        order += np.arange(len(order))[:, None] * order.shape[1]  # places in all rows one after the other
        phases = [
            _weighted_quantiles(ranked, np.take(self._weights(block, phase), order), levels)
            for phase in self._phases(horizon)
        ]
        return np.stack(phases, axis=1)[:, np.arange(horizon) % len(phases)]

    def _phases(self, horizon: int) -> range:
        return range(min(self.season_length, horizon))

    def _weights(self, block: Block, phase: int) -> Array:
        """[series, time] for the step ``phase`` behind the end; each row sums to 1."""
        length = block.values.shape[1]
        weights, part = np.zeros(block.values.shape), np.empty(block.values.shape)
        for memory in self.memories:
            scale = 1 / (len(self.memories) * self._weights_since(phase, memory, length)[block.starts, None])
            weights += np.multiply(self._unscaled(phase, memory, length), scale, out=part)
        weights *= block.present()
        return weights

    def _unscaled(self, phase: int, memory: float, length: int) -> Array:
        """Weights [time] of the periods before the end for the step ``phase`` behind it."""
        ages = np.arange(length - 1, -1, -1)
        same_phase = (ages + 1 + phase) % self.season_length == 0
        weights: Array = np.exp(-ages / memory) * (1 + SAME_PHASE_BOOST * same_phase)
        return weights

    def _weights_since(self, phase: int, memory: float, length: int) -> Array:
        """[time]: sums of the same weights from each period to the end."""
        return np.cumsum(self._unscaled(phase, memory, length)[::-1])[::-1]


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
    positions = [(cumulated >= level).argmax(axis=1) for level in levels]  # the last one is 1
    columns: NDArray[np.int64] = np.stack(positions, axis=1)
    return np.take_along_axis(ranked, columns, axis=1)
