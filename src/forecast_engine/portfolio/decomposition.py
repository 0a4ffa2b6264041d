"""Classical decomposition of a block by one season length or two, with indices shrunk by how sure they are."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import NORMAL_MEDIAN, Array, medians_over_time, sums_over_first
from forecast_engine.models.smoothing import grid_weights

CYCLES_REMEMBERED = (4.0,)  # seasons drift: a cycle's weight falls by e in so many; backtests of M3, M4 and Tourism
_MOST_ZEROS = 0.3  # of the periods: with more, a value far from its phase's median is demand
_FARTHEST = 5.0  # standard deviations around its phase's median: farther values are clipped, a level shift among them
_SMALLEST_FACTOR = 0.01  # of a multiplicative season: a value divided by it must not explode


@dataclass(frozen=True)
class Decomposition:
    """A deseasonalised ``block``, and the season to put back.

    Season = ``indices`` [series, phase], factors where ``multiplicative`` [series] and offsets elsewhere. The last
    column of the block has phase ``period - 1``. ``shorter``: the decomposition by a shorter season that went first.
    """

    block: Block
    indices: Array
    multiplicative: NDArray[np.bool_]
    shorter: "Decomposition | None" = None

    def restore(self, points: Array) -> Array:
        """Points [series, step] behind the block's end, with their season."""
        factors, offsets = self._season(np.arange(points.shape[1]))
        seasonal = points * factors + offsets
        return self.shorter.restore(seasonal) if self.shorter else seasonal

    def without_season(self, values: Array) -> Array:
        """Values [series, time] up to the block's end, without their season."""
        factors, offsets = self._season(np.arange(-values.shape[1], 0))
        return (values - offsets) / factors

    def _season(self, steps: NDArray[np.int64]) -> tuple[Array, Array]:
        """Factors and offsets [series, step]; step 0 is the first one behind the block's end."""
        season = self.indices[:, steps % self.indices.shape[1]]
        multiplicative = self.multiplicative[:, None]
        return np.where(multiplicative, season, 1.0), np.where(multiplicative, 0.0, season)


def decompose(
    block: Block, period: int, shorter_period: int = 1, memories: tuple[float, ...] = CYCLES_REMEMBERED
) -> Decomposition:
    """Classical decomposition: season = mean by phase of value / trend, or of value - trend, shrunk towards none.

    The trend is a centred moving average. Series above zero divide by their season, others subtract it. Series shorter
    than two periods keep their values: their indices change nothing.

    A season of a ``shorter_period`` goes first, so that the longer season's many indices, known from few cycles, are
    shrunk towards it. Both seasons are remembered for as many periods: a cycle's weight falls by e in so many cycles
    of ``period`` as one of the ``memories`` says, which are weighted by how well they foretell the cycles of a series.
    """
    zeros = ((block.values == 0) & block.present()).sum(axis=1)
    dense = zeros <= _MOST_ZEROS * block.lengths
    if shorter_period < 2:
        return _without_season(block, period, memories, dense)
    of_shorter = tuple(memory * period / shorter_period for memory in memories)
    shorter = _without_season(block, shorter_period, of_shorter, dense)
    return replace(_without_season(shorter.block, period, memories, dense), shorter=shorter)


def _without_season(block: Block, period: int, memories: tuple[float, ...], dense: NDArray[np.bool_]) -> Decomposition:
    present = block.present()
    multiplicative = np.where(present, block.values, 1.0).min(axis=1) > 0
    neutral = np.where(multiplicative, 1.0, 0.0)[:, None]
    if period < 2 or block.values.shape[1] < 2 * period:
        return Decomposition(block, np.repeat(neutral, period, axis=1), multiplicative)
    trend = _centred_average(block.values, block.starts, period)
    usable = np.where(multiplicative[:, None] & ~(trend > 0), np.nan, trend)  # rounding may leave nothing of it
    remainder = np.where(
        multiplicative[:, None], block.values / np.where(usable == 0, 1.0, usable), block.values - usable
    )
    indices = _shrunk_indices(remainder, period, memories, dense)
    indices[block.lengths < 2 * period] = 0.0
    smallest = np.where(multiplicative, _SMALLEST_FACTOR, -np.inf)[:, None]
    season = Decomposition(block, np.maximum(indices + neutral, smallest), multiplicative)
    return Decomposition(block.with_values(season.without_season(block.values)), season.indices, multiplicative)


