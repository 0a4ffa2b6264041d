"""``TimeSeriesTransformations`` of a what-if forecast: read from the request, and refused where they mean nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from forecast_files.schema import Column
from forecast_service.records.errors import InvalidInputException
from forecast_service.what_if.scenario_columns import ScenarioColumns

Operation = Literal["ADD", "SUBTRACT", "MULTIPLY", "DIVIDE"]
Comparison = Literal["EQUALS", "NOT_EQUALS", "LESS_THAN", "GREATER_THAN"]
Subject = Literal["key", "timestamp", "metadata", "related"]

_TIMESTAMP_PATTERNS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


@dataclass(frozen=True)
class Condition:
    """What has to hold of a row: ``subject`` says where the column is found, ``value`` has the column's type."""

    subject: Subject
    column: Column
    comparison: Comparison
    value: str | float | datetime


@dataclass(frozen=True)
class Transformation:
    """An operation on a related attribute, in the rows that meet all conditions."""

    attribute: str
    operation: Operation
    value: float
    conditions: tuple[Condition, ...] = ()

    @property
    def related_attributes(self) -> list[str]:
        """The related attributes that it changes or looks at."""
        looked_at = [condition.column.name for condition in self.conditions if condition.subject == "related"]
        return [self.attribute, *looked_at]


def transformations_of(request: Sequence[dict[str, Any]], columns: ScenarioColumns) -> list[Transformation]:
    """The transformations of a request, in their order. InvalidInputException says which of them is wrong, and how."""
    return [
        _transformation(transformation, columns, f"TimeSeriesTransformations, number {number}")
        for number, transformation in enumerate(request, start=1)
    ]


def _transformation(request: dict[str, Any], columns: ScenarioColumns, label: str) -> Transformation:
    if "Action" not in request:
        raise InvalidInputException(f"{label}: Action is required")
    action = request["Action"]
    column = columns.related_named(action["AttributeName"])
    if column is None:
        name, known = action["AttributeName"], ", ".join(related.name for related in columns.related)
        raise InvalidInputException(f"{label}: {name} is no related attribute; a scenario may change {known}")
    value = _number(action["Value"])
    if value is None:
        raise InvalidInputException(f"{label}: Value is not a finite number")
    if action["Operation"] == "DIVIDE" and value == 0:
        raise InvalidInputException(f"{label}: nothing can be divided by 0")
    conditions = [_condition(condition, columns, label) for condition in request.get("TimeSeriesConditions", [])]
    return Transformation(column.name, action["Operation"], value, tuple(conditions))


def _condition(request: dict[str, str], columns: ScenarioColumns, label: str) -> Condition:
    subject, column = _subject(request["AttributeName"], columns, label)
    comparison, text = request["Condition"], request["AttributeValue"]
    if column.sql_type == "VARCHAR" and comparison in ("LESS_THAN", "GREATER_THAN"):
        raise InvalidInputException(
            f"{label}: {column.name} is text, which is compared by EQUALS and NOT_EQUALS; found {comparison}"
        )
    return Condition(subject, column, comparison, _value(text, column, label))  # type: ignore[arg-type]


def _subject(name: str, columns: ScenarioColumns, label: str) -> tuple[Subject, Column]:
    """Where a condition looks, and at what. Names are of any case; the first of this order that has the name."""
    subjects: dict[Subject, tuple[Column, ...]] = {
        "key": columns.keys,
        "timestamp": (columns.timestamp,),
        "metadata": columns.metadata,
        "related": columns.related,
    }
    for subject, candidates in subjects.items():
        for column in candidates:
            if column.name.lower() == name.lower():
                return subject, column
    known = ", ".join(column.name for candidates in subjects.values() for column in candidates)
    raise InvalidInputException(f"{label}: {name} is no attribute that a condition may name; there are {known}")


def _value(text: str, column: Column, label: str) -> str | float | datetime:
    """The text of a condition as a value of the column's type."""
    if column.sql_type == "VARCHAR":
        return text
    if column.is_number:
        value = _number(text)
        if value is None:
            raise InvalidInputException(f"{label}: {column.name} is a number; found the AttributeValue {text!r}")
        return value
    for pattern in _TIMESTAMP_PATTERNS:
        try:
            return datetime.strptime(text, pattern)  # naive: the zone is that of the data
        except ValueError:
            continue
    example = "2019-09-01 00:00:00 or 2019-09-01"
    raise InvalidInputException(f"{label}: {column.name} has the form {example}; found the AttributeValue {text!r}")


def _number(given: str | float) -> float | None:
    """The finite number that a text or another number is; None where it is none."""
    try:
        value = float(given)
    except (ValueError, OverflowError):  # JSON has integers of any length
        return None
    return value if math.isfinite(value) else None
