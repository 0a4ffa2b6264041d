"""All members together: the local models, the pre-trained one and, where one was trained, the panel's global one."""

from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.evaluation.windows import is_short
from forecast_engine.global_model import GlobalFits, GlobalModel, pretrained
from forecast_engine.models import GLOBAL_MODEL
from forecast_engine.panel.open_history import OpenHistory
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.portfolio import Member, Portfolio, models_for
from forecast_engine.settings import TrainingSettings

_GLOBAL_SHARE = 0.22  # of the weight where all members err alike: held-back ends of nine panels, decision 0111
_PRETRAINED_SHARE = 0.25  # the same, decision 0113
_FARTHEST = 1e120  # that a point may be from zero: what is observed is at most 1e100
GLOBAL_MEMBER = Member(GLOBAL_MODEL, 1)  # the panel's own
_PRETRAINED = Member(GLOBAL_MODEL, 1, "pretrained")


@dataclass(frozen=True)
class Ensemble:
    """The members of a training, the global model last.

    ``global_model`` is its two fits, None where none was trained. ``only_global``: only the global
    model was asked for; local members forecast just the items that it cannot. ``base_members``: the positions of the
    local members that the pre-trained model corrects; None where it is no member.
    """

    portfolio: Portfolio
    global_model: GlobalFits | None
    only_global: bool
    base_members: list[int] | None
    season_length: int

    @classmethod
    def of(cls, panel: Panel, settings: TrainingSettings, global_model: GlobalFits | None) -> "Ensemble":
        """The members for a panel's frequency, with the global model of the first round.

        ValueError names an unknown model.
        """
        frequency = panel.grid.frequency
        portfolio = Portfolio.for_frequency(frequency, settings.models, settings.sampling)
        learns = GLOBAL_MODEL in (settings.models or models_for(frequency))
        base_members = pretrained.base_members_of(portfolio, frequency) if learns else None
        only_global = settings.models == (GLOBAL_MODEL,)
        return cls(portfolio, global_model, only_global, base_members, frequency.season_length)

    def require(self, trained: tuple[Member, ...]) -> None:
        """ValueError where an earlier version trained with other members than these: its weights fit none of them."""
        if trained != self.members:
            raise ValueError(
                f"The predictor was trained by another version, with {len(trained)} models; this one has "
                f"{len(self.members)}: train it again"
            )

    @property
    def members(self) -> tuple[Member, ...]:
        """Local members, the pre-trained one, the panel's global one; the last two where there are any."""
        pretrained_member = () if self.base_members is None else (_PRETRAINED,)
        return (*self.portfolio.members, *pretrained_member, *((GLOBAL_MEMBER,) if self.global_model else ()))

    def window_points(
        self, panel: Panel, histories: list[OpenHistory], cleaned_histories: list[Array], horizon: int
    ) -> tuple[Array, Array]:
        """Points [member, item, window, step], NaN where a member has none; covariate factors [item, window, step].

        ``histories`` [window]: what lies before each window; ``cleaned_histories`` the same without outliers. Covariate
        factor: the global model's forecast with the known future covariates over its forecast with their medians,
        of intermittent items; 1 for others.
        """
        without_panel = [
            self._points_without_panel(history.filled(cleaned), horizon)
            for history, cleaned in zip(histories, cleaned_histories, strict=True)
        ]
        factors = np.ones((len(panel.item_ids), len(histories), horizon))
        if self.global_model is None:
            return np.stack(without_panel, axis=2), factors
        model = GlobalModel.of(self.global_model, "windows")
        table = model.table(panel, horizon)
        points = []
        for window, history in enumerate(histories):
            is_unseen = history.end >= self.global_model.windows_from
            if is_unseen:
                filled = history.filled_panel(panel)
                own_table = table if filled is panel else model.table(filled, horizon)
                global_points = model.points(filled, history.end, horizon, table=own_table)
                factors[:, window] = model.covariate_factors(filled, history.end, horizon)
            else:
                global_points = np.full(without_panel[window].shape[1:], np.nan)
            points.append(self._joined(without_panel[window], global_points))
        return np.stack(points, axis=2), factors

    def points(self, panel: Panel, history: OpenHistory, cleaned_history: Array, horizon: int) -> tuple[Array, Array]:
        """Points [member, item, step] behind the grid, NaN where a member has none; covariate factors [item, step].

        ``cleaned_history`` [item, time]: the panel's ``history`` without outliers.
        """
        without_panel = self._points_without_panel(history.filled(cleaned_history), horizon)
        if self.global_model is None:
            return without_panel, np.ones((len(panel.item_ids), horizon))
        model, filled, end = GlobalModel.of(self.global_model, "final"), history.filled_panel(panel), panel.grid.length
        points = self._joined(without_panel, model.points(filled, end, horizon))
        return points, model.covariate_factors(filled, end, horizon)

    def global_points(self, points: Array) -> Array:
        """The global model's points [item, step] among all members'; NaN where it has none."""
        own: Array = points[-1] if self.global_model else np.full(points.shape[1:], np.nan)
        return own

    def global_weights(self, weights: Array) -> Array:
        """The global model's weights [item] among all members' [member, item]: all of it where it was asked for alone.

        Only for an ensemble that has a global model.
        """
        own: Array = np.ones(weights.shape[1]) if self.only_global else weights[-1]
        return own

    def _points_without_panel(self, history: Array, horizon: int) -> Array:
        """Points [member, item, step] of the members that learn nothing from the panel: local and pre-trained."""
        local = self._local_points(history, horizon)
        if self.base_members is None:
            return local
        corrected = pretrained.shipped().points(history, self.season_length, local[self.base_members])
        return np.concatenate([local, corrected[None]])

    def _local_points(self, history: Array, horizon: int) -> Array:
        """Points [member, item, step] of the portfolio; growth by a factor may else lead where squares overflow.

        One to three observations have a mean and nothing else: a trend through two of them errs four times as much.
        """
        points: Array = np.clip(self.portfolio.forecast(history, horizon), -_FARTHEST, _FARTHEST)
        short = is_short(history)
        levels = means_over_time(history[short])[:, None]
        points[:, short] = np.where(np.isnan(points[:, short]), np.nan, levels)
        return points

    def _joined(self, without_panel: Array, global_points: Array) -> Array:
        if self.only_global:
            without_panel = np.where(np.isnan(global_points), without_panel, np.nan)
        return np.concatenate([without_panel, global_points[None]])


