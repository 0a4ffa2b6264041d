"""The schema of a dataset: its attributes and their types, and what they are in the dataset's domain."""

from forecast_contract.domains import DOMAINS, NUMBER_TYPES, TIMESTAMP, is_dimension
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.request_rules.additional_data import INSTEAD_OF_WEATHER


def attributes_of(request: JsonObject) -> list[tuple[str, str]]:
    """Name and type of each attribute of a new dataset. InvalidInputException where one lacks either."""
    attributes = request["Schema"].get("Attributes", [])
    pairs = []
    for number, attribute in enumerate(attributes, start=1):
        for field in ("AttributeName", "AttributeType"):
            if field not in attribute:
                raise InvalidInputException(f"Schema: attribute {number} has no {field}")
        if attribute["AttributeType"] == "geolocation":
            name = attribute["AttributeName"]
            raise InvalidInputException(f"Schema: attribute {name} is a geolocation: {INSTEAD_OF_WEATHER}")
        pairs.append((attribute["AttributeName"], attribute["AttributeType"]))
    return pairs


def schema_types(dataset: Record) -> dict[str, str]:
    """Attribute -> type, in the order of the schema."""
    attributes = dataset.request["Schema"]["Attributes"]
    return {attribute["AttributeName"]: attribute["AttributeType"] for attribute in attributes}


def is_number(attribute_type: str) -> bool:
    return attribute_type in NUMBER_TYPES


def target_of(dataset: Record) -> str:
    """The name of the target in the dataset's domain."""
    return DOMAINS[dataset.request["Domain"]].target


def dimensions_of(dataset: Record) -> list[str]:
    """The attributes of a target or related time series that name a series beside the item."""
    dataset_type, fields = dataset.request["DatasetType"], DOMAINS[dataset.request["Domain"]]
    return [
        name
        for name, attribute_type in schema_types(dataset).items()
        if name not in (*fields, TIMESTAMP) and is_dimension(dataset_type, attribute_type)
    ]
