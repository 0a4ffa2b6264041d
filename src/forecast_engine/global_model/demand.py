"""What the past of intermittent demand tells of a period ahead: weighted means as NPTS takes them, and how it varied.

The model learns the ratio of a period's demand to its weighted mean, so that one model serves items of any size.
"""

from dataclasses import dataclass

import numpy as np

from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model.features import FeatureTable
from forecast_engine.global_model.series import Indices, Series
from forecast_engine.global_model.trees import Features
from forecast_engine.models.npts import MEMORIES, SAME_PHASE_BOOST

_LEVEL_MEMORIES = (3.0, *MEMORIES, 1e9)  # periods; the last one forgets nothing
_VALUES, _SQUARES, _NONZERO = 0, 1, 2  # what is summed
_ALL = [(_VALUES, m) for m in _LEVEL_MEMORIES] + [(what, m) for what in (_SQUARES, _NONZERO) for m in MEMORIES]
_SAME_PHASE = [(what, m) for what in (_VALUES, _SQUARES) for m in MEMORIES]
COLUMN_COUNT = len(_LEVEL_MEMORIES) + len(MEMORIES) + 3


@dataclass(frozen=True)
class Demand:
    """Decayed sums before each period; what comes out for an item depends on that item alone."""

    season_length: int
    first: int  # the earliest origin that may be asked about, less a season: sums of what lies before are not kept
    starts: Indices
    _sums: Array  # [time + 1 - first, place in _ALL, item]
    _phase_sums: Array  # [time + 1 - first, place in _SAME_PHASE, item], of the periods of one phase of the season only
    _peak: Array  # [item]: the unit of what is squared, so that squares are finite
    _since_demand: Indices  # [item, time + 1], in periods
    _unit: Array  # [item, time + 1]: the smallest demand so far, 1 for what is counted in pieces

    @classmethod
    def of(cls, history: Array, season_length: int, first_origin: int = 0) -> "Demand":
        """Prepare a history [item, time] that is never negative, NaN where unobserved, for origins from one on."""
        series = Series.of(history)
        values = np.where(np.isnan(series.values), 0.0, series.values)
        _, exponent = np.frexp(values.max(axis=1, initial=0.0))
        peak = np.ldexp(1.0, exponent - 1)  # a power of two: dividing by it rounds nothing
        summed = np.stack(
            [values.T, ((values / peak[:, None]) ** 2).T, (values > 0).T.astype(float)], axis=1
        )  # [time, what, item]
        before = np.concatenate([np.zeros((len(values), 1)), values], axis=1)  # each period: the one just past
        periods = np.arange(before.shape[1])
        last = np.maximum.accumulate(np.where(before > 0, periods, 0), axis=1)
        unit = np.minimum.accumulate(np.where(before > 0, before, np.inf), axis=1)
        first = max(first_origin - season_length, 0)
        return cls(
            season_length,
            first,
            series.starts,
            _decayed(summed, _ALL, 1, first),
            _decayed(summed, _SAME_PHASE, season_length, first),
            peak,
            periods - last,
            np.where(np.isfinite(unit), unit, 1.0),
        )

    def mean(self, items: Indices, origins: Indices, steps: Indices) -> Array:
        """The mean [row] of the weighted sample that NPTS would draw from; 0 where nothing was observed."""
        return self._mixed(_VALUES, items, origins, steps)

    def variation(self, mean: Array, items: Indices, origins: Indices, steps: Indices) -> Array:
        """The weighted sample's standard deviation over its ``mean`` [row]; 0 without any demand."""
        share = mean / self._peak[items]
        squares = self._mixed(_SQUARES, items, origins, steps)
        variation: Array = np.sqrt(np.maximum(squares - share**2, 0.0)) / np.where(share > 0, share, np.inf)
        return variation

    def unit(self, items: Indices, origins: Indices) -> Array:
        """What demand is counted in [row]: the item's smallest one so far."""
        return self._unit[items, origins]

    def columns(self, mean: Array, items: Indices, origins: Indices, steps: Indices) -> list[Array]:
        """``COLUMN_COUNT`` features, arrays [row], of rows with this ``mean`` [row]."""
        known = np.where(mean > 0, mean, np.nan)
        length = np.maximum(origins - self.starts[items], 0)
        levels = [self._sum(_VALUES, m, items, origins) / _weights(length, m, 1) / known for m in _LEVEL_MEMORIES]
        shares = [self._sum(_NONZERO, m, items, origins) / _weights(length, m, 1) for m in MEMORIES]
        size = np.log(known / self.unit(items, origins))
        since = self._since_demand[items, origins].astype(float)
        return [*levels, *shares, size, self.variation(mean, items, origins, steps), since]

    def _sum(self, what: int, memory: float, items: Indices, origins: Indices) -> Array:
        return self._sums[origins - self.first, _ALL.index((what, memory)), items]

    def _mixed(self, what: int, items: Indices, origins: Indices, steps: Indices) -> Array:
        """Weighted means [row], of the memories in equal parts, the same phase boosted."""
        season = self.season_length
        length = np.maximum(origins - self.starts[items], 0)
        age = season - 1 - steps % season  # of the latest period of the same phase; the last period's is 0
        ends = np.maximum(origins - age, self.first)
        phase_count = -(-np.maximum(length - age, 0) // season)
        total = np.zeros(len(items))
        for memory in MEMORIES:
            boost = SAME_PHASE_BOOST * np.exp(-age / memory)
            known = self._phase_sums[ends - self.first, _SAME_PHASE.index((what, memory)), items]
            same_phase = np.where(age < length, known, 0.0)
            weight = _weights(length, memory, 1) + boost * _weights(phase_count, memory, season)
            total += (self._sum(what, memory, items, origins) + boost * same_phase) / np.where(weight > 0, weight, 1.0)
        return total / len(MEMORIES)


def _weights(counts: Indices, memory: float, lag: int) -> Array:
    """The sum [row] of exp(-age / memory) over so many periods ``lag`` apart; never quite 0."""
    decay = -np.expm1(-lag / memory)
    weights: Array = -np.expm1(-lag * counts / memory) / decay
    return np.maximum(weights, 1e-12)


def _decayed(summed: Array, kinds: list[tuple[int, float]], lag: int, first: int) -> Array:
    """[time + 1 - first, kind, item]: before each period from ``first`` on the sums of value * exp(-age / memory).

    ``summed`` [time, what, item]; ``kinds`` name what and memory; the periods summed lie ``lag`` apart.
    """
    chosen = [what for what, _ in kinds]
    ratios = np.exp([-lag / memory for _, memory in kinds])[:, None]
    latest = np.zeros((lag, len(kinds), summed.shape[2]))  # of each phase
    kept = np.zeros((summed.shape[0] + 1 - first, len(kinds), summed.shape[2]))
    for period in range(1, summed.shape[0] + 1):
        sums = latest[period % lag]
        sums *= ratios
        sums += summed[period - 1, chosen]
        if period >= first:
            kept[period - first] = sums
    return kept


def demand_features(
    table: FeatureTable, items: Indices, origins: Indices, steps: Indices, past: list[Array]
) -> Features:
    """Features [row, column] of periods: covariates, then what ``past``, ``Demand.columns``, tells; all [row]."""
    own = np.stack(past, axis=1).astype(np.float32)
    return np.concatenate([table.demand_rows(items, origins, steps), own], axis=1)


def demand_groups(table: FeatureTable) -> list[str]:
    """For each column of ``demand_features`` the covariate that it is made of; "" for the series' own past."""
    return [*table.demand_groups(), *[""] * COLUMN_COUNT]
