"""Domains and types of datasets: the fields that a dataset must have, and those that name its series."""

from typing import Literal, NamedTuple

DomainName = Literal["RETAIL", "CUSTOM", "INVENTORY_PLANNING", "EC2_CAPACITY", "WORK_FORCE", "WEB_TRAFFIC", "METRICS"]
DatasetTypeName = Literal["TARGET_TIME_SERIES", "RELATED_TIME_SERIES", "ITEM_METADATA"]
AttributeTypeName = Literal["string", "integer", "float", "timestamp", "geolocation"]

TARGET_TIME_SERIES = "TARGET_TIME_SERIES"
RELATED_TIME_SERIES = "RELATED_TIME_SERIES"
ITEM_METADATA = "ITEM_METADATA"

TIMESTAMP = "timestamp"  # the name and the type of a time series' field of time, in every domain
NUMBER_TYPES = ("integer", "float")


class DomainFields(NamedTuple):
    """The fields of a domain's datasets: ``identifier`` names the item, ``target`` holds what is forecast."""

    identifier: str
    target: str


DOMAINS = {
    "RETAIL": DomainFields("item_id", "demand"),
    "CUSTOM": DomainFields("item_id", "target_value"),
    "INVENTORY_PLANNING": DomainFields("item_id", "demand"),
    "EC2_CAPACITY": DomainFields("instance_type", "number_of_instances"),
    "WORK_FORCE": DomainFields("workforce_type", "workforce_demand"),
    "WEB_TRAFFIC": DomainFields("item_id", "value"),
    "METRICS": DomainFields("metric_name", "metric_value"),
}


def required_fields(dataset_type: str, domain: str) -> dict[str, tuple[str, ...]]:
    """Field -> the types that it may have, of all fields that a dataset must have. Their order in the schema is free.

    >>> required_fields("ITEM_METADATA", "RETAIL")
    {'item_id': ('string',)}
    """
    fields = DOMAINS[domain]
    required: dict[str, tuple[str, ...]] = {fields.identifier: ("string",)}
    if dataset_type != ITEM_METADATA:
        required[TIMESTAMP] = ("timestamp",)
    if dataset_type == TARGET_TIME_SERIES:
        required[fields.target] = ("float", "integer")
    return required


def is_dimension(dataset_type: str, attribute_type: str) -> bool:
    """Whether a field beyond the required ones names a series, as the item does.

    In a target time series every such field is a dimension; in a related time series texts are, and numbers are data.
    """
    if dataset_type == RELATED_TIME_SERIES:
        return attribute_type in ("string", "geolocation")
    return dataset_type == TARGET_TIME_SERIES
