# ruff: noqa: N803  the arguments have boto3's names
"""A bucket and a catalog in memory, whose calls fail as told: of a real client's answers, those that publishing needs.

The handlers' own tests have moto; this is for the thousands of calls that fail one after another.
"""

import copy
import io
from collections.abc import Callable
from typing import Any

from tests.forecast_pipeline.faults import FAULTS, refused

WRITES = ("put_object", "copy_object", "delete_object", "update_table", "create_table", "delete_table")


class Place:
    """The client of S3 and that of Glue in one: ``objects`` maps a key to (body, metadata), ``tables`` a name to it."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.tables: dict[str, Any] = {}
        self.calls: list[str] = []
        self.kind = ""
        self.fails: Callable[[int, str], bool] = lambda number, operation: False

    def _call(self, operation: str, effect: Callable[[], Any]) -> Any:
        number = len(self.calls)
        self.calls.append(operation)
        fails = self.fails(number, operation)
        if fails and self.kind != "lost":
            raise FAULTS[self.kind](operation)
        answer = effect()
        if fails:
            raise FAULTS[self.kind](operation)
        return answer

    def _found(self, key: str, operation: str, code: str = "NoSuchKey") -> tuple[bytes, dict[str, str]]:
        if key not in self.objects:
            raise refused(code, 404, operation)
        return self.objects[key]

    def get_object(self, Bucket: str, Key: str) -> Any:
        return self._call("get_object", lambda: {"Body": io.BytesIO(self._found(Key, "GetObject")[0])})

    def head_object(self, Bucket: str, Key: str) -> Any:
        return self._call("head_object", lambda: {"Metadata": self._found(Key, "HeadObject", "404")[1]})

    def list_objects_v2(self, Bucket: str, Prefix: str, Delimiter: str) -> Any:
        def found() -> Any:
            keys = [key for key in self.objects if key.startswith(Prefix) and Delimiter not in key[len(Prefix) :]]
            return {"Contents": [{"Key": key} for key in keys]}

        return self._call("list_objects_v2", found)

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str, IfNoneMatch: str = "") -> Any:
        def put() -> None:
            if IfNoneMatch and Key in self.objects:
                raise refused("PreconditionFailed", 412, "PutObject")
            self.objects[Key] = (Body, {})

        return self._call("put_object", put)

    def copy_object(self, Bucket: str, Key: str, CopySource: dict[str, str]) -> Any:
        def put() -> None:
            self.objects[Key] = self._found(CopySource["Key"], "CopyObject")

        return self._call("copy_object", put)

    def delete_object(self, Bucket: str, Key: str) -> Any:
        return self._call("delete_object", lambda: self.objects.pop(Key, None))

    def _known(self, name: str, operation: str) -> Any:
        if name not in self.tables:
            raise refused("EntityNotFoundException", 400, operation)
        return self.tables[name]

    def get_table(self, DatabaseName: str, Name: str) -> Any:
        return self._call("get_table", lambda: {"Table": copy.deepcopy(self._known(Name, "GetTable"))})

    def create_table(self, DatabaseName: str, TableInput: Any) -> Any:
        return self._call("create_table", lambda: self.tables.update({TableInput["Name"]: copy.deepcopy(TableInput)}))

    def update_table(self, DatabaseName: str, TableInput: Any, SkipArchive: bool) -> Any:
        def put() -> None:
            self._known(TableInput["Name"], "UpdateTable")
            self.tables[TableInput["Name"]] = copy.deepcopy(TableInput)

        return self._call("update_table", put)

    def delete_table(self, DatabaseName: str, Name: str) -> Any:
        return self._call("delete_table", lambda: self.tables.pop(self._known(Name, "DeleteTable")["Name"]))
