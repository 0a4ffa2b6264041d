"""Forecasts of items without any history, from what items with like attributes sold: quantile trees, levels and all.

LightGBM's quantile regression on attributes, phases, calendars and the related series of the period itself. Five levels
in the middle of five equal slices of probability: their plain average is the mean.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.block import Array
from forecast_engine.global_model.features import FeatureTable, Layout
from forecast_engine.global_model.trees import Trees, grown
from forecast_engine.panel import Panel
from forecast_engine.round_state import Document

_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
_MEDIAN = 2  # its place
_ROWS = 20_000  # of a fit
_FEWEST_ITEMS = 3  # with fewer, one item's level would be taken for its attributes'
_SEASONS = 2  # the latest ones are learnt from: levels of long ago are not those of a new item
_FEWEST_PERIODS = 12  # or these, where seasons are short
_PARAMETERS: dict[str, Any] = {
    "num_iterations": 60,
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 10,
    "min_data_per_group": 10,
    "cat_smooth": 1,
    "max_bin": 127,
    "objective": "quantile",
}


def fit(panel: Panel, layout: Layout, horizon: int) -> Document | None:
    """Trees for each level, from the sample; None where its items have no attributes or are too few."""
    if not layout.attributes or len(panel.item_ids) < _FEWEST_ITEMS:
        return None
    table = FeatureTable(panel, layout, horizon)
    span = min(panel.grid.length, max(_SEASONS * panel.grid.frequency.season_length, horizon, _FEWEST_PERIODS))
    first = panel.grid.length - span
    items, places = np.nonzero(~np.isnan(panel.target[:, first:]))
    every = -(-len(items) // _ROWS)
    items, periods = items[::every], places[::every] + first
    if not len(items):
        return None
    values = panel.target[items, periods]
    unit = float(np.abs(values).max()) or 1.0
    features = table.cold_rows(items, periods)
    targets = (values / unit).astype(np.float32)
    trees = [grown(features, targets, table.cold_categorical(), _PARAMETERS | {"alpha": level}) for level in _LEVELS]
    return {
        "layout": layout.to_document(),
        "groups": table.cold_groups(),
        "unit": unit,
        "never_negative": bool((values >= 0).all()),
        "trees": trees,
    }


@dataclass(frozen=True)
class ColdStart:
    """The trees of each level, at work for items whose target is unknown."""

    layout: Layout
    groups: list[str]
    unit: float
    lowest: float
    trees: list[Trees]

    @classmethod
    def from_document(cls, document: Document) -> "ColdStart":
        """What ``fit`` left."""
        return cls(
            layout=Layout.from_document(document["layout"]),
            groups=document["groups"],
            unit=document["unit"],
            lowest=0.0 if document["never_negative"] else -np.inf,
            trees=[Trees(text) for text in document["trees"]],
        )

    def items(self, panel: Panel) -> NDArray[np.int64]:
        """Those without history of which an attribute is known, in their order."""
        described = FeatureTable(panel, self.layout, 0).described()
        return np.flatnonzero(described & np.isnan(panel.target).all(axis=1))

    def forecast(self, panel: Panel, items: NDArray[np.int64], horizon: int, levels: Array) -> tuple[Array, Array]:
        """Quantiles [item, step, level] and mean [item, step] of some items of the panel, behind its grid.

        Between the trees' levels and beyond them quantiles lie on lines through the trees', drawn over the normal
        distribution's.
        """
        features = self._features(panel, items, horizon)
        predicted = np.stack([trees.predict(features) for trees in self.trees], axis=1)
        known = np.maximum(np.sort(predicted, axis=1) * self.unit, self.lowest)
        quantiles = np.maximum(_on_lines(known, levels), self.lowest)
        return quantiles.reshape(len(items), horizon, len(levels)), known.mean(axis=1).reshape(len(items), horizon)

    def impacts(self, panel: Panel, items: NDArray[np.int64], horizon: int, groups: list[str]) -> Array:
        """Shapley values [item, step, group] of the median, in units of the target."""
        impacts = self.trees[_MEDIAN].impacts(self._features(panel, items, horizon), self.groups, groups)
        return (impacts * self.unit).reshape(len(items), horizon, len(groups))

    def _features(self, panel: Panel, items: NDArray[np.int64], horizon: int) -> NDArray[np.float32]:
        table = FeatureTable(panel, self.layout, horizon)
        periods = np.tile(np.arange(panel.grid.length, panel.grid.length + horizon), len(items))
        return table.cold_rows(np.repeat(items, horizon), periods)


def _on_lines(known: Array, levels: Array) -> Array:
    """Quantiles [row, level] from those at ``_LEVELS`` [row, 5]."""
    normal = NormalDist()
    places = np.array([normal.inv_cdf(level) for level in _LEVELS])
    wanted = np.array([normal.inv_cdf(float(level)) for level in levels])
    left = np.clip(np.searchsorted(places, wanted) - 1, 0, len(places) - 2)
    share = (wanted - places[left]) / (places[left + 1] - places[left])
    return known[:, left] + share * (known[:, left + 1] - known[:, left])
