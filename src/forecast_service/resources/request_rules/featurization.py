"""How the target is aggregated and gaps are filled: the same rules in CreatePredictor and CreateAutoPredictor."""

import math
from collections.abc import Mapping, Sequence

from forecast_contract.transformations import RELATED_TRANSFORMATIONS, TARGET_DEFAULTS, TARGET_TRANSFORMATIONS
from forecast_service.records.errors import InvalidInputException, shown
from forecast_service.records.record import Record
from forecast_service.resources.request_rules.dataset_schema import is_number, schema_types, target_of

Parameters = dict[str, str]


def transformations(given: Mapping[str, Parameters], target: Record, related: Record | None) -> dict[str, Parameters]:
    """Attribute -> its checked parameters: the target's first, with the defaults for those not given.

    Numbers of a related time series are filled as given, and neither aggregated nor filled by default.
    InvalidInputException for other attributes, and for what a parameter cannot be.
    """
    name = target_of(target)
    checked = {name: TARGET_DEFAULTS | _checked(name, given.get(name, {}), TARGET_TRANSFORMATIONS)}
    types = schema_types(related) if related else {}
    numbers = [attribute for attribute, attribute_type in types.items() if is_number(attribute_type)]
    for attribute, parameters in given.items():
        if attribute in numbers:
            checked[attribute] = _checked(attribute, parameters, RELATED_TRANSFORMATIONS)
        elif attribute != name:
            wanted = f"the target {name}" + "".join(f", {number}" for number in numbers)
            raise InvalidInputException(f"Attribute {attribute} cannot be transformed: use {wanted}")
    return checked


def _checked(attribute: str, parameters: Parameters, allowed: Mapping[str, Sequence[str]]) -> Parameters:
    values = {f"{fill}_value" for fill in allowed if parameters.get(fill) == "value"}
    for name, value in parameters.items():
        if name in values:
            _check_number(name, value)
        elif name not in allowed:
            raise InvalidInputException(
                f"Unknown parameter {shown(repr(name))} of {attribute}: use {', '.join(allowed)}"
            )
        elif value not in allowed[name]:
            raise InvalidInputException(f"{name} is {shown(repr(value))}: use {', '.join(allowed[name])}")
    for name in sorted(values - set(parameters)):
        raise InvalidInputException(f"{name.removesuffix('_value')} is 'value': say which, in {name}")
    return parameters


def _check_number(name: str, value: str) -> None:
    try:
        is_finite = math.isfinite(float(value))
    except ValueError:
        is_finite = False
    if not is_finite:
        raise InvalidInputException(f"{name} is {shown(repr(value))}, which is no number")
