"""What covariates did to a forecast: the global model's Shapley values, by how much that model counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_engine.block import Array
from forecast_engine.ensemble import Ensemble
from forecast_engine.global_model import GlobalModel
from forecast_engine.models import GLOBAL_MODEL
from forecast_engine.panel import Panel
from forecast_engine.predictor import weights_of
from forecast_engine.round_state import State
from forecast_engine.settings import TrainingSettings
from forecast_engine.weights import mixed


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

    Takes what ``forecast`` takes. Shapley values of one row cost about 100 times its prediction.
    """
    covariates = panel.covariates
    names = (*covariates.related, *covariates.calendar, *covariates.attributes)
    impacts = np.zeros((len(panel.item_ids), settings.horizon, len(names)))
    document = shared.get("global_model")
    if document is not None and names:
        ensemble = Ensemble.of(panel, settings, shared)
        kinds = ensemble.portfolio.sampled(panel.target)
        weights = weights_of(panel.item_ids, kinds, state, shared)
        _, used = mixed(weights, ensemble.points(panel, settings.horizon))
        place = [model for model, *_ in ensemble.members].index(GLOBAL_MODEL)
        model = GlobalModel.from_document(document, "final")
        impacts = used[place][:, None, None] * model.impacts(panel, settings.horizon, names)
    return Explanation(panel.item_ids, names, impacts)
