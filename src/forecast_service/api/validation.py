"""Checks a request against Amazon's own service model, which botocore carries.

SDKs check before they send: required members, types, minimum lengths. What they leave to the server is checked here:
patterns, maximum lengths, enums and ranges, with the texts of Amazon's servers (``ValidationException``). Whatever
has another type, or no place in the model, is a ``SerializationException``.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

from forecast_service.records.errors import SerializationException, UnknownOperationException, ValidationException

SERVICES = ("forecast", "forecastquery")

# The model gives these members the shape Arn, whose pattern wants an ARN of Amazon Forecast; they hold others.
_ROLE_ARN = r"arn:[a-z\d-]+:iam::\d{12}:role/.+"
_PATTERNS: dict[tuple[str, str], str | None] = {
    ("S3Config", "RoleArn"): _ROLE_ARN,
    ("EncryptionConfig", "RoleArn"): _ROLE_ARN,
    ("Filter", "Value"): None,  # also a status
}
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
    raise UnknownOperationException(f"Unknown operation {target!r}")


def check(operation: OperationModel, parameters: dict[str, Any]) -> None:
    """Check the parameters of a request. Raises ValidationException or SerializationException."""
    shape = cast(StructureShape, operation.input_shape)  # every operation has one
    violations = list(_violations(shape, parameters, ""))
    if violations:
        count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''}"
        raise ValidationException(f"{count} detected: {'; '.join(violations)}")
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise SerializationException(report.generate_report())


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
    yield from _length_violations(shape, value, path, f"[{', '.join(map(str, value))}]")
    for number, element in enumerate(value, start=1):
        yield from _violations(shape.member, element, f"{path}{number}.member.", _model_pattern(shape.member))


def _map_violations(shape: MapShape, value: dict[str, Any], path: str) -> Iterator[str]:
    yield from _length_violations(shape, value, path, f"{{{', '.join(f'{key}={value[key]}' for key in value)}}}")
    for key, element in value.items():
        yield from _violations(shape.key, key, f"{path}key.", _model_pattern(shape.key))
        yield from _violations(shape.value, element, f"{path}{key}.member.", _model_pattern(shape.value))


def _string_violations(shape: StringShape, value: str, path: str, pattern: str | None) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield _violation(value, path, f"must satisfy enum value set [{', '.join(shape.enum)}]")
    if pattern and not _matches(pattern, value):
        yield _violation(value, path, f"must satisfy regular expression pattern {pattern}")
    yield from _length_violations(shape, value, path, value)


def _length_violations(shape: Shape, value: Any, path: str, shown: str) -> Iterator[str]:
    if len(value) < shape.metadata.get("min", 0):
        yield _violation(shown, path, f"must have length greater than or equal to {shape.metadata['min']}")
    if len(value) > shape.metadata.get("max", len(value)):
        yield _violation(shown, path, f"must have length less than or equal to {shape.metadata['max']}")


def _range_violations(shape: Shape, value: float, path: str) -> Iterator[str]:
    if value < shape.metadata.get("min", value):
        yield _violation(str(value), path, f"must have value greater than or equal to {shape.metadata['min']}")
    if value > shape.metadata.get("max", value):
        yield _violation(str(value), path, f"must have value less than or equal to {shape.metadata['max']}")


def _violation(shown: str, path: str, constraint: str, quote: str = "'") -> str:
    member = path.removesuffix(".")
    return f"Value {quote}{shown}{quote} at '{member}' failed to satisfy constraint: Member {constraint}"


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
