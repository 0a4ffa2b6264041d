"""Closed periods: zeros that the calendar explains, or a flag that is known ahead. Other zeros are left to chance.

A shop that is shut on Sundays sells nothing there: that is a season. A part that is sold now and then is intermittent.
In a phase that is closed (nearly) all values are zero, cycle after cycle, while most of the others are not. With z
zeros in a row in a phase, where other periods of the same time are zero with a share of p, chance explains them where

    p^z * (places where such a row could stand) >= 0.01.

All rows of a kind of phase together must be worth their words. With N observations, Z of them zero, n and o closed ones
and non-zero ones among these, and the entropy H(s) = -s ln s - (1 - s) ln (1 - s), they are believed where

    L(Z, N) - L(Z - n + o, N - n) - L(o, n) - words > ln 10,000,   L(k, N) = N H(k / N) + ln(N) / 2,

the logarithm of how much likelier the zeros are with than without them: so p^n again, all at once. By Markov's
inequality a series that is zero by chance passes once in ten thousand times at most, since ``words`` are the logarithm
of how many such explanations there are; in car parts and retail none does.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import SERIES_PER_BLOCK
from forecast_engine.arrays.reductions import Array
from forecast_engine.panel.demand_class import never_negative
from forecast_engine.panel.phases import Phases

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]

_FEWEST_ZEROS = 3
_FEWEST_POSITIVE = 8  # fewer may well be in one phase by chance
MOST_ZEROS = 0.5  # of the periods that are not closed: with more, the series is zero by chance
_CHANCE = 0.01
LIKELIER = np.log(10_000)
_APART = 2  # cycles: two periods of a phase so near to each other that are not zero have opened it; one alone is odd
_OPENED_SHARE = 0.7  # of the values above zero: with fewer, too many zeros lie between them to be those of phases
_ODD_SHARE = 0.1  # of the periods of a row that may not be zero,
_FEWEST_FOR_ODD = 8  # but none in a shorter row


@dataclass(frozen=True)
class ClosedPhases:
    """Of some items: closed periods of the ``history`` [item, time], and phases closed ``now`` [item, phase]."""

    history: Mask
    now: Mask


def candidates(history: Array) -> Counts:
    """Items of ``history`` [item, time] that may have closed periods: never negative, of some zeros and not only."""
    zeros = (history == 0).sum(axis=1)
    some = np.flatnonzero(zeros >= _FEWEST_ZEROS)
    positive = (history[some] > 0).sum(axis=1)
    return some[(positive >= _FEWEST_POSITIVE) & never_negative(history[some])]


def closed_phases(history: Array, phases: Phases, ignored: Mask | None = None) -> ClosedPhases:
    """Which periods of ``history`` [item, time] are closed by ``phases``, NaN being unknown.

    ``ignored`` [item, time]: values above zero there do not open a phase: a flag may be what opened it.
    """
    parts = []
    for first in range(0, len(history), SERIES_PER_BLOCK):
        block = slice(first, first + SERIES_PER_BLOCK)
        parts.append(_closed_phases(history[block], phases, None if ignored is None else ignored[block]))
    return ClosedPhases(np.concatenate([p.history for p in parts]), np.concatenate([p.now for p in parts]))


def _closed_phases(history: Array, phases: Phases, ignored: Mask | None) -> ClosedPhases:
    known, positive = _cells(history, phases, ignored)
    opened = _opened(positive)
    is_promising = opened.sum(axis=(1, 2)) >= _OPENED_SHARE * positive.sum(axis=(1, 2))
    promising = np.flatnonzero(is_promising & _may_have_long_rows(known, positive, opened, phases))
    result = ClosedPhases(np.zeros(history.shape, dtype=bool), np.zeros((len(history), phases.count), dtype=bool))
    if len(promising):
        closed = _Rows.of(known[promising], positive[promising], opened[promising]).explained(phases)
        cells = phases.of_periods(0, history.shape[1])
        result.history[promising] = closed[:, phases.cycle[cells], phases.phase[cells]]
        result.now[promising] = closed[:, -1]
    return result


def _cells(history: Array, phases: Phases, ignored: Mask | None) -> tuple[Mask, Mask]:
    """Whether anything is known, and whether any of it is above zero; both [item, cycle, phase].

    A cycle in which everything is zero tells nothing of its phases, and counts as unknown.
    """
    inside = phases.starts < history.shape[1]
    starts, phase, cycle = phases.starts[inside], phases.phase[inside], phases.cycle[inside]
    counted = ~np.isnan(history) if ignored is None else ~np.isnan(history) & ~(ignored & (history > 0))
    shape = len(history), int(cycle[-1]) + 1, phases.count
    known, positive = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for cells, of_periods in ((known, counted), (positive, counted & (history > 0))):
        has_any = of_periods if len(starts) == history.shape[1] else np.logical_or.reduceat(of_periods, starts, axis=1)
        cells.reshape(len(history), -1)[:, cycle * phases.count + phase] = has_any
    return known & positive.any(axis=2, keepdims=True), positive


def _opened(positive: Mask) -> Mask:
    """Cells [item, cycle, phase] above zero of which another one of the phase, near by, is above zero as well."""
    near = np.zeros_like(positive)
    for apart in range(1, _APART + 1):
        near[:, apart:] |= positive[:, :-apart]
        near[:, :-apart] |= positive[:, apart:]
    return positive & near


def _may_have_long_rows(known: Mask, positive: Mask, opened: Mask, phases: Phases) -> Mask:
    """[item]: whether a phase may have a row of zeros that is hardly chance, by the zeros elsewhere in the phase.

    A necessary condition that is quick to check, in the place of ``_Rows.explained``: a row is at most as long as the
    phase was never opened, or as there are zeros.
    """
    cycles = np.arange(known.shape[1], dtype=np.int32)[:, None]
    since_opened = cycles - np.maximum.accumulate(np.where(opened, cycles, np.int32(-1)), axis=1)
    count, zeros = known.sum(axis=1), (known & ~positive).sum(axis=1)  # [item, phase]
    longest = np.minimum(since_opened.max(axis=1), zeros)
    share = _share(zeros - longest, count - longest)
    unlikely = longest * np.log(share) + np.log(known.shape[1] * known.shape[2]) < np.log(_CHANCE)
    may_be = (longest >= phases.fewest_cycles) & (unlikely | ~opened.any(axis=1))
    return np.asarray(may_be.any(axis=1))


@dataclass(frozen=True)
class _Rows:
    """Stretches of cycles in which a phase was not opened; all [item, stretch, phase], but where it is said."""

    known: Mask  # [item, cycle, phase]
    positive: Mask  # [item, cycle, phase]
    opened: Mask  # [item, cycle, phase]
    stretch: Counts  # [item, cycle, phase]: of each cell
    zeros: Counts
    odd: Counts  # single values above zero

    @classmethod
    def of(cls, known: Mask, positive: Mask, opened: Mask) -> "_Rows":
        """The stretches between cells that are ``opened``; all [item, cycle, phase]."""
        stretch = np.cumsum(opened, axis=1, dtype=np.int64)
        zeros, odd = _by_stretch(known & ~positive, stretch), _by_stretch(positive & ~opened, stretch)
        return cls(known, positive, opened, stretch, zeros, odd)

    def explained(self, phases: Phases) -> Mask:
        """[item, cycle, phase]: the cells of those stretches that are closed, where these explain an item's zeros."""
        lengths = self.zeros + self.odd
        tolerated = np.where(lengths >= _FEWEST_FOR_ODD, np.maximum(_ODD_SHARE * lengths, 1.0), 0.0)
        row = (self.zeros >= phases.fewest_cycles) & (self.odd <= tolerated)
        row &= self._unlikely(row)
        closed = np.zeros(self.known.shape, dtype=bool)
        items = np.flatnonzero(row.any(axis=(1, 2)))
        if len(items):
            closed[items] = self._of_items(items)._believed(row[items], phases)
        return closed

    def _of_items(self, items: Counts) -> "_Rows":
        return _Rows(*(getattr(self, one.name)[items] for one in fields(self)))

    def _believed(self, row: Mask, phases: Phases) -> Mask:
        """[item, cycle, phase]: the cells of those stretches that other phases of the same time speak for as well."""
        row = row & self._unlikely(row, at_the_time=True)
        closed = self._inside(row)
        closed &= self._worth_their_words(row, closed, phases)[:, None, None]
        return closed

    def _unlikely(self, row: Mask, *, at_the_time: bool = False) -> Mask:
        """Stretches whose zeros are hardly chance, by the zeros elsewhere: in all, in the phase, at the time.

        A phase that was never opened has no other zeros to compare with, and no end that chance could have chosen.
        """
        outside = self.known & ~self._inside(row)
        zeros = outside & ~self.positive
        counts = [one.sum(axis=2, keepdims=True) for one in (zeros, outside)]  # [item, cycle, 1]
        share = _share(*(one.sum(axis=1, keepdims=True) for one in counts))
        if at_the_time:
            share = np.maximum(share, _share(*(_by_stretch(self.known * one, self.stretch) for one in counts)))
        others = self.known.sum(axis=1)[:, None] - self.zeros - self.odd
        of_phase = _share((self.known & ~self.positive).sum(axis=1)[:, None] - self.zeros, others)
        share = np.maximum(share, np.where(others > 0, of_phase, 0.0))
        places = np.log(self.known.shape[1] * self.known.shape[2])
        return (others == 0) | (self.zeros * np.log(share) + places < np.log(_CHANCE))

    def _inside(self, row: Mask) -> Mask:
        """[item, cycle, phase]: the cells of some stretches."""
        return np.take_along_axis(row, self.stretch, axis=1) & ~self.opened

    def _worth_their_words(self, row: Mask, closed: Mask, phases: Phases) -> Mask:
        """[item]: whether all stretches together explain the zeros, and leave few."""
        known = self.known.sum(axis=(1, 2))
        zeros = (self.known & ~self.positive).sum(axis=(1, 2))
        closed_known = (closed & self.known).sum(axis=(1, 2))
        odd = (closed & self.positive).sum(axis=(1, 2))
        remaining, remaining_zeros = known - closed_known, zeros - closed_known + odd
        is_whole = row & (self.known.sum(axis=1)[:, None] == self.zeros + self.odd)
        whole, partial = is_whole.sum(axis=(1, 2)), (row & ~is_whole).sum(axis=(1, 2))
        if phases.is_arc:
            ever = is_whole.any(axis=1)
            words = 2 * np.log(phases.count) * (ever & ~np.roll(ever, 1, axis=1)).sum(axis=1)
        else:
            words = description_length(whole, np.full_like(whole, phases.count))
        words = words + partial * (np.log(phases.count) + 2 * np.log(self.known.shape[1]))
        gain = (
            description_length(zeros, known)
            - description_length(remaining_zeros, remaining)
            - description_length(odd, closed_known)
            - words
        )
        return (gain > LIKELIER) & (remaining_zeros <= MOST_ZEROS * remaining) & (closed_known > 0)


def _by_stretch(counts: Mask | Counts, stretch: Counts) -> Counts:
    """Sums of ``counts`` [item, cycle, phase] over the cells of each stretch [item, stretch, phase]."""
    items, cycles, count = stretch.shape
    item, cycle, phase = np.nonzero(counts)
    index = (item * (cycles + 1) + stretch[item, cycle, phase]) * count + phase
    sums = np.bincount(index, counts[item, cycle, phase], items * (cycles + 1) * count)  # whole numbers: exact
    return sums.astype(np.int64).reshape(items, cycles + 1, count)


def _share(some: Counts, all_of_them: Counts) -> Array:
    share: Array = (some + 0.5) / (all_of_them + 1.0)
    return share


def description_length(some: Counts, all_of_them: Counts) -> Array:
    """Nats that it takes to say which ``some`` of all observations are zero: see the module."""
    total = np.maximum(all_of_them, 1).astype(float)
    share = np.clip(some / total, 1e-12, 1 - 1e-12)
    entropy = -share * np.log(share) - (1 - share) * np.log1p(-share)
    return total * entropy + 0.5 * np.log(total)
