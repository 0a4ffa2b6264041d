"""Seasonal autoregression: changes from season to season, each from all those of more than a week before it."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array, sums_over_time
from forecast_engine.models.autoregression import coefficients, shrunk_by_likelihood
from forecast_engine.models.seasonal_naive import SeasonalNaive

ORDER = 340  # the longest memory in periods: two weeks of hours, and a little more
_VALUES_PER_ORDER = 4  # that a series must have for each period of its memory


class SeasonalAutoregression:
    """d_t = a_1 d_(t-1) + ... + a_p d_(t-p) + e_t, where d_t = y_t - y_(t-s); points are seasonal naive plus changes.

    Its long memory tells what indices of a season cannot: how much of a change comes back tomorrow, and how much on the
    same day of next week. Coefficients solve the equations of Yule and Walker, by Levinson's recursion on the
    autocovariances, which are one Fourier transform; that costs less than Burg's method, and never explodes either.
    """

    name: ClassVar[str] = "seasonal_autoregression"

    def __init__(self, season_length: int, order: int = ORDER) -> None:
        """Orders 0 to ``order`` are averaged, as far as a series is long enough for them."""
        self.season_length = season_length
        self.order = order

    def forecast(self, block: Block, horizon: int) -> Array:
        """See ``Model.forecast``; series of at most one season have no changes and are repeated."""
        points: Array = SeasonalNaive(self.season_length).forecast(block, horizon).copy()
        changes = self._changes(block, horizon)
        for step in range(horizon):  # a step of the second season is as far from seasonal naive as all before it
            points[:, step] += sums_over_time(changes[:, step % self.season_length : step + 1 : self.season_length])
        return points

    def _changes(self, block: Block, horizon: int) -> Array:
        """Changes [series, step] over one season, behind the block's end."""
        season, width = self.season_length, block.values.shape[1]
        if width <= season + 1:
            return np.zeros((len(block.starts), horizon))
        starts = np.minimum(block.starts + season, width - 1)
        changes = block.values[:, season:] - block.values[:, :-season]
        changes = np.where(np.arange(season, width) >= (block.starts + season)[:, None], changes, 0.0)
        reflections = _reflections(changes, width - starts, self.order)
        oldest_first = coefficients(reflections)[:, ::-1]
        order = reflections.shape[1]
        known = min(order, changes.shape[1])
        path = np.zeros((len(changes), order + horizon))
        path[:, order - known : order] = changes[:, changes.shape[1] - known :]
        for step in range(horizon):
            path[:, order + step] = sums_over_time(oldest_first * path[:, step : order + step])
        return path[:, order:]


def _reflections(values: Array, counts: NDArray[np.int64], order: int) -> Array:
    """Reflection coefficients [series, lag] of ``values`` [series, time], of which the last ``counts`` are known."""
    longest = np.minimum(order, counts // _VALUES_PER_ORDER)
    covariances = _autocovariances(values, counts, longest)
    order = covariances.shape[1] - 1
    reflections, kept = np.zeros((len(values), order)), np.zeros((len(values), order))
    error = covariances[:, 0].copy()
    for lag in range(1, order + 1):
        explained = sums_over_time(kept[:, :lag] * covariances[:, lag - 1 :: -1])  # the last of ``kept`` is still 0
        usable = (error > 0) & (lag <= longest)
        reflection = np.where(usable, (covariances[:, lag] - explained) / np.where(error > 0, error, 1.0), 0.0)
        reflection = np.clip(reflection, -1.0, 1.0)
        shorter = kept[:, : lag - 1].copy()
        kept[:, : lag - 1] = shorter - reflection[:, None] * shorter[:, ::-1]
        kept[:, lag - 1] = reflection
        reflections[:, lag - 1] = reflection
        error *= 1 - reflection * reflection
    return shrunk_by_likelihood(reflections, covariances[:, 0] / counts, counts, longest)


def _autocovariances(values: Array, counts: NDArray[np.int64], longest: NDArray[np.int64]) -> Array:
    """Sums [series, lag] of the products of values as many periods apart, up to the ``longest`` lag of each series.

    Series of one size, a power of two, are transformed together: the size, and with it the last bit of a sum, may not
    depend on the neighbours in a block.
    """
    sizes = 2 ** np.ceil(np.log2(counts + longest)).astype(np.int64)  # with less, the ends would meet
    covariances = np.zeros((len(values), max(int(longest.max()), 1) + 1))
    for size in np.unique(sizes):
        chosen = np.flatnonzero(sizes == size)
        width = min(int(size), values.shape[1])
        latest = np.zeros((len(chosen), size))
        latest[:, size - width :] = values[chosen, values.shape[1] - width :]  # all end where the transform ends
        spectrum = np.fft.rfft(latest, axis=1)
        sums = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, int(size), axis=1)
        lags = min(sums.shape[1], covariances.shape[1])
        covariances[chosen, :lags] = sums[:, :lags]
    return covariances
