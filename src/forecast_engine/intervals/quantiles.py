"""From points to quantiles: monotone, and never below zero where the history never was."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.intervals.demand_table import ExpectedDemand, RatioTables
from forecast_engine.models.sampling import Sampling
from forecast_engine.panel.demand_class import never_negative


@dataclass(frozen=True)
class IntermittentDemand:
    """What the quantiles of intermittent items are made of; other items have entries that nothing reads."""

    is_intermittent: NDArray[np.bool_]  # [item]
    covariate_factors: Array  # [item, step]: of quantiles of the item's own past
    expected_demand: ExpectedDemand  # [item, step]
    ratio_tables: RatioTables  # at the levels asked for
    table_of: NDArray[np.int64]  # [item]: the one of ``ratio_tables`` that serves it
    sampling: Sampling  # of the item's own past

    def quantiles(self, history: Array, levels: Array) -> Array:
        """Quantiles [intermittent item, step, level]: NPTS's own of ``history`` [item, time], blended with the tables'.

        NPTS's are multiplied by the covariate factors.
        """
        items = self.is_intermittent
        past = self.sampling.quantiles(history[items], self.covariate_factors.shape[1], levels)
        past *= self.covariate_factors[items][:, :, None]
        return self.ratio_tables.blended(past, self.expected_demand.of_items(items), self.table_of[items])


@dataclass(frozen=True)
class Floor:
    """The forecast of ``items`` [item] that stand on the floor; other items have entries that nothing reads.

    ``points`` [item, step] are seasonal naive's, ``conformal`` [item, step, level] the distances of the quantiles.
    """

    items: NDArray[np.bool_]
    points: Array
    conformal: Array

    def points_over(self, points: Array) -> Array:
        """``points`` [item, step] of the mixture, and the floor's where an item stands on it."""
        return np.where(self.items[:, None], self.points, points)

    def conformal_over(self, conformal: Array) -> Array:
        """The same of ``conformal`` [item, step, level]."""
        return np.where(self.items[:, None, None], self.conformal, conformal)

    def demand_over(self, demand: IntermittentDemand) -> IntermittentDemand:
        """Items on the floor have no quantiles of past demand."""
        return replace(demand, is_intermittent=demand.is_intermittent & ~self.items)


def item_quantiles(
    *,
    history: Array,
    points: Array,
    conformal: Array,
    demand: IntermittentDemand,
    floor: Floor,
    levels: Array,
) -> tuple[Array, Array]:
    """Quantiles [item, step, level] in the order of ``levels``, and the mean [item, step].

    ``history`` [item, time]; ``points`` [item, step]; ``conformal`` [item, step, level] is the distance of each
    quantile from its point. Intermittent items take the quantiles of ``demand`` instead, items on the ``floor`` its
    points and distances.
    """
    points, demand = floor.points_over(points), floor.demand_over(demand)
    quantiles = points[:, :, None] + floor.conformal_over(conformal)
    quantiles[demand.is_intermittent] = demand.quantiles(history, levels)
    lowest = np.where(never_negative(history), 0.0, -np.inf)
    return _monotone(np.maximum(quantiles, lowest[:, None, None]), levels), np.maximum(points, lowest[:, None])


def with_closed_steps(closed: NDArray[np.bool_], quantiles: Array, mean: Array) -> tuple[Array, Array]:
    """``quantiles`` [item, step, level] and ``mean`` [item, step], 0 where a step is ``closed`` [item, step]."""
    return np.where(closed[:, :, None], 0.0, quantiles), np.where(closed, 0.0, mean)


def _monotone(quantiles: Array, levels: Array) -> Array:
    """Sort along the levels, whatever order these are in."""
    order = np.argsort(levels, kind="stable")
    sorted_quantiles = np.empty_like(quantiles)
    sorted_quantiles[:, :, order] = np.sort(quantiles[:, :, order], axis=2)
    return sorted_quantiles