def _centred_average(values: Array, starts: NDArray[np.int64], period: int) -> Array:
    """Mean of one period around each point, the ends of an even period counting half; NaN where it does not fit."""
    half = period // 2
    sums = np.cumsum(np.concatenate([np.zeros((len(values), 1)), values], axis=1), axis=1)
    if period % 2:
        window = sums[:, period:] - sums[:, :-period]
    else:
        whole = sums[:, period:] - sums[:, :-period]
        window = (whole[:, 1:] + whole[:, :-1]) / 2
    trend = np.full(values.shape, np.nan)
    trend[:, half : half + window.shape[1]] = window / period
    reachable = np.arange(values.shape[1]) >= (starts + half)[:, None]
    return np.where(reachable, trend, np.nan)


def _shrunk_indices(remainder: Array, period: int, memories: tuple[float, ...], dense: NDArray[np.bool_]) -> Array:
    """Deviations [series, phase] of each phase's mean from the season's mean, shrunk towards none."""
    width = -(-remainder.shape[1] // period) * period
    padded = np.full((len(remainder), width), np.nan)
    padded[:, width - remainder.shape[1] :] = remainder
    cycles = _limited(padded.reshape(len(remainder), -1, period), dense)
    indices = [_remembered(cycles, memory) for memory in memories]
    if len(memories) == 1:
        return indices[0]
    return sums_over_first(_memory_weights(cycles, memories)[:, :, None] * np.stack(indices))


def _memory_weights(cycles: Array, memories: tuple[float, ...]) -> Array:
    """Weights [memory, series] by the squared errors of each cycle [series, cycle, phase] foretold by those before."""
    squares = np.zeros((len(memories), len(cycles)))
    known = ~np.isnan(cycles)
    counted = known & (np.cumsum(known, axis=1) > 1)  # a phase's first value is foretold by none
    for number, memory in enumerate(memories):
        kept = np.exp(-1 / memory)
        total, weight = np.zeros_like(cycles[:, 0]), np.zeros_like(cycles[:, 0])
        for cycle in range(cycles.shape[1]):
            values = np.where(known[:, cycle], cycles[:, cycle], 0.0)
            errors = np.where(counted[:, cycle], values - total / np.where(weight > 0, weight, 1.0), 0.0)
            squares[number] += (errors**2).sum(axis=1)
            total, weight = total * kept + values, weight * kept + known[:, cycle]
    return grid_weights(squares, counted.sum(axis=(1, 2)) + 1)


def _remembered(cycles: Array, cycles_remembered: float) -> Array:
    """Shrunk indices [series, phase] from ``cycles`` [series, cycle, phase] by one memory."""
    known = ~np.isnan(cycles)
    recency = np.exp(-np.arange(cycles.shape[1])[::-1] / cycles_remembered)
    weights = known * recency[:, None]  # [series, cycle, phase]
    totals = weights.sum(axis=1)
    totals = np.where(totals > 0, totals, 1.0)
    means = (weights * np.where(known, cycles, 0.0)).sum(axis=1) / totals
    deviations = np.where(known, cycles - means[:, None, :], 0.0)
    freedom = np.maximum(known.sum(axis=(1, 2)) - cycles.shape[2], 1)
    variance = (deviations**2).sum(axis=1).sum(axis=1) / freedom  # at once, the block's length would group the sum
    indices = means - means.mean(axis=1, keepdims=True)
    largest_share = ((weights**2).sum(axis=1) / totals**2).max(axis=1)  # 1 / the effective number of cycles
    return indices * _shrinkage(indices, variance * largest_share)[:, None]


def _limited(cycles: Array, dense: NDArray[np.bool_]) -> Array:
    """[series, cycle, phase]: values of ``dense`` series, clipped to a reach around their phase's median."""
    medians = medians_over_time(np.ascontiguousarray(np.swapaxes(cycles, 1, 2)))[:, None, :]
    sizes = np.abs(cycles - medians).reshape(len(cycles), -1)
    deviation = np.nan_to_num(medians_over_time(sizes)) / NORMAL_MEDIAN
    reach = np.where(dense, _FARTHEST * deviation, np.inf)[:, None, None]
    limited: Array = np.clip(cycles, medians - reach, medians + reach)
    return limited


def _shrinkage(indices: Array, error: Array) -> Array:
    """James and Stein's factor [series] for ``indices`` [series, phase] with squared standard error ``error``."""
    freedom = max(indices.shape[1] - 3, 1)
    squares = (indices**2).sum(axis=1)
    factor = 1 - freedom * error / np.where(squares > 0, squares, 1.0)
    return np.clip(factor, 0.0, 1.0)
