"""How NPTS draws from each series of a panel: as the portfolio does, or as settings of its own say.

Seasonal NPTS draws from periods of the same phase alone, as Amazon Forecast's documentation of its NPTS describes it.
Of several seasons, such as the day and the week of hours, each series keeps to the one that repeats best.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array, sums_over_time
from forecast_engine.models.npts import MEMORIES, NonParametricTimeSeries, sample_quantiles
from forecast_engine.panel.demand_class import intermittent
from forecast_engine.settings import SamplingSettings

_FEWEST_CYCLES = 2  # of a season that a series can keep to
_COMPARED_CYCLES = 4  # of the longest season: the latest ones tell which season repeats best
_NO_SEASON, _DOUBLE = 1, 0  # in the place of a season: any period counts; any does, the same phase double


@dataclass(frozen=True)
class Sampling:
    """NPTS for all series: ``season_length`` is that of seasonal naive, ``periods`` are all seasons, shortest first.

    ``settings`` None means the portfolio's NPTS, which counts any period, and the same phase double.
    """

    season_length: int
    periods: tuple[int, ...]
    settings: SamplingSettings | None = None

    def points(self, block: Block, horizon: int) -> Array:
        """The mean [series, step] of each weighted sample."""
        if self.settings is None:
            return NonParametricTimeSeries(self.season_length).forecast(block, horizon)
        return self._drawn(block, self.settings, horizon, None)[:, :, 0]

    def quantiles(self, history: Array, horizon: int, levels: Array) -> Array:
        """[item, step, level]: quantiles of each weighted sample of ``history`` [item, time]; zeros without history."""
        if self.settings is None:
            return sample_quantiles(history, self.season_length, horizon, levels)
        quantiles = np.zeros((len(history), horizon, len(levels)))
        for items, block in blocks_of(history):
            quantiles[items] = self._drawn(block, self.settings, horizon, levels)
        return quantiles

    def _drawn(self, block: Block, settings: SamplingSettings, horizon: int, levels: Array | None) -> Array:
        """[series, step, level]: quantiles at ``levels``, the mean alone where they are None."""
        block = _latest(block, settings.context_length)
        memories = MEMORIES if settings.decay is None else (1 / settings.decay if settings.decay > 0 else np.inf,)
        seasons = self._seasons(block, settings)
        drawn = np.zeros((len(seasons), horizon, 1 if levels is None else len(levels)))
        for season in np.unique(seasons).tolist():
            rows = np.flatnonzero(seasons == season)
            series = Block(block.values[rows], block.starts[rows])
            if season == _DOUBLE:
                drawn[rows] = _sample(NonParametricTimeSeries(self.season_length, memories), series, horizon, levels)
                continue
            # a cycle of any season weighs as one of the shortest: a memory reaches over as many cycles of a longer one
            cycle = min(self.periods) if season > 1 else 1
            model = NonParametricTimeSeries(1, tuple(memory / cycle for memory in memories))
            for phase in range(min(season, horizon)):
                drawn[rows, phase::season] = _sample(model, _same_phase(series, season, phase), 1, levels)
        return drawn

    def _seasons(self, block: Block, settings: SamplingSettings) -> NDArray[np.int64]:
        """[series]: the season whose last cycle was nearest to each value of late, ``_DOUBLE`` if intermittent.

        In an intermittent series too few sales fall into one phase.
        """
        lengths, ages = block.lengths, np.arange(block.values.shape[1] - 1, -1, -1)
        seasons = np.full(len(lengths), _NO_SEASON)
        if not settings.is_seasonal:
            return seasons
        best = np.full(len(lengths), np.inf)
        for period in self.periods:
            known = (ages + period < lengths[:, None]) & (ages < _COMPARED_CYCLES * self.periods[-1])
            changes = np.abs(block.values - np.roll(block.values, period, axis=1))
            error = sums_over_time(np.where(known, changes, 0.0)) / np.maximum(known.sum(axis=1), 1)
            better = (lengths >= _FEWEST_CYCLES * period) & (error < best)
            best, seasons = np.where(better, error, best), np.where(better, period, seasons)
        return np.where(intermittent(np.where(block.present(), block.values, np.nan)), _DOUBLE, seasons)


def _sample(model: NonParametricTimeSeries, block: Block, horizon: int, levels: Array | None) -> Array:
    """[series, step, level]: quantiles of the weighted sample, or its mean."""
    return model.forecast(block, horizon)[:, :, None] if levels is None else model.quantiles(block, horizon, levels)


def _latest(block: Block, count: int | None) -> Block:
    """The latest ``count`` periods of each series; all if None."""
    dropped = 0 if count is None else max(block.values.shape[1] - count, 0)
    return Block(block.values[:, dropped:], np.maximum(block.starts - dropped, 0))


def _same_phase(block: Block, season: int, phase: int) -> Block:
    """The values, each a cycle after the one before it, in the phase of the step ``phase`` behind the end.

    Every series must hold a cycle.
    """
    latest = season - 1 - phase  # the age of the latest of them
    values = block.values[:, ::-1][:, latest::season][:, ::-1]
    counts = -(-(block.lengths - latest) // season)
    return Block(values, values.shape[1] - counts)
