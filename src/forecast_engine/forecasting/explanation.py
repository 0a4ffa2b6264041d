"""What covariates did to a forecast: the global model's Shapley values, by how much that model counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.members import Ensemble
from forecast_engine.ensemble.weights import weights_of
from forecast_engine.global_model import ColdStart, GlobalModel, group
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import TrainingSettings
from forecast_engine.state import State


@dataclass(frozen=True)
class Explanation:
    """``impacts`` [item, step, name] in units of the target; 0 for what the forecast does not depend on.

    Step 0 is the first period behind the grid. ``names``: related series, then calendar series, then attributes.
    """

    item_ids: list[str]
    names: tuple[str, ...]
    impacts: Array


def explain(panel: Panel, settings: TrainingSettings, state: State, shared: dict[str, Any]) -> Explanation:
    """How much each covariate moves the forecast of each item and step away from the model's mean prediction.

    Takes what ``forecast`` takes, and refuses what it refuses. The Shapley values of one item and step cost 1 to 2 ms.
    """
    ensemble = Ensemble.of(panel, settings, shared)
    ensemble.require_trained(shared)
    covariates = panel.covariates
    kinds = (("related", covariates.related), ("calendar", covariates.calendar), ("attribute", covariates.attributes))
    names = tuple(name for _, series in kinds for name in series)
    groups = [group(kind, name) for kind, series in kinds for name in series]
    impacts = np.zeros((len(panel.item_ids), settings.horizon, len(names)))
    if groups and shared["global_model"] is not None:
        model = GlobalModel.from_document(shared["global_model"], "final")
        weights = _global_weights(panel, ensemble, state, shared)
        impacts = weights[:, None, None] * model.impacts(panel, settings.horizon, groups)
    if groups and shared["cold_start"] is not None:
        newcomers = ColdStart.from_document(shared["cold_start"])
        items = newcomers.items(panel)
        impacts[items] = newcomers.impacts(panel, items, settings.horizon, groups)
    return Explanation(panel.item_ids, names, impacts)


def _global_weights(panel: Panel, ensemble: Ensemble, state: State, shared: dict[str, Any]) -> Array:
    """How much the global model counts for each item [item], where it has points."""
    if ensemble.only_global:
        return np.ones(len(panel.item_ids))
    is_intermittent = ensemble.portfolio.is_intermittent(panel.target)
    weights: Array = weights_of(panel.item_ids, is_intermittent, state, shared)[
        -1
    ]  # the global model is the last member
    return weights
