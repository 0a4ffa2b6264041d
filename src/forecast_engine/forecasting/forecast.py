"""Forecasts and backtest results from what a training left behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.members import GLOBAL_MEMBER, Ensemble, moved
from forecast_engine.ensemble.weights import mixed, trained_items, weights_of
from forecast_engine.forecasting.diagnostics import NEW_ITEM, reasons
from forecast_engine.global_model import ColdStart
from forecast_engine.intervals.conformity_scores import TABLE_LEVELS, step_groups
from forecast_engine.intervals.demand_table import RatioTables, expected_demand
from forecast_engine.intervals.quantiles import item_quantiles
from forecast_engine.intervals.widths import typical_change
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import TrainingSettings
from forecast_engine.state import State


@dataclass(frozen=True)
class Forecast:
    """``quantiles`` [item, step, quantile], monotone in ``quantile_levels`` (ascending); ``mean`` [item, step] or None.

    Step 0 is period ``first_index`` of the grid. ``weights`` [member, item] tell how much every member counts for each
    item and sum to 1; ``members`` are model, period and transform of each; ``notes`` say what is special about an
    item's history, "" if nothing.
    """

    item_ids: list[str]
    first_index: int
    quantile_levels: tuple[float, ...]
    quantiles: Array
    mean: Array | None
    members: list[list[Any]]
    weights: Array
    notes: list[str]

    @property
    def models(self) -> list[dict[str, float]]:
        """For each item how much every model counts, all of its members together."""
        return [_model_shares(self.members, weights) for weights in self.weights.T]


def forecast(
    panel: Panel,
    settings: TrainingSettings,
    state: State,
    shared: dict[str, Any],
    *,
    quantiles: tuple[float, ...] | None = None,
    include_mean: bool | None = None,
) -> Forecast:
    """Forecast the horizon behind the panel's grid, which may hold newer data and items unknown at training.

    ValueError where an earlier version trained with other members than this one has: its weights fit none of them.
    """
    levels = np.array(sorted(settings.quantiles if quantiles is None else quantiles))
    ensemble = Ensemble.of(panel, settings, shared)
    ensemble.require_trained(shared)
    is_intermittent = ensemble.portfolio.is_intermittent(panel.target)
    usual = ensemble.portfolio.without_outliers(panel.target)
    member_points, movement = ensemble.points(panel, usual, settings.horizon)
    points, weights = mixed(weights_of(panel.item_ids, is_intermittent, state, shared), member_points)
    scores = _score_table(shared, levels)[is_intermittent.astype(int)][:, step_groups(settings.horizon)]
    season_length = panel.grid.frequency.season_length
    width = typical_change(usual, season_length) * _difficulty_of(panel.item_ids, state, shared)
    values, mean = item_quantiles(
        history=panel.target,
        points=points,
        width=width,
        scores=scores,
        is_intermittent=is_intermittent,
        movement=moved(movement, ensemble.members, weights),
        expected=expected_demand(panel.target, ensemble.demand(member_points), is_intermittent, season_length),
        demand_tables=RatioTables.of([shared["demand_table"]]).at(levels),
        table_of=np.zeros(len(is_intermittent), dtype=np.int64),
        season_length=season_length,
        levels=levels,
    )
    members = ensemble.members
    notes = reasons(panel, settings.horizon, is_intermittent)
    if shared["cold_start"] is not None:
        newcomers = ColdStart.from_document(shared["cold_start"])
        items = newcomers.items(panel)
        values[items], mean[items] = newcomers.forecast(panel, items, settings.horizon, levels)
        members, weights = _by_the_global_model(members, weights, items)
        for item in items:
            notes[item] = NEW_ITEM
    with_mean = settings.include_mean if include_mean is None else include_mean
    return Forecast(
        item_ids=panel.item_ids,
        first_index=panel.grid.length,
        quantile_levels=tuple(float(level) for level in levels),
        quantiles=values,
        mean=mean if with_mean else None,
        members=members,
        weights=weights,
        notes=notes,
    )


def _difficulty_of(item_ids: list[str], state: State, shared: dict[str, Any]) -> Array:
    """Factors [item] from training, that of a typical item for those that it did not see."""
    factors = np.full(len(item_ids), float(shared["difficulty"]))
    for item, position in trained_items(item_ids, state):
        factors[item] = state["difficulty"][position]
    return factors


def _score_table(shared: dict[str, Any], levels: Array) -> Array:
    """Scores [kind, step group, level] at the levels asked for."""
    return np.array([[np.interp(levels, TABLE_LEVELS, row) for row in kind] for kind in shared["scores"]])


def _by_the_global_model(
    members: list[list[Any]], weights: Array, items: NDArray[np.int64]
) -> tuple[list[list[Any]], Array]:
    """Members and weights [member, item] where the global model alone forecasts some items."""
    if GLOBAL_MEMBER not in members:
        members, weights = [*members, GLOBAL_MEMBER], np.concatenate([weights, np.zeros((1, weights.shape[1]))])
    weights[:, items] = np.array([[float(member == GLOBAL_MEMBER)] for member in members])
    return members, weights


def _model_shares(members: list[list[Any]], weights: Array) -> dict[str, float]:
    shares: dict[str, float] = {}
    for (model, *_), weight in zip(members, weights, strict=True):
        shares[model] = shares.get(model, 0.0) + float(weight)
    return shares
