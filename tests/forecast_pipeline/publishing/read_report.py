"""Reads the items of a report as stored.js of the page does."""

import base64
import json
import struct
import zlib
from typing import Any

import numpy as np


def unpacked(text: str) -> Any:
    """The JSON value of a packed text."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def block(text: str) -> tuple[Any, bytes]:
    """The head of a block, and its bytes."""
    content = zlib.decompress(base64.b64decode(text))
    (length,) = struct.unpack_from("<I", content)
    return json.loads(content[4 : 4 + length]), content[4 + length :]


def planes(content: bytes, count: int) -> np.ndarray:
    """Integers whose low bytes stand before their high ones."""
    low, high = (np.frombuffer(content, np.uint8, count, offset) for offset in (0, count))
    return low.astype(int) + 256 * high.astype(int)


def items_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """All items of a report, the largest first, each with name, figures and what the page holds of its lines."""
    items = [each for part in data["parts"] for each in items_of_part(data, part)]
    return sorted(items, key=lambda each: (-each["volume"], each["name"]))


def items_of_part(data: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of one shard, in its order."""
    names, content = block(part["index"])
    count = len(names)
    volumes = np.frombuffer(content, np.uint8, 4 * count).reshape(4, count).T.copy().view("<f4")[:, 0]
    figures = planes_of(content[4 * count :], count, 4)
    details = [each for text in part["details"] for each in unpacked(text)]
    lines = [each for text in part["lines"] for each in lines_of(data, text)]
    found = []
    for row, name in enumerate(names):
        item = {"name": name, "volume": float(volumes[row])}
        for figure, title in zip(figures, ("wape", "naiveWape", "surprise", "truthWape"), strict=True):
            item[title] = None if figure[row] == 65535 else figure[row] / 1000
        found.append(item | (details[row] if row < len(details) else lines[row] if row < len(lines) else {}))
    return found


def planes_of(content: bytes, count: int, rows: int) -> list[list[int]]:
    """So many rows of integers, each stored by itself."""
    return [planes(content[2 * count * row :], count).tolist() for row in range(rows)]


def lines_of(data: dict[str, Any], text: str) -> list[dict[str, Any]]:
    """The items of a block that has numbers as small integers."""
    notes, content = block(text)
    past, steps = data["shortHistory"], len(unpacked(data["times"])) - data["forecastStart"]
    band = 0 if data["bandShare"] is None else 2
    width = past + (1 + band) * steps
    count = next(n for n in range(1, 257) if len(content) == 4 * n + -(-n * width // 8) + 2 * n * width)
    scales = np.frombuffer(content, "<f4", count)
    mask = np.frombuffer(content[4 * count :], np.uint8, -(-count * width // 8))
    unknown = np.unpackbits(mask)[: count * width].reshape(count, width).astype(bool)
    zigzag = planes(content[4 * count + len(mask) :], count * width).reshape(count, width)
    differences = ((zigzag >> 1) ^ -(zigzag & 1)).astype(np.int16)
    row = np.cumsum(differences[:, : past + steps], axis=1, dtype=np.int16).astype(float)
    parts = {"history": row[:, :past], "line": row[:, past:]}
    for number, name in enumerate(("low", "high")[:band]):
        at = slice(past + (number + 1) * steps, past + (number + 2) * steps)
        parts[name] = parts["line"] + np.cumsum(differences[:, at], axis=1, dtype=np.int16)
    together = np.concatenate([*parts.values()], axis=1) * scales[:, None]
    values = np.where(unknown, np.nan, together)
    ends = np.cumsum([each.shape[1] for each in parts.values()])[:-1]
    found = []
    for place in range(count):
        pieces = [[None if np.isnan(x) else float(x) for x in each] for each in np.split(values[place], ends)]
        named = dict(zip(parts, pieces, strict=True))
        item = {"history": named.pop("history"), "forecast": named, "backtests": [], "note": notes.get(str(place), "")}
        found.append(item)
    return found
