"""What a kind of resource is, in one description: Create, Describe, List and Delete follow from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from forecast_service.records.arn import Home, kind_of
from forecast_service.records.errors import ResourceInUseException, ResourceNotFoundException
from forecast_service.records.table import NOUNS, PARTS, Change, Record, Records, now

Document = dict[str, Any]


@dataclass(frozen=True)
class ControlPlane:
    """What the rules of a resource may use."""

    records: Records
    home: Home

    def get(self, kind: str, arn: str) -> Record:
        """The record of an ARN, if it is of the kind. Raises ResourceNotFoundException."""
        if kind_of(arn) != kind:
            raise ResourceNotFoundException(arn)
        return self.records.get(arn)

    def resource(self, arn: str) -> Record:
        """The record of an ARN of any kind that the API knows. Raises ResourceNotFoundException."""
        if kind_of(arn) in PARTS:
            raise ResourceNotFoundException(arn)
        return self.records.get(arn)

    def new_record(self, kind: str, name: str, request: Document, parent: Record | None = None) -> Record:
        """A record that is about to be created; its ARN follows from its name and, for a job, from its parent's."""
        created = now()
        names = (parent.name, name) if parent else (name,)
        return Record(kind, self.home.arn(kind, *names), name, "CREATE_PENDING", created, created, request=request)


@dataclass(frozen=True)
class Draft:
    """What a Create is about to write: the record, and what it expects of or changes on others.

    ``companions`` are records that come to be with it or not at all, and whose jobs start when its own has ended.
    """

    record: Record
    changes: Sequence[Change] = ()
    companions: Sequence[Record] = ()


Operation = Callable[[ControlPlane, Document], Document]


def nothing_more(_control_plane: ControlPlane, _record: Record) -> Document:
    """For kinds whose answers hold nothing but what request, outcome and record say."""
    return {}


def never_refuses(_control_plane: ControlPlane, _records: Sequence[Record]) -> None:
    """For kinds that may be deleted whenever they have ended and have no children."""


@dataclass(frozen=True)
class ResourceKind:
    """A kind of resource, as the API shows it.

    ``creates`` maps each Create operation to its rules, ``describes`` each Describe operation to the members that do
    not follow from the record (and may refuse), ``operations`` holds those that only this kind has.
    ``filters`` says which keys its List takes, and where a record has the value.
    """

    kind: str
    noun: str  # in names of operations and members: DatasetGroup
    plural: str  # in ListDatasetGroups
    creates: dict[str, Callable[[ControlPlane, Document], Draft]]
    describes: dict[str, Callable[[ControlPlane, Record], Document]]
    has_job: bool = True
    can_rest: bool = False  # an ACTIVE one can be stopped, and resumed
    can_be_stopped: bool = True  # where it has a job
    parent_in_arn: str | None = None  # the kind whose name precedes that of the resource
    names_in_arn: Callable[[ControlPlane, Document], Sequence[str]] | None = None  # where others precede it, or more
    summary: Callable[[ControlPlane, Record], Document] = nothing_more
    refuse_deletion: Callable[[ControlPlane, Sequence[Record]], None] = never_refuses
    filters: dict[str, Callable[[Record], str]] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def arn_member(self) -> str:
        return f"{self.noun}Arn"

    @property
    def name_member(self) -> str:
        return f"{self.noun}Name"


def parent_filter(kind: str) -> Callable[[Record], str]:
    """The value of a filter by the ARN of a parent."""
    return lambda record: record.parents[kind]


def arn_filter(record: Record) -> str:
    """The value of a filter by the ARN of the resource itself."""
    return record.arn


def status_filter(record: Record) -> str:
    """The value of a filter by status."""
    return record.status


def active(record: Record) -> Change:
    """The check, in the transaction of a Create, that what it builds on is ACTIVE still."""
    return Change(record.arn, frozenset({"ACTIVE"}))


def require_active(record: Record, wish: str) -> None:
    """Raise ResourceInUseException unless the record is ACTIVE; ``wish`` says what cannot be done until then."""
    if record.status != "ACTIVE":
        found = f"the {NOUNS[record.kind]} {record.arn} is {record.status}"
        raise ResourceInUseException(f"Cannot {wish}: {found}, and must be ACTIVE")
