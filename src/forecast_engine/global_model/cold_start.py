"""Forecasts of items without any history, from what items with like attributes sold.

value = level * factor of the period. Factors are learnt from value / mean of the item, by phase, calendar and related
series. Levels are learnt from latest values / factor, by attributes: LightGBM's quantile regression at five levels, the
middles of five equal slices of probability, so that their plain average is the mean.
"""

from collections import Counter
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.global_model.covariate_columns import FeatureColumns, Layout
from forecast_engine.global_model.features import FeatureTable
from forecast_engine.global_model.series import Indices
from forecast_engine.global_model.trees import Features, Parameters, Trees, grown
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import JsonObject

_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
_MEDIAN = 2  # its index
_ROWS = 20_000  # of a fit
_FEWEST_ITEMS = 3  # with fewer, one item's level would be taken for its attributes'
_ITEMS_PER_CATEGORY = 2  # a category of one item tells that item from others, and nothing of new items
_ITEMS_PER_LEAF = 1.5  # a leaf of one item's rows tells nothing of new items either: a leaf mixes more than one item
_SEASONS = 2  # the latest seasons make the level: the level of long ago is not a new item's
_FEWEST_PERIODS = 12  # of a level, where seasons are short
_SMALLEST_FACTOR = 0.05  # a value divided by it must not explode
_LARGEST_SHARE = 20.0  # of an item's mean
_FACTORS: Parameters = {
    "num_iterations": 80,
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "max_bin": 127,
    "objective": "regression",
}
_LEVEL_QUANTILES: Parameters = {
    "num_iterations": 60,
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_per_group": 1,  # the leaves' least number of rows is enough of a guard
    "cat_smooth": 1,
    "max_bin": 127,
    "objective": "quantile",
}


