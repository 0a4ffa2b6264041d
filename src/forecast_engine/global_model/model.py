"""The global model at work: points, and what moved them, by one of the fits that training left."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from forecast_engine.arrays.block import SERIES_PER_BLOCK
from forecast_engine.arrays.reductions import Array, means_over_time, sums_over_time
from forecast_engine.evaluation.windows import SHORTEST_TRAINING
from forecast_engine.global_model.covariate_columns import Layout
from forecast_engine.global_model.demand import Demand, demand_features
from forecast_engine.global_model.features import FeatureTable
from forecast_engine.global_model.fits import FitName, GlobalFits
from forecast_engine.global_model.series import Indices
from forecast_engine.global_model.trees import Features, Trees, trees_of
from forecast_engine.panel.demand_class import DEMAND_CLASSES, INTERMITTENT, SMOOTH, intermittent
from forecast_engine.panel.panel import Panel

_LEAST_DEMAND = 0.1  # of an item's mean: a prediction of less counts as that much in a ratio
_LARGEST_FACTOR = 4.0


@dataclass(frozen=True)
class _Rows:
    """All steps of some items of a demand class behind one origin; ``features`` [item * step, column]."""

    demand_class: str
    trees: Trees
    items: Indices
    centre: Array  # [item, step or 1]
    scale: Array  # [item, step or 1]: the model's unit
    features: Features


@dataclass(frozen=True)
class GlobalModel:
    """One of the two fits: by demand class what columns are made of, and the trees, None where a class has none."""

    layout: Layout
    groups: dict[str, list[str]]
    trees: dict[str, Trees | None]

    @classmethod
    def of(cls, fits: GlobalFits, fit: FitName) -> "GlobalModel":
        """One of the two fits at work."""
        trees = {name: None if text is None else trees_of(text) for name, text in fits.trees(fit).items()}
        return cls(fits.layout, fits.groups, trees)

    def table(self, panel: Panel, horizon: int) -> FeatureTable:
        """The features that the trees know, of a panel; for any origin."""
        return FeatureTable(panel, self.layout, horizon)

    def points(
        self,
        panel: Panel,
        origin: int,
        horizon: int,
        demand_classes: tuple[str, ...] = DEMAND_CLASSES,
        table: FeatureTable | None = None,
    ) -> Array:
        """Points [item, step] of the periods from ``origin`` on; NaN where an item has too little history before it.

        Of the target only what lies before the origin is looked at, of covariates all. NaN also for items of other
        ``demand_classes``. ``table``: the panel's own, where it is there already.
        """
        points = np.full((len(panel.item_ids), horizon), np.nan)
        for rows in self._rows(
            panel, table or self.table(panel, horizon), range(origin, origin + horizon), demand_classes
        ):
            predicted = rows.trees.predict(rows.features).reshape(len(rows.items), horizon)
            points[rows.items] = rows.centre + rows.scale * predicted
        return points

    def covariate_factors(self, panel: Panel, origin: int, horizon: int) -> Array:
        """Covariate factors [item, step] of intermittent items: points / points with covariates at their medians.

        1 for other items, and where no covariate is known ahead.
        """
        factors = np.ones((len(panel.item_ids), horizon))
        if not (any(self.layout.known_ahead.values()) or self.layout.calendar) or self.trees[INTERMITTENT] is None:
            return factors
        points = self.points(panel, origin, horizon, (INTERMITTENT,))
        at_medians = self.points(_with_median_covariates(panel, origin), origin, horizon, (INTERMITTENT,))
        least = _LEAST_DEMAND * means_over_time(panel.target[:, :origin])[:, None]
        ratio = np.maximum(points, least) / np.where(least > 0, np.maximum(at_medians, least), np.nan)
        return np.where(np.isnan(ratio), 1.0, np.clip(ratio, 1 / _LARGEST_FACTOR, _LARGEST_FACTOR))

    def impacts(self, panel: Panel, horizon: int, groups: list[str]) -> Array:
        """Shapley values [item, step, group] behind the grid's end, in units of the target; 0 without a point."""
        impacts = np.zeros((len(panel.item_ids), horizon, len(groups)))
        periods = range(panel.grid.length, panel.grid.length + horizon)
        for rows in self._rows(panel, self.table(panel, horizon), periods, DEMAND_CLASSES):
            columns = self.groups[rows.demand_class]
            if rows.demand_class == INTERMITTENT:
                values = _impacts_of_logarithms(rows, columns, groups)
            else:
                values = rows.trees.impacts(rows.features, columns, groups)
            impacts[rows.items] = values.reshape(len(rows.items), horizon, len(groups)) * rows.scale[:, :, None]
        return impacts

    def _rows(
        self, panel: Panel, table: FeatureTable, periods: range, demand_classes: tuple[str, ...]
    ) -> Iterator[_Rows]:
        """The rows of each demand class that has trees."""
        history = panel.target[:, : periods.start]
        long_enough = (~np.isnan(history)).sum(axis=1) >= SHORTEST_TRAINING
        is_intermittent = intermittent(history)
        for name in demand_classes:
            trees = self.trees[name]
            items = np.flatnonzero(long_enough & (is_intermittent == (name == INTERMITTENT)))
            if trees is None or not len(items):
                continue
            if name == SMOOTH:
                yield _smooth_rows(table, trees, items, periods)
                continue
            for first in range(0, len(items), SERIES_PER_BLOCK):
                yield _demand_rows(panel, table, trees, items[first : first + SERIES_PER_BLOCK], periods)


