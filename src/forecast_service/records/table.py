"""The records of all resources, in one DynamoDB table.

Key schema (all attributes are strings; both indexes are local and project ALL, so that reads are strongly consistent):

    table         Kind (partition)  Arn (sort)       Describe is one GetItem
    ByCreation    Kind (partition)  Created (sort)   List is one Query, newest first
    ByParent      Kind (partition)  Parent (sort)    "<ARN of the direct parent>#<Created>": the children of a resource

An item of kind ``taken_name`` holds the name of a resource whose kind has a ULID in its ARNs, which alone would let a
name be used twice. Documents (request, outcome, ...) are JSON strings, so that numbers stay
exactly as they were. Nobody writes a record whole after its creation: changes name the attributes they set and the
status they expect, and several changes that belong together are one transaction.
"""

import json
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.exceptions import ClientError

from forecast_service.records.arn import RESOURCE_TYPES, WITH_ULID, kind_of, without_ulid
from forecast_service.records.errors import (
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_CREATION = "ByCreation"
BY_PARENT = "ByParent"

# Kind -> the kinds that its direct parent may have. Children of a child count too: they cannot outlive it.
PARENT_KINDS: dict[str, tuple[str, ...]] = {
    "dataset_import_job": ("dataset",),
    "predictor": ("dataset_group",),
    "predictor_backtest_export_job": ("predictor",),
    "forecast": ("predictor",),
    "forecast_export_job": ("forecast",),
    "explainability": ("forecast", "predictor"),
    "explainability_export": ("explainability",),
    "monitor": ("predictor",),
    "monitor_evaluation": ("monitor",),
    "what_if_analysis": ("forecast",),
    "what_if_forecast": ("what_if_analysis",),
    "what_if_forecast_export": ("what_if_forecast",),
}
# Kinds that the API shows without an ARN of their own: parts of their parent, which go with it whatever they are at.
PARTS = frozenset({"monitor_evaluation"})
NOUNS = {kind: name.replace("-", " ").replace("what if", "what-if") for kind, name in RESOURCE_TYPES.items()}

_DOCUMENTS = ("request", "parents", "inputs", "outcome", "facts", "tags")
_TRANSACTION_ATTEMPTS = 6  # 10 ms, 20, ... 160: two creations on one parent collide for some milliseconds


@dataclass
class Record:
    """One resource. Times are epoch seconds with milliseconds.

    ``request`` is the API request with its defaults filled in, ``parents`` maps a kind to an ARN, ``inputs`` says what
    the job reads, ``outcome`` holds members of the API's answers that the job found, ``facts`` our own numbers.
    """

    kind: str
    arn: str
    name: str
    status: str
    creation_time: float
    last_modification_time: float
    message: str | None = None
    request: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    tags: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """What a transaction sets on one record, if its status is among those expected. No attributes: only the check.

    ``expect_tags``: also only if it still has these tags, which others may change whatever its status.
    """

    arn: str
    expect_status: frozenset[str] | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    expect_tags: list[dict[str, str]] | None = None


class Position(NamedTuple):
    """Where a page of a list ended."""

    arn: str
    created: str


class StatusConflictError(Exception):
    """A record has another status than a change expects: ``status``, or None if the record is gone."""

    def __init__(self, arn: str, status: str | None) -> None:
        super().__init__(f"{arn} is {status or 'gone'}")
        self.arn = arn
        self.status = status


def now() -> float:
    """The time, in epoch seconds with the milliseconds that the API shows."""
    return round(time.time(), 3)


class Records:
    """Reads and writes the records of one table."""

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table_name
        self._client = client or boto3.client("dynamodb")

    def get(self, arn: str) -> Record:
        """The record of an ARN. Raises ResourceNotFoundException."""
        kind = kind_of(arn)
        item = self._item(kind, arn) if kind else None
        if item is None:
            raise ResourceNotFoundException(arn)
        return _record(item)

    def create(self, record: Record, changes: Sequence[Change] = (), companions: Sequence[Record] = ()) -> None:
        """Write a new record and its ``companions``, together with ``changes`` of others (or checks of their status).

        Raises ResourceAlreadyExistsException if a name is taken, StatusConflictError as ``apply`` does.
        """
        puts = [(new, put) for new in (record, *companions) for put in self._puts(new)]
        failed = self._transact([*(put for _, put in puts), *map(self._update, changes)])
        if failed is None:
            return
        if failed < len(puts):
            taken, _ = puts[failed]
            raise ResourceAlreadyExistsException(NOUNS[taken.kind], self._holder(taken))
        raise self._conflict(changes[failed - len(puts)])

    def refuse_taken_name(self, kind: str, arn: str) -> None:
        """Raise ResourceAlreadyExistsException as ``create`` does; ``arn`` is without a ULID behind the name."""
        taken = self._item("taken_name" if kind in WITH_ULID else kind, arn)
        if taken:
            raise ResourceAlreadyExistsException(NOUNS[kind], taken.get("Holder", taken["Arn"])["S"])

    def apply(self, changes: Sequence[Change]) -> None:
        """Make all changes or none. Raises StatusConflictError for the first whose record does not fit."""
        failed = self._transact([self._update(change) for change in changes])
        if failed is not None:
            raise self._conflict(changes[failed])

    def update(self, arn: str, expect_status: Iterable[str] | None = None, **attributes: Any) -> None:
        """Set attributes of a record, named as in ``Record``. Raises StatusConflictError as ``apply`` does."""
        statuses = None if expect_status is None else frozenset(expect_status)
        self.apply([Change(arn, statuses, attributes)])

    def delete(self, arn: str) -> None:
        """Remove a record and free its name. A record that is gone already is no error."""
        deletes = [self._delete(kind_of(arn) or "", arn)]
        if kind_of(arn) in WITH_ULID:
            deletes.append(self._delete("taken_name", without_ulid(arn), holder=arn))
        self._transact(deletes)

    def of_kind(self, kind: str, parent: str | None = None) -> list[Record]:
        """All records of a kind, or the direct children of a resource among them; newest first."""
        records, position = self.page_of_kind(kind, parent=parent)
        while position:
            page, position = self.page_of_kind(kind, position, parent=parent)
            records += page
        return records

    def page_of_kind(
        self, kind: str, after: Position | None = None, limit: int | None = None, parent: str | None = None
    ) -> tuple[list[Record], Position | None]:
        """Up to ``limit`` records of a kind, newest first, and where the next page begins (None: there is none).

        ``parent``: the ARN of a resource whose direct children alone are meant.
        """
        query = _query_by_parent(kind, parent) if parent else _query_by_creation(kind)
        if after:
            place = {"Parent": f"{parent}#{after.created}"} if parent else {"Created": after.created}
            start = {"Kind": kind, "Arn": after.arn, **place}
            query["ExclusiveStartKey"] = {name: {"S": value} for name, value in start.items()}
        if limit:
            query["Limit"] = limit
        answer = self._query(query)
        records = [_record(item) for item in answer["Items"]]
        return records, self.position_of(records[-1]) if "LastEvaluatedKey" in answer else None

    def tally(self, kind: str, statuses: Iterable[str]) -> tuple[int, list[Record]]:
        """How many records of a kind there are, and those of them that have one of the statuses."""
        expected = {f":status{i}": {"S": status} for i, status in enumerate(sorted(statuses))}
        query: dict[str, Any] = {
            "KeyConditionExpression": "Kind = :kind",
            "FilterExpression": f"#status IN ({', '.join(expected)})",
            "ExpressionAttributeNames": {"#status": "Status"},
            "ExpressionAttributeValues": {":kind": {"S": kind}} | expected,
        }
        count, found = 0, []
        while True:
            answer = self._query(query)
            count += answer["ScannedCount"]
            found += [_record(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return count, found
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    @staticmethod
    def position_of(record: Record) -> Position:
        """Where a page ends whose last record is this one."""
        return Position(record.arn, _created(record.creation_time))

    def children_of(self, arn: str, *kinds: str) -> list[Record]:
        """The direct children of a resource, or those of some kinds; newest first within each kind."""
        kinds = kinds or tuple(child for child, parents in PARENT_KINDS.items() if kind_of(arn) in parents)
        return [record for kind in kinds for record in self.of_kind(kind, parent=arn)]

    def descendants_of(self, arn: str) -> list[Record]:
        """All that lie below a resource, level by level: every parent precedes its children."""
        found: list[Record] = []
        level = self.children_of(arn)
        while level:
            found += level
            level = [child for record in level for child in self.children_of(record.arn)]
        return found

    def _query(self, query: dict[str, Any]) -> Any:
        return self._client.query(TableName=self._table, ConsistentRead=True, ScanIndexForward=False, **query)

    def _item(self, kind: str, arn: str) -> dict[str, Any] | None:
        return self._client.get_item(TableName=self._table, Key=_key(kind, arn), ConsistentRead=True).get("Item")

    def _holder(self, record: Record) -> str:
        """The ARN of the resource that has the name of ``record``."""
        taken = self._item("taken_name", without_ulid(record.arn)) if record.kind in WITH_ULID else None
        return str(taken["Holder"]["S"]) if taken else record.arn

    def _conflict(self, change: Change) -> StatusConflictError:
        item = self._item(kind_of(change.arn) or "", change.arn)
        return StatusConflictError(change.arn, item["Status"]["S"] if item else None)

    def _puts(self, record: Record) -> list[dict[str, Any]]:
        """What writes a new record, and holds its name where the ARN alone would not."""
        puts = [self._put(_item(record))]
        return [*puts, self._put(_taken_name(record))] if record.kind in WITH_ULID else puts

    def _put(self, item: dict[str, Any]) -> dict[str, Any]:
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(Arn)"}}

    def _delete(self, kind: str, arn: str, holder: str | None = None) -> dict[str, Any]:
        delete: dict[str, Any] = {"TableName": self._table, "Key": _key(kind, arn)}
        if holder:  # the name may have passed on to a new resource since
            delete["ConditionExpression"] = "attribute_not_exists(Arn) OR Holder = :holder"
            delete["ExpressionAttributeValues"] = {":holder": {"S": holder}}
        return {"Delete": delete}

    def _update(self, change: Change) -> dict[str, Any]:
        """The transaction's part for one change: an Update, or a ConditionCheck where nothing is to be set."""
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        condition = "attribute_exists(Arn)"
        if change.expect_status is not None:
            names["#status"] = "Status"
            expected = {f":expected{i}": {"S": status} for i, status in enumerate(sorted(change.expect_status))}
            values |= expected
            condition += f" AND #status IN ({', '.join(expected)})"
        if change.expect_tags is not None:
            values[":tags"] = {"S": _document(change.expect_tags)}
            condition += " AND Tags = :tags"
        action: dict[str, Any] = {
            "TableName": self._table,
            "Key": _key(kind_of(change.arn) or "", change.arn),
            "ConditionExpression": condition,
        }
        if change.attributes:
            expression, set_names, set_values = _assignment(change.attributes)
            action["UpdateExpression"] = expression
            names |= set_names
            values |= set_values
        if names:
            action["ExpressionAttributeNames"] = names
        if values:
            action["ExpressionAttributeValues"] = values
        return {"Update" if change.attributes else "ConditionCheck": action}

    def _transact(self, actions: list[dict[str, Any]]) -> int | None:
        """Run a transaction. Returns the index of the first action whose condition failed; None if all was done."""
        for attempt in range(1, _TRANSACTION_ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
                return None
            except self._client.exceptions.TransactionCanceledException as error:
                codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
                if "ConditionalCheckFailed" in codes:
                    return codes.index("ConditionalCheckFailed")
                if "TransactionConflict" not in codes:
                    raise
                _back_off(attempt, error)
        raise AssertionError("unreachable: the last attempt returns or raises")


def _back_off(attempt: int, error: ClientError) -> None:
    """Wait before a colliding transaction is tried again; after the last attempt raise ResourceInUseException."""
    if attempt == _TRANSACTION_ATTEMPTS:
        raise ResourceInUseException("The resource is being changed by another request. Try again.") from error
    time.sleep(0.005 * 2**attempt * (0.5 + random.random()))  # noqa: S311 - jitter, no secret


def _query_by_creation(kind: str) -> dict[str, Any]:
    return {
        "IndexName": BY_CREATION,
        "KeyConditionExpression": "Kind = :kind",
        "ExpressionAttributeValues": {":kind": {"S": kind}},
    }


def _query_by_parent(kind: str, parent: str) -> dict[str, Any]:
    return {
        "IndexName": BY_PARENT,
        "KeyConditionExpression": "Kind = :kind AND begins_with(Parent, :parent)",
        "ExpressionAttributeValues": {":kind": {"S": kind}, ":parent": {"S": f"{parent}#"}},
    }


def _created(creation_time: float) -> str:
    return f"{creation_time:014.3f}"


def _key(kind: str, arn: str) -> dict[str, Any]:
    return {"Kind": {"S": kind}, "Arn": {"S": arn}}


def _document(value: Any) -> str:
    """A document as the table keeps it. ValueError for NaN and infinities, which JSON and the API do not have."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _item(record: Record) -> dict[str, Any]:
    created = _created(record.creation_time)
    item = _key(record.kind, record.arn) | {
        "Name": {"S": record.name},
        "Status": {"S": record.status},
        "Created": {"S": created},
        "Modified": {"S": _created(record.last_modification_time)},
    }
    if record.message is not None:
        item["Message"] = {"S": record.message}
    if record.kind in PARENT_KINDS:
        parent = next(record.parents[kind] for kind in PARENT_KINDS[record.kind] if kind in record.parents)
        item["Parent"] = {"S": f"{parent}#{created}"}
    return item | {name.capitalize(): {"S": _document(getattr(record, name))} for name in _DOCUMENTS}


def _taken_name(record: Record) -> dict[str, Any]:
    return _key("taken_name", without_ulid(record.arn)) | {"Holder": {"S": record.arn}}


def _record(item: dict[str, Any]) -> Record:
    documents = {name: json.loads(item[name.capitalize()]["S"]) for name in _DOCUMENTS}
    return Record(
        kind=item["Kind"]["S"],
        arn=item["Arn"]["S"],
        name=item["Name"]["S"],
        status=item["Status"]["S"],
        message=item["Message"]["S"] if "Message" in item else None,
        creation_time=float(item["Created"]["S"]),
        last_modification_time=float(item["Modified"]["S"]),
        **documents,
    )


def _assignment(attributes: dict[str, Any]) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The update expression that sets ``attributes`` of a record, its names and its values."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    for i, (attribute, value) in enumerate(attributes.items()):
        if attribute in _DOCUMENTS:
            names[f"#set{i}"], values[f":set{i}"] = attribute.capitalize(), {"S": _document(value)}
        elif attribute == "last_modification_time":
            names[f"#set{i}"], values[f":set{i}"] = "Modified", {"S": _created(value)}
        elif attribute in ("status", "message"):
            names[f"#set{i}"], values[f":set{i}"] = attribute.capitalize(), {"S": value}
        else:
            raise TypeError(f"a record's {attribute} cannot be changed")
    assignments = ", ".join(f"#set{i} = :set{i}" for i in range(len(attributes)))
    return f"SET {assignments}", names, values