@dataclass(frozen=True)
class ColdStartFit:
    """Trees as text (see ``trees.grown``): of the factor, None without one, and of each level.

    ``time_varying_groups`` and ``attribute_groups``: what the columns of their features are made of. ``unit``: of the
    levels, in units of the target.
    """

    layout: Layout
    time_varying_groups: list[str]
    attribute_groups: list[str]
    unit: float
    never_negative: bool
    factors: str | None
    levels: list[str]

    def to_document(self) -> JsonObject:
        """The same fit as a JSON object."""
        return {
            "layout": self.layout.to_document(),
            "moving_groups": self.time_varying_groups,
            "attribute_groups": self.attribute_groups,
            "unit": self.unit,
            "never_negative": self.never_negative,
            "factors": self.factors,
            "levels": self.levels,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "ColdStartFit":
        """The fit that ``to_document`` wrote."""
        return cls(
            layout=Layout.from_document(document["layout"]),
            time_varying_groups=document["moving_groups"],
            attribute_groups=document["attribute_groups"],
            unit=document["unit"],
            never_negative=document["never_negative"],
            factors=document["factors"],
            levels=document["levels"],
        )


def fit(panel: Panel, layout: Layout, horizon: int) -> ColdStartFit | None:
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
    time_varying = table.time_varying_columns(items, periods)
    levels = panel.target[items, periods] / _factors(None if factors is None else Trees(factors), time_varying.values)
    unit = float(np.abs(levels).max()) or 1.0
    attributes = table.attribute_columns(items)
    return ColdStartFit(
        layout=layout,
        time_varying_groups=time_varying.groups,
        attribute_groups=attributes.groups,
        unit=unit,
        never_negative=is_never_negative,
        factors=factors,
        levels=_grown_levels(attributes, (levels / unit).astype(np.float32), len(set(items.tolist()))),
    )


def _grown_levels(attributes: FeatureColumns, targets: Features, item_count: int) -> list[str]:
    """Trees of each of ``_LEVELS``, from rows of ``item_count`` items and their ``targets`` [row]."""
    leaf = {"min_data_in_leaf": max(1, int(_ITEMS_PER_LEAF * len(targets) / item_count))}
    return [
        grown(attributes.values, targets, attributes.categorical, _LEVEL_QUANTILES | leaf | {"alpha": level})
        for level in _LEVELS
    ]


def _observed(panel: Panel, first: int) -> tuple[Indices, Indices]:
    """Items and periods [row] of observed values from ``first`` on, thinned out to a bounded number."""
    items, periods = np.nonzero(~np.isnan(panel.target[:, first:]))
    every = max(1, -(-len(items) // _ROWS))
    return items[::every], periods[::every] + first


def _grown_factors(panel: Panel, table: FeatureTable) -> str | None:
    items, periods = _observed(panel, 0)
    means = means_over_time(panel.target)
    usable = means[items] > 0
    items, periods = items[usable], periods[usable]
    features = table.time_varying_columns(items, periods).values
    if not len(items) or not features.shape[1]:
        return None
    shares = np.minimum(panel.target[items, periods] / means[items], _LARGEST_SHARE)
    return grown(features, shares.astype(np.float32), [], _FACTORS)


def _factors(trees: Trees | None, features: Features) -> Array:
    """The factors [row] of periods with such features; 1 without trees."""
    return np.maximum(trees.predict(features), _SMALLEST_FACTOR) if trees else np.ones(len(features))


def _shared_categories(panel: Panel) -> dict[str, tuple[str, ...] | None]:
    """The categories of each attribute that several items have, in the order of items; None where it is a number."""
    shared: dict[str, tuple[str, ...] | None] = {}
    for name, values in panel.covariates.attributes.items():
        if values.dtype.kind == "U":
            counts = Counter(str(value) for value in values if value != "")
            shared[name] = tuple(one for one in counts if counts[one] >= _ITEMS_PER_CATEGORY)
        else:
            shared[name] = None
    return shared


@dataclass(frozen=True)
class ColdStart:
    """The trees at work, for items whose target is unknown."""

    layout: Layout
    time_varying_groups: list[str]
    attribute_groups: list[str]
    unit: float
    lowest: float
    factors: Trees | None
    levels: list[Trees]

    @classmethod
    def of(cls, fit: ColdStartFit) -> "ColdStart":
        """A fit at work."""
        return cls(
            layout=fit.layout,
            time_varying_groups=fit.time_varying_groups,
            attribute_groups=fit.attribute_groups,
            unit=fit.unit,
            lowest=0.0 if fit.never_negative else -np.inf,
            factors=None if fit.factors is None else Trees(fit.factors),
            levels=[Trees(text) for text in fit.levels],
        )

    def items(self, panel: Panel) -> Indices:
        """Positions of the items that have an attribute but no history, ascending."""
        described = FeatureTable(panel, self.layout, 0).described()
        return np.flatnonzero(described & np.isnan(panel.target).all(axis=1))

    def forecast(self, panel: Panel, items: Indices, horizon: int, levels: Array) -> tuple[Array, Array]:
        """Quantiles [item, step, level] and mean [item, step] of some items of the panel, behind its grid.

        Between the trees' levels and beyond them quantiles lie on lines through the trees' quantiles, drawn over the
        quantiles of the normal distribution.
        """
        attributes, time_varying = self._features(panel, items, horizon)
        predicted = np.stack([trees.predict(attributes) for trees in self.levels], axis=1)
        known = np.maximum(np.sort(predicted, axis=1) * self.unit, self.lowest)  # [item, level]
        factors = _factors(self.factors, time_varying).reshape(len(items), horizon)
        quantiles = np.maximum(_on_lines(known, levels), self.lowest)
        return factors[:, :, None] * quantiles[:, None, :], factors * known.mean(axis=1)[:, None]

    def impacts(self, panel: Panel, items: Indices, horizon: int, groups: list[str]) -> Array:
        """Shapley values [item, step, group] in units of the target, for value = median level * factor.

        Impact = impact on the level * factor + impact on the factor * level.
        """
        attributes, time_varying = self._features(panel, items, horizon)
        trees = self.levels[_MEDIAN]
        by_level = trees.impacts(attributes, self.attribute_groups, groups) * self.unit  # [item, group]
        factors = _factors(self.factors, time_varying).reshape(len(items), horizon)
        impacts = factors[:, :, None] * by_level[:, None, :]
        if self.factors is not None:
            by_factor = self.factors.impacts(time_varying, self.time_varying_groups, groups).reshape(impacts.shape)
            impacts += by_factor * (trees.predict(attributes) * self.unit)[:, None, None]
        return impacts

    def _features(self, panel: Panel, items: Indices, horizon: int) -> tuple[Features, Features]:
        """Attributes [item, column] and time-varying features [item * step, column]."""
        table = FeatureTable(panel, self.layout, horizon)
        periods = np.tile(np.arange(panel.grid.length, panel.grid.length + horizon), len(items))
        time_varying = table.time_varying_columns(np.repeat(items, horizon), periods)
        return table.attribute_columns(items).values, time_varying.values


def _on_lines(known: Array, levels: Array) -> Array:
    """Quantiles [row, level] from those at ``_LEVELS`` [row, 5]."""
    normal = NormalDist()
    known_scores = np.array([normal.inv_cdf(level) for level in _LEVELS])
    scores = np.array([normal.inv_cdf(float(level)) for level in levels])
    left = np.clip(np.searchsorted(known_scores, scores) - 1, 0, len(known_scores) - 2)
    share = (scores - known_scores[left]) / (known_scores[left + 1] - known_scores[left])
    return known[:, left] + share * (known[:, left + 1] - known[:, left])
