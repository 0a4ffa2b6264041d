"""The one model that learns across series: LightGBM on lags, phases, related series, calendars and attributes.

``sample`` and ``sampled_panel``  which items it is trained on, sent by the shards
``fit``                           fits it twice on them, ``GlobalFits``, and once for items without history
``GlobalModel``, ``ColdStart``    the fits at work
``Demand``                        what the past of intermittent items tells
``pretrained``                    a fit on public series that ships with the package
"""

from forecast_engine.global_model import pretrained
from forecast_engine.global_model.cold_start import ColdStart
from forecast_engine.global_model.covariate_columns import group
from forecast_engine.global_model.demand import Demand
from forecast_engine.global_model.fits import GlobalFits
from forecast_engine.global_model.fitting import FittedModels, fit
from forecast_engine.global_model.model import GlobalModel
from forecast_engine.global_model.sample import initial_shared_state, sample

__all__ = [
    "ColdStart",
    "Demand",
    "FittedModels",
    "GlobalFits",
    "GlobalModel",
    "fit",
    "group",
    "initial_shared_state",
    "pretrained",
    "sample",
]
