"""Records as DynamoDB items: a record and its item, and the transaction's actions that write or change one.

All attributes are strings. Documents (request, outcome, ...) are JSON strings, so that numbers stay exactly as they
were. An item of kind ``taken_name`` holds the name of a resource whose kind has a ULID in its ARNs, which alone would
let a name be used twice.
"""

import json
from typing import Any

from forecast_service.records.arn import kind_of, without_ulid
from forecast_service.records.kinds import KINDS
from forecast_service.records.record import Change, Record

Item = dict[str, dict[str, str]]  # attribute -> {"S": its text}
Action = dict[str, Any]  # of TransactWriteItems, without its table

TAKEN_NAME = "taken_name"
_DOCUMENTS = ("request", "parents", "inputs", "outcome", "facts", "tags")


def key(kind: str, arn: str) -> Item:
    """The key of the table."""
    return {"Kind": {"S": kind}, "Arn": {"S": arn}}


def time_text(seconds: float) -> str:
    """A time as the table keeps it: its texts sort as times do."""
    return f"{seconds:014.3f}"


def _json_text(value: object) -> str:
    """JSON as the table keeps it. ValueError for NaN and infinities, which JSON and the API do not have."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def item_of(record: Record) -> Item:
    """The item of a record."""
    created = time_text(record.creation_time)
    item = key(record.kind, record.arn) | {
        "Name": {"S": record.name},
        "Status": {"S": record.status},
        "Created": {"S": created},
        "Modified": {"S": time_text(record.last_modification_time)},
    }
    if record.message is not None:
        item["Message"] = {"S": record.message}
    if record.created_by:
        item["CreatedBy"] = {"S": record.created_by}
    if KINDS[record.kind].parents:
        parent = next(record.parents[kind] for kind in KINDS[record.kind].parents if kind in record.parents)
        item["Parent"] = {"S": f"{parent}#{created}"}
    return item | {name.capitalize(): {"S": _json_text(getattr(record, name))} for name in _DOCUMENTS}


def taken_name_item(record: Record) -> Item:
    """The item that holds a record's name; ``Holder`` is the ARN of the resource that has it."""
    return key(TAKEN_NAME, without_ulid(record.arn)) | {"Holder": {"S": record.arn}}


def record_of(item: Item) -> Record:
    """The record of an item."""
    documents = {name: json.loads(item[name.capitalize()]["S"]) for name in _DOCUMENTS}
    return Record(
        kind=item["Kind"]["S"],
        arn=item["Arn"]["S"],
        name=item["Name"]["S"],
        status=item["Status"]["S"],
        message=item["Message"]["S"] if "Message" in item else None,
        creation_time=float(item["Created"]["S"]),
        last_modification_time=float(item["Modified"]["S"]),
        created_by=item["CreatedBy"]["S"] if "CreatedBy" in item else "",
        **documents,
    )


def put_action(item: Item) -> Action:
    """Write an item that is not there yet."""
    return {"Put": {"Item": item, "ConditionExpression": "attribute_not_exists(Arn)"}}


def delete_action(kind: str, arn: str, holder: str | None = None) -> Action:
    """Remove an item; a taken name only while ``holder`` has it: it may have passed on to a new resource since."""
    delete: Action = {"Key": key(kind, arn)}
    if holder:
        delete["ConditionExpression"] = "attribute_not_exists(Arn) OR Holder = :holder"
        delete["ExpressionAttributeValues"] = {":holder": {"S": holder}}
    return {"Delete": delete}


def change_action(change: Change) -> Action:
    """Make one change: an Update, or a ConditionCheck where nothing is to be set."""
    names: dict[str, str] = {}
    values: Item = {}
    condition = "attribute_exists(Arn)"
    if change.expect_status is not None:
        names["#status"] = "Status"
        expected = status_values(change.expect_status)
        values |= expected
        condition += f" AND #status IN ({', '.join(expected)})"
    if change.expect_tags is not None:
        values[":tags"] = {"S": _json_text(change.expect_tags)}
        condition += " AND Tags = :tags"
    action: Action = {"Key": key(kind_of(change.arn) or "", change.arn), "ConditionExpression": condition}
    if change.attributes:
        action["UpdateExpression"], set_names, set_values = _assignment(change.attributes)
        names |= set_names
        values |= set_values
    if names:
        action["ExpressionAttributeNames"] = names
    if values:
        action["ExpressionAttributeValues"] = values
    return {"Update" if change.attributes else "ConditionCheck": action}


def status_values(statuses: frozenset[str]) -> Item:
    """The values of an expression that asks whether a status is one of these."""
    return {f":status{i}": {"S": status} for i, status in enumerate(sorted(statuses))}


def _assignment(attributes: dict[str, Any]) -> tuple[str, dict[str, str], Item]:
    """The update expression that sets ``attributes`` of a record, its names and its values."""
    names: dict[str, str] = {}
    values: Item = {}
    for i, (attribute, value) in enumerate(attributes.items()):
        if attribute in _DOCUMENTS:
            names[f"#set{i}"], values[f":set{i}"] = attribute.capitalize(), {"S": _json_text(value)}
        elif attribute == "last_modification_time":
            names[f"#set{i}"], values[f":set{i}"] = "Modified", {"S": time_text(value)}
        elif attribute in ("status", "message"):
            names[f"#set{i}"], values[f":set{i}"] = attribute.capitalize(), {"S": value}
        else:
            raise TypeError(f"a record's {attribute} cannot be changed")
    assignments = ", ".join(f"#set{i} = :set{i}" for i in range(len(attributes)))
    return f"SET {assignments}", names, values
