"""The tag of an import job that leaves an unfinished last period out. Amazon's requests have no word for it.

Its value is the frequency of the forecast, and where its periods begin: ``W``, ``W DayOfWeek=SUNDAY``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from forecast_contract.time_alignment import BoundaryFields, boundary_fields

_KEY = "almanac:drop-partial-period"
_WHOLE_NUMBERS = ("DayOfMonth", "Hour")


def partial_period_tag(frequency: str, boundary: Mapping[str, Any]) -> dict[str, str]:
    """The tag for a forecast of this frequency with this ``TimeAlignmentBoundary``.

    >>> partial_period_tag("W", {"DayOfWeek": "SUNDAY"})["Value"]
    'W DayOfWeek=SUNDAY'
    """
    return {"Key": _KEY, "Value": " ".join([frequency, *(f"{name}={value}" for name, value in boundary.items())])}


def is_asked_for(tags: Iterable[Mapping[str, str]]) -> bool:
    """Whether a job carries the tag."""
    return any(tag["Key"] == _KEY for tag in tags)


def period_asked_for(tags: Iterable[Mapping[str, str]]) -> tuple[str, BoundaryFields] | None:
    """The frequency and the boundary of the periods; None without the tag. ValueError where it is another.

    >>> period_asked_for([partial_period_tag("M", {"DayOfMonth": 5})])[1]["day_of_month"]
    5
    """
    for tag in tags:
        if tag["Key"] == _KEY:
            frequency, *members = tag["Value"].split()
            boundary = dict(member.split("=", 1) for member in members if "=" in member)
            values = {name: int(value) if name in _WHOLE_NUMBERS else value for name, value in boundary.items()}
            return frequency, boundary_fields(values)
    return None
