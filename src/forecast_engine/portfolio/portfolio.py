"""The portfolio: every local model on every decomposition that fits the frequency, run over a whole history at once."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array
from forecast_engine.models import LOCAL_MODELS, MODELS
from forecast_engine.models.sampling import Sampling
from forecast_engine.panel.demand_class import intermittent
from forecast_engine.panel.frequency import Frequency
from forecast_engine.portfolio.decomposition import CYCLES_REMEMBERED, Decomposition, decompose
from forecast_engine.portfolio.logarithms import logarithm_points
from forecast_engine.portfolio.outliers import without_outliers
from forecast_engine.settings import SamplingSettings

_ON_DECOMPOSED = ("drift", "ets", "damped_trend", "theta", "autoregression")  # these run on deseasonalised values
_LOGARITHMS = ("theta",)  # also runs on logarithms: for growth by a constant factor
_DIFFERENCES = ("autoregression",)  # also runs on differences: for levels that wander
_ON_LONGEST = ("autoregression",)  # by the longest season alone, which the shorter ones are part of: decision 0124
_UNITS: dict[str, tuple[str, ...]] = {  # where a model helps the ensemble (decision 0116); others serve all units
    "drift": ("W", "M", "Y"),  # hours: worse than none, decision 0124
    "ets": ("D", "M"),
    "damped_trend": (),  # only where it is asked for by name
    "theta": ("D", "M", "Y"),
    "autoregression": ("min", "H", "W", "M", "Y"),  # days: twice the time for next to nothing
    "seasonal_autoregression": ("min", "H"),
}
_MEMORIES = {"D": (4.0, 16.0, 64.0)}  # of seasons, in cycles; others CYCLES_REMEMBERED: decision 0123
_FALLBACK = "seasonal_naive"  # where only the global model was asked for: for items that it cannot forecast


@dataclass(frozen=True)
class Member:
    """One model on one decomposition: by a season of ``period`` periods, 1 for none, of transformed values."""

    model: str
    period: int
    transform: str = "values"  # as they are, or "logarithms", or "differences"


@dataclass(frozen=True)
class Portfolio:
    """The members for a frequency, and its seasons: ``season_length`` is the one of seasonal naive and NPTS."""

    members: tuple[Member, ...]
    season_length: int
    periods: tuple[int, ...]
    memories: tuple[float, ...]  # of seasons, see ``decompose``
    sampling: Sampling

    @classmethod
    def for_frequency(
        cls, frequency: Frequency, models: tuple[str, ...] | None = None, sampling: SamplingSettings | None = None
    ) -> "Portfolio":
        """The local members that serve this frequency, or those of ``models``; ValueError names an unknown model.

        Where the global model is the only one of ``models``, the local member is seasonal naive.
        """
        names = models_for(frequency) if models is None else models
        unknown = [name for name in names if name not in MODELS]
        if unknown or not names:
            raise ValueError(f"Unknown model {unknown or 'list, empty'}: expected some of {', '.join(MODELS)}")
        periods = frequency.seasonal_periods or (1,)
        members: list[Member] = []
        local = [name for name in LOCAL_MODELS if name in names] or [_FALLBACK]
        for name in local:
            used = periods[-1:] if name in _ON_LONGEST else periods
            used = (frequency.season_length,) if name == "npts" else used
            members += [Member(name, period) for period in used]
            if name in _LOGARITHMS:
                members += [Member(name, period, "logarithms") for period in used]
            if name in _DIFFERENCES:
                members += [Member(name, period, "differences") for period in used]
        own_sampling = Sampling(frequency.season_length, frequency.seasonal_periods, sampling)
        memories = _MEMORIES.get(frequency.unit, CYCLES_REMEMBERED)
        return cls(tuple(members), frequency.season_length, periods, memories, own_sampling)

    def without_outliers(self, history: Array) -> Array:
        """A history [item, time] with outliers replaced, as the members see it: see ``portfolio.outliers``."""
        return without_outliers(history, self.season_length, self.periods)

    def forecast(self, history: Array, horizon: int) -> Array:
        """Every member's points [member, item, step] for ``history`` [item, time]; zeros for items without any."""
        points = np.zeros((len(self.members), len(history), horizon))
        for items, block in blocks_of(history):
            seasons = {
                period: decompose(block, period, shorter, self.memories)
                for period, shorter in zip(self.periods, (1, *self.periods), strict=False)
            }
            for position, member in enumerate(self.members):
                if member.transform == "logarithms":
                    on_values = points[self.members.index(replace(member, transform="values")), items]
                    points[position, items] = logarithm_points(seasons[member.period], on_values)
                elif member.model == "npts":
                    points[position, items] = self.sampling.points(block, horizon)
                else:
                    points[position, items] = _points(member, block, seasons, horizon)
            constant = (block.values == block.values[:, -1:]) | ~block.present()
            unchanging = constant.all(axis=1)  # models differ from it by rounding
            points[:, items[unchanging]] = block.values[unchanging, -1, None]
        return points

    def is_intermittent(self, history: Array) -> NDArray[np.bool_]:
        """[item]: whether NPTS gives its quantiles: to intermittent items, or to all where NPTS is the only member."""
        names = {member.model for member in self.members}
        if names == {"npts"}:
            return np.full(len(history), True)
        return intermittent(history) & ("npts" in names)


def models_for(frequency: Frequency) -> tuple[str, ...]:
    """The whole portfolio of a frequency."""
    return tuple(name for name in MODELS if frequency.unit in _UNITS.get(name, (frequency.unit,)))


def _points(member: Member, block: Block, seasons: dict[int, Decomposition], horizon: int) -> Array:
    if member.model not in _ON_DECOMPOSED:
        return LOCAL_MODELS[member.model](member.period).forecast(block, horizon)
    season = seasons[member.period]
    options = {"season_length": member.period} if member.model == "ets" else {}
    if member.transform == "differences":
        options = {"differenced": True}
    return season.restore(LOCAL_MODELS[member.model](**options).forecast(season.block, horizon))
