"""A predictor forecasts a panel: points, quantiles, and what made them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.members import GLOBAL_MEMBER, Ensemble, weighted_covariate_factors
from forecast_engine.ensemble.weights import combine
from forecast_engine.evaluation.windows import is_short
from forecast_engine.forecasting.closed_notes import closed_note
from forecast_engine.forecasting.diagnostics import (
    BORROWED_WIDTH,
    GUESSED_WIDTH,
    NEW_ITEM,
    ON_THE_FLOOR,
    WORSE_THAN_NAIVE,
    reasons,
)
from forecast_engine.global_model import ColdStart
from forecast_engine.intervals.demand_table import expected_demand
from forecast_engine.intervals.quantiles import IntermittentDemand, item_quantiles, with_closed_steps
from forecast_engine.intervals.short_histories import short_levels
from forecast_engine.intervals.widths import change_scale
from forecast_engine.models.seasonal_naive import naive_points
from forecast_engine.panel.open_history import OpenHistory, open_history
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.portfolio import Member
from forecast_engine.training.results import Predictor


@dataclass(frozen=True)
class Forecast:
    """``quantiles`` [item, step, quantile], monotone in ``quantile_levels`` (ascending); ``mean`` [item, step] or None.

    Step 0 is period ``first_index`` of the grid. ``weights`` [member, item] tell how much every one of ``members``
    counts for each item and sum to 1; ``notes`` say what is special about an item's history, "" if nothing.
    """

    item_ids: list[str]
    first_index: int
    quantile_levels: tuple[float, ...]
    quantiles: Array
    mean: Array | None
    members: tuple[Member, ...]
    weights: Array
    notes: list[str]

    @property
    def models(self) -> list[dict[str, float]]:
        """For each item how much every model counts, all of its members together."""
        return [_model_shares(self.members, weights) for weights in self.weights.T]


def forecast(
    panel: Panel,
    predictor: Predictor,
    *,
    quantiles: tuple[float, ...] | None = None,
    include_mean: bool | None = None,
) -> Forecast:
    """Forecast the horizon after the panel's grid, which may hold newer data and items unknown at training.

    ``quantiles`` and ``include_mean`` are those of the predictor's settings if None. ValueError where an earlier
    version trained with other members than this one has: its weights fit none of them.
    """
    settings = predictor.settings
    levels = np.array(sorted(settings.quantiles if quantiles is None else quantiles))
    result = _from_history(panel, predictor, levels)
    if predictor.shared.fitted.cold_start is not None:
        result = _with_new_items(result, panel, ColdStart.of(predictor.shared.fitted.cold_start), levels)
    with_mean = settings.include_mean if include_mean is None else include_mean
    return result if with_mean else replace(result, mean=None)


def _from_history(panel: Panel, predictor: Predictor, levels: Array) -> Forecast:
    """The forecast of all items by the members, each from its own history."""
    horizon, season_length = predictor.settings.horizon, panel.grid.frequency.season_length
    ensemble = Ensemble.of(panel, predictor.settings, predictor.shared.fitted.global_model)
    ensemble.require(predictor.shared.member_errors.members)
    history = open_history(panel, panel.grid.length, horizon)
    is_intermittent = ensemble.portfolio.is_intermittent(history.values)
    cleaned_history = ensemble.portfolio.without_outliers(history.values)
    member_points, covariate_factors = ensemble.points(panel, history, cleaned_history, horizon)
    points, weights = combine(predictor.weights(panel.item_ids, is_intermittent), member_points)
    global_points = ensemble.global_points(member_points)
    demand = IntermittentDemand(
        is_intermittent,
        weighted_covariate_factors(covariate_factors, ensemble.members, weights),
        expected_demand(history.values, global_points, is_intermittent, season_length),
        predictor.shared.tables.ratios.at(levels),
        table_of=np.zeros(len(is_intermittent), dtype=np.int64),
        sampling=ensemble.portfolio.sampling,
    )
    scale = _interval_scale(panel, predictor, history, cleaned_history)
    naive = naive_points(history.filled(cleaned_history), season_length, horizon)
    quantiles, mean = item_quantiles(
        history=history.filled(history.values),
        points=points,
        conformal=predictor.conformal(panel.item_ids, is_intermittent, scale, levels),
        demand=demand,
        floor=predictor.floor(panel.item_ids, is_intermittent, naive, scale, levels),
        levels=levels,
    )
    quantiles, mean = with_closed_steps(history.closed_steps, quantiles, mean)
    return Forecast(
        item_ids=panel.item_ids,
        first_index=panel.grid.length,
        quantile_levels=tuple(float(level) for level in levels),
        quantiles=quantiles,
        mean=mean,
        members=ensemble.members,
        weights=weights,
        notes=_notes(panel, history, predictor, is_intermittent),
    )


def _interval_scale(panel: Panel, predictor: Predictor, history: OpenHistory, cleaned_history: Array) -> Array:
    """[item]: the change scale of ``cleaned_history`` [item, time], and for short histories what the panel says."""
    own, counts = change_scale(cleaned_history, panel.grid.frequency.season_length), (~np.isnan(history.values)).sum(1)
    return predictor.shared.tables.member_errors.scale_of(own, short_levels(history.values), counts)


def _notes(panel: Panel, history: OpenHistory, predictor: Predictor, is_intermittent: NDArray[np.bool_]) -> list[str]:
    """What is special about each item: what is closed, what is special about its open periods, who forecasts it."""
    worse, has_floor = predictor.worse(panel.item_ids, is_intermittent), predictor.settings.has_floor
    notes = reasons(history.open_panel(panel), predictor.settings.horizon, is_intermittent & ~(worse & has_floor))
    for number in np.flatnonzero(worse & ~np.isnan(panel.target).all(axis=1)):
        verdict = ON_THE_FLOOR if has_floor else WORSE_THAN_NAIVE
        notes[number] = "; ".join(note for note in (notes[number], verdict) if note)
    width = BORROWED_WIDTH if predictor.shared.tables.member_errors.beginnings.is_known else GUESSED_WIDTH
    for number in np.flatnonzero(is_short(history.values) & ~is_intermittent):
        notes[number] = "; ".join(note for note in (notes[number], width) if note)
    for item, closed in history.reasons.items():
        notes[item] = "; ".join(note for note in (closed_note(closed), notes[item]) if note)
    return notes


def _with_new_items(result: Forecast, panel: Panel, cold_start: ColdStart, levels: Array) -> Forecast:
    """The same forecast, but of items without history from what items with like attributes sold."""
    items = cold_start.items(panel)
    quantiles, mean = cold_start.forecast(panel, items, result.quantiles.shape[1], levels)
    result.quantiles[items] = quantiles
    if result.mean is not None:
        result.mean[items] = mean
    for item in items:
        result.notes[item] = NEW_ITEM
    members, weights = _by_the_global_model(result.members, result.weights, items)
    return replace(result, members=members, weights=weights)


def _by_the_global_model(
    members: tuple[Member, ...], weights: Array, items: NDArray[np.int64]
) -> tuple[tuple[Member, ...], Array]:
    """Members and weights [member, item] where the global model alone forecasts some items."""
    if GLOBAL_MEMBER not in members:
        members, weights = (*members, GLOBAL_MEMBER), np.concatenate([weights, np.zeros((1, weights.shape[1]))])
    weights[:, items] = np.array([[float(member == GLOBAL_MEMBER)] for member in members])
    return members, weights


def _model_shares(members: tuple[Member, ...], weights: Array) -> dict[str, float]:
    shares: dict[str, float] = {}
    for member, weight in zip(members, weights, strict=True):
        shares[member.model] = shares.get(member.model, 0.0) + float(weight)
    return shares
