"""Intervals of items with one to three observations: as wide as others' beginnings say, in shares of their level.

So short a history changes by nothing, or by chance: its change scale is zero, or a matter of luck. What followed the
first observations of the panel's other items tells how far off a level of so few is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.evaluation.windows import SHORTEST_TRAINING, is_short
from forecast_engine.intervals.widths import LogSum
from forecast_engine.settings import JsonObject

_COUNTS = range(1, SHORTEST_TRAINING)  # of observations of a short history
_LEAST_ERROR = 0.01  # of the level: an item that began as a constant says no more
_GUESSED_ERROR = 0.5  # of the level, where no other item tells; it counts as one item


@dataclass(frozen=True)
class BeginningErrors:
    """Errors of a level of the first 1, 2 and 3 observations: their logarithms, in shares of the level."""

    sums: list[LogSum]

    @classmethod
    def of(cls, history: Array, horizon: int, is_intermittent: NDArray[np.bool_]) -> "BeginningErrors":
        """Of the items of ``history`` [item, time] that are not ``is_intermittent``.

        The level is the mean of the first observations; its error the mean distance of the ``horizon`` periods that
        follow.
        """
        first = (~np.isnan(history)).argmax(axis=1)[:, None]
        sums = []
        for count in _COUNTS:
            columns = first + np.arange(count + horizon)
            inside = columns < history.shape[1]
            values = np.take_along_axis(history, np.where(inside, columns, 0), axis=1)
            values = np.where(inside, values, np.nan)
            levels = means_over_time(values[:, :count])
            errors = means_over_time(np.abs(values[:, count:] - levels[:, None]))
            known = ~np.isnan(errors) & (levels != 0) & ~is_intermittent
            shares = np.where(known, errors, 1.0) / np.where(known, np.abs(levels), 1.0)
            sums.append(LogSum.of(np.where(known, np.log(np.maximum(shares, _LEAST_ERROR)), np.nan)))
        return cls(sums)

    def __add__(self, other: "BeginningErrors") -> "BeginningErrors":
        """The sums of both shards, still exact."""
        return BeginningErrors([one + another for one, another in zip(self.sums, other.sums, strict=True)])

    @property
    def is_known(self) -> bool:
        """Whether any item tells."""
        return any(one.count for one in self.sums)

    def shares(self) -> Array:
        """[count - 1]: the error to expect behind a level of so many observations, in shares of that level."""
        guess = np.log(_GUESSED_ERROR)
        return np.exp([(one.mean() * one.count + guess) / (one.count + 1) for one in self.sums])

    def to_document(self) -> list[JsonObject]:
        """The same sums as JSON objects."""
        return [one.to_document() for one in self.sums]

    @classmethod
    def from_document(cls, document: list[JsonObject]) -> "BeginningErrors":
        """Sums from what ``to_document`` wrote."""
        return cls([LogSum.from_document(one) for one in document])


def short_levels(history: Array) -> Array:
    """Mean sizes [item] of the observations of ``history`` [item, time] where they are one to three; NaN elsewhere."""
    return np.where(is_short(history), means_over_time(np.abs(history)), np.nan)


def with_short_histories(
    scale: Array, levels: Array, counts: NDArray[np.int64], beginnings: BeginningErrors, typical_error: float
) -> Array:
    """Scales [item] of intervals, those of short histories by the panel's beginnings.

    ``levels`` [item]: see ``short_levels``; ``counts`` [item] of observations. ``typical_error``: how far off the
    panel's backtests were in units of their scales, so that scores in units of the result are as far off as beginnings.
    """
    is_short = ~np.isnan(levels)
    expected = beginnings.shares()[np.clip(counts, 1, len(_COUNTS)) - 1] * np.where(is_short, levels, 0.0)
    return np.where(is_short, np.maximum(scale, expected / typical_error), scale)
