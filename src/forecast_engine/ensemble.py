"""All members together: the local models of the portfolio and, where one was trained, the global one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_engine.block import Array
from forecast_engine.global_model import GlobalModel
from forecast_engine.models import GLOBAL_MODEL
from forecast_engine.panel import Panel
from forecast_engine.portfolio import Portfolio
from forecast_engine.round_state import Document
from forecast_engine.settings import TrainingSettings

_GLOBAL_SHARE = 0.27  # of the weight where all members err alike; backtests of nine panels, decision 0111


@dataclass(frozen=True)
class Ensemble:
    """The members of a training, the global model last; ``only_global``: the local ones only stand in for it."""

    portfolio: Portfolio
    document: Document | None
    only_global: bool

    @classmethod
    def of(cls, panel: Panel, settings: TrainingSettings, shared: dict[str, Any]) -> "Ensemble":
        """The members that the first round settled. ValueError names an unknown model."""
        portfolio = Portfolio.for_frequency(panel.grid.frequency, settings.models)
        return cls(portfolio, shared.get("global_model"), settings.models == (GLOBAL_MODEL,))

    @property
    def members(self) -> list[list[Any]]:
        """Model, period and form of each member, JSON-able."""
        members: list[list[Any]] = [[member.model, member.period, member.form] for member in self.portfolio.members]
        return [*members, [GLOBAL_MODEL, 1, "values"]] if self.document else members

    def window_points(self, panel: Panel, starts: list[int], horizon: int) -> Array:
        """Points [member, item, window, step]; NaN where a member has none."""
        local = [self.portfolio.forecast(panel.target[:, :start], horizon) for start in starts]
        if self.document is None:
            return np.stack(local, axis=2)
        model = GlobalModel.from_document(self.document, "windows")
        missing = np.full((len(panel.item_ids), horizon), np.nan)
        learnt = [
            model.points(panel, start, horizon) if start >= self.document["windows_from"] else missing
            for start in starts
        ]
        return np.stack([self._joined(*pair) for pair in zip(local, learnt, strict=True)], axis=2)

    def points(self, panel: Panel, horizon: int) -> Array:
        """Points [member, item, step] behind the grid; NaN where a member has none."""
        local = self.portfolio.forecast(panel.target, horizon)
        if self.document is None:
            return local
        return self._joined(
            local, GlobalModel.from_document(self.document, "final").points(panel, panel.grid.length, horizon)
        )

    def _joined(self, local: Array, learnt: Array) -> Array:
        if self.only_global:
            local = np.where(np.isnan(learnt), local, np.nan)
        return np.concatenate([local, learnt[None]])


def multiplicities(members: list[list[Any]]) -> Array:
    """As how many members each counts [member]: the global one as a share of all."""
    is_global = np.array([model == GLOBAL_MODEL for model, *_ in members])
    local_count = len(members) - int(is_global.sum())
    return np.where(is_global, _GLOBAL_SHARE / (1 - _GLOBAL_SHARE) * local_count, 1.0)
