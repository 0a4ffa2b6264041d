"""Bodies of the embedded S3's objects lie on disk, once, whatever becomes of the objects."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import s3

from local_aws.embedded.keeping import object_bodies

REPLACED = (
    "_version_entry_from_record",
    "_read_body",
    "_get_object",
    "_copy_object",
    "_upload_part_copy",
    "_persist_displaced_version",
    "_atomic_write",
)
BODY, NEXT_BODY = b"0123456789", b"abc"
BUCKET = "bodies-on-disk"
VERSIONING = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The folder in which the embedded S3 keeps the bodies of a bucket that keeps versions."""
    for name in REPLACED:
        monkeypatch.setattr(s3, name, getattr(s3, name))
    monkeypatch.setattr(s3, "S3_PERSIST", True)
    monkeypatch.setattr(s3, "DATA_DIR", str(tmp_path))
    object_bodies.install()
    s3._create_bucket(BUCKET, b"", {})
    s3._put_bucket_versioning(BUCKET, VERSIONING)
    yield tmp_path
    s3._buckets.pop(BUCKET)
    for kept in [key for key in s3._object_versions if key[0] == BUCKET]:
        s3._object_versions.pop(kept)


def put(key: str, body: bytes) -> str:
    """Give a key a body, and say the version's id."""
    status, headers, _ = s3._put_object(BUCKET, key, body, {"content-length": str(len(body))})
    assert status == 200
    version: str = headers["x-amz-version-id"]
    return version


def got(key: str, headers: dict[str, str] | None = None, **query: str) -> tuple[int, Any]:
    """Status and body of a GetObject."""
    status, _, body = s3._get_object(BUCKET, key, headers or {}, {name: [value] for name, value in query.items()})
    return status, body


def in_memory() -> list[bytes]:
    """The bodies that the records of objects and versions hold."""
    records = [*s3._buckets[BUCKET]["objects"].values()]
    records += [entry for key, entries in s3._object_versions.items() if key[0] == BUCKET for entry in entries]
    return [body for record in records if (body := record.get("body") or record.get("data"))]


def test_replaced_and_deleted_bodies_are_on_disk_and_there(files: Path) -> None:
    first, second = put("a/key", BODY), put("a/key", NEXT_BODY)
    s3._delete_object(BUCKET, "a/key")
    assert got("a/key")[0] == 404
    assert got("a/key", versionId=first) == (200, BODY)
    assert got("a/key", versionId=second) == (200, NEXT_BODY)
    assert in_memory() == []


def test_a_range_is_the_part_of_the_body_and_all_of_it_is_bytes(files: Path) -> None:
    put("key", BODY)
    assert got("key", {"range": "bytes=2-4"}) == (206, b"234")
    assert got("key", {"range": "bytes=-3"}) == (206, b"789")
    whole = got("key")[1]
    assert (type(whole), whole) == (bytes, BODY)


def test_an_empty_body_is_empty(files: Path) -> None:
    put("key", b"")
    assert got("key") == (200, b"")


def test_a_copy_is_a_second_name_of_one_file_and_stays_when_its_source_changes(files: Path) -> None:
    put("key", BODY)
    s3._copy_object(BUCKET, "copy", {"x-amz-copy-source": f"{BUCKET}/key"})
    assert {os.stat(path).st_nlink for path in files.rglob("*") if path.name in {"key", "copy"}} == {2}
    put("key", NEXT_BODY)
    assert got("copy") == (200, BODY)
    assert got("key") == (200, NEXT_BODY)


def test_a_copy_onto_itself_keeps_the_body(files: Path) -> None:
    put("key", BODY)
    headers = {"x-amz-copy-source": f"{BUCKET}/key", "x-amz-metadata-directive": "REPLACE", "x-amz-meta-run": "1"}
    assert s3._copy_object(BUCKET, "key", headers)[0] == 200
    assert got("key") == (200, BODY)
    assert [path for path in files.rglob("*.tmp")] == []


def test_where_names_cannot_be_linked_the_body_is_written_anew(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refuse)
    first = put("key", BODY)
    put("key", NEXT_BODY)
    assert got("key", versionId=first) == (200, BODY)


def test_a_body_that_no_file_takes_stays_in_memory(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "_object_disk_path", lambda *_: "/dev/null/no/folder")
    put("key", BODY)
    assert got("key") == (200, BODY)
