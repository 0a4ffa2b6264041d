"""Theta on logarithms: for growth by a constant factor."""

import numpy as np

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.theta import LOGARITHM_DRIFT_SHARE, DynamicTheta
from forecast_engine.portfolio.decomposition import Decomposition

_GROWTH_LIMIT = 0.3  # of the history's range, in logarithms: points may lie so far above it; growth does not last


def logarithm_points(season: Decomposition, on_values: Array) -> Array:
    """Points [series, step] of Theta on logarithms; series with a value of zero or less keep those ``on_values``."""
    block = season.block
    present = block.present()
    positive = np.flatnonzero(np.where(present, block.values, 1.0).min(axis=1) > 0)
    if not len(positive):
        return on_values
    present = present[positive]
    values = np.log(np.where(present, block.values[positive], 1.0))
    model = DynamicTheta(drift_share=LOGARITHM_DRIFT_SHARE)
    logarithms = model.forecast(Block(values, block.starts[positive]), on_values.shape[1])
    highest = np.where(present, values, -np.inf).max(axis=1)
    lowest = np.where(present, values, np.inf).min(axis=1)
    limit = highest + _GROWTH_LIMIT * (highest - lowest)
    points = np.zeros(on_values.shape)
    points[positive] = np.exp(np.minimum(logarithms, limit[:, None]))
    combined = on_values.copy()
    combined[positive] = season.restore(points)[positive]
    return combined
