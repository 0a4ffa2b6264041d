"""The items that the global model is trained on: the same however the panel is cut into shards.

The sample = the items whose series have the smallest hashes, as many as fit one document. Every shard sends its
smallest-hash items up to that size, so the union contains the sample. Of items that are equal in all that is packed,
``_MOST_ALIKE`` count: which of them does not matter, and a panel full of items that never sold is no sample of them.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.arrays.series_hash import HASH_COUNT, series_hashes
from forecast_engine.evaluation.windows import earliest_start
from forecast_engine.panel.frequency import Frequency
from forecast_engine.panel.grid import Grid
from forecast_engine.panel.panel import Covariates, Panel
from forecast_engine.settings import JsonObject, TrainingSettings

_CAPACITY = 1_350_000  # bytes of a sample: 1.8 MB as base64, so that a shard's document stays below 2 MiB
_SURPLUS = 8  # how many times the capacity all shards together may send: series are often shorter than the grid
_FEWEST_ITEMS = 24  # in a sample, each cut to its latest periods if need be
_NUMBER = np.dtype("<f4")
_COUNTS = 0.0  # a unit that stands for whole numbers below 255, a byte each: four times as many items fit
_UNKNOWN_COUNT = 255
_MOST_ALIKE = 10
_OVERHEAD = 64  # bytes of an item beside its texts

Attribute = str | float | None  # None: unknown


def initial_shared_state(item_count: int) -> JsonObject:
    """What the first round reads: how many items all shards hold together; about is enough, but one for all shards."""
    return {"item_count": item_count}


class PackedSeries(NamedTuple):
    """Values from period ``first`` on: base64 of numbers in units of ``unit``, or of counts where that is 0."""

    first: int
    unit: float
    text: str

    @classmethod
    def of(cls, values: Array, first: int) -> "PackedSeries":
        """Pack the ``values`` of a series from period ``first`` on, NaN where unknown."""
        counts = np.where(np.isnan(values), _UNKNOWN_COUNT, values)
        if np.all((counts >= 0) & (counts <= _UNKNOWN_COUNT) & (counts == np.floor(counts))) and not np.any(
            values == _UNKNOWN_COUNT
        ):
            return cls(first, _COUNTS, base64.b64encode(counts.astype(np.uint8).tobytes()).decode())
        known = np.abs(values[~np.isnan(values)])
        largest = float(known.max()) if len(known) else 0.0
        unit = 2.0 ** np.floor(np.log2(largest)) if largest > 0 else 1.0  # a power of two: rounding is the same for any
        return cls(first, float(unit), _text(values / unit))

    def unpacked(self, length: int) -> Array:
        """The series over a grid of ``length`` periods, NaN before its first one."""
        series = np.full(length, np.nan)
        values = _counts(self.text) if self.unit == _COUNTS else _values(self.text) * self.unit
        series[self.first : self.first + len(values)] = values
        return series


@dataclass(frozen=True)
class PackedItem:
    """One item with its covariates, from its first observation on, or its latest periods; nameless.

    ``series_hash``: of its whole target.
    """

    series_hash: int
    target: PackedSeries
    related: dict[str, PackedSeries]
    attributes: dict[str, Attribute]

    @classmethod
    def of(cls, panel: Panel, item: int, series_hash: int, periods: int) -> "PackedItem":
        """Pack an item of a panel, at most its latest ``periods``."""
        first = max(int(panel.observed[item].argmax()), panel.grid.length - periods)
        covariates = panel.covariates
        return cls(
            series_hash=series_hash,
            target=PackedSeries.of(panel.target[item, first:], first),
            related={name: PackedSeries.of(values[item, first:], first) for name, values in covariates.related.items()},
            attributes={name: _known(values[item].item()) for name, values in covariates.attributes.items()},
        )

    @property
    def content(self) -> str:
        """All that is packed, as text: orders items of one hash."""
        return json.dumps(self.to_document())

    @property
    def size(self) -> int:
        """Bytes that it takes of the capacity; of base64, what it holds."""
        series = [self.target, *self.related.values()]
        texts = [*self.related, *map(str, self.attributes.items())]
        packed = sum(len(one.text) * 3 // 4 for one in series)
        return packed + sum(len(text.encode()) for text in texts) + _OVERHEAD

    def to_document(self) -> JsonObject:
        """The same item as a JSON object."""
        return {
            "hash": self.series_hash,
            "target": list(self.target),
            "related": {name: list(series) for name, series in self.related.items()},
            "attributes": self.attributes,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "PackedItem":
        """The item that ``to_document`` wrote."""
        related = {name: PackedSeries(*series) for name, series in document["related"].items()}
        return cls(document["hash"], PackedSeries(*document["target"]), related, document["attributes"])


@dataclass(frozen=True)
class SampleShare:
    """What one shard sends: its grid, its calendar series as text, and its items of the smallest hashes."""

    grid: Grid
    calendar: dict[str, str]
    items: list[PackedItem]

    def to_document(self) -> JsonObject:
        """The same share as a JSON object."""
        grid = self.grid
        return {
            "grid": [str(grid.frequency), grid.origin, grid.length, grid.shift_seconds],
            "calendar": self.calendar,
            "items": [item.to_document() for item in self.items],
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "SampleShare":
        """The share that ``to_document`` wrote."""
        frequency, origin, length, shift_seconds = document["grid"]
        grid = Grid(Frequency.parse(frequency), origin, length, shift_seconds)
        return cls(grid, document["calendar"], [PackedItem.from_document(item) for item in document["items"]])


def sample(panel: Panel, item_count: int) -> SampleShare:
    """A shard's share of the sample of a panel of ``item_count`` items."""
    capacity, hashes = _Capacity.of(panel, item_count), series_hashes(panel.target)
    chosen = np.flatnonzero((hashes < capacity.hash_limit) & panel.observed.any(axis=1))
    ascending = chosen[np.argsort(hashes[chosen], kind="stable")]
    packed = (PackedItem.of(panel, item, int(hashes[item]), capacity.periods) for item in ascending)
    items = list(_fitting(_thinned(packed)))
    return SampleShare(panel.grid, {name: _text(values) for name, values in panel.covariates.calendar.items()}, items)


