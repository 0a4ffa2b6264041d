"""The portfolio: every model on every decomposition that fits the frequency, run over a whole history at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.block import Array, Block, blocks_of
from forecast_engine.frequency import Frequency
from forecast_engine.models import MODELS, PointForecast
from forecast_engine.models.npts import NonParametricTimeSeries
from forecast_engine.models.seasonal_naive import SeasonalNaive
from forecast_engine.seasonality import deseasonalised

_SMOOTHING_MODELS = ("ses", "damped_trend", "theta")  # run on deseasonalised values


@dataclass(frozen=True)
class Member:
    """One model on one decomposition: ``period`` 1 is the series as it is."""

    model: str
    period: int


@dataclass(frozen=True)
class PortfolioForecast:
    """``points`` [member, item, step]; ``scale`` [item], the typical error one step ahead; zeros without history."""

    points: Array
    scale: Array


@dataclass(frozen=True)
class Portfolio:
    """The members for a frequency; ``season_length`` is the one of seasonal naive and NPTS."""

    members: tuple[Member, ...]
    season_length: int

    @classmethod
    def for_frequency(cls, frequency: Frequency, models: tuple[str, ...] | None = None) -> "Portfolio":
        """All members, or those of ``models`` only; ValueError names a model that does not exist."""
        names = tuple(MODELS) if models is None else models
        unknown = [name for name in names if name not in MODELS]
        if unknown or not names:
            raise ValueError(f"Unknown model {unknown or 'list, empty'}: expected some of {', '.join(MODELS)}")
        periods = frequency.seasonal_periods or (1,)
        members: list[Member] = []
        for name in MODELS:
            if name in names:
                used = (frequency.season_length,) if name == "npts" else periods
                members += [Member(name, period) for period in used]
        return cls(tuple(members), frequency.season_length)

    def forecast(self, history: Array, horizon: int) -> PortfolioForecast:
        """Every member's points for each item of ``history`` [item, time]."""
        points = np.zeros((len(self.members), len(history), horizon))
        scale = np.zeros(len(history))
        for items, block in blocks_of(history):
            forecasts = self._forecast_block(block, horizon)
            for position, forecast in enumerate(forecasts):
                points[position, items] = forecast.points
            scale[items] = np.mean([forecast.residual for forecast in forecasts], axis=0)
        return PortfolioForecast(points, scale)

    def _forecast_block(self, block: Block, horizon: int) -> list[PointForecast]:
        forecasts: dict[Member, PointForecast] = {}
        for period in sorted({member.period for member in self.members}):
            season = deseasonalised(block, period)
            for member in self.members:
                if member.period != period:
                    continue
                if member.model in _SMOOTHING_MODELS:
                    plain = MODELS[member.model]().forecast(season.block, horizon)
                    forecasts[member] = PointForecast(season.restore(plain.points), plain.residual)
                else:
                    forecasts[member] = MODELS[member.model](period).forecast(block, horizon)
        return [forecasts[member] for member in self.members]


def intermittent(history: Array) -> NDArray[np.bool_]:
    """[item]: series that are never negative and zero so often that a typical error means little."""
    known = ~np.isnan(history)
    zeros = (history == 0).sum(axis=1)
    negative = np.where(known, history, 0.0).min(axis=1, initial=0.0) < 0
    return ~negative & (zeros >= _ZERO_SHARE * known.sum(axis=1)) & (zeros > 0)


_ZERO_SHARE = 0.3


def sample_quantiles(history: Array, season_length: int, horizon: int, levels: Array) -> Array:
    """[item, step, level]: NPTS quantiles of each item; zeros without history."""
    quantiles = np.zeros((len(history), horizon, len(levels)))
    for items, block in blocks_of(history):
        quantiles[items] = NonParametricTimeSeries(season_length).quantiles(block, horizon, levels)
    return quantiles


def naive_points(history: Array, season_length: int, horizon: int) -> tuple[Array, Array]:
    """Seasonal naive points [item, step] and their error one season ahead [item]; zeros without history."""
    points = np.zeros((len(history), horizon))
    residual = np.zeros(len(history))
    for items, block in blocks_of(history):
        forecast = SeasonalNaive(season_length).forecast(block, horizon)
        points[items], residual[items] = forecast.points, forecast.residual
    return points, residual