def _smooth_rows(table: FeatureTable, trees: Trees, items: Indices, periods: range) -> _Rows:
    """Rows of smooth items: predictions are distances from their level, in units of their scale."""
    origin, horizon = periods.start, len(periods)
    origins, steps = np.full(len(items), origin), np.tile(np.arange(horizon), len(items))
    features = table.series_columns(np.repeat(items, horizon), np.repeat(origins, horizon), steps).values
    centre, scale = table.centre(items, origins)[:, None], table.scale(items, origins)[:, None]
    return _Rows(SMOOTH, trees, items, centre, scale, features)


def _demand_rows(panel: Panel, table: FeatureTable, trees: Trees, items: Indices, periods: range) -> _Rows:
    """Rows of intermittent items: predictions are ratios to the weighted means of demand before the ``periods``."""
    origin, horizon = periods.start, len(periods)
    demand = Demand.of(panel.target[items, :origin], panel.grid.frequency.season_length, origin)
    positions, steps = np.repeat(np.arange(len(items)), horizon), np.tile(np.arange(horizon), len(items))
    origins = np.full(len(positions), origin)
    means = demand.mean(positions, origins, steps)
    past = demand.columns(means, positions, origins, steps)
    features = demand_features(table, items[positions], origins, steps, past).values
    centre, scale = np.zeros((len(items), 1)), means.reshape(len(items), horizon)
    return _Rows(INTERMITTENT, trees, items, centre, scale, features)


def _impacts_of_logarithms(rows: _Rows, columns: list[str], groups: list[str]) -> Array:
    """Shapley values [row, group] of the ratio that trees predict whose own Shapley values are of its logarithm.

    With logarithm = base + sum(values): impact = value * (ratio - e^base) / sum(values), so that impacts add up to
    ratio - e^base.
    """
    named = list(dict.fromkeys(columns))
    values = rows.trees.impacts(rows.features, columns, named)  # of the logarithm
    total = sums_over_time(values)
    change = np.where(np.abs(total) > 1e-9, -np.expm1(-total) / np.where(total == 0, 1.0, total), 1.0)
    factor = rows.trees.predict(rows.features) * change
    chosen = [values[:, named.index(group)] if group in named else np.zeros(len(values)) for group in groups]
    return np.stack(chosen, axis=1) * factor[:, None]


def _with_median_covariates(panel: Panel, origin: int) -> Panel:
    """The panel whose covariates have their median before the origin in all periods from the origin on.

    The median, since it is a value that was there: of a promotion that is on or off the mean is neither.
    """
    covariates = panel.covariates
    related = {name: _continued_by_median(values, origin) for name, values in covariates.related.items()}
    calendar = {name: _continued_by_median(values[None], origin)[0] for name, values in covariates.calendar.items()}
    return replace(panel, covariates=replace(covariates, related=related, calendar=calendar))


def _continued_by_median(values: Array, origin: int) -> Array:
    """Series [item, time] whose values from the origin on are the median before it, the lower one of two."""
    past = np.sort(values[:, :origin], axis=1)  # NaN comes last
    middle = np.maximum((~np.isnan(past)).sum(axis=1) - 1, 0) // 2
    median = np.take_along_axis(past, middle[:, None], axis=1)
    return np.concatenate([values[:, :origin], np.repeat(median, values.shape[1] - origin, axis=1)], axis=1)
