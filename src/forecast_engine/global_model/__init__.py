"""The one model that learns across series: LightGBM on lags, phases, related series, calendars and attributes.

``sample`` and ``sampled_panel``  which items it is trained on, sent by the shards
``fit``                           two fits on them, as a JSON object
``GlobalModel``                   one of the fits at work
"""

from forecast_engine.global_model.fitting import fit
from forecast_engine.global_model.model import GlobalModel
from forecast_engine.global_model.sample import opening, sample

__all__ = ["GlobalModel", "fit", "opening", "sample"]
