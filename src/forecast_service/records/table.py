"""The records of all resources, in one DynamoDB table.

Key schema (all attributes are strings; both indexes are local and project ALL, so that reads are strongly consistent):

    table         Kind (partition)  Arn (sort)       Describe is one GetItem
    ByCreation    Kind (partition)  Created (sort)   List is one Query, newest first
    ByParent      Kind (partition)  Parent (sort)    "<ARN of the direct parent>#<Created>": the children of a resource

Nobody writes a record whole after its creation: changes name the attributes they set and the status they expect, and
several changes that belong together are one transaction.
"""

import random
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from forecast_service.records.arn import kind_of, without_ulid
from forecast_service.records.errors import (
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from forecast_service.records.items import (
    TAKEN_NAME,
    Action,
    Item,
    change_action,
    delete_action,
    item_of,
    key,
    put_action,
    record_of,
    status_values,
    taken_name_item,
    time_text,
)
from forecast_service.records.kinds import KINDS
from forecast_service.records.record import Change, Position, Record, StatusConflictError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_CREATION = "ByCreation"
BY_PARENT = "ByParent"

_TRANSACTION_ATTEMPTS = 6  # 10 ms, 20, ... 160: two creations on one parent collide for some milliseconds


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
        return record_of(item)

    def create(self, record: Record, changes: Sequence[Change] = (), dependents: Sequence[Record] = ()) -> None:
        """Write a new record and its ``dependents``, together with ``changes`` of others (or checks of their status).

        Raises ResourceAlreadyExistsException if a name is taken, StatusConflictError as ``apply`` does.
        """
        puts = [(new, put_action(item)) for new in (record, *dependents) for item in _new_items(new)]
        failed = self._transact([*(put for _, put in puts), *map(change_action, changes)])
        if failed is None:
            return
        if failed < len(puts):
            taken, _ = puts[failed]
            raise ResourceAlreadyExistsException(KINDS[taken.kind].noun, self._holder(taken))
        raise self._conflict(changes[failed - len(puts)])

    def refuse_taken_name(self, kind: str, arn: str) -> None:
        """Raise ResourceAlreadyExistsException as ``create`` does; ``arn`` is without a ULID behind the name."""
        taken = self._item(TAKEN_NAME if KINDS[kind].has_ulid else kind, arn)
        if taken:
            raise ResourceAlreadyExistsException(KINDS[kind].noun, taken.get("Holder", taken["Arn"])["S"])

    def apply(self, changes: Sequence[Change]) -> None:
        """Make all changes or none. Raises StatusConflictError for the first whose record does not fit."""
        failed = self._transact([change_action(change) for change in changes])
        if failed is not None:
            raise self._conflict(changes[failed])

    def update(self, arn: str, expect_status: Iterable[str] | None = None, **attributes: Any) -> None:
        """Set attributes of a record, named as in ``Record``. Raises StatusConflictError as ``apply`` does."""
        statuses = None if expect_status is None else frozenset(expect_status)
        self.apply([Change(arn, statuses, attributes)])

    def delete(self, arn: str) -> None:
        """Remove a record and free its name. A record that is gone already is no error."""
        kind = kind_of(arn) or ""
        deletes = [delete_action(kind, arn)]
        if kind and KINDS[kind].has_ulid:
            deletes.append(delete_action(TAKEN_NAME, without_ulid(arn), holder=arn))
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
            index_key = {"Parent": f"{parent}#{after.created}"} if parent else {"Created": after.created}
            start = {"Kind": kind, "Arn": after.arn, **index_key}
            query["ExclusiveStartKey"] = {name: {"S": value} for name, value in start.items()}
        if limit:
            query["Limit"] = limit
        answer = self._query(query)
        records = [record_of(item) for item in answer["Items"]]
        return records, self.position_of(records[-1]) if "LastEvaluatedKey" in answer else None

    def tally(self, kind: str, statuses: Iterable[str]) -> tuple[int, list[Record]]:
        """How many records of a kind there are, and those of them that have one of the statuses."""
        expected = status_values(frozenset(statuses))
        query: dict[str, Any] = {
            "KeyConditionExpression": "Kind = :kind",
            "FilterExpression": f"#status IN ({', '.join(expected)})",
            "ExpressionAttributeNames": {"#status": "Status"},
            "ExpressionAttributeValues": {":kind": {"S": kind}} | expected,
        }
        count, records = 0, []
        while True:
            answer = self._query(query)
            count += answer["ScannedCount"]
            records += [record_of(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return count, records
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    @staticmethod
    def position_of(record: Record) -> Position:
        """Where a page ends whose last record is this one."""
        return Position(record.arn, time_text(record.creation_time))

    def children_of(self, arn: str, *kinds: str) -> list[Record]:
        """The direct children of a resource, or those of some kinds; newest first within each kind."""
        kinds = kinds or tuple(child.name for child in KINDS.values() if kind_of(arn) in child.parents)
        return [record for kind in kinds for record in self.of_kind(kind, parent=arn)]

    def descendants_of(self, arn: str) -> list[Record]:
        """All that lie below a resource, level by level: every parent precedes its children."""
        descendants: list[Record] = []
        level = self.children_of(arn)
        while level:
            descendants += level
            level = [child for record in level for child in self.children_of(record.arn)]
        return descendants

    def _query(self, query: dict[str, Any]) -> Any:
        return self._client.query(TableName=self._table, ConsistentRead=True, ScanIndexForward=False, **query)

    def _item(self, kind: str, arn: str) -> Item | None:
        answer: Any = self._client.get_item(TableName=self._table, Key=key(kind, arn), ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def _holder(self, record: Record) -> str:
        """The ARN of the resource that has the name of ``record``."""
        taken = self._item(TAKEN_NAME, without_ulid(record.arn)) if KINDS[record.kind].has_ulid else None
        return taken["Holder"]["S"] if taken else record.arn

    def _conflict(self, change: Change) -> StatusConflictError:
        item = self._item(kind_of(change.arn) or "", change.arn)
        return StatusConflictError(change.arn, item["Status"]["S"] if item else None)

    def _transact(self, actions: Sequence[Action]) -> int | None:
        """Run a transaction. Returns the index of the first action whose condition failed; None if all was done."""
        items: Any = [{name: {"TableName": self._table} | body for name, body in action.items()} for action in actions]
        for attempt in range(1, _TRANSACTION_ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=items)
                return None
            except self._client.exceptions.TransactionCanceledException as error:
                codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
                if "ConditionalCheckFailed" in codes:
                    return codes.index("ConditionalCheckFailed")
                if "TransactionConflict" not in codes:
                    raise
                _back_off(attempt, error)
        raise AssertionError("unreachable: the last attempt returns or raises")


def _new_items(record: Record) -> list[Item]:
    """The items of a new record: its own and, where its ARN has a ULID, an item that holds its name."""
    own = item_of(record)
    return [own, taken_name_item(record)] if KINDS[record.kind].has_ulid else [own]


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
