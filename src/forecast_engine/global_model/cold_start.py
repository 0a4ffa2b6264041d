"""Forecasts of items without any history, from what items with like attributes sold.

A value is a level times the period's factor. Factors are learnt from all items' values in shares of their item's mean,
by phase, calendar and related series; levels are what is left of the latest values without their factors, by
attributes: LightGBM's quantile regression at five levels in the middle of five equal slices of probability, whose plain
average is the mean.
"""

from collections import Counter
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.global_model.features import FeatureTable, Layout
from forecast_engine.global_model.series import Indices
from forecast_engine.global_model.trees import Features, Trees, grown
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import Document

_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
_MEDIAN = 2  # its place
_ROWS = 20_000  # of a fit
_FEWEST_ITEMS = 3  # with fewer, one item's level would be taken for its attributes'
_ITEMS_PER_CATEGORY = 2  # a category of one item tells that item from others, and nothing of new ones
_ITEMS_PER_LEAF = 1.5  # nor does a leaf that holds one item's rows alone: more than one are mixed in any
_SEASONS = 2  # the latest ones make the level: that of long ago is not a new item's
_FEWEST_PERIODS = 12  # or these, where seasons are short
_SMALLEST_FACTOR = 0.05  # what is divided by it must not explode
_LARGEST_SHARE = 20.0  # of an item's mean
_FACTORS: dict[str, Any] = {
    "num_iterations": 80,
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "max_bin": 127,
    "objective": "regression",
}
_LEVEL_QUANTILES: dict[str, Any] = {
    "num_iterations": 60,
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_per_group": 1,  # the leaves' least number of rows is enough of a guard
    "cat_smooth": 1,
    "max_bin": 127,
    "objective": "quantile",
}


def fit(panel: Panel, layout: Layout, horizon: int) -> Document | None:
    """Trees for factors and for each level, from the sample; None where its items have no attributes or are too few.

    There are no factors where a value is negative: shares of a mean say nothing then.
    """
    if not layout.attributes or len(panel.item_ids) < _FEWEST_ITEMS:
        return None
    layout = replace(layout, attributes=_shared_categories(panel))
    table = FeatureTable(panel, layout, horizon)
    is_never_negative = not (panel.target < 0).any()
    factors = _grown_factors(panel, table) if is_never_negative else None
    span = min(panel.grid.length, max(_SEASONS * panel.grid.frequency.season_length, horizon, _FEWEST_PERIODS))
    items, periods = _observed(panel, panel.grid.length - span)
    if not len(items):
        return None
    values = panel.target[items, periods] / _factors(
        None if factors is None else Trees(factors), table.moving_rows(items, periods)
    )
    unit = float(np.abs(values).max()) or 1.0
    targets = (values / unit).astype(np.float32)
    parameters = {"min_data_in_leaf": max(1, int(_ITEMS_PER_LEAF * len(items) / len(set(items.tolist()))))}
    features, categorical = table.attribute_rows(items), table.attribute_categorical()
    return {
        "layout": layout.to_document(),
        "moving_groups": table.moving_groups(),
        "attribute_groups": table.attribute_groups(),
        "unit": unit,
        "never_negative": is_never_negative,
        "factors": factors,
        "levels": [
            grown(features, targets, categorical, _LEVEL_QUANTILES | parameters | {"alpha": level}) for level in _LEVELS
        ],
    }


