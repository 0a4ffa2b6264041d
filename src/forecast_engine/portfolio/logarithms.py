"""Theta on logarithms: for growth by a constant factor."""

import numpy as np

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.theta import LOGARITHM_DRIFT_SHARE, DynamicTheta
from forecast_engine.portfolio.decomposition import Deseasonalised

_GROWTH_LIMIT = 0.3  # logarithms may leave the range of the history by this share of it: growth does not last


def logarithm_points(season: Deseasonalised, as_it_is: Array) -> Array:
    """Points of Theta on logarithms; series that are not above zero throughout keep those of ``as_it_is``."""
    block = season.block
    present = block.present()
    positive = np.flatnonzero(np.where(present, block.values, 1.0).min(axis=1) > 0)
    if not len(positive):
        return as_it_is
    present = present[positive]
    values = np.log(np.where(present, block.values[positive], 1.0))
    model = DynamicTheta(drift_share=LOGARITHM_DRIFT_SHARE)
    logarithms = model.forecast(Block(values, block.starts[positive]), as_it_is.shape[1])
    highest = np.where(present, values, -np.inf).max(axis=1)
    lowest = np.where(present, values, np.inf).min(axis=1)
    limit = highest + _GROWTH_LIMIT * (highest - lowest)
    points = np.zeros(as_it_is.shape)
    points[positive] = np.exp(np.minimum(logarithms, limit[:, None]))
    found = as_it_is.copy()
    found[positive] = season.restore(points)[positive]
    return found