def sampled_panel(shares: Iterable[SampleShare], settings: TrainingSettings) -> Panel:
    """The panel of the sample, its items called by their numbers.

    They ascend by a hash of what lies before the backtest windows: their order moves fits, and windows must not.
    """
    shards = list(shares)
    sent = sorted((item for shard in shards for item in shard.items), key=lambda item: item.series_hash)
    grid = shards[0].grid
    items = _in_order_before_windows(list(_fitting(_thinned(sent))), grid, settings)
    calendar = {name: _values(text) for name, text in shards[0].calendar.items()}
    if not items:
        target = np.zeros((0, grid.length))
        return Panel([], grid, target, ~np.isnan(target), 0, Covariates(calendar=calendar))
    target = np.stack([item.target.unpacked(grid.length) for item in items])
    width = grid.length + settings.horizon
    covariates = Covariates(
        related={name: np.stack([item.related[name].unpacked(width) for item in items]) for name in items[0].related},
        calendar=calendar,
        attributes={name: _attribute([item.attributes[name] for item in items]) for name in items[0].attributes},
    )
    return Panel([str(number) for number in range(len(items))], grid, target, ~np.isnan(target), 0, covariates)


def _in_order_before_windows(items: list[PackedItem], grid: Grid, settings: TrainingSettings) -> list[PackedItem]:
    end = earliest_start(grid.length, settings, len(items))
    hashes = [series_hashes(item.target.unpacked(grid.length)[None, :end])[0] for item in items]
    return [items[position] for position in np.argsort(hashes, kind="stable")]


def _thinned(items: Iterable[PackedItem]) -> Iterator[PackedItem]:
    """Of items, ascending by hash, at most ``_MOST_ALIKE`` that are equal; those of one hash in the order of text."""
    for _, of_one_hash in groupby(items, key=lambda item: item.series_hash):
        for _, alike in groupby(sorted(of_one_hash, key=lambda item: item.content), key=lambda item: item.content):
            yield from islice(alike, _MOST_ALIKE)


def _fitting(items: Iterable[PackedItem]) -> Iterator[PackedItem]:
    """The first items, as many as fit into the capacity."""
    size = 0
    for item in items:
        size += item.size
        if size > _CAPACITY:
            return
        yield item


@dataclass(frozen=True)
class _Capacity:
    """What a shard of a panel of this size may send: items of a hash below ``hash_limit``, ``periods`` of each."""

    hash_limit: int
    periods: int

    @classmethod
    def of(cls, panel: Panel, item_count: int) -> "_Capacity":
        numbers = _CAPACITY // _NUMBER.itemsize
        series = 1 + len(panel.covariates.related)
        periods = min(panel.grid.length, numbers // (series * min(max(item_count, 1), _FEWEST_ITEMS)))
        share = min(1.0, _SURPLUS * numbers / (max(item_count, 1) * series * periods))
        return cls(int(share * HASH_COUNT), periods)


def _known(value: str | float) -> Attribute:
    """JSON knows no NaN."""
    return None if isinstance(value, float) and np.isnan(value) else value


def _attribute(values: list[Attribute]) -> NDArray[np.str_] | Array:
    """Text [item], or numbers [item] with NaN where unknown."""
    if any(isinstance(value, str) for value in values):
        return np.array(values, dtype=str)
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _text(values: Array) -> str:
    largest = float(np.finfo(_NUMBER).max)
    return base64.b64encode(np.clip(values, -largest, largest).astype(_NUMBER).tobytes()).decode()


def _values(text: str) -> Array:
    return np.frombuffer(base64.b64decode(text), dtype=_NUMBER).astype(float)


def _counts(text: str) -> Array:
    counts = np.frombuffer(base64.b64decode(text), dtype=np.uint8).astype(float)
    return np.where(counts == _UNKNOWN_COUNT, np.nan, counts)
