"""How values are aggregated and gaps are filled: the parameters of both requests for a predictor."""

from collections.abc import Mapping
from typing import TypedDict

AllowedValues = dict[str, tuple[str, ...]]  # name of a parameter -> its values

_FILLINGS = ("zero", "nan", "value", "median", "mean", "min", "max")
_RELATED_FILLINGS = tuple(filling for filling in _FILLINGS if filling != "nan")  # a gap there cannot stay one
TARGET_TRANSFORMATIONS: AllowedValues = {
    "aggregation": ("sum", "avg", "first", "min", "max"),
    "frontfill": ("none",),
    "middlefill": _FILLINGS,
    "backfill": _FILLINGS,
}
RELATED_TRANSFORMATIONS: AllowedValues = dict.fromkeys(("middlefill", "backfill", "futurefill"), _RELATED_FILLINGS)
TARGET_DEFAULTS = {"aggregation": "sum", "frontfill": "none", "middlefill": "zero", "backfill": "zero"}


class FillingFields(TypedDict):
    """The fillings of a target: ``..._value`` is the number that the filling ``value`` puts into a gap."""

    middlefill: str
    backfill: str
    middlefill_value: float | None
    backfill_value: float | None


def filling_fields(parameters: Mapping[str, str]) -> FillingFields:
    """A target's parameters, texts on the wire, as the fields of the engine's ``Fillings``; zero by default."""
    return {
        "middlefill": parameters.get("middlefill", TARGET_DEFAULTS["middlefill"]),
        "backfill": parameters.get("backfill", TARGET_DEFAULTS["backfill"]),
        "middlefill_value": _number(parameters, "middlefill_value"),
        "backfill_value": _number(parameters, "backfill_value"),
    }


def _number(parameters: Mapping[str, str], name: str) -> float | None:
    return float(parameters[name]) if name in parameters else None
