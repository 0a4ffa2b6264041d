"""Many series prepared for looking back from any period of any of them: values, means, scales."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Series:
    """Histories [item, time] as features see them; what comes out for an item depends on that item alone.

    ``values`` carry the last observation over gaps and are NaN before ``starts`` [item], the first observation.
    """

    values: Array
    starts: Indices
    _first: Array  # [item]: taken off before summing, which keeps sums small and those of constants exact
    _sums: Array  # [item, time + 1] of values less the first one, before each period
    _differences: dict[int, Array]  # by lag, [item, time + 1]: sums of absolute differences before each period
    _phase_sums: dict[
        int, Array
    ]  # by season, [item, time] of values less the first one: of each and those of its phase

    @classmethod
    def of(cls, history: Array, lags: tuple[int, ...] = (), seasons: tuple[int, ...] = ()) -> "Series":
        """Prepare a history [item, time] with NaN where unobserved.

        ``scale`` needs 1 and its season among the ``lags``, ``phase_mean`` its own among the ``seasons``.
        """
        values, starts = carried_on(history)
        first = values[np.arange(len(values)), np.minimum(starts, history.shape[1] - 1)]
        first = np.where(np.isnan(first), 0.0, first)
        sums = _sums_before(values - first[:, None])
        differences = {lag: _sums_before(_absolute_differences(values, lag)) for lag in set(lags)}
        phase_sums = {season: _phase_sums(values - first[:, None], season) for season in seasons}
        return cls(values, starts, first, sums, differences, phase_sums)

    def at(self, items: Indices, periods: Indices) -> Array:
        """Values [row]; NaN before an item's start."""
        inside = (periods >= 0) & (periods < self.values.shape[1])
        return np.where(inside, self.values[items, np.where(inside, periods, 0)], np.nan)

    def mean(self, items: Indices, ends: Indices, width: int) -> Array:
        """Means [row] of up to ``width`` values before ``ends``; NaN where there is none."""
        begins = np.maximum(ends - width, self.starts[items])
        count = ends - begins
        total = self._sums[items, ends] - self._sums[items, np.minimum(begins, ends)]
        return np.where(count > 0, self._first[items] + total / np.maximum(count, 1), np.nan)

    def phase_mean(self, items: Indices, latest: Indices, season: int, cycles: int) -> Array:
        """Means [row] of up to ``cycles`` values, ``season`` apart, the last one ``latest``; NaN without any."""
        sums = self._phase_sums[season]
        count = np.minimum((latest - self.starts[items]) // season + 1, cycles)
        known = (latest >= 0) & (count > 0)
        before = latest - count * season
        total = sums[items, np.where(known, latest, 0)]
        total = total - np.where(known & (before >= 0), sums[items, np.where(known, before, 0)], 0.0)
        return np.where(known, self._first[items] + total / np.maximum(count, 1), np.nan)

    def scale(self, items: Indices, ends: Indices, season_length: int) -> Array:
        """Mean absolute difference [row] over a season before ``ends``, over one period where that is 0 or unknown."""
        seasonal = self._mean_difference(items, ends, season_length)
        return np.where(seasonal > 0, seasonal, self._mean_difference(items, ends, 1))

    def latest_difference(self, items: Indices, ends: Indices, lag: int, width: int) -> Array:
        """Mean absolute difference [row] over ``lag`` of up to ``width`` periods before ``ends``; NaN without any."""
        begins = np.maximum(ends - width, self.starts[items] + lag)
        count = ends - begins
        total = self._differences[lag][items, ends] - self._differences[lag][items, np.minimum(begins, ends)]
        return np.where(count > 0, np.maximum(total, 0.0) / np.maximum(count, 1), np.nan)

    def _mean_difference(self, items: Indices, ends: Indices, lag: int) -> Array:
        count = ends - self.starts[items] - lag
        return np.where(count > 0, self._differences[lag][items, ends] / np.maximum(count, 1), 0.0)


def carried_on(history: Array) -> tuple[Array, Indices]:
    """``values`` and ``starts`` of a ``Series`` of the history [item, time]."""
    observed = ~np.isnan(history)
    starts = np.where(observed.any(axis=1), observed.argmax(axis=1), history.shape[1])
    periods = np.arange(history.shape[1])
    if (observed == (periods >= starts[:, None])).all():
        return history.copy(), starts
    last = np.maximum.accumulate(np.where(observed, periods, -1), axis=1)
    values = np.take_along_axis(history, np.maximum(last, 0), axis=1)
    values[last < 0] = np.nan
    return values, starts


def _absolute_differences(values: Array, lag: int) -> Array:
    differences = np.full(values.shape, np.nan)
    differences[:, lag:] = np.abs(values[:, lag:] - values[:, :-lag])
    return differences


def _sums_before(values: Array) -> Array:
    """[item, time + 1]: sums of the values before each period, added one by one; NaN counts as 0."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(np.where(np.isnan(values), 0.0, values), axis=1, out=sums[:, 1:])
    return sums


def _phase_sums(values: Array, season: int) -> Array:
    """[item, time]: sums of each value and all of its phase before it, added one by one; NaN counts as 0."""
    length = values.shape[1]
    padded = np.zeros((len(values), -(-length // season) * season))
    padded[:, :length] = np.where(np.isnan(values), 0.0, values)
    return np.cumsum(padded.reshape(len(values), -1, season), axis=1).reshape(padded.shape)[:, :length]
