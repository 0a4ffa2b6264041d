"""What errors of a series are measured in, MASE's scale among others: its differences over one season."""

import numpy as np

from forecast_engine.arrays.reductions import Array


def seasonal_scale(history: Array, season_length: int) -> float | None:
    """mean |y_t - y_(t-m)| over the history; m is 1 where the history is not longer than a season.

    None where there is no pair or the scale is 0, so that nothing can be measured against it.
    """
    known = np.flatnonzero(~np.isnan(history))
    observed = history[known[0] :] if len(known) else history[:0]  # seasons count from the first observation
    lag = season_length if len(observed) > season_length else 1
    differences = np.abs(observed[lag:] - observed[:-lag])
    differences = differences[~np.isnan(differences)]
    scale = float(np.mean(differences)) if len(differences) else 0.0
    return scale if scale > 0 else None


def seasonal_differences(history: Array, season_length: int) -> tuple[Array, Array]:
    """Mean absolute and root mean squared difference over one season, both [item].

    Over one period where the history is not longer than a season; 0 without any pair. NaN breaks its pairs.
    """
    absolute, squared = _difference_means(history, 1)
    if season_length > 1:
        long_enough = (~np.isnan(history)).argmax(axis=1) + season_length < history.shape[1]
        seasonal_absolute, seasonal_squared = _difference_means(history, season_length)
        absolute = np.where(long_enough, seasonal_absolute, absolute)
        squared = np.where(long_enough, seasonal_squared, squared)
    return absolute, np.sqrt(squared)


def _difference_means(history: Array, lag: int) -> tuple[Array, Array]:
    differences = history[:, lag:] - history[:, :-lag]
    known = ~np.isnan(differences)
    count = np.maximum(known.sum(axis=1), 1)
    differences = np.where(known, differences, 0.0)
    return np.abs(differences).sum(axis=1) / count, (differences**2).sum(axis=1) / count
