"""The columns of a replacement for related time series: the API's Schema, in the words of the forecast's own data."""

from typing import Any

from forecast_files.schema import Column, Schema
from forecast_service.records.errors import InvalidInputException
from forecast_service.what_if.scenario_columns import ScenarioColumns

_MEMBER = "TimeSeriesReplacementsDataSource.Schema"


def replacement_schema(request: dict[str, Any], columns: ScenarioColumns) -> Schema:
    """The schema of the replacement's files, in their order.

    It needs the keys of the related time series, the timestamp, and at least one related attribute; it may have other
    forecast dimensions. InvalidInputException says which attribute is missing, or unknown.
    """
    given: list[Column] = []
    for attribute in request.get("Attributes", []):
        column = _column(attribute.get("AttributeName"), attribute.get("AttributeType"), columns)
        if column.canonical in [other.canonical for other in given]:
            raise InvalidInputException(f"{_MEMBER}: attribute {column.name} is given more than once")
        given.append(column)
    names = [column.canonical for column in given]
    for needed in (*columns.related_keys, columns.timestamp):
        if needed.canonical not in names:
            raise InvalidInputException(f"{_MEMBER}: attribute {needed.name} of the related time series is missing")
    if not any(column.role == "feature" for column in given):
        known = ", ".join(column.name for column in columns.related)
        raise InvalidInputException(f"{_MEMBER}: found no related attribute, and at least one of {known} is needed")
    return Schema("RELATED_TIME_SERIES", tuple(given))


def _column(name: str | None, attribute_type: str | None, columns: ScenarioColumns) -> Column:
    """The column of the forecast's data that an attribute names, in any case; numbers may be of either type."""
    if name is None or attribute_type is None:
        raise InvalidInputException(f"{_MEMBER}: every attribute has an AttributeName and an AttributeType")
    column = columns.key_named(name) or columns.related_named(name)
    if column is None and name.lower() == columns.timestamp.name.lower():
        column = columns.timestamp
    if column is None:
        own = (*columns.keys, columns.timestamp, *columns.related)
        known = ", ".join(column.name for column in own)
        raise InvalidInputException(f"{_MEMBER}: {name} has no place in a replacement; it may have {known}")
    allowed = ("integer", "float") if column.role == "feature" else (column.type,)
    if attribute_type not in allowed:
        raise InvalidInputException(
            f"{_MEMBER}: {name} is of type {attribute_type}, and must be {' or '.join(allowed)}"
        )
    return Column(column.name, attribute_type, column.role)
