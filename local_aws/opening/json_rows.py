"""JSON: an object to a line, an array of objects, or an object with a list for each column."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from local_aws.opening.data_error import DataError
from local_aws.opening.workbook import Row

Record = dict[str, Any]
MARK = b"\xef\xbb\xbf"
MOST_BYTES = 256 << 20  # it is read as a whole


def is_json(beginning: bytes) -> bool:
    """Whether a text that begins so is JSON: no CSV file begins with a brace, or with a bracket and a brace."""
    text = beginning.removeprefix(MARK).lstrip()
    return text.startswith(b"{") or (text.startswith(b"[") and text[1:].lstrip().startswith((b"{", b"]")))


def json_rows(path: Path, name: str) -> list[Row]:
    """The names in the first row, then the values of every object; a value that is not there is an empty text.

    DataError for what is no object of plain values.
    """
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{name}: is more than {MOST_BYTES >> 20} MiB of JSON, wanted less, or CSV or Parquet")
    content = path.read_text(encoding="utf-8-sig")
    numbered = [*(_array(content, name) if content.lstrip().startswith("[") else _of_one_object(content, name))]
    names = [*dict.fromkeys(key for _, record in numbered for key in record)]
    return [
        (0, names),
        *((line, [_plain(record.get(key), name, line, key) for key in names]) for line, record in numbered),
    ]


def _array(content: str, name: str) -> Iterator[tuple[int, Record]]:
    return _objects(enumerate(_parsed(content, name, 1), start=1), name)


def _of_one_object(content: str, name: str) -> Iterator[tuple[int, Record]]:
    """The rows of a file that is one object: an array of objects under a name, or a list of values for each name."""
    try:
        value = json.loads(content, parse_float=str, parse_int=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError):
        return _lines(content, name)
    arrays = [
        member for member in value.values() if isinstance(member, list) and member and isinstance(member[0], dict)
    ]
    if len(arrays) == 1:
        return _objects(enumerate(arrays[0], start=1), name)
    columns = [[*member.values()] if isinstance(member, dict) else member for member in value.values()]
    if columns and all(isinstance(column, list) for column in columns) and len({*map(len, columns)}) == 1:
        rows = zip(*columns, strict=True)
        return _objects(((row, dict(zip(value, cells, strict=True))) for row, cells in enumerate(rows, start=1)), name)
    return _lines(content, name)


def _lines(content: str, name: str) -> Iterator[tuple[int, Record]]:
    lines = enumerate(content.split("\n"), start=1)
    return _objects(((line, _parsed(text, name, line)) for line, text in lines if text.strip()), name)


def _parsed(text: str, name: str, line: int) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        place = f"line {line + error.lineno - 1}, character {error.colno}"
        raise DataError(f"{name}: {place} is no JSON; wanted an object to a line, or an array of objects") from None
    except RecursionError:
        raise DataError(f"{name}: line {line} holds too many brackets within one another") from None


def _objects(values: Iterable[tuple[int, Any]], name: str) -> Iterator[tuple[int, Record]]:
    for line, value in values:
        if not isinstance(value, dict):
            raise DataError(f'{name}: object {line} is {value!r:.60}, wanted names with values such as {{"y": 1}}')
        yield line, value


def _plain(value: Any, name: str, line: int, key: str) -> str:
    if isinstance(value, dict | list):
        raise DataError(f"{name}: line {line}, {key}: found {value!r:.60}, wanted a text or a number")
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
