"""Exponential smoothing with the season in the state: a level and a season that both follow the series."""

from typing import ClassVar

import numpy as np

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_first
from forecast_engine.models.smoothing import grid_weights, repeated, run_over

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
        run_over(block, states)
        weights = grid_weights(states.squares, block.lengths)
        level = sums_over_first(weights * states.level)
        cycle = np.stack([sums_over_first(weights * season) for season in states.season[:horizon]], axis=1)
        return level[:, None] + cycle[:, np.arange(horizon) % self.season_length]


class _LevelsAndSeasons:
    """Level and season of each series at each grid point [grid, series], and the recursion that moves them."""

    def __init__(self, block: Block, alpha: Array, gamma: Array, season_length: int) -> None:
        shape = len(alpha), len(block.starts)
        self.alpha, self.gamma = repeated(alpha, shape[1]), repeated(gamma, shape[1])
        self.first_level = np.nanmean(block.first_values(_FIRST_VALUES), axis=1)
        self.level = np.zeros(shape)
        self.season = np.zeros((season_length, *shape))  # phase 0 comes behind the block's end
        self.squares = np.zeros(shape)
        self._errors, self._product = np.empty(shape), np.empty(shape)
        self._length = block.values.shape[1]

    def take_in(self, values: Array, period: int) -> None:
        season = self.season[(period - self._length) % len(self.season)]
        errors = np.subtract(values, np.add(self.level, season, out=self._product), out=self._errors)
        self.squares += np.multiply(errors, errors, out=self._product)
        self.level += np.multiply(errors, self.alpha, out=self._product)
        season += np.multiply(errors, self.gamma, out=self._product)

    def enter(self, entering: slice, values: Array) -> None:
        first = self.first_level[entering]
        self.level[:, entering] = first + self.alpha[:, entering] * (values - first)
        self.season[:, :, entering] = 0.0
        self.squares[:, entering] = 0.0
