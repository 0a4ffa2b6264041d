"""Exponential smoothing with the season in the state: a level and a season that both follow the series."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.smoothing import grid_weights, run_over

LEVEL_SMOOTHING = (0.05, 0.15, 0.3, 0.5, 0.8)
SEASON_SMOOTHING = (
    0.0,
    0.05,
    0.2,
    0.5,
)  # above 1 - alpha there is no such point: level and season would share an error
_LONGEST_SEASON = 60  # periods; indices of longer seasons are many, seldom renewed and large in memory
_FIRST_VALUES = 4  # the level starts from the mean of a few values: one alone is noise, many are history


class SeasonalSmoothing:
    """e_t = y_t - l - s; l_t = l + alpha e_t; s_t = s + gamma e_t, s being the season of the same phase.

    It runs on deseasonalised values and says how far their season has changed since: where it was divided off, s is a
    share of the level. Without a season, or with one too long to renew, it is simple exponential smoothing.
    """

    name: ClassVar[str] = "ets"

    def __init__(
        self,
        season_length: int = 1,
        level_smoothing: tuple[float, ...] = LEVEL_SMOOTHING,
        season_smoothing: tuple[float, ...] = SEASON_SMOOTHING,
    ) -> None:
        """All combinations of alpha and gamma with a sum of at most 1 are weighted by their likelihood."""
        seasonal = 1 < season_length <= _LONGEST_SEASON
        self.season_length = season_length if seasonal else 1
        combinations = np.meshgrid(level_smoothing, season_smoothing if seasonal else (0.0,), indexing="ij")
        alpha, gamma = (axis.ravel() for axis in combinations)
        self.alpha, self.gamma = alpha[alpha + gamma <= 1], gamma[alpha + gamma <= 1]

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``."""
        states = _LevelsAndSeasons(block, self.alpha, self.gamma, self.season_length)
        squares = run_over(block, states)
        weights = grid_weights(squares, block.lengths)
        level = (weights * states.level).sum(axis=1)
        cycle = np.stack([(weights * season).sum(axis=1) for season in states.season[:horizon]], axis=1)
        return level[:, None] + cycle[:, np.arange(horizon) % self.season_length]


class _LevelsAndSeasons:
    """Level and season of each series at each grid point, and the recursion that moves them."""

    def __init__(self, block: Block, alpha: Array, gamma: Array, season_length: int) -> None:
        self.size = len(alpha)
        self.alpha, self.gamma = alpha, gamma
        self.level = np.repeat(np.nanmean(block.first_values(_FIRST_VALUES), axis=1)[:, None], self.size, axis=1)
        self.season = np.zeros((season_length, len(block.starts), self.size))  # phase 0 comes behind the block's end
        self._first = block.values[np.arange(len(block.starts)), block.starts][:, None]
        # of the first series, whose age tells the time
        self._first_phase = int(block.starts[0]) - block.values.shape[1]

    def enter(self, entering: slice) -> None:
        self.level[entering] += self.alpha * (self._first[entering] - self.level[entering])

    def predict(self, known: slice, ages: NDArray[np.int64]) -> Array:
        return self.level[known] + self._phase(ages)[known]

    def update(self, known: slice, values: Array, errors: Array, ages: NDArray[np.int64]) -> None:  # noqa: ARG002
        self.level[known] += self.alpha * errors
        self._phase(ages)[known] += self.gamma * errors

    def _phase(self, ages: NDArray[np.int64]) -> Array:
        phase: Array = self.season[(self._first_phase + int(ages[0, 0])) % len(self.season)]
        return phase
