"""One page of a List: newest first, filtered, and a token for the next page that is good for a day."""

import base64
import json
from typing import Any

from forecast_service.errors import InvalidInputException, InvalidNextTokenException
from forecast_service.records import Position, Record, Records, now
from forecast_service.resources.kind import ResourceKind

_LARGEST_PAGE = 100
_SECONDS_OF_A_DAY = 86400


def list_page(records: Records, kind: ResourceKind, request: dict[str, Any]) -> tuple[list[Record], str | None]:
    """The records of one page, and the token of the next; None where this is the last."""
    filters = request.get("Filters", [])
    for wanted in filters:
        if wanted["Key"] not in kind.filters:
            allowed = f"use {', '.join(kind.filters)}" if kind.filters else "there are none"
            raise InvalidInputException(f"Unknown filter key {wanted['Key']!r} for List{kind.plural}: {allowed}")
    size = request.get("MaxResults", _LARGEST_PAGE)
    position = _position(request["NextToken"], kind) if "NextToken" in request else None
    found = _matching(records, kind, filters, position, size + 1)
    page = found[:size]
    return page, _token(page[-1], kind) if len(found) > size else None


def _matching(
    records: Records, kind: ResourceKind, filters: list[dict[str, str]], position: Position | None, count: int
) -> list[Record]:
    """Up to ``count`` records from a position on that pass all filters."""
    found: list[Record] = []
    while len(found) < count:
        page, position = records.page_of_kind(kind.kind, position, limit=count)
        found += [record for record in page if all(_passes(record, kind, wanted) for wanted in filters)]
        if position is None:
            break
    return found[:count]


def _passes(record: Record, kind: ResourceKind, wanted: dict[str, str]) -> bool:
    equal = kind.filters[wanted["Key"]](record) == wanted["Value"]
    return equal == (wanted["Condition"] == "IS")


def _token(last: Record, kind: ResourceKind) -> str:
    document = {"Kind": kind.kind, "After": list(Records.position_of(last)), "Until": now() + _SECONDS_OF_A_DAY}
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def _position(token: str, kind: ResourceKind) -> Position:
    try:
        document = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        after, until, of_kind = document["After"], document["Until"], document["Kind"]
        position = Position(*map(str, after))
    except (ValueError, KeyError, TypeError) as error:  # not base64, not JSON, not ours
        raise InvalidNextTokenException("NextToken is not one that this list gave") from error
    if of_kind != kind.kind:
        raise InvalidNextTokenException("NextToken belongs to another list")
    if until < now():
        raise InvalidNextTokenException("NextToken is older than a day")
    return position
