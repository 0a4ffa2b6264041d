"""Datasets: the schema and the frequency of one table. There is no update."""

from dataclasses import dataclass

from forecast_contract.domains import (
    DOMAINS,
    ITEM_METADATA,
    RELATED_TIME_SERIES,
    TARGET_TIME_SERIES,
    TIMESTAMP,
    required_fields,
)
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.request_rules import frequency
from forecast_service.resources.request_rules.dataset_schema import attributes_of
from forecast_service.resources.resource_kind import Draft, RequestContext, ResourceKind

# Amazon refuses 822 words of SQL as names of attributes; these are the ones that are known.
_RESERVED = {"count", "date"}


@dataclass(frozen=True)
class _TypeRules:
    """What a type of dataset wants of its schema."""

    column_limit: int
    is_time_series: bool


_TYPES: dict[str, _TypeRules] = {
    TARGET_TIME_SERIES: _TypeRules(column_limit=13, is_time_series=True),  # 3 and 10 dimensions
    RELATED_TIME_SERIES: _TypeRules(column_limit=25, is_time_series=True),  # 2, 10 dimensions and 13 features
    ITEM_METADATA: _TypeRules(column_limit=10, is_time_series=False),
}


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """A dataset is ACTIVE at once."""
    _check_frequency(request)
    _check_schema(request)
    record = context.new_record("dataset", request["DatasetName"], request)
    record.status = "ACTIVE"
    return Draft(record)


def _check_frequency(request: JsonObject) -> None:
    if "DataFrequency" in request:
        frequency.parse(request["DataFrequency"], "DataFrequency")
    elif _TYPES[request["DatasetType"]].is_time_series:
        raise InvalidInputException(f"DataFrequency is required for a {request['DatasetType']} dataset")


def _check_schema(request: JsonObject) -> None:
    attributes = attributes_of(request)
    rules = _TYPES[request["DatasetType"]]
    names = [name for name, _ in attributes]
    if len(names) > rules.column_limit:
        found = f"found {len(names)} attributes, at most {rules.column_limit} are allowed"
        raise InvalidInputException(f"Schema of a {request['DatasetType']} dataset: {found}")
    _check_names(names, request["Domain"])
    _check_required(dict(attributes), request)
    timestamps = [name for name, attribute_type in attributes if attribute_type == "timestamp"]
    if len(timestamps) != int(rules.is_time_series):
        wanted = f"has {int(rules.is_time_series)} attributes of type timestamp, found {len(timestamps)}"
        raise InvalidInputException(f"Schema: a {request['DatasetType']} dataset {wanted}")
    if request["DatasetType"] == RELATED_TIME_SERIES:
        _check_related(dict(attributes), request["Domain"])


def _check_names(names: list[str], domain: str) -> None:
    lower = [name.lower() for name in names]
    for name in lower:
        if lower.count(name) > 1:
            raise InvalidInputException(f"Schema: attribute {name} is given more than once")
        if name in _RESERVED and name not in DOMAINS[domain]:
            raise InvalidInputException(f"Schema: {name} is a reserved word and cannot name an attribute")


def _check_required(types: dict[str, str], request: JsonObject) -> None:
    """Refuse a schema that lacks a field of its domain, or gives one another type."""
    for name, allowed in required_fields(request["DatasetType"], request["Domain"]).items():
        wanted = f"the {request['Domain']} domain wants {name} of type {' or '.join(allowed)}"
        if name not in types:
            raise InvalidInputException(f"Schema of a {request['DatasetType']} dataset: {wanted}; found none")
        if types[name] not in allowed:
            raise InvalidInputException(f"Schema of a {request['DatasetType']} dataset: {wanted}; found {types[name]}")


def _check_related(types: dict[str, str], domain: str) -> None:
    identifier, target = DOMAINS[domain]
    if target in types:
        raise InvalidInputException(f"Schema: {target} is the target and cannot be in a RELATED_TIME_SERIES dataset")
    if not set(types) - {identifier, TIMESTAMP}:
        raise InvalidInputException("Schema: a RELATED_TIME_SERIES dataset has at least one feature; found none")


def describe(_context: RequestContext, dataset: Record) -> JsonObject:
    """Amazon shows an empty EncryptionConfig where others would leave the field out."""
    return {"EncryptionConfig": dataset.request.get("EncryptionConfig", {})}


KIND = ResourceKind(
    name="dataset",
    noun="Dataset",
    plural="Datasets",
    creates={"CreateDataset": draft},
    describes={"DescribeDataset": describe},
)
