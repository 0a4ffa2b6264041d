"""The portfolio: every local model on every decomposition that fits the frequency, run over a whole history at once."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array, sums_over_time
from forecast_engine.models import LOCAL_MODELS, MODELS
from forecast_engine.models.npts import NonParametricTimeSeries
from forecast_engine.models.seasonal_naive import SeasonalNaive
from forecast_engine.models.theta import LOGARITHM_DRIFT_SHARE, DynamicTheta
from forecast_engine.panel.frequency import Frequency
from forecast_engine.portfolio.decomposition import Deseasonalised, deseasonalised
from forecast_engine.portfolio.outliers import without_outliers

_DESEASONALISED = ("drift", "ets", "damped_trend", "theta", "autoregression")  # they run on what has no season
_LOGARITHMS = ("theta",)  # also runs on logarithms: for growth by a constant factor
_DIFFERENCES = ("autoregression",)  # also runs on differences: for levels that wander
_UNITS: dict[str, tuple[str, ...]] = {  # where a model helps the mixture (decision 0116); others serve all frequencies
    "drift": ("min", "H", "W", "M", "Y"),
    "ets": ("D", "M"),
    "damped_trend": (),  # only where it is asked for by name
    "theta": ("D", "M", "Y"),
    "autoregression": ("min", "H", "W", "M", "Y"),  # days: twice the time for next to nothing
}
_STAND_IN = "seasonal_naive"  # where the global model is the only one asked for and has nothing to say
_ZERO_SHARE = 0.3  # of zeros, from which on NPTS intervals beat conformal ones in backtests of car parts and retail
_COUNTED_ZERO_SHARE = 0.1  # where demand comes in few pieces
_FEW_PIECES = 8.0  # on average, each as large as the item's smallest demand; with more, zeros are no matter of chance
_GROWTH_LIMIT = 0.3  # logarithms may leave the range of the history by this share of it: growth does not last


@dataclass(frozen=True)
class Member:
    """One model on one decomposition: ``period`` 1 is the series as it is; ``form`` is what the model runs on."""

    model: str
    period: int
    form: str = "values"  # or "logarithms", "differences"


@dataclass(frozen=True)
class Portfolio:
    """The members for a frequency, and its seasons: ``season_length`` is the one of seasonal naive and NPTS."""

    members: tuple[Member, ...]
    season_length: int
    periods: tuple[int, ...]

    @classmethod
    def for_frequency(cls, frequency: Frequency, models: tuple[str, ...] | None = None) -> "Portfolio":
        """The local members that serve this frequency, or those of ``models``; ValueError names an unknown model.

        Where the global model is the only one of ``models``, seasonal naive stands by.
        """
        names = models_for(frequency) if models is None else models
        unknown = [name for name in names if name not in MODELS]
        if unknown or not names:
            raise ValueError(f"Unknown model {unknown or 'list, empty'}: expected some of {', '.join(MODELS)}")
        periods = frequency.seasonal_periods or (1,)
        members: list[Member] = []
        local = [name for name in LOCAL_MODELS if name in names] or [_STAND_IN]
        for name in local:
            used = (frequency.season_length,) if name == "npts" else periods
            members += [Member(name, period) for period in used]
            if name in _LOGARITHMS:
                members += [Member(name, period, "logarithms") for period in periods]
            if name in _DIFFERENCES:
                members += [Member(name, period, "differences") for period in periods]
        return cls(tuple(members), frequency.season_length, periods)

    def without_outliers(self, history: Array) -> Array:
        """A history [item, time] as the members are to see it: see ``forecast_engine.outliers``."""
        return without_outliers(history, self.season_length, self.periods)

    def forecast(self, history: Array, horizon: int) -> Array:
        """Every member's points [member, item, step] for ``history`` [item, time]; zeros for items without any."""
        points = np.zeros((len(self.members), len(history), horizon))
        for items, block in blocks_of(history):
            seasons = {
                period: deseasonalised(block, period, shorter)
                for period, shorter in zip(self.periods, (1, *self.periods), strict=False)
            }
            for position, member in enumerate(self.members):
                if member.form == "logarithms":
                    as_it_is = points[self.members.index(replace(member, form="values")), items]
                    points[position, items] = _logarithm_points(seasons[member.period], as_it_is)
                else:
                    points[position, items] = _points(member, block, seasons, horizon)
            constant = (block.values == block.values[:, -1:]) | ~block.present()
            unchanging = constant.all(axis=1)  # models differ from it by rounding
            points[:, items[unchanging]] = block.values[unchanging, -1, None]
        return points

    def is_intermittent(self, history: Array) -> NDArray[np.bool_]:
        """[item]: who takes the quantiles of NPTS: intermittent items if it is a member, all if it is the only one."""
        names = {member.model for member in self.members}
        if names == {"npts"}:
            return np.full(len(history), True)
        return intermittent(history) & ("npts" in names)


