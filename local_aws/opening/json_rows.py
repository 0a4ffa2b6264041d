"""JSON: an object to a line, an array of objects, or an object with a list for each column."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from forecast_language import said
from local_aws.opening.data_error import DataError
from local_aws.opening.workbook import Row

Record = dict[str, Any]
MARK = b"\xef\xbb\xbf"
MOST_BYTES = 256 << 20  # it is read as a whole


def is_json(beginning: bytes) -> bool:
    """Whether a text that begins so is JSON: no CSV file begins with a brace, or with a bracket and a brace."""
    text = beginning.removeprefix(MARK).lstrip()
    return text.startswith(b"{") or (text.startswith(b"[") and text[1:].lstrip().startswith((b"{", b"]", b"[")))


def json_rows(path: Path, name: str) -> list[Row]:
    """The names in the first row, then the values of every object; a value that is not there is an empty text.

    An object within an object gives columns such as ``shop.city``, a list is one text. DataError for what holds no
    objects.
    """
    if path.stat().st_size > MOST_BYTES:
        raise DataError(
            said(
                "{file}: is more than {most} MiB of JSON, wanted less, or CSV or Parquet",
                file=name,
                most=MOST_BYTES >> 20,
            )
        )
    content = path.read_text(encoding="utf-8-sig")
    value = _parsed(content, name, 1) if content.lstrip().startswith("[") else _whole(content)
    lists = _lists_of(value)
    if lists is not None:
        return [(line, [_plain(cell) for cell in cells]) for line, cells in enumerate(lists, start=1)]
    records = [*_objects(_numbered(value, content, name), name)]
    names = [*dict.fromkeys(key for _, record in records for key in record)]
    return [(0, names), *((line, [_plain(record.get(key)) for key in names]) for line, record in records)]


def _whole(content: str) -> Any:
    """The one value that a file is, or None if it has a value to a line."""
    try:
        return json.loads(content, parse_float=str, parse_int=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError):
        return None


def _lists_of(value: Any) -> list[list[Any]] | None:
    """Rows as lists, of which the first may hold the names: an array of arrays, or what pandas calls split."""
    if isinstance(value, dict) and isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        value = [value["columns"], *value["data"]]
    is_rows = isinstance(value, list) and value and all(isinstance(row, list) for row in value)
    return value if is_rows else None


def _numbered(value: Any, content: str, name: str) -> Iterable[tuple[int, Any]]:
    """The objects of a file with their lines: those of an array, of a list for each name, or one to a line."""
    found = value if isinstance(value, list) else _array_within(value)
    if found is not None:
        return enumerate(found, start=1)
    members = value.values() if isinstance(value, dict) else ()
    columns = [[*member.values()] if isinstance(member, dict) else member for member in members]
    if columns and all(isinstance(column, list) for column in columns) and len({*map(len, columns)}) == 1:
        rows = zip(*columns, strict=True)
        return ((row, dict(zip(value, cells, strict=True))) for row, cells in enumerate(rows, start=1))
    lines = enumerate(content.split("\n"), start=1)
    return ((line, _parsed(text, name, line)) for line, text in lines if text.strip())


def _array_within(value: Any) -> list[Any] | None:
    """The one array of objects under a name, however deep; None if there is none, or more than one."""
    if not isinstance(value, dict):
        return None
    arrays = [
        member for member in value.values() if isinstance(member, list) and member and isinstance(member[0], dict)
    ]
    if not arrays:
        arrays = [found for member in value.values() if (found := _array_within(member)) is not None]
    return arrays[0] if len(arrays) == 1 else None


def _parsed(text: str, name: str, line: int) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise DataError(
            said(
                "{file}: line {line}, character {character} is no JSON;"
                " wanted an object to a line, or an array of objects",
                file=name,
                line=line + error.lineno - 1,
                character=error.colno,
            )
        ) from None
    except RecursionError:
        raise DataError(
            said("{file}: line {line} holds too many brackets within one another", file=name, line=line)
        ) from None


def _objects(values: Iterable[tuple[int, Any]], name: str) -> Iterator[tuple[int, Record]]:
    for line, value in values:
        if not isinstance(value, dict):
            raise DataError(
                said(
                    '{file}: object {line} is {value!r:.60}, wanted names with values such as {{"y": 1}}',
                    file=name,
                    line=line,
                    value=value,
                )
            )
        yield line, _flat(value)


def _flat(record: Record, before: str = "") -> Record:
    """The record without objects in it: their members stand under both names."""
    flat: Record = {}
    for key, value in record.items():
        flat |= _flat(value, f"{before}{key}.") if isinstance(value, dict) and value else {f"{before}{key}": value}
    return flat


def _plain(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)
