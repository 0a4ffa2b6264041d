"""Where the embedded S3 keeps what objects hold: on disk, as ministack can, and neither in memory nor there twice.

Like `hooks.py` this replaces names of the pinned version of ministack, and `tests/local_aws/embedded/test_hooks.py`
fails when one of them has moved. Only `hooks.py` imports this; `server.py` names the folder.

- ministack writes each body to a file that is never changed, but keeps every version's body in memory beside it.
- It copies a body that is replaced, deleted or copied; a second name for the same file is enough.
- It reads a whole file for each range of it.

Nothing here can lose a body: one that cannot be written stays in memory.
"""

import contextlib
import functools
import mmap
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack.services import s3

_mapped: ContextVar[bool] = ContextVar("_mapped", default=False)


class StoredBody(mmap.mmap):
    """The bytes of a file that stay on disk until a part of them is asked for."""

    path: str


def install() -> None:
    """Replace what must be replaced."""
    _forget_what_a_file_holds()
    _map_files()
    _link_files()


def _forget_what_a_file_holds() -> None:
    """ministack looks for the body of a version that has none in the files of the version and of the object."""
    entry_of = s3._version_entry_from_record

    def version_entry_from_record(record: dict[str, Any], version_id: str, data: Any) -> Any:
        return entry_of(record, version_id, None if s3.S3_PERSIST else data)

    s3._version_entry_from_record = version_entry_from_record


def _map_files() -> None:
    """Requests that need a part of a body, or hand it on, map its file."""
    read = s3._read_body

    def read_body(bucket: str, key: str, record: dict[str, Any]) -> Any:
        path = s3._object_disk_path(bucket, key) if _mapped.get() and record.get("body") is None else None
        return (_map(path) if path else None) or read(bucket, key, record)

    s3._read_body = read_body
    for name in ("_get_object", "_copy_object", "_upload_part_copy", "_persist_displaced_version"):
        setattr(s3, name, _mapping(getattr(s3, name)))


def _map(path: str) -> StoredBody | None:
    """The body in a file; None where there is no file or nothing in it."""
    with contextlib.suppress(OSError, ValueError), Path(path).open("rb") as file:
        body = StoredBody(file.fileno(), 0, access=mmap.ACCESS_READ)
        body.path = path
        return body
    return None


def _mapping(respond: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(respond)
    def respond_mapping(*given: Any, **named: Any) -> Any:
        with _mapping_files():
            answer = respond(*given, **named)
        if isinstance(answer, tuple) and isinstance(answer[-1], StoredBody):
            return (*answer[:-1], answer[-1][:])
        return answer

    return respond_mapping


@contextlib.contextmanager
def _mapping_files() -> Iterator[None]:
    token = _mapped.set(True)
    try:
        yield
    finally:
        _mapped.reset(token)


def _link_files() -> None:
    """A body that has a file already gets another name for it. Files are replaced, never written to again."""
    write = s3._atomic_write

    def atomic_write(path: str, data: Any, *, text: bool = False) -> None:
        if not (isinstance(data, StoredBody) and _linked(data.path, path)):
            write(path, data, text=text)

    s3._atomic_write = atomic_write


def _linked(existing: str, path: str) -> bool:
    """Whether `path` is a name of the existing file now; the file system may not be able to do it."""
    unfinished = Path(f"{path}.tmp")
    with contextlib.suppress(OSError):
        unfinished.unlink(missing_ok=True)
        os.link(existing, unfinished)
        unfinished.replace(path)
        unfinished.unlink(missing_ok=True)  # where both were names of one file already, nothing was replaced
        return True
    return False
