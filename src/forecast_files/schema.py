"""The schema of a dataset: which role each column of its files has, and what it is called inside."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from forecast_contract.domains import DOMAINS, NUMBER_TYPES, TARGET_TIME_SERIES, is_dimension

Role = Literal["item_id", "timestamp", "target", "dimension", "feature"]


@dataclass(frozen=True)
class Column:
    """One attribute: its name and type on the wire, and its role."""

    name: str
    type: str
    role: Role

    @property
    def canonical(self) -> str:
        """The column's name in our own files. The prefix keeps an attribute called ``target`` from being the target."""
        return self.role if self.role in ("item_id", "timestamp", "target") else f"{self.role}_{self.name}"

    @property
    def is_number(self) -> bool:
        return self.type in NUMBER_TYPES

    @property
    def sql_type(self) -> str:
        if self.is_number:
            return "DOUBLE"
        return "TIMESTAMP" if self.type == "timestamp" else "VARCHAR"


@dataclass(frozen=True)
class Schema:
    """The columns of a dataset in the order of its files."""

    dataset_type: str
    columns: tuple[Column, ...]

    @classmethod
    def of_dataset(cls, request: dict[str, Any]) -> "Schema":
        """The schema that a CreateDataset request describes."""
        dataset_type, domain = request["DatasetType"], request["Domain"]
        columns = [_column(attribute, dataset_type, domain) for attribute in request["Schema"]["Attributes"]]
        return cls(dataset_type, tuple(columns))

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Schema":
        return cls(document["dataset_type"], tuple(Column(**column) for column in document["columns"]))

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def of_role(self, role: Role) -> list[Column]:
        return [column for column in self.columns if column.role == role]

    @property
    def identifier(self) -> Column:
        return self.of_role("item_id")[0]

    @property
    def has_timestamp(self) -> bool:
        return bool(self.of_role("timestamp"))

    @property
    def key_columns(self) -> list[Column]:
        """What names a series: the item, then the dimensions."""
        return [self.identifier, *self.of_role("dimension")]


def _column(attribute: dict[str, str], dataset_type: str, domain: str) -> Column:
    name, attribute_type = attribute["AttributeName"], attribute["AttributeType"]
    return Column(name, attribute_type, _role(name, attribute_type, dataset_type, domain))


def _role(name: str, attribute_type: str, dataset_type: str, domain: str) -> Role:
    if name.lower() == DOMAINS[domain].identifier:
        return "item_id"
    if attribute_type == "timestamp":
        return "timestamp"
    if dataset_type == TARGET_TIME_SERIES and name.lower() == DOMAINS[domain].target:
        return "target"
    return "dimension" if is_dimension(dataset_type, attribute_type) else "feature"
