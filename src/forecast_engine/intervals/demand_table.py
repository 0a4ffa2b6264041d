"""How intermittent demand spreads around what is expected of it, counted over the panel's backtests.

A few periods of mostly zeros tell little of an item's own distribution; thousands of items tell how demand lies around
a mean of the same size that varied as much. Counts are of ratios, demand over its mean, so shards add up exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import SERIES_PER_BLOCK
from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model import Demand
from forecast_engine.settings import Document

_LEAST_EXPECTED, _EXPECTED_WIDTH, _EXPECTED_CLASSES = -3.5, 0.25, 27  # logarithm of the expected demand in pieces
_LEAST_VARIATION, _VARIATION_WIDTH, _VARIATION_CLASSES = np.log(0.5), 0.35, 8  # logarithm of deviation over mean
_LEAST_RATIO, _RATIO_WIDTH, _RATIO_BINS = 0.03, 0.06, 128  # bin 0 is no demand at all, the others are logarithmic
_ENOUGH_CASES = 200  # of a class; with fewer, the neighbours help out
_TABLE_SHARE = 0.75  # of the quantiles where cases abound; the rest is NPTS, which knows the item itself
_PRIOR_CASES = 500.0  # with so many cases the table counts half of that
FINAL_LEVELS = np.array([0.01, 0.02, *np.arange(0.05, 0.96, 0.05).round(2), 0.98, 0.99])
_SHAPE = (_EXPECTED_CLASSES, _VARIATION_CLASSES, _RATIO_BINS)


@dataclass(frozen=True)
class ExpectedDemand:
    """``mean`` [item, step], and ``place`` [item, step, 2] in the table: by size, and by how demand varied."""

    mean: Array
    place: Array


def expected_demand(
    history: Array, learnt: Array, is_intermittent: NDArray[np.bool_], season_length: int
) -> ExpectedDemand:
    """Of the periods behind ``history`` [item, time]: ``learnt`` [item, step] by the global model, NPTS's mean where
    that is NaN; zeros for items that are not ``is_intermittent`` [item].
    """
    horizon = learnt.shape[1]
    mean, place = np.zeros(learnt.shape), np.zeros((*learnt.shape, 2))
    items = np.flatnonzero(is_intermittent)
    for first in range(0, len(items), SERIES_PER_BLOCK):
        block = items[first : first + SERIES_PER_BLOCK]
        demand = Demand.of(history[block], season_length, history.shape[1])
        rows, steps = np.repeat(np.arange(len(block)), horizon), np.tile(np.arange(horizon), len(block))
        origins = np.full(len(rows), history.shape[1])
        own = demand.mean(rows, origins, steps)
        expected = np.where(np.isnan(learnt[block]), own.reshape(-1, horizon), np.maximum(learnt[block], 0.0))
        variation = demand.variation(own, rows, origins, steps).reshape(-1, horizon)
        mean[block] = expected
        with np.errstate(over="ignore"):
            pieces = expected / demand.unit(rows, origins).reshape(-1, horizon)
        place[block] = _places(pieces, variation)
    return ExpectedDemand(mean, place)


def _places(pieces: Array, variation: Array) -> Array:
    size = (np.log(np.maximum(pieces, 1e-9)) - _LEAST_EXPECTED) / _EXPECTED_WIDTH
    spread = (np.log(np.maximum(variation, 1e-9)) - _LEAST_VARIATION) / _VARIATION_WIDTH
    return np.stack(
        [np.clip(size, 0, _EXPECTED_CLASSES - 1), np.clip(spread, 0, _VARIATION_CLASSES - 1)],
        axis=-1,
    )


def ratio_counts(actual: Array, expected: ExpectedDemand) -> Document:
    """Cells that have any case, ascending, and how many; ``actual`` [item, step], NaN is left out."""
    known = ~np.isnan(actual) & (expected.mean > 0)
    ratios = actual[known] / expected.mean[known]
    logarithms = np.log(np.maximum(ratios, _LEAST_RATIO) / _LEAST_RATIO)
    bins = np.where(ratios > 0, np.minimum(1 + (logarithms / _RATIO_WIDTH).astype(np.int64), _RATIO_BINS - 1), 0)
    classes = np.floor(expected.place[known] + 0.5).astype(np.int64)
    cells = (classes[:, 0] * _VARIATION_CLASSES + classes[:, 1]) * _RATIO_BINS + bins
    counted, counts = np.unique(cells, return_counts=True)
    return {"cells": counted.tolist(), "counts": counts.tolist()}


def added(parts: list[Document]) -> Document:
    """The counts of several windows or shards together."""
    counts = np.zeros(_SHAPE, dtype=np.int64).ravel()
    for part in parts:
        np.add.at(counts, np.array(part["cells"], dtype=np.int64), np.array(part["counts"], dtype=np.int64))
    cells = np.flatnonzero(counts)
    return {"cells": cells.tolist(), "counts": counts[cells].tolist()}


def ratio_table(counted: Document, levels: Array) -> Document:
    """Quantiles of the ratio, ``ratios`` [class of mean, of variation, level], and how many ``cases`` it knows."""
    counts = np.zeros(_SHAPE, dtype=np.int64)
    counts.ravel()[np.array(counted["cells"], dtype=np.int64)] = counted["counts"]
    cases = int(counts.sum())
    if not cases:
        return {"cases": 0, "levels": len(levels), "ratios": []}
    rows = [
        [_quantiles(_pooled(counts, size, spread), levels) for spread in range(_VARIATION_CLASSES)]
        for size in range(_EXPECTED_CLASSES)
    ]
    return {
        "cases": cases,
        "levels": len(levels),
        "ratios": [[[float(f"{q:.4g}") for q in cell] for cell in row] for row in rows],
    }


def _pooled(counts: NDArray[np.int64], size: int, spread: int) -> NDArray[np.int64]:
    """Counts [bin] of a class and of as many neighbours as it takes."""
    for reach in range(_EXPECTED_CLASSES):
        around = counts[max(0, size - reach) : size + reach + 1, max(0, spread - reach) : spread + reach + 1]
        pooled: NDArray[np.int64] = around.sum(axis=(0, 1))
        if pooled.sum() >= _ENOUGH_CASES:
            break
    return pooled


def _quantiles(counts: NDArray[np.int64], levels: Array) -> Array:
    """Ratios [level]: 0 up to the share of zeros, along straight lines inside the bins."""
    edges = _LEAST_RATIO * np.exp(_RATIO_WIDTH * np.arange(_RATIO_BINS))
    edges[0] = 0.0  # what is less counts into the first bin of any demand
    cumulated = np.cumsum(counts) / counts.sum()
    bins = np.minimum(np.searchsorted(cumulated, levels), _RATIO_BINS - 1)
    before = cumulated[np.maximum(bins - 1, 0)]
    share = (levels - before) / np.maximum(cumulated[bins] - before, 1e-12)
    low = edges[np.maximum(bins - 1, 0)]
    return np.where(bins == 0, 0.0, low + np.clip(share, 0, 1) * (edges[bins] - low))


@dataclass(frozen=True)
class RatioTables:
    """Tables at work: ``ratios`` [table, class of mean, class of variation, level], ``cases`` [table] behind them."""

    ratios: Array
    cases: Array

    @classmethod
    def of(cls, documents: list[Document]) -> "RatioTables":
        """What ``ratio_table`` left; zeros where it knows no case."""
        nothing = np.zeros((_EXPECTED_CLASSES, _VARIATION_CLASSES, documents[0]["levels"]))
        ratios = [np.array(document["ratios"]) if document["cases"] else nothing for document in documents]
        return cls(np.stack(ratios), np.array([float(document["cases"]) for document in documents]))

    def at(self, levels: Array) -> "RatioTables":
        """The tables of ``FINAL_LEVELS`` at others."""
        right = np.clip(np.searchsorted(FINAL_LEVELS, levels), 1, len(FINAL_LEVELS) - 1)
        share = (levels - FINAL_LEVELS[right - 1]) / (FINAL_LEVELS[right] - FINAL_LEVELS[right - 1])
        low, high = self.ratios[..., right - 1], self.ratios[..., right]
        return RatioTables(low + np.clip(share, 0, 1) * (high - low), self.cases)

    def blended(self, past: Array, expected: ExpectedDemand, table_of: NDArray[np.int64]) -> Array:
        """Quantiles [item, step, level]: NPTS's ``past`` [item, step, level] and the tables' by how much they know.

        ``table_of`` [item]: which table serves each.
        """
        share = (_TABLE_SHARE * self.cases / (self.cases + _PRIOR_CASES))[table_of][:, None, None]
        return (1 - share) * past + share * self._ratios(expected.place, table_of) * expected.mean[:, :, None]

    def _ratios(self, place: Array, table_of: NDArray[np.int64]) -> Array:
        """[item, step, level] at places between the classes, along straight lines."""
        table = table_of[:, None]
        size = np.minimum(place[:, :, 0].astype(np.int64), _EXPECTED_CLASSES - 2)
        spread = np.minimum(place[:, :, 1].astype(np.int64), _VARIATION_CLASSES - 2)
        right, up = (place[:, :, 0] - size)[:, :, None], (place[:, :, 1] - spread)[:, :, None]
        low = (1 - up) * self.ratios[table, size, spread] + up * self.ratios[table, size, spread + 1]
        high = (1 - up) * self.ratios[table, size + 1, spread] + up * self.ratios[table, size + 1, spread + 1]
        return (1 - right) * low + right * high