def models_for(frequency: Frequency) -> tuple[str, ...]:
    """The whole portfolio of a frequency."""
    return tuple(name for name in MODELS if frequency.unit in _UNITS.get(name, (frequency.unit,)))


def _points(member: Member, block: Block, seasons: dict[int, Deseasonalised], horizon: int) -> Array:
    if member.model not in _DESEASONALISED:
        return LOCAL_MODELS[member.model](member.period).forecast(block, horizon)
    season = seasons[member.period]
    options = {"season_length": member.period} if member.model == "ets" else {}
    if member.form == "differences":
        options = {"differenced": True}
    return season.restore(LOCAL_MODELS[member.model](**options).forecast(season.block, horizon))


def _logarithm_points(season: Deseasonalised, as_it_is: Array) -> Array:
    """Points of Theta on logarithms; series that are not above zero throughout keep those of ``as_it_is``."""
    block = season.block
    present = block.present()
    positive = np.flatnonzero(np.where(present, block.values, 1.0).min(axis=1) > 0)
    if not len(positive):
        return as_it_is
    present = present[positive]
    values = np.log(np.where(present, block.values[positive], 1.0))
    model = DynamicTheta(drift_share=LOGARITHM_DRIFT_SHARE)
    logarithms = model.forecast(Block(values, block.starts[positive]), as_it_is.shape[1])
    highest = np.where(present, values, -np.inf).max(axis=1)
    lowest = np.where(present, values, np.inf).min(axis=1)
    limit = highest + _GROWTH_LIMIT * (highest - lowest)
    points = np.zeros(as_it_is.shape)
    points[positive] = np.exp(np.minimum(logarithms, limit[:, None]))
    found = as_it_is.copy()
    found[positive] = season.restore(points)[positive]
    return found


def intermittent(history: Array) -> NDArray[np.bool_]:
    """[item]: series that are never negative and zero so often that a typical error means little."""
    observed = (~np.isnan(history)).sum(axis=1)
    zeros = (history == 0).sum(axis=1)
    never_negative = np.logical_not(np.any(history < 0, axis=1))
    smallest = np.where(history > 0, history, np.inf).min(axis=1, initial=np.inf)
    with np.errstate(over="ignore"):
        pieces = sums_over_time(np.where(history > 0, history, 0.0) / smallest[:, None])
    counted = (zeros >= _COUNTED_ZERO_SHARE * observed) & (pieces <= _FEW_PIECES * observed)
    return never_negative & (counted | (zeros >= _ZERO_SHARE * observed)) & (zeros > 0)


def sample_quantiles(history: Array, season_length: int, horizon: int, levels: Array) -> Array:
    """[item, step, level]: NPTS quantiles of each item; zeros without history."""
    quantiles = np.zeros((len(history), horizon, len(levels)))
    for items, block in blocks_of(history):
        quantiles[items] = NonParametricTimeSeries(season_length).quantiles(block, horizon, levels)
    return quantiles


def naive_points(history: Array, season_length: int, horizon: int) -> Array:
    """Seasonal naive points [item, step]; zeros without history."""
    points = np.zeros((len(history), horizon))
    for items, block in blocks_of(history):
        points[items] = SeasonalNaive(season_length).forecast(block, horizon)
    return points


def seasonal_differences(history: Array, season_length: int) -> tuple[Array, Array]:
    """Mean absolute and root mean squared difference over one season, both [item].

    Over one period where the history is not longer than a season; 0 without any pair. NaN breaks its pairs.
    """
    absolute, squared = _difference_means(history, 1)
    if season_length > 1:
        long_enough = (~np.isnan(history)).argmax(axis=1) + season_length < history.shape[1]
        seasonal_absolute, seasonal_squared = _difference_means(history, season_length)
        absolute = np.where(long_enough, seasonal_absolute, absolute)
        squared = np.where(long_enough, seasonal_squared, squared)
    return absolute, np.sqrt(squared)


def _difference_means(history: Array, lag: int) -> tuple[Array, Array]:
    differences = history[:, lag:] - history[:, :-lag]
    known = ~np.isnan(differences)
    count = np.maximum(known.sum(axis=1), 1)
    differences = np.where(known, differences, 0.0)
    return np.abs(differences).sum(axis=1) / count, (differences**2).sum(axis=1) / count
