"""Which class of demand a series is of, and what that rules out."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array

# Series are pooled with their like; intermittent ones have quantiles of their own past and of the demand table.
DEMAND_CLASSES = ("smooth", "intermittent")


def never_negative(history: Array) -> NDArray[np.bool_]:
    """[item]: series whose ``history`` [item, time] holds no value below zero."""
    return np.logical_not(np.any(history < 0, axis=1))  # NaN compares as not below