def prior_shares(members: tuple[Member, ...]) -> Array:
    """How many members each counts as [member]: local ones as 1, the two LightGBM models as a fixed share of all.

    A member of share s beside n local members, of shares S in all, counts as ``s / (1 - S) * n``.
    """
    shares = np.array([_share(member) for member in members])
    local_count = int((shares == 0).sum())
    return np.where(shares > 0, shares / (1 - shares.sum()) * local_count, 1.0)


def _share(member: Member) -> float:
    """Of the weight where all members err alike; 0 for local members, which share the rest."""
    if member == GLOBAL_MEMBER:
        return _GLOBAL_SHARE
    return _PRETRAINED_SHARE if member == _PRETRAINED else 0.0


def weighted_covariate_factors(factors: Array, members: tuple[Member, ...], weights: Array) -> Array:
    """Covariate factors [item, step] to the power of the global model's weight, by ``weights`` [member, item]."""
    is_global = np.array([member == GLOBAL_MEMBER for member in members])
    weighted: Array = factors ** weights[is_global].sum(axis=0)[:, None]
    return weighted


def members_to_document(members: tuple[Member, ...]) -> list[list[Any]]:
    """Members as JSON arrays."""
    return [list(astuple(member)) for member in members]


def members_from_document(document: list[list[Any]]) -> tuple[Member, ...]:
    """Members from what ``members_to_document`` wrote."""
    return tuple(Member(*member) for member in document)
