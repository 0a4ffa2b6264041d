"""Checks a request against Amazon's own service model, which botocore carries.

SDKs check before they send: required members, types, minimum lengths. What they leave to the server is checked here:
patterns, maximum lengths, enums and ranges, with the texts of Amazon's servers (``ValidationException``). Whatever
has another type, or no place in the model, is a ``SerializationException``.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator, ValidationErrors

from forecast_service.records.errors import (
    SerializationException,
    UnknownOperationException,
    ValidationException,
    shown,
)

SERVICES = ("forecast", "forecastquery")

# The model gives these members the shape Arn, whose pattern wants an ARN of Amazon Forecast; they hold others.
_ROLE_ARN = r"arn:[a-z\d-]+:iam::\d{12}:role/.+"
_PATTERNS: dict[tuple[str, str], str | None] = {
    ("S3Config", "RoleArn"): _ROLE_ARN,
    ("EncryptionConfig", "RoleArn"): _ROLE_ARN,
    ("Filter", "Value"): None,  # also a status
}
_MOST_FAULTS = 10  # that one answer tells
_MOST_ELEMENTS = 20  # of a list or map that is told: more do not fit into a line
_UNCHECKED_PATTERNS = {"Frequency"}  # it is older than multiples such as 2W: resources/request_rules/frequency.py does


@cache
def service_model(service: str) -> ServiceModel:
    """Amazon's model of ``forecast`` or ``forecastquery``; loaded once per process."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service_name=service)


@cache
def operation_model(target: str) -> OperationModel:
    """The operation that ``X-Amz-Target`` names, such as ``AmazonForecast.DescribeDataset``."""
    prefix, _, operation = target.partition(".")
    for service in SERVICES:
        model = service_model(service)
        if model.metadata["targetPrefix"] == prefix and operation in model.operation_names:
            return model.operation_model(operation)
    raise UnknownOperationException(f"Unknown operation {shown(repr(target))}")


def check(operation: OperationModel, parameters: dict[str, Any]) -> None:
    """Check the parameters of a request. Raises ValidationException or SerializationException."""
    shape = cast(StructureShape, operation.input_shape)  # every operation has one
    violations = _violations(shape, parameters, "")
    told = list(islice(violations, _MOST_FAULTS))
    if told:
        count = len(told) + sum(1 for _ in violations)
        noun = f"validation error{'s' if count > 1 else ''}"
        raise ValidationException(f"{count} {noun} detected: {_told(told, count)}")
    misfits = _TypeValidator().validate(parameters, shape)
    if misfits.count:
        raise SerializationException(_told(misfits.sentences, misfits.count))


def _told(sentences: list[str], count: int) -> str:
    """The first of so many sentences, and how many are left out."""
    left_out = f"; and {count - len(sentences)} more" if count > len(sentences) else ""
    return "; ".join(sentences) + left_out


