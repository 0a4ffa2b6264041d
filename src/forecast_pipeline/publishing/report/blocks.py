"""The compact form of what the report carries of many items; ``stored.js`` of the template reads it.

A text is zlib's stream in base64. Numbers are 16 bit integers whose low bytes stand together before their high ones,
since each kind compresses well by itself.
"""

import base64
import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Array

ITEMS_OF_A_BLOCK = 256  # decoded together once one of them is chosen
DETAILS_OF_A_BLOCK = 64
UNKNOWN = 65535


@dataclass(frozen=True)
class ItemLines:
    """What a chart draws of some items: ``history`` [item, period], and [item, step] the line and its band, if any."""

    history: Array
    line: Array
    low: Array | None
    high: Array | None


def packed(value: Any) -> str:
    """A JSON value."""
    return _text(json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode())


def unpacked(text: str) -> Any:
    """The JSON value that ``packed`` made a text of."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def index_of(names: Sequence[str], volumes: Array, figures: Sequence[Array]) -> str:
    """Names, then volumes [item] as floats of 24 bits, then each of the ``figures`` [item] in 1/1000, NaN as UNKNOWN.

    A figure beyond 65.534 is stored as that.
    """
    bits = volumes.astype("<f4").view("<u4") & np.uint32(0xFFFFFF00)
    coded = [np.where(np.isnan(each), UNKNOWN, np.clip(np.round(1000 * each), 0, UNKNOWN - 1)) for each in figures]
    planes = [bits.view(np.uint8).reshape(-1, 4).T.tobytes(), *(_planes(each.astype(np.uint16)) for each in coded)]
    return _block([*names], b"".join(planes))


def lines_of(lines: ItemLines, notes: Sequence[str], levels: int) -> str:
    """Some items' notes, then of each its scale, where numbers are unknown, and the numbers.

    An item's number is its scale times an integer of at most ``levels``: off by 1 / (2 levels) of the item's largest
    number at most. History and line are one row of differences from period to period; so is how far each edge of the
    band lies from the line. Differences are wrapped to 16 bits and written as 2 d or -2 d - 1.
    """
    values = np.concatenate([lines.history, lines.line], axis=1)
    parts = [each for each in (lines.low, lines.high) if each is not None]
    together = np.concatenate([values, *parts], axis=1)
    unknown = np.isnan(together)
    with np.errstate(invalid="ignore"):
        largest = np.where(unknown, 0.0, np.abs(together)).max(axis=1, initial=0.0)
    scales = np.where(largest > 0, largest / levels, 1.0).astype("<f4")
    steps = np.round(np.where(unknown, 0.0, together) / scales[:, None]).astype(np.int64)
    row = _filled(steps[:, : values.shape[1]], unknown[:, : values.shape[1]])
    rows = [row]
    line = row[:, lines.history.shape[1] :]
    for number in range(len(parts)):
        at = slice(values.shape[1] + number * line.shape[1], values.shape[1] + (number + 1) * line.shape[1])
        rows.append(np.where(unknown[:, at], 0, steps[:, at] - line))
    differences = np.concatenate([np.diff(each, axis=1, prepend=0) for each in rows], axis=1).astype(np.int16)
    zigzag = np.where(differences < 0, -2 * differences.astype(np.int64) - 1, 2 * differences.astype(np.int64))
    kept = {str(place): note for place, note in enumerate(notes) if note}
    return _block(kept, scales.tobytes() + np.packbits(unknown).tobytes() + _planes(zigzag.astype(np.uint16)))


def _filled(steps: NDArray[np.int64], unknown: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The same with the last known number where one is unknown, so that its difference is 0."""
    places = np.where(unknown, 0, np.arange(steps.shape[1]))
    last = np.maximum.accumulate(places, axis=1)
    filled: NDArray[np.int64] = np.take_along_axis(np.where(unknown, 0, steps), last, axis=1)
    return filled


def _planes(numbers: NDArray[np.uint16]) -> bytes:
    return (numbers & 255).astype(np.uint8).tobytes() + (numbers >> 8).astype(np.uint8).tobytes()


def _block(head: Any, content: bytes) -> str:
    """The length of the head, the head as JSON, the content."""
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    return _text(struct.pack("<I", len(text)) + text + content)


def _text(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()
