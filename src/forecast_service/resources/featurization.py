"""How the target is aggregated and its gaps are filled: the same rules in CreatePredictor and CreateAutoPredictor."""

import math

from forecast_service.errors import InvalidInputException
from forecast_service.records import Record
from forecast_service.resources.dataset import schema_types, target_of

Parameters = dict[str, str]

DEFAULTS: Parameters = {"aggregation": "sum", "frontfill": "none", "middlefill": "zero", "backfill": "zero"}
_FILLS = ("zero", "nan", "value", "median", "mean", "min", "max")
_ALLOWED = {
    "aggregation": ("sum", "avg", "first", "min", "max"),
    "frontfill": ("none",),
    "middlefill": _FILLS,
    "backfill": _FILLS,
}


def check_attribute(name: str, target: Record, others: list[Record]) -> None:
    """Refuse an attribute that is not the target of the dataset ``target``.

    Those of related time series exist, but nothing is trained on them yet: to take their fillings would be a promise.
    """
    if name == target_of(target):
        return
    if any(name in schema_types(dataset) for dataset in others):
        reason = "related time series are kept, but not used in training yet"
        raise InvalidInputException(f"Attribute {name} cannot be transformed: {reason}; leave it out")
    raise InvalidInputException(f"Attribute {name} cannot be transformed: the target is {target_of(target)}")


def with_defaults(parameters: Parameters) -> Parameters:
    """Checked parameters of the filling method, with the defaults for those not given."""
    values = {f"{fill}_value" for fill in ("middlefill", "backfill") if parameters.get(fill) == "value"}
    for name, value in parameters.items():
        if name in values:
            _check_number(name, value)
        elif name not in _ALLOWED:
            raise InvalidInputException(f"Unknown parameter {name!r}: use {', '.join(_ALLOWED)}")
        elif value not in _ALLOWED[name]:
            raise InvalidInputException(f"{name} is {value!r}: use {', '.join(_ALLOWED[name])}")
    for name in sorted(values - set(parameters)):
        raise InvalidInputException(f"{name.removesuffix('_value')} is 'value': say which, in {name}")
    return DEFAULTS | parameters


def _check_number(name: str, value: str) -> None:
    try:
        is_number = math.isfinite(float(value))
    except ValueError:
        is_number = False
    if not is_number:
        raise InvalidInputException(f"{name} is {value!r}, which is no number")
