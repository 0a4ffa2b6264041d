"""``TimeAlignmentBoundary``: the moment at which a day, a week, a month or a year of the forecast begins."""

from collections.abc import Mapping
from typing import Any, TypedDict

# Unit of the forecast's frequency -> the members that it takes: a boundary is one unit finer. H and min take none.
BOUNDARY_MEMBERS = {"D": ("Hour",), "W": ("DayOfWeek",), "M": ("DayOfMonth",), "Y": ("Month", "DayOfMonth")}


class BoundaryFields(TypedDict):
    """A boundary by the names that the engine's ``Boundary`` has for the members; None is a member not given."""

    month: str | None
    day_of_month: int | None
    day_of_week: str | None
    hour: int | None


def boundary_fields(boundary: Mapping[str, Any]) -> BoundaryFields:
    """A request's ``TimeAlignmentBoundary`` as the fields of the engine's ``Boundary``."""
    return {
        "month": boundary.get("Month"),
        "day_of_month": boundary.get("DayOfMonth"),
        "day_of_week": boundary.get("DayOfWeek"),
        "hour": boundary.get("Hour"),
    }
