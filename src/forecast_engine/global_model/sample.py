"""The items that the global model is trained on: chosen by their hashes, so that the shards do not matter.

A shard sends the items of least hash until they would fill its document; all shards together hold then at least those
of least hash that fill one such document, and these are the sample.
"""

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.panel.frequency import Frequency
from forecast_engine.panel.grid import Grid
from forecast_engine.panel.panel import Covariates, Panel
from forecast_engine.settings import Document

_CAPACITY = 1_350_000  # bytes of a sample: 1.8 MB as base64, so that a shard's document stays below 2 MiB
_SURPLUS = 8  # how many times the capacity all shards together may send: series are often shorter than the grid
_FEWEST_ITEMS = 24  # that find room in the sample, cut to their latest periods if need be
_NUMBER = np.dtype("<f4")
_COUNTS = 0.0  # a unit that stands for whole numbers below 255, a byte each: four times as many items find room
_UNKNOWN_COUNT = 255


def initial_shared_state(item_count: int) -> Document:
    """What the first round reads: how many items all shards hold together; about is enough, but one for all shards."""
    return {"item_count": item_count}


def sample(panel: Panel, shared: Document) -> Document:
    """A shard's share of the sample."""
    capacity = _Capacity.of(panel, shared["item_count"])
    hashes = {item: zlib.crc32(item_id.encode()) for item, item_id in enumerate(panel.item_ids)}
    chosen = [item for item in hashes if hashes[item] < capacity.largest_hash and panel.observed[item].any()]
    items: list[Document] = []
    size = 0
    for item in sorted(chosen, key=lambda item: (hashes[item], panel.item_ids[item])):
        packed = _packed(panel, item, capacity.periods)
        size += _size(packed)
        if size > _CAPACITY:
            break
        items.append(packed)
    grid = panel.grid
    return {
        "grid": [str(grid.frequency), grid.origin, grid.length, grid.shift_seconds],
        "calendar": {name: _text(values) for name, values in panel.covariates.calendar.items()},
        "items": items,
    }


def sampled_panel(shards: Iterable[Document], horizon: int) -> Panel:
    """The panel of the sample, its items ascending by hash."""
    documents = list(shards)
    packed = [item for document in documents for item in document["items"]]
    packed.sort(key=lambda item: (zlib.crc32(item["id"].encode()), item["id"]))
    within = np.cumsum([_size(item) for item in packed]) <= _CAPACITY
    chosen = [item for item, fits in zip(packed, within, strict=True) if fits]
    frequency, origin, length, shift = documents[0]["grid"]
    grid = Grid(Frequency.parse(frequency), origin, length, shift)
    target = np.stack([_unpacked(item["target"], length) for item in chosen]) if chosen else np.zeros((0, length))
    names = chosen[0]["related"] if chosen else {}
    covariates = Covariates(
        related={name: np.stack([_unpacked(i["related"][name], length + horizon) for i in chosen]) for name in names},
        calendar={name: _values(text) for name, text in documents[0]["calendar"].items()},
        attributes={name: _attribute([i["attributes"][name] for i in chosen]) for name in chosen[0]["attributes"]}
        if chosen
        else {},
    )
    return Panel([item["id"] for item in chosen], grid, target, ~np.isnan(target), 0, covariates)


@dataclass(frozen=True)
class _Capacity:
    """What a panel of this size may send: items of a hash below ``largest_hash``, each so many latest ``periods``."""

    largest_hash: int
    periods: int

    @classmethod
    def of(cls, panel: Panel, item_count: int) -> "_Capacity":
        numbers = _CAPACITY // _NUMBER.itemsize
        series = 1 + len(panel.covariates.related)
        periods = min(panel.grid.length, numbers // (series * min(max(item_count, 1), _FEWEST_ITEMS)))
        share = min(1.0, _SURPLUS * numbers / (max(item_count, 1) * series * periods))
        return cls(int(share * 2**32), periods)


def _packed(panel: Panel, item: int, periods: int) -> Document:
    """One item from its first observation on, or its latest ``periods``; numbers in units of their largest."""
    length = panel.grid.length
    first = max(int(panel.observed[item].argmax()), length - periods)
    covariates = panel.covariates
    return {
        "id": panel.item_ids[item],
        "target": _pack(panel.target[item, first:], first),
        "related": {name: _pack(values[item, first:], first) for name, values in covariates.related.items()},
        "attributes": {name: _known(values[item].item()) for name, values in covariates.attributes.items()},
    }


def _pack(values: Array, first: int) -> list[Any]:
    """First period, unit and text of one series; the unit of small whole numbers is 0."""
    counts = np.where(np.isnan(values), _UNKNOWN_COUNT, values)
    if np.all((counts >= 0) & (counts <= _UNKNOWN_COUNT) & (counts == np.floor(counts))) and not np.any(
        values == _UNKNOWN_COUNT
    ):
        return [first, _COUNTS, base64.b64encode(counts.astype(np.uint8).tobytes()).decode()]
    known = np.abs(values[~np.isnan(values)])
    largest = float(known.max()) if len(known) else 0.0
    unit = 2.0 ** np.floor(np.log2(largest)) if largest > 0 else 1.0  # a power of two: rounding is the same for any
    return [first, float(unit), _text(values / unit)]


def _unpacked(packed: list[Any], length: int) -> Array:
    first, unit, text = packed
    series = np.full(length, np.nan)
    values = _counts(text) if unit == _COUNTS else _values(text) * unit
    series[first : first + len(values)] = values
    return series


def _known(value: str | float) -> str | float | None:
    """JSON knows no NaN."""
    return None if isinstance(value, float) and np.isnan(value) else value


def _attribute(values: list[Any]) -> NDArray[Any]:
    """Text [item], or numbers [item] with NaN where unknown."""
    if any(isinstance(value, str) for value in values):
        return np.array(values, dtype=str)
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _text(values: Array) -> str:
    largest = float(np.finfo(_NUMBER).max)
    return base64.b64encode(np.clip(values, -largest, largest).astype(_NUMBER).tobytes()).decode()


def _values(text: str) -> NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(text), dtype=_NUMBER).astype(float)


def _counts(text: str) -> Array:
    counts = np.frombuffer(base64.b64decode(text), dtype=np.uint8).astype(float)
    return np.where(counts == _UNKNOWN_COUNT, np.nan, counts)


def _size(packed: Document) -> int:
    """Bytes that an item takes of the capacity, text counted as what base64 would make of as many."""
    series = [packed["target"], *packed["related"].values()]
    texts = [packed["id"], *(name for name in packed["related"]), *map(str, packed["attributes"].items())]
    return sum(len(text) * 3 // 4 for _, _, text in series) + sum(len(text.encode()) for text in texts) + 64
