"""What a kind of resource is, in one description: Create, Describe, List and Delete follow from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from forecast_service.records.arn import ArnScope, kind_of
from forecast_service.records.errors import ResourceInUseException, ResourceNotFoundException
from forecast_service.records.kinds import KINDS, SUBRESOURCES
from forecast_service.records.record import Change, JsonObject, Record, now
from forecast_service.records.table import Records


@dataclass(frozen=True)
class RequestContext:
    """What the rules of a request may use: all records, where the service runs, and the ARN of the caller."""

    records: Records
    arn_scope: ArnScope
    caller_arn: str = ""

    def get(self, kind: str, arn: str) -> Record:
        """The record of an ARN, if it is of the kind. Raises ResourceNotFoundException."""
        if kind_of(arn) != kind:
            raise self._not_found(arn)
        return self._record(arn)

    def resource(self, arn: str) -> Record:
        """The record of an ARN of any kind that the API knows. Raises ResourceNotFoundException."""
        if kind_of(arn) in SUBRESOURCES:
            raise self._not_found(arn)
        return self._record(arn)

    def _record(self, arn: str) -> Record:
        try:
            return self.records.get(arn)
        except ResourceNotFoundException as error:
            raise self._not_found(arn) from error

    def _not_found(self, arn: str) -> ResourceNotFoundException:
        return ResourceNotFoundException(arn, self.arn_scope.elsewhere(arn))

    def new_record(self, kind: str, name: str, request: JsonObject, parent: Record | None = None) -> Record:
        """A record that is about to be created; its ARN follows from its name and, for a job, from its parent's."""
        created = now()
        names = (parent.name, name) if parent else (name,)
        arn = self.arn_scope.arn(kind, *names)
        return Record(kind, arn, name, "CREATE_PENDING", created, created, request=request, created_by=self.caller_arn)


@dataclass(frozen=True)
class Draft:
    """What a Create is about to write: the record, and what it expects of or changes on others.

    ``dependents`` are written with the record or not at all. Their jobs start when the record's own job has ended.
    """

    record: Record
    changes: Sequence[Change] = ()
    dependents: Sequence[Record] = ()


Operation = Callable[[RequestContext, JsonObject], JsonObject]


def nothing_more(_context: RequestContext, _record: Record) -> JsonObject:
    """For kinds whose answers hold nothing but what request, outcome and record say."""
    return {}


def never_refuses(_context: RequestContext, _records: Sequence[Record]) -> None:
    """For kinds that may be deleted whenever they have ended and have no children."""


@dataclass(frozen=True)
class ResourceKind:
    """A kind of resource, as the API shows it.

    ``creates`` maps each Create operation to its rules, which may refuse the request. ``describes`` maps each Describe
    operation to the fields that do not follow from the record. ``operations`` holds operations of this kind alone.
    ``filters`` maps each filter key of its List to the value that a record has there.
    """

    name: str  # of its row in KINDS: dataset_group
    noun: str  # in names of operations and fields: DatasetGroup
    plural: str  # in ListDatasetGroups
    creates: dict[str, Callable[[RequestContext, JsonObject], Draft]]
    describes: dict[str, Callable[[RequestContext, Record], JsonObject]]
    is_resumable: bool = False  # an ACTIVE one can be stopped, and resumed
    can_be_stopped: bool = True  # where it has a job
    parent_in_arn: str | None = None  # the kind whose name precedes that of the resource
    names_in_arn: Callable[[RequestContext, JsonObject], Sequence[str]] | None = (
        None  # where others precede it, or more
    )
    summary: Callable[[RequestContext, Record], JsonObject] = nothing_more
    deleted_with_it: tuple[str, ...] = ()  # kinds of children that do not keep it: once they have ended, they go too
    refuse_deletion: Callable[[RequestContext, Sequence[Record]], None] = never_refuses
    filters: dict[str, Callable[[Record], str]] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def has_job(self) -> bool:
        return KINDS[self.name].has_job

    @property
    def arn_field(self) -> str:
        return f"{self.noun}Arn"

    @property
    def name_field(self) -> str:
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


def require_active(record: Record, action: str) -> None:
    """Raise ResourceInUseException unless the record is ACTIVE.

    ``action`` completes the sentence "Cannot ...", e.g. "create the forecast".
    """
    if record.status != "ACTIVE":
        found = f"the {KINDS[record.kind].noun} {record.arn} is {record.status}"
        raise ResourceInUseException(f"Cannot {action}: {found}, and must be ACTIVE")