def _observed(panel: Panel, first: int) -> tuple[Indices, Indices]:
    """Items and periods [row] of observed values from ``first`` on, thinned out to a bounded number."""
    items, places = np.nonzero(~np.isnan(panel.target[:, first:]))
    every = max(1, -(-len(items) // _ROWS))
    return items[::every], places[::every] + first


def _grown_factors(panel: Panel, table: FeatureTable) -> str | None:
    items, periods = _observed(panel, 0)
    means = means_over_time(panel.target)
    usable = means[items] > 0
    items, periods = items[usable], periods[usable]
    features = table.moving_rows(items, periods)
    if not len(items) or not features.shape[1]:
        return None
    shares = np.minimum(panel.target[items, periods] / means[items], _LARGEST_SHARE)
    return grown(features, shares.astype(np.float32), [], _FACTORS)


def _factors(trees: Trees | None, features: Features) -> Array:
    """The factors [row] of periods with such features; 1 without trees."""
    return np.maximum(trees.predict(features), _SMALLEST_FACTOR) if trees else np.ones(len(features))


def _shared_categories(panel: Panel) -> dict[str, tuple[str, ...] | None]:
    """The categories of each attribute that several items have; None for attributes that are numbers."""
    shared: dict[str, tuple[str, ...] | None] = {}
    for name, values in panel.covariates.attributes.items():
        if values.dtype.kind == "U":
            counts = Counter(str(value) for value in values if value != "")
            shared[name] = tuple(sorted(one for one in counts if counts[one] >= _ITEMS_PER_CATEGORY))
        else:
            shared[name] = None
    return shared


@dataclass(frozen=True)
class ColdStart:
    """The trees at work, for items whose target is unknown."""

    layout: Layout
    moving_groups: list[str]
    attribute_groups: list[str]
    unit: float
    lowest: float
    factors: Trees | None
    levels: list[Trees]

    @classmethod
    def from_document(cls, document: Document) -> "ColdStart":
        """What ``fit`` left."""
        return cls(
            layout=Layout.from_document(document["layout"]),
            moving_groups=document["moving_groups"],
            attribute_groups=document["attribute_groups"],
            unit=document["unit"],
            lowest=0.0 if document["never_negative"] else -np.inf,
            factors=None if document["factors"] is None else Trees(document["factors"]),
            levels=[Trees(text) for text in document["levels"]],
        )

    def items(self, panel: Panel) -> Indices:
        """Those without history of which an attribute is known, in their order."""
        described = FeatureTable(panel, self.layout, 0).described()
        return np.flatnonzero(described & np.isnan(panel.target).all(axis=1))

    def forecast(self, panel: Panel, items: Indices, horizon: int, levels: Array) -> tuple[Array, Array]:
        """Quantiles [item, step, level] and mean [item, step] of some items of the panel, behind its grid.

        Between the trees' levels and beyond them quantiles lie on lines through the trees', drawn over the normal
        distribution's.
        """
        attributes, moving = self._features(panel, items, horizon)
        predicted = np.stack([trees.predict(attributes) for trees in self.levels], axis=1)
        known = np.maximum(np.sort(predicted, axis=1) * self.unit, self.lowest)  # [item, level]
        factors = _factors(self.factors, moving).reshape(len(items), horizon)
        quantiles = np.maximum(_on_lines(known, levels), self.lowest)
        return factors[:, :, None] * quantiles[:, None, :], factors * known.mean(axis=1)[:, None]

    def impacts(self, panel: Panel, items: Indices, horizon: int, groups: list[str]) -> Array:
        """Shapley values [item, step, group] in units of the target: of the level, by its attributes, times the factor,
        and of the factor times the level; the level is the median's.
        """
        attributes, moving = self._features(panel, items, horizon)
        trees = self.levels[_MEDIAN]
        by_level = trees.impacts(attributes, self.attribute_groups, groups) * self.unit  # [item, group]
        factors = _factors(self.factors, moving).reshape(len(items), horizon)
        impacts = factors[:, :, None] * by_level[:, None, :]
        if self.factors is not None:
            by_factor = self.factors.impacts(moving, self.moving_groups, groups).reshape(impacts.shape)
            impacts += by_factor * (trees.predict(attributes) * self.unit)[:, None, None]
        return impacts

    def _features(self, panel: Panel, items: Indices, horizon: int) -> tuple[Features, Features]:
        """Attributes [item, column] and moving features [item * step, column]."""
        table = FeatureTable(panel, self.layout, horizon)
        periods = np.tile(np.arange(panel.grid.length, panel.grid.length + horizon), len(items))
        return table.attribute_rows(items), table.moving_rows(np.repeat(items, horizon), periods)


def _on_lines(known: Array, levels: Array) -> Array:
    """Quantiles [row, level] from those at ``_LEVELS`` [row, 5]."""
    normal = NormalDist()
    places = np.array([normal.inv_cdf(level) for level in _LEVELS])
    wanted = np.array([normal.inv_cdf(float(level)) for level in levels])
    left = np.clip(np.searchsorted(places, wanted) - 1, 0, len(places) - 2)
    share = (wanted - places[left]) / (places[left + 1] - places[left])
    return known[:, left] + share * (known[:, left + 1] - known[:, left])
