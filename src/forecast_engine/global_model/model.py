"""The global model at work: points, and what moved them, from the document that fitting left."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from forecast_engine.arrays.block import SERIES_PER_BLOCK
from forecast_engine.arrays.reductions import Array, means_over_time, sums_over_time
from forecast_engine.evaluation.windows import SHORTEST_TRAINING
from forecast_engine.global_model.demand import Demand, demand_features
from forecast_engine.global_model.features import FeatureTable, Layout
from forecast_engine.global_model.series import Indices
from forecast_engine.global_model.trees import Features, Trees
from forecast_engine.panel.demand_class import DEMAND_CLASSES, intermittent
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import Document

_INTERMITTENT = DEMAND_CLASSES[1]
_LEAST_DEMAND = 0.1  # of an item's mean: what is predicted to be less is as good as nothing, and no unit for a ratio
_LARGEST_MOVEMENT = 4.0


@dataclass(frozen=True)
class _Rows:
    """All steps of some items behind one origin, item by item; ``features`` [item * step, column]."""

    trees: Trees
    items: Indices
    centre: Array  # [item, step or 1]
    scale: Array  # [item, step or 1]: the model's unit
    features: Features


@dataclass(frozen=True)
class GlobalModel:
    """One of the two fits: the trees of each kind of series, None where a kind has none."""

    layout: Layout
    groups: list[str]
    demand_groups: list[str]  # of the columns for intermittent items
    trees: dict[str, Trees | None]

    @classmethod
    def from_document(cls, document: Document, fit: str) -> "GlobalModel":
        """``fit`` is "windows" or "final"."""
        trees = {kind: None if text is None else Trees(text) for kind, text in document[fit].items()}
        return cls(Layout.from_document(document["layout"]), document["groups"], document["demand_groups"], trees)

    def points(self, panel: Panel, origin: int, horizon: int, kinds: tuple[str, ...] = DEMAND_CLASSES) -> Array:
        """Points [item, step] of what lies behind ``origin``; NaN where an item has too little history before it.

        Of the target only what lies before the origin is looked at, of covariates all. NaN also for items of a kind
        of series that is not among ``kinds``.
        """
        points = np.full((len(panel.item_ids), horizon), np.nan)
        for rows in self._rows(panel, origin, horizon, kinds):
            predicted = rows.trees.predict(rows.features)
            points[rows.items] = _in_units(predicted.reshape(len(rows.items), horizon), rows)
        return points

    def covariate_factors(self, panel: Panel, origin: int, horizon: int) -> Array:
        """By which factor covariates known ahead move intermittent items [item, step], against their usual values.

        1 for other items, and where nothing is known ahead.
        """
        movement = np.ones((len(panel.item_ids), horizon))
        if not (any(self.layout.known_ahead.values()) or self.layout.calendar) or self.trees[_INTERMITTENT] is None:
            return movement
        usual_panel = _with_usual_covariates(panel, origin)
        known = self.points(panel, origin, horizon, (_INTERMITTENT,))
        usual = self.points(usual_panel, origin, horizon, (_INTERMITTENT,))
        least = _LEAST_DEMAND * means_over_time(panel.target[:, :origin])[:, None]
        ratio = np.maximum(known, least) / np.where(least > 0, np.maximum(usual, least), np.nan)
        return np.where(np.isnan(ratio), 1.0, np.clip(ratio, 1 / _LARGEST_MOVEMENT, _LARGEST_MOVEMENT))

    def impacts(self, panel: Panel, horizon: int, groups: list[str]) -> Array:
        """Shapley values [item, step, group] behind the grid's end, in units of the target; 0 without a point."""
        impacts = np.zeros((len(panel.item_ids), horizon, len(groups)))
        for kind in DEMAND_CLASSES:
            for rows in self._rows(panel, panel.grid.length, horizon, (kind,)):
                if kind == _INTERMITTENT:
                    values = _impacts_of_logarithms(rows, self.demand_groups, groups)
                else:
                    values = rows.trees.impacts(rows.features, self.groups, groups)
                impacts[rows.items] = values.reshape(len(rows.items), horizon, len(groups)) * rows.scale[:, :, None]
        return impacts

    def _rows(self, panel: Panel, origin: int, horizon: int, kinds: tuple[str, ...]) -> Iterator[_Rows]:
        """The rows of each kind of series that has trees."""
        table = FeatureTable(panel, self.layout, horizon)
        history = panel.target[:, :origin]
        long_enough = (~np.isnan(history)).sum(axis=1) >= SHORTEST_TRAINING
        kind_of = intermittent(history).astype(int)
        for name in kinds:
            of_kind = kind_of == DEMAND_CLASSES.index(name)
            trees, items = self.trees[name], np.flatnonzero(long_enough & of_kind)
            if trees is None or not len(items):
                continue
            if name == _INTERMITTENT:
                period = range(origin, origin + horizon)
                for first in range(0, len(items), SERIES_PER_BLOCK):
                    yield _demand_rows(panel, table, trees, items[first : first + SERIES_PER_BLOCK], period)
                continue
            origins = np.full(len(items), origin)
            steps = np.tile(np.arange(horizon), len(items))
            features = table.rows(np.repeat(items, horizon), np.repeat(origins, horizon), steps)
            centre, scale = table.centre(items, origins)[:, None], table.scale(items, origins)[:, None]
            yield _Rows(trees, items, centre, scale, features)


