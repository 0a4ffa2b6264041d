"""Features of intermittent demand: weighted means of the past, as NPTS takes them, and how demand varied around them.

The model learns the ratio demand / weighted mean, so that one model serves items of any size.
"""

from dataclasses import dataclass

import numpy as np

from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model.covariate_columns import FeatureColumns
from forecast_engine.global_model.features import FeatureTable
from forecast_engine.global_model.series import Indices, carried_on
from forecast_engine.models.npts import MEMORIES, SAME_PHASE_BOOST

_LEVEL_MEMORIES = (3.0, *MEMORIES, 1e9)  # periods; the last one forgets nothing
_VALUES, _SQUARES, _NONZERO = 0, 1, 2  # quantities that are summed
_SUMS = [(_VALUES, m) for m in _LEVEL_MEMORIES] + [(quantity, m) for quantity in (_SQUARES, _NONZERO) for m in MEMORIES]
_PHASE_SUMS = [(quantity, m) for quantity in (_VALUES, _SQUARES) for m in MEMORIES]
COLUMN_COUNT = len(_LEVEL_MEMORIES) + len(MEMORIES) + 3


@dataclass(frozen=True)
class Demand:
    """Decayed sums before each period: sum of quantity * exp(-age / memory). Each item's depend on that item alone."""

    season_length: int
    first: int  # sums before this period are not kept: a season before the earliest origin that may be asked about
    starts: Indices
    _sums: Array  # [time + 1 - first, index in _SUMS, item]
    _phase_sums: Array  # [time + 1 - first, index in _PHASE_SUMS, item], over the periods of one phase of the season
    _peak: Array  # [item]: values are divided by it before they are squared, so that squares are finite
    _since_demand: Indices  # [item, time + 1], in periods
    _unit: Array  # [item, time + 1]: the smallest demand so far, 1 where there was none

    @classmethod
    def of(cls, history: Array, season_length: int, first_origin: int = 0) -> "Demand":
        """Prepare a history [item, time], never negative and NaN where unobserved, for origins from the first on."""
        carried, starts = carried_on(history)
        values = np.where(np.isnan(carried), 0.0, carried)
        _, exponent = np.frexp(values.max(axis=1, initial=0.0))
        peak = np.ldexp(1.0, exponent - 1)  # a power of two: dividing by it rounds nothing
        summed = np.stack(
            [values.T, ((values / peak[:, None]) ** 2).T, (values > 0).T.astype(float)], axis=1
        )  # [time, quantity, item]
        before = np.concatenate([np.zeros((len(values), 1)), values], axis=1)  # the value of the period before
        periods = np.arange(before.shape[1])
        last = np.maximum.accumulate(np.where(before > 0, periods, 0), axis=1)
        unit = np.minimum.accumulate(np.where(before > 0, before, np.inf), axis=1)
        first = max(first_origin - season_length, 0)
        return cls(
            season_length,
            first,
            starts,
            _decayed(summed, _SUMS, 1, first),
            _decayed(summed, _PHASE_SUMS, season_length, first),
            peak,
            periods - last,
            np.where(np.isfinite(unit), unit, 1.0),
        )

    def mean(self, items: Indices, origins: Indices, steps: Indices) -> Array:
        """The mean [row] of the weighted sample that NPTS would draw from; 0 where nothing was observed."""
        return self._weighted_mean(_VALUES, items, origins, steps)

    def variation(self, mean: Array, items: Indices, origins: Indices, steps: Indices) -> Array:
        """Coefficient of variation [row]: the weighted sample's deviation over its ``mean`` [row]; 0 without demand."""
        share = mean / self._peak[items]
        squares = self._weighted_mean(_SQUARES, items, origins, steps)
        variation: Array = np.sqrt(np.maximum(squares - share**2, 0.0)) / np.where(share > 0, share, np.inf)
        return variation

    def unit(self, items: Indices, origins: Indices) -> Array:
        """The unit of demand [row]: the item's smallest demand so far."""
        return self._unit[items, origins]

    def columns(self, mean: Array, items: Indices, origins: Indices, steps: Indices) -> list[Array]:
        """``COLUMN_COUNT`` features, arrays [row], of rows with this weighted ``mean`` [row].

        Levels by memory over the mean, shares of periods with demand, log(mean / unit), coefficient of variation, and
        periods since the last demand.
        """
        known = np.where(mean > 0, mean, np.nan)
        length = np.maximum(origins - self.starts[items], 0)
        levels = [self._sum(_VALUES, m, items, origins) / _weights(length, m, 1) / known for m in _LEVEL_MEMORIES]
        shares = [self._sum(_NONZERO, m, items, origins) / _weights(length, m, 1) for m in MEMORIES]
        size = np.log(known / self.unit(items, origins))
        since = self._since_demand[items, origins].astype(float)
        return [*levels, *shares, size, self.variation(mean, items, origins, steps), since]

    def _sum(self, quantity: int, memory: float, items: Indices, origins: Indices) -> Array:
        return self._sums[origins - self.first, _SUMS.index((quantity, memory)), items]

    def _weighted_mean(self, quantity: int, items: Indices, origins: Indices, steps: Indices) -> Array:
        """Weighted means [row], of the memories in equal parts, the same phase boosted."""
        season = self.season_length
        length = np.maximum(origins - self.starts[items], 0)
        age = season - 1 - steps % season  # of the latest period of the same phase; the last period's is 0
        ends = np.maximum(origins - age, self.first)
        phase_count = -(-np.maximum(length - age, 0) // season)
        total = np.zeros(len(items))
        for memory in MEMORIES:
            boost = SAME_PHASE_BOOST * np.exp(-age / memory)
            known = self._phase_sums[ends - self.first, _PHASE_SUMS.index((quantity, memory)), items]
            same_phase = np.where(age < length, known, 0.0)
            weight = _weights(length, memory, 1) + boost * _weights(phase_count, memory, season)
            decayed = self._sum(quantity, memory, items, origins) + boost * same_phase
            total += decayed / np.where(weight > 0, weight, 1.0)
        return total / len(MEMORIES)


def _weights(counts: Indices, memory: float, lag: int) -> Array:
    """The sum [row] of exp(-age / memory) over ``counts`` [row] periods ``lag`` apart; never quite 0."""
    decay = -np.expm1(-lag / memory)
    weights: Array = -np.expm1(-lag * counts / memory) / decay
    return np.maximum(weights, 1e-12)


def _decayed(summed: Array, sums: list[tuple[int, float]], lag: int, first: int) -> Array:
    """[time + 1 - first, sum, item]: before each period from ``first`` on the sums of value * exp(-age / memory).

    ``summed`` [time, quantity, item]; ``sums`` name quantity and memory; the periods summed lie ``lag`` apart.
    """
    chosen = [quantity for quantity, _ in sums]
    ratios = np.exp([-lag / memory for _, memory in sums])[:, None]
    length = len(summed) + 1
    periods = np.zeros((-(-length // lag) * lag, *summed.shape[1:]))
    periods[1:length] = summed
    latest = np.zeros((lag, len(sums), summed.shape[2]))  # of each phase
    taken = np.empty(latest.shape)
    kept = np.zeros((length - first, *latest.shape[1:]))
    for begin in range(0, length, lag):
        latest *= ratios
        latest += np.take(periods[begin : begin + lag], chosen, axis=1, out=taken, mode="clip")
        if begin + lag > first:
            kept[max(begin - first, 0) : begin + lag - first] = latest[max(first - begin, 0) : length - begin]
    return kept


def demand_features(
    table: FeatureTable, items: Indices, origins: Indices, steps: Indices, past: list[Array]
) -> FeatureColumns:
    """The table's ``demand_columns``, then those of ``past``, which ``Demand.columns`` gave; all [row]."""
    known = table.demand_columns(items, origins, steps)
    own = np.stack(past, axis=1).astype(np.float32)
    groups = [*known.groups, *[""] * COLUMN_COUNT]
    return FeatureColumns(np.concatenate([known.values, own], axis=1), groups, known.categorical)
