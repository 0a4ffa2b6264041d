"""One page of a List: newest first, filtered, and a token for the next page that is good for a day."""

import base64
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from forecast_service.records.errors import InvalidInputException, InvalidNextTokenException, shown
from forecast_service.records.record import Position, Record, now
from forecast_service.records.table import Records
from forecast_service.resources.resource_kind import ResourceKind

Page = tuple[list[Record], Position | None]

_LARGEST_PAGE = 100
_SECONDS_OF_A_DAY = 86400


def everything(_record: Record) -> bool:
    """For lists that show all records."""
    return True


def list_page(
    records: Records,
    kind: ResourceKind,
    request: dict[str, Any],
    *,
    parent: str | None = None,
    shows: Callable[[Record], bool] = everything,
) -> tuple[list[Record], str | None]:
    """The records of one page, and the token of the next; None where this is the last.

    ``parent``: the ARN whose children alone are listed; ``shows`` tells which records the list has at all.
    """
    filters = request.get("Filters", [])
    for condition in filters:
        if condition["Key"] not in kind.filters:
            allowed = f"use {', '.join(kind.filters)}" if kind.filters else "there are none"
            raise InvalidInputException(
                f"Unknown filter key {shown(repr(condition['Key']))} for List{kind.plural}: {allowed}"
            )

    def matches(record: Record) -> bool:
        return shows(record) and all(_passes(record, kind, condition) for condition in filters)

    size, listed = request.get("MaxResults", _LARGEST_PAGE), parent or kind.name
    position = _position(request["NextToken"], listed) if "NextToken" in request else None
    records_after = _matching(partial(records.page_of_kind, kind.name, parent=parent), matches, position, size + 1)
    page = records_after[:size]
    return page, _token(page[-1], listed) if len(records_after) > size else None


def _matching(
    page_after: Callable[..., Page], matches: Callable[[Record], bool], position: Position | None, count: int
) -> list[Record]:
    """Up to ``count`` records from a position on that match."""
    matching: list[Record] = []
    while len(matching) < count:
        page, position = page_after(position, limit=count)
        matching += filter(matches, page)
        if position is None:
            break
    return matching[:count]


def _passes(record: Record, kind: ResourceKind, condition: dict[str, str]) -> bool:
    equal = kind.filters[condition["Key"]](record) == condition["Value"]
    return equal == (condition["Condition"] == "IS")


def _token(last: Record, listed: str) -> str:
    document = {"List": listed, "After": list(Records.position_of(last)), "Until": now() + _SECONDS_OF_A_DAY}
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def _position(token: str, listed: str) -> Position:
    try:
        document = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        after, until, list_of_token = document["After"], document["Until"], document["List"]
        position = Position(*map(str, after))
    except (ValueError, KeyError, TypeError) as error:  # not base64, not JSON, not ours
        raise InvalidNextTokenException("NextToken is not one that this list gave") from error
    if list_of_token != listed:
        raise InvalidNextTokenException("NextToken belongs to another list")
    if until < now():
        raise InvalidNextTokenException("NextToken is older than a day")
    return position
