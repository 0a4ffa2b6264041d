"""All members together: the local models, the pre-trained one and, where one was trained, the panel's global one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model import GlobalModel, pretrained
from forecast_engine.models import GLOBAL_MODEL
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.portfolio import Portfolio, models_for
from forecast_engine.settings import Document, TrainingSettings

_GLOBAL_SHARE = 0.22  # of the weight where all members err alike: held-back ends of nine panels, decision 0111
_PRETRAINED_SHARE = 0.25  # the same, decision 0113
_PRETRAINED = [GLOBAL_MODEL, 1, "pretrained"]
_FARTHEST = 1e120  # that a point may be from zero: what is observed is at most 1e100
GLOBAL_MEMBER: list[Any] = [GLOBAL_MODEL, 1, "values"]  # the panel's own


@dataclass(frozen=True)
class Ensemble:
    """The members of a training, the global model last; ``only_global``: the local ones only stand in for it.

    ``bases``: the local members that the pre-trained model corrects; None where it is no member.
    """

    portfolio: Portfolio
    document: Document | None
    only_global: bool
    bases: list[int] | None
    season_length: int

    @classmethod
    def of(cls, panel: Panel, settings: TrainingSettings, shared: dict[str, Any]) -> "Ensemble":
        """The members that the first round settled. ValueError names an unknown model."""
        frequency = panel.grid.frequency
        portfolio = Portfolio.for_frequency(frequency, settings.models)
        learns = GLOBAL_MODEL in (settings.models or models_for(frequency))
        bases = pretrained.base_members_of(portfolio, frequency) if learns else None
        only_global = settings.models == (GLOBAL_MODEL,)
        return cls(portfolio, shared.get("global_model"), only_global, bases, frequency.season_length)

    def require_trained(self, shared: dict[str, Any]) -> None:
        """ValueError where an earlier version trained with other members than these: its weights fit none of them."""
        trained = shared["members"]
        if "demand_table" not in shared or trained != self.members:
            raise ValueError(
                f"The predictor was trained by another version, with {len(trained)} models; this one has "
                f"{len(self.members)}: train it again"
            )

    @property
    def members(self) -> list[list[Any]]:
        """Model, period and transform of each member, JSON-able."""
        members: list[list[Any]] = [
            [member.model, member.period, member.transform] for member in self.portfolio.members
        ]
        members += [_PRETRAINED] if self.bases is not None else []
        return [*members, GLOBAL_MEMBER] if self.document else members

    def window_points(self, panel: Panel, starts: list[int], usual: list[Array], horizon: int) -> tuple[Array, Array]:
        """Points [member, item, window, step], NaN where a member has none; movement [item, window, step].

        ``usual`` [window]: the history [item, time] before each of ``starts``, without outliers. The movement is the
        factor by which the global model would have covariates move intermittent items.
        """
        local = [self._without_panel(history, horizon) for history in usual]
        movement = np.ones((len(panel.item_ids), len(starts), horizon))
        if self.document is None:
            return np.stack(local, axis=2), movement
        model = GlobalModel.from_document(self.document, "windows")
        points = []
        for window, start in enumerate(starts):
            unseen = start >= self.document["windows_from"]
            learnt = model.points(panel, start, horizon) if unseen else np.full(local[window].shape[1:], np.nan)
            points.append(self._joined(local[window], learnt))
            if unseen:
                movement[:, window] = model.covariate_factors(panel, start, horizon)
        return np.stack(points, axis=2), movement

    def points(self, panel: Panel, usual: Array, horizon: int) -> tuple[Array, Array]:
        """Points [member, item, step] behind the grid, NaN where a member has none; movement [item, step].

        ``usual`` [item, time]: the history without outliers.
        """
        local = self._without_panel(usual, horizon)
        if self.document is None:
            return local, np.ones((len(panel.item_ids), horizon))
        model, end = GlobalModel.from_document(self.document, "final"), panel.grid.length
        return self._joined(local, model.points(panel, end, horizon)), model.covariate_factors(panel, end, horizon)

    def _without_panel(self, history: Array, horizon: int) -> Array:
        """Points [member, item, step] of those who learn nothing from the panel: local members and pre-trained one."""
        local = self._local_points(history, horizon)
        if self.bases is None:
            return local
        learnt = pretrained.shipped().points(history, self.season_length, local[self.bases])
        return np.concatenate([local, learnt[None]])

    def demand(self, points: Array) -> Array:
        """What the global model expects [item, step], of all members' points; NaN where it has none."""
        learnt: Array = points[-1] if self.document else np.full(points.shape[1:], np.nan)
        return learnt

    def _local_points(self, history: Array, horizon: int) -> Array:
        """Points [member, item, step] of the portfolio; growth by a factor may else lead where squares overflow."""
        points: Array = np.clip(self.portfolio.forecast(history, horizon), -_FARTHEST, _FARTHEST)
        return points

    def _joined(self, local: Array, learnt: Array) -> Array:
        if self.only_global:
            local = np.where(np.isnan(learnt), local, np.nan)
        return np.concatenate([local, learnt[None]])


def multiplicities(members: list[list[Any]]) -> Array:
    """As how many members each counts [member]: the pre-trained and the global one as a share of all."""
    shares = np.array([_share(member) for member in members])
    local_count = int((shares == 0).sum())
    return np.where(shares > 0, shares / (1 - shares.sum()) * local_count, 1.0)


def _share(member: list[Any]) -> float:
    """Of the weight where all members err alike; 0 for local members, which share the rest."""
    if member == GLOBAL_MEMBER:
        return _GLOBAL_SHARE
    return _PRETRAINED_SHARE if member == _PRETRAINED else 0.0


def moved(movement: Array, members: list[list[Any]], weights: Array) -> Array:
    """Factors [item, step]: the movement as far as the global model counts, by ``weights`` [member, item]."""
    is_global = np.array([member == GLOBAL_MEMBER for member in members])
    factors: Array = movement ** weights[is_global].sum(axis=0)[:, None]
    return factors