def _demand_rows(panel: Panel, table: FeatureTable, trees: Trees, items: Indices, period: range) -> _Rows:
    """Rows of intermittent items for all of a ``period``, from what lies before it."""
    horizon = len(period)
    season_length = panel.grid.frequency.season_length
    demand = Demand.of(panel.target[items, : period.start], season_length, period.start)
    places, steps = np.repeat(np.arange(len(items)), horizon), np.tile(np.arange(horizon), len(items))
    origins = np.full(len(places), period.start)
    means = demand.mean(places, origins, steps)
    past = demand.columns(means, places, origins, steps)
    features = demand_features(table, items[places], origins, steps, past)
    return _Rows(trees, items, np.zeros((len(items), 1)), means.reshape(len(items), horizon), features)


def _impacts_of_logarithms(rows: _Rows, columns: list[str], groups: list[str]) -> Array:
    """Shapley values [row, group] of trees that predict a logarithm, in shares of how far they move what they predict.

    They add up to prediction less e^(mean logarithm), as those of the other trees to prediction less mean prediction.
    """
    named = sorted(set(columns))
    values = rows.trees.impacts(rows.features, columns, named)  # of the logarithm
    total = sums_over_time(values)
    change = np.where(np.abs(total) > 1e-9, -np.expm1(-total) / np.where(total == 0, 1.0, total), 1.0)
    factor = rows.trees.predict(rows.features) * change
    chosen = [values[:, named.index(group)] if group in named else np.zeros(len(values)) for group in groups]
    return np.stack(chosen, axis=1) * factor[:, None]


def _in_units(predicted: Array, rows: _Rows) -> Array:
    """Predictions [item, step] in units of the target; a series that never changed stays what it was."""
    points: Array = rows.centre + rows.scale * predicted
    return points


def _with_usual_covariates(panel: Panel, origin: int) -> Panel:
    """The panel with each series' median before the origin in place of what is known of it at and behind the origin.

    The median, since it is a value that was there: of a promotion that is on or off the mean is neither.
    """
    covariates = panel.covariates
    related = {name: _continued(values, origin) for name, values in covariates.related.items()}
    calendar = {name: _continued(values[None], origin)[0] for name, values in covariates.calendar.items()}
    return replace(panel, covariates=replace(covariates, related=related, calendar=calendar))


def _continued(values: Array, origin: int) -> Array:
    """Series [item, time] that go on with their median, the lower one of two, from the origin on."""
    past = np.sort(values[:, :origin], axis=1)  # NaN comes last
    middle = np.maximum((~np.isnan(past)).sum(axis=1) - 1, 0) // 2
    usual = np.take_along_axis(past, middle[:, None], axis=1)
    return np.concatenate([values[:, :origin], np.repeat(usual, values.shape[1] - origin, axis=1)], axis=1)
