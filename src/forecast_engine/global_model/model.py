"""The global model at work: points, and what moved them, from the document that fitting left."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_engine.block import Array
from forecast_engine.global_model.features import FeatureTable, Layout
from forecast_engine.global_model.series import Indices
from forecast_engine.global_model.trees import Features, revived
from forecast_engine.panel import Panel
from forecast_engine.portfolio import intermittent
from forecast_engine.round_state import KINDS, SHORTEST_TRAINING, Document

if TYPE_CHECKING:
    from lightgbm import Booster


@dataclass(frozen=True)
class _Rows:
    """All steps of some items behind one origin, item by item; ``features`` [item * step, column]."""

    booster: "Booster"
    items: Indices
    centre: Array  # [item]
    scale: Array  # [item]
    features: Features


@dataclass(frozen=True)
class GlobalModel:
    """One of the two fits: the trees of each kind of series, None where a kind has none."""

    layout: Layout
    groups: list[str]
    boosters: "dict[str, Booster | None]"

    @classmethod
    def from_document(cls, document: Document, fit: str) -> "GlobalModel":
        """``fit`` is "windows" or "final"."""
        boosters = {kind: None if text is None else revived(text) for kind, text in document[fit].items()}
        return cls(Layout.from_document(document["layout"]), document["groups"], boosters)

    def points(self, panel: Panel, origin: int, horizon: int) -> Array:
        """Points [item, step] of what lies behind ``origin``; NaN where an item has too little history before it.

        Of the target only what lies before the origin is looked at, of covariates all.
        """
        points = np.full((len(panel.item_ids), horizon), np.nan)
        for rows in self._rows(panel, origin, horizon):
            predicted = rows.booster.predict(rows.features, num_threads=1)
            points[rows.items] = _in_units(np.asarray(predicted).reshape(len(rows.items), horizon), rows)
        return points

    def impacts(self, panel: Panel, horizon: int, names: tuple[str, ...]) -> Array:
        """Shapley values [item, step, name] behind the grid's end, in units of the target; 0 where there is no point.

        Those of all features made of one covariate are added up. See Lundberg and Lee, A unified approach to
        interpreting model predictions (2017); for trees exact, by LightGBM's ``pred_contrib``.
        """
        impacts = np.zeros((len(panel.item_ids), horizon, len(names)))
        for rows in self._rows(panel, panel.grid.length, horizon):
            shares = np.asarray(rows.booster.predict(rows.features, num_threads=1, pred_contrib=True))
            for place, name in enumerate(names):
                columns = [column for column, group in enumerate(self.groups) if group == name]
                impact = shares[:, columns].sum(axis=1).reshape(len(rows.items), horizon)
                impacts[rows.items, :, place] = impact * rows.scale[:, None]
        return impacts

    def _rows(self, panel: Panel, origin: int, horizon: int) -> Iterator[_Rows]:
        """The rows of each kind of series that has trees."""
        table = FeatureTable(panel, self.layout, horizon)
        history = panel.target[:, :origin]
        long_enough = (~np.isnan(history)).sum(axis=1) >= SHORTEST_TRAINING
        kinds = intermittent(history).astype(int)
        for kind, name in enumerate(KINDS):
            booster, items = self.boosters[name], np.flatnonzero(long_enough & (kinds == kind))
            if booster is None or not len(items):
                continue
            origins = np.full(len(items), origin)
            steps = np.tile(np.arange(horizon), len(items))
            features = table.rows(np.repeat(items, horizon), np.repeat(origins, horizon), steps)
            yield _Rows(booster, items, table.centre(items, origins), table.scale(items, origins), features)


def _in_units(predicted: Array, rows: _Rows) -> Array:
    """Predictions [item, step] in units of the target; a series that never changed stays what it was."""
    points: Array = rows.centre[:, None] + rows.scale[:, None] * predicted
    return points