class _Misfits(ValidationErrors):
    """What botocore's validator finds: of any number of faults the first few, in a sentence each."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.sentences: list[str] = []

    def report(self, name: str, reason: str, **about: Any) -> None:
        self.count += 1
        if self.count > _MOST_FAULTS:
            return
        path = shown(name.lstrip(".") or "the request")
        if reason == "unknown field":
            found, wanted = f"the member {shown(about['unknown_param'])}", f"one of {', '.join(about['valid_names'])}"
        else:  # an invalid type: required members and minimums are violations
            found, wanted = _line(about["param"]), _json_type(about["valid_types"][0])
        self.sentences.append(f"{path}: found {found}, wanted {wanted}")


class _TypeValidator(ParamValidator):
    """Finds values of a wrong type, and members that the model lacks."""

    def validate(self, params: Any, shape: Any) -> _Misfits:
        misfits = _Misfits()
        self._validate(params, shape, misfits, name="")  # type: ignore[attr-defined]  # of the pinned botocore
        return misfits


def _line(value: Any) -> str:
    """A value of a request as JSON, of which no more than a line is made."""
    if isinstance(value, dict):
        value = dict(islice(value.items(), _MOST_ELEMENTS))
    elif isinstance(value, list):
        value = value[:_MOST_ELEMENTS]
    return shown(json.dumps(value, ensure_ascii=False))


def _json_type(name: str) -> str:
    """What JSON calls a type that botocore names.

    >>> _json_type("<class 'dict'>"), _json_type("<class 'str'>")
    ('an object', 'a string')
    """
    named = {"dict": "an object", "list": "a list", "str": "a string", "bool": "true or false", "int": "a whole number"}
    return named.get(name.removeprefix("<class '").removesuffix("'>"), "a number")


def _violations(shape: Shape, value: Any, path: str, pattern: str | None = None) -> Iterator[str]:
    """The broken constraints of a value and of what it holds; values of a wrong type are left to ParamValidator."""
    checks: list[tuple[type[Shape], type, Callable[..., Iterator[str]]]] = [
        (StructureShape, dict, _structure_violations),
        (ListShape, list, _list_violations),
        (MapShape, dict, _map_violations),
    ]
    for shape_class, value_type, violations in checks:
        if isinstance(shape, shape_class):
            if isinstance(value, value_type):
                yield from violations(shape, value, path)
            return
    if isinstance(shape, StringShape):
        if isinstance(value, str):
            yield from _string_violations(shape, value, path, pattern)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _range_violations(shape, value, path)


def _structure_violations(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _violation("null", f"{path}{_lower(name)}", "must not be null", quote="")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            pattern = _PATTERNS.get((shape.name, name), _model_pattern(member))
            yield from _violations(member, value[name], f"{path}{_lower(name)}.", pattern)


def _list_violations(shape: ListShape, value: list[Any], path: str) -> Iterator[str]:
    yield from _length_violations(shape, value, path, f"[{', '.join(map(str, value[:_MOST_ELEMENTS]))}]")
    for number, element in enumerate(value, start=1):
        yield from _violations(shape.member, element, f"{path}{number}.member.", _model_pattern(shape.member))


def _map_violations(shape: MapShape, value: dict[str, Any], path: str) -> Iterator[str]:
    yield from _length_violations(shape, value, path, _map_shown(value))
    for key, element in value.items():
        yield from _violations(shape.key, key, f"{path}key.", _model_pattern(shape.key))
        yield from _violations(shape.value, element, f"{path}{key}.member.", _model_pattern(shape.value))


def _string_violations(shape: StringShape, value: str, path: str, pattern: str | None) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield _violation(value, path, f"must satisfy enum value set [{', '.join(shape.enum)}]")
    if pattern and not _matches(pattern, value):
        yield _violation(value, path, f"must satisfy regular expression pattern {pattern}")
    yield from _length_violations(shape, value, path, value)


def _map_shown(value: dict[str, Any]) -> str:
    return f"{{{', '.join(f'{key}={value[key]}' for key in islice(value, _MOST_ELEMENTS))}}}"


def _length_violations(shape: Shape, value: Any, path: str, text: str) -> Iterator[str]:
    if len(value) < shape.metadata.get("min", 0):
        yield _violation(text, path, f"must have length greater than or equal to {shape.metadata['min']}")
    if len(value) > shape.metadata.get("max", len(value)):
        yield _violation(text, path, f"must have length less than or equal to {shape.metadata['max']}")


def _range_violations(shape: Shape, value: float, path: str) -> Iterator[str]:
    if value < shape.metadata.get("min", value):
        yield _violation(str(value), path, f"must have value greater than or equal to {shape.metadata['min']}")
    if value > shape.metadata.get("max", value):
        yield _violation(str(value), path, f"must have value less than or equal to {shape.metadata['max']}")


def _violation(value: str, path: str, constraint: str, quote: str = "'") -> str:
    member = shown(path.removesuffix("."))
    return f"Value {quote}{shown(value)}{quote} at '{member}' failed to satisfy constraint: Member {constraint}"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _model_pattern(shape: Shape) -> str | None:
    if shape.name in _UNCHECKED_PATTERNS:
        return None
    pattern: str | None = shape.metadata.get("pattern")
    return pattern


def _matches(pattern: str, value: str) -> bool:
    """Java's ``matches``: the whole value, whatever anchors the pattern has."""
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Tags name Unicode classes that Python's re lacks: letters and digits are \w, separators \s.
    return re.compile(pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s"))
