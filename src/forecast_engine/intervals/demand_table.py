"""How intermittent demand spreads around what is expected of it, counted over the panel's backtests.

One intermittent history says little about its distribution, so pool: per class of (expected demand, coefficient of
variation), count actual / expected over the panel's backtests. Shards exchange the counts, whose sums are exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.block import SERIES_PER_BLOCK
from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model import Demand
from forecast_engine.settings import JsonObject

# classes of the expected demand: the logarithm of its number of units, from the least on in steps of a width
_LEAST_EXPECTED = -3.5
_EXPECTED_WIDTH = 0.25
_EXPECTED_CLASSES = 27
# classes of its variation: the logarithm of deviation over mean
_LEAST_VARIATION = np.log(0.5)
_VARIATION_WIDTH = 0.35
_VARIATION_CLASSES = 8
# bins of the ratio: bin 0 is no demand at all, the others are logarithmic
_LEAST_RATIO = 0.03
_RATIO_WIDTH = 0.06
_RATIO_BINS = 128
_ENOUGH_CASES = 200  # of a class; with fewer, the neighbours help out
_TABLE_SHARE = 0.75  # of the quantiles where cases abound; the rest is NPTS, which knows the item itself
_PRIOR_CASES = 500.0  # with so many cases the table counts half of that
# Coarser than the FORECAST_LEVELS of conformity scores: a table holds 216 classes, and shards read all of it.
RATIO_LEVELS = np.array([0.01, 0.02, *np.arange(0.05, 0.96, 0.05).round(2), 0.98, 0.99])
_SHAPE = (_EXPECTED_CLASSES, _VARIATION_CLASSES, _RATIO_BINS)


@dataclass(frozen=True)
class ExpectedDemand:
    """``mean`` [item, step], and its ``coordinates`` [item, step, 2] in the table: by size, and by variation.

    A whole coordinate is the middle of a class.
    """

    mean: Array
    coordinates: Array

    def of_items(self, items: NDArray[np.bool_]) -> "ExpectedDemand":
        """Of those ``items`` [item] alone."""
        return ExpectedDemand(self.mean[items], self.coordinates[items])


def expected_demand(
    history: Array, global_points: Array, is_intermittent: NDArray[np.bool_], season_length: int
) -> ExpectedDemand:
    """Of the periods after ``history`` [item, time]: the global model's points [item, step], NPTS's mean where they
    are NaN; zeros for items that are not ``is_intermittent`` [item].
    """
    horizon = global_points.shape[1]
    mean, coordinates = np.zeros(global_points.shape), np.zeros((*global_points.shape, 2))
    items = np.flatnonzero(is_intermittent)
    for first in range(0, len(items), SERIES_PER_BLOCK):
        block = items[first : first + SERIES_PER_BLOCK]
        demand = Demand.of(history[block], season_length, history.shape[1])
        rows, steps = np.repeat(np.arange(len(block)), horizon), np.tile(np.arange(horizon), len(block))
        origins = np.full(len(rows), history.shape[1])
        own = demand.mean(rows, origins, steps)
        points = global_points[block]
        mean[block] = np.where(np.isnan(points), own.reshape(-1, horizon), np.maximum(points, 0.0))
        variation = demand.variation(own, rows, origins, steps).reshape(-1, horizon)
        with np.errstate(over="ignore"):
            units = mean[block] / demand.unit(rows, origins).reshape(-1, horizon)
        coordinates[block] = _coordinates(units, variation)
    return ExpectedDemand(mean, coordinates)


def _coordinates(units: Array, variation: Array) -> Array:
    size = (np.log(np.maximum(units, 1e-9)) - _LEAST_EXPECTED) / _EXPECTED_WIDTH
    spread = (np.log(np.maximum(variation, 1e-9)) - _LEAST_VARIATION) / _VARIATION_WIDTH
    return np.stack(
        [np.clip(size, 0, _EXPECTED_CLASSES - 1), np.clip(spread, 0, _VARIATION_CLASSES - 1)],
        axis=-1,
    )


@dataclass(frozen=True)
class RatioCounts:
    """How often each cell of (class of size, class of variation, bin of the ratio) was seen.

    ``cells`` are flat indices, ascending, of those seen at all; ``counts`` [cell].
    """

    cells: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, actual: Array, demand: ExpectedDemand) -> "RatioCounts":
        """The ratios of ``actual`` [item, step] to what was expected; NaN is left out."""
        known = ~np.isnan(actual) & (demand.mean > 0)
        ratios = actual[known] / demand.mean[known]
        logarithms = np.log(np.maximum(ratios, _LEAST_RATIO) / _LEAST_RATIO)
        bins = np.where(ratios > 0, np.minimum(1 + (logarithms / _RATIO_WIDTH).astype(np.int64), _RATIO_BINS - 1), 0)
        classes = np.floor(demand.coordinates[known] + 0.5).astype(np.int64)
        cells = (classes[:, 0] * _VARIATION_CLASSES + classes[:, 1]) * _RATIO_BINS + bins
        return cls(*np.unique(cells, return_counts=True))

    def __add__(self, other: "RatioCounts") -> "RatioCounts":
        """The counts of several windows or shards together."""
        counts = (self.table() + other.table()).ravel()
        cells = np.flatnonzero(counts)
        return RatioCounts(cells, counts[cells])

    def table(self) -> NDArray[np.int64]:
        """Counts [class of size, class of variation, bin]."""
        counts = np.zeros(_SHAPE, dtype=np.int64)
        counts.ravel()[self.cells] = self.counts
        return counts

    def to_document(self) -> JsonObject:
        """The same counts as a JSON object."""
        return {"cells": self.cells.tolist(), "counts": self.counts.tolist()}

    @classmethod
    def from_document(cls, document: JsonObject) -> "RatioCounts":
        """Counts from what ``to_document`` wrote."""
        return cls(np.array(document["cells"], dtype=np.int64), np.array(document["counts"], dtype=np.int64))


def _ratio_quantiles(counts: NDArray[np.int64], levels: Array) -> Array:
    """Quantiles of the ratio [class of size, class of variation, level], to four significant digits.

    ``counts`` [class of size, class of variation, bin]; zeros where there is none.
    """
    if not counts.sum():
        return np.zeros((_EXPECTED_CLASSES, _VARIATION_CLASSES, len(levels)))
    rows = [
        [_quantiles(_pooled(counts, size, spread), levels) for spread in range(_VARIATION_CLASSES)]
        for size in range(_EXPECTED_CLASSES)
    ]
    return np.array([[[float(f"{ratio:.4g}") for ratio in ratios] for ratios in row] for row in rows])


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
    """Quantiles of the ratio, ``ratios`` [table, class of size, class of variation, level]; ``cases`` [table] behind
    them. A table without cases holds zeros.
    """

    ratios: Array
    cases: Array

    @classmethod
    def of(cls, counts: list[RatioCounts], levels: Array) -> "RatioTables":
        """One table for each of ``counts``, at ``levels`` [level]."""
        ratios = [_ratio_quantiles(one.table(), levels) for one in counts]
        return cls(np.stack(ratios), np.array([float(one.counts.sum()) for one in counts]))

    def to_document(self) -> list[JsonObject]:
        """The tables as JSON objects, those without cases empty."""
        return [
            {"cases": int(cases), "levels": ratios.shape[-1], "ratios": ratios.tolist() if cases else []}
            for ratios, cases in zip(self.ratios, self.cases, strict=True)
        ]

    @classmethod
    def from_document(cls, document: list[JsonObject]) -> "RatioTables":
        """Tables from what ``to_document`` wrote."""
        empty = np.zeros((_EXPECTED_CLASSES, _VARIATION_CLASSES, document[0]["levels"]))
        ratios = [np.array(table["ratios"]) if table["cases"] else empty for table in document]
        return cls(np.stack(ratios), np.array([float(table["cases"]) for table in document]))

    def at(self, levels: Array) -> "RatioTables":
        """The tables of ``RATIO_LEVELS`` at others."""
        right = np.clip(np.searchsorted(RATIO_LEVELS, levels), 1, len(RATIO_LEVELS) - 1)
        share = (levels - RATIO_LEVELS[right - 1]) / (RATIO_LEVELS[right] - RATIO_LEVELS[right - 1])
        low, high = self.ratios[..., right - 1], self.ratios[..., right]
        return RatioTables(low + np.clip(share, 0, 1) * (high - low), self.cases)

    def blended(self, past: Array, demand: ExpectedDemand, table_of: NDArray[np.int64]) -> Array:
        """Quantiles [item, step, level]: NPTS's ``past`` [item, step, level] and the tables' by how much they know.

        ``share * ratio * demand.mean + (1 - share) * past``, where ``share = .75 * cases / (cases + 500)``;
        ``table_of`` [item] names the table that serves each.
        """
        share = (_TABLE_SHARE * self.cases / (self.cases + _PRIOR_CASES))[table_of][:, None, None]
        return (1 - share) * past + share * self._ratios(demand.coordinates, table_of) * demand.mean[:, :, None]

    def _ratios(self, coordinates: Array, table_of: NDArray[np.int64]) -> Array:
        """[item, step, level] between the classes, bilinear: along straight lines in both coordinates."""
        table = table_of[:, None]
        size = np.minimum(coordinates[:, :, 0].astype(np.int64), _EXPECTED_CLASSES - 2)
        spread = np.minimum(coordinates[:, :, 1].astype(np.int64), _VARIATION_CLASSES - 2)
        right, up = (coordinates[:, :, 0] - size)[:, :, None], (coordinates[:, :, 1] - spread)[:, :, None]
        low = (1 - up) * self.ratios[table, size, spread] + up * self.ratios[table, size, spread + 1]
        high = (1 - up) * self.ratios[table, size + 1, spread] + up * self.ratios[table, size + 1, spread + 1]
        return (1 - right) * low + right * high
