"""Flags that are known ahead and tell open periods from closed ones: ``open``, a public holiday, an event.

A flag is a related or calendar series of zeros and ones that goes on behind the grid. It closes where all is zero while
it has one of its values, and most is not while it has the other. It opens, in phases that are closed, where most is
above zero while it has one of its values, and nearly nothing while it has the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.panel.closed_periods import LIKELIER, MOST_ZEROS, Mask, description_length
from forecast_engine.panel.panel import Panel

_FEWEST_CLOSED = 3  # periods that show a flag's value closed
_FEWEST_OPENED = 2  # periods of closed phases that show a flag's value open
_MOSTLY = 0.8  # of them, to be above zero
_ODD_SHARE = 0.05  # of the periods that a flag closes may be above zero all the same
_RARE = 0.25  # share of the periods that the value which opens closed phases has at most


@dataclass(frozen=True)
class Flag:
    """``values`` [item, time + horizon] are 0 or 1, NaN for items to which it is not known ahead."""

    name: str
    values: Array

    def has(self, value: float) -> Mask:
        """[item, time + horizon]: whether the flag has this value."""
        return np.asarray(self.values == value)

    def rare(self, length: int) -> Mask:
        """[item, time]: the periods before ``length`` with the value that is the rare one there, if one is."""
        marked = np.zeros((len(self.values), length), dtype=bool)
        for value in (0.0, 1.0):
            has = self.has(value)[:, :length]
            marked |= has & (has.mean(axis=1) <= _RARE)[:, None]
        return marked


def flags_of(panel: Panel, items: NDArray[np.int64], width: int) -> list[Flag]:
    """The flags of some items over the first ``width`` periods."""
    return [Flag(name, values[:, :width]) for name, values in _flags(panel, items)]


def _flags(panel: Panel, items: NDArray[np.int64]) -> Iterator[tuple[str, Array]]:
    covariates, length = panel.covariates, panel.grid.length
    for name, values in covariates.related.items():
        chosen = values[items]
        usable = ((chosen == 0) | (chosen == 1) | np.isnan(chosen)).all(axis=1)
        usable &= (~np.isnan(chosen[:, length:])).all(axis=1) & (chosen.shape[1] > length)
        if usable.any():
            yield name, np.where(usable[:, None], chosen, np.nan)
    for name, values in covariates.calendar.items():
        if len(values) > length and not np.isnan(values).any():
            yield name, np.broadcast_to((values > 0).astype(float), (len(items), len(values)))


def closed_by_flags(history: Array, flags: list[Flag]) -> tuple[Mask, list[tuple[Flag, float, Mask]]]:
    """Periods [item, time + horizon] in which a flag says closed, by ``history`` [item, time], NaN being unknown.

    Beside it: which value of which flags closes which items [item].
    """
    found = []
    closed = np.zeros(flags[0].values.shape, dtype=bool)
    known, zero = ~np.isnan(history), history == 0
    flags_known = np.sum([~np.isnan(flag.values).any(axis=1) for flag in flags], axis=0)
    words = np.log(2 * np.maximum(flags_known, 1))  # of an item's own flags: its neighbours in a shard have others
    zeros, count = zero.sum(axis=1), known.sum(axis=1)
    for flag in flags:
        for value in (0.0, 1.0):
            has, other = (flag.has(one)[:, : history.shape[1]] & known for one in (value, 1 - value))
            inside, outside, outside_zeros = has.sum(axis=1), other.sum(axis=1), (other & zero).sum(axis=1)
            positive = (has & ~zero).sum(axis=1)
            rest, rest_zeros = count - inside, zeros - inside + positive
            gain = description_length(zeros, count) - description_length(rest_zeros, rest) - words
            gain -= description_length(positive, inside)
            closes = (gain > LIKELIER) & (inside >= _FEWEST_CLOSED) & (positive <= _ODD_SHARE * inside)
            closes &= outside_zeros <= MOST_ZEROS * outside
            if closes.any():
                closed |= flag.has(value) & closes[:, None]
                found.append((flag, value, closes))
    return closed, found


def opened_by_flags(history: Array, closed: Mask, flags: list[Flag]) -> Mask:
    """Periods [item, time + horizon] in which a flag opens what is ``closed`` [item, time + horizon] by its phase."""
    opened = np.zeros(closed.shape, dtype=bool)
    shut = closed[:, : history.shape[1]] & ~np.isnan(history)
    positive = shut & (history > 0)
    for flag in flags:
        for value in (0.0, 1.0):
            has, other = (flag.has(one)[:, : history.shape[1]] & shut for one in (value, 1 - value))
            inside, outside = has.sum(axis=1), other.sum(axis=1)
            opens = (inside >= _FEWEST_OPENED) & ((has & positive).sum(axis=1) >= _MOSTLY * inside)
            opens &= (outside > 0) & ((other & positive).sum(axis=1) <= _ODD_SHARE * outside)
            opened |= flag.has(value) & closed & opens[:, None]
    return opened
