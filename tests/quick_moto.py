"""moto and botocore, who repeat for each call or test what is always the same, made to do it once.

Most tests of the service and of the functions speak to moto, hundreds of calls each. What it answers stays the same.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

import pytest
from botocore import useragent
from botocore.loaders import JSONFileLoader
from moto.core import responses, serialize
from moto.core.botocore_stubber import BotocoreStubber
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

ATTRIBUTE_TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"}  # of DynamoDB, in an item on its wire


@contextmanager
def quick_moto() -> Iterator[None]:
    """While this lasts, moto and botocore are quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "__call__", _one_call_at_a_time())
        patch.setattr(JSONFileLoader, "load_file", _reading_once())
        patch.setattr(serialize.XFormedAttributePicker, "__call__", _attributes_with_one_spelling())
        patch.setattr(Table, "__deepcopy__", _with_the_same_items, raising=False)
        patch.setattr(DynamoDBBackend, "update_item", _updating_a_copy())
        for module, name in (
            (responses, "method_names_from_class"),  # by which moto looks for an operation, at each call
            (useragent, "sanitize_user_agent_string_component"),
        ):
            patch.setattr(module, name, cache(getattr(module, name)))
        yield


def _one_call_at_a_time() -> Any:
    """moto's stores are for one thread; DynamoDB makes each call whole. Between two calls anything may happen."""
    answer, lock = BotocoreStubber.__call__, RLock()

    def answer_alone(*arguments: Any, **members: Any) -> Any:
        with lock:
            return answer(*arguments, **members)

    return answer_alone


def _reading_once() -> Any:
    """botocore's files about the services: each of its sessions reads them again, and moto begins one for each test.

    But for those of Amazon Forecast: botocore merges our overlay (aws_models) into what it has read.
    """
    load, read = JSONFileLoader.load_file, cache(JSONFileLoader().load_file)

    def load_once(loader: JSONFileLoader, path: str) -> Any:
        return load(loader, path) if "forecast" in Path(path).parent.parent.name else read(path)

    return load_once


def _attributes_with_one_spelling() -> Any:
    """moto looks for each of ten types in five spellings in each attribute of an item; DynamoDB has one."""
    find = serialize.XFormedAttributePicker.__call__

    def find_quickly(picker: Any, context: serialize.AttributePickerContext) -> Any:
        found = context.obj
        if type(found) is dict and len(found) == 1 and ATTRIBUTE_TYPES.issuperset(found):
            return found.get(context.key)
        return find(picker, context)

    return find_quickly


def _with_the_same_items(table: Table, _memo: Any) -> Table:
    """The copy to which moto returns when a transaction fails: a put or an update replaces an item."""
    copied = Table.__new__(Table)
    vars(copied).update(vars(table))
    items = {key: dict(found) if isinstance(found, dict) else found for key, found in table.items.items()}
    copied.items = defaultdict(dict, items)
    return copied


def _updating_a_copy() -> Any:
    """An item is updated as a copy of it, which takes its place, so that copies of the table keep it as it was."""
    update = DynamoDBBackend.update_item

    def update_copy(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *rest: Any, **named: Any) -> Any:
        items, place = _place(backend.tables.get(table_name), key)
        if place in items:
            items[place] = copy.deepcopy(items[place])
        return update(backend, table_name, key, *rest, **named)

    return update_copy


def _place(table: Table | None, key: dict[str, Any]) -> tuple[dict[Any, Any], DynamoType | None]:
    """The dictionary in which moto has the item of a key, and the item's key in it."""
    if table is None or table.hash_key_attr not in key:
        return {}, None
    first = DynamoType(key[table.hash_key_attr])
    if table.range_key_attr is None:
        return table.items, first
    return table.items.get(first, {}), DynamoType(key[table.range_key_attr])
