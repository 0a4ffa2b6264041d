"""The buckets of the embedded S3 as one tree of folders, as a file system shows them: /BUCKET/folder/file."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

FileStatus = dict[str, Any]
MOST_KEYS_PER_DELETION = 1000  # S3's limit


class BucketTree:
    """Files and folders over ``s3``, a boto3 client. A path is BUCKET/KEY; an empty folder is only remembered."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3
        self._empty_folders: set[str] = set()

    def status(self, path: str) -> FileStatus | None:
        """What stands at the path, as WebHDFS's FileStatus; None if nothing does."""
        bucket, _, key = path.partition("/")
        if not key:
            return _folder("")
        try:
            head = self.s3.head_object(Bucket=bucket, Key=key)
            return _file("", head["ContentLength"], head["LastModified"])
        except ClientError:
            found = self.s3.list_objects_v2(Bucket=bucket, Prefix=f"{key}/", MaxKeys=1).get("KeyCount", 0)
        return _folder("") if found or path in self._empty_folders else None

    def children(self, path: str) -> list[FileStatus] | None:
        """The entries of a folder, or the file itself; None if nothing stands at the path."""
        status = self.status(path)
        if status is None or status["type"] == "FILE":
            return None if status is None else [status]
        bucket, _, key = path.partition("/")
        prefix = f"{key}/" if key else ""
        found: dict[str, FileStatus] = {}
        for page in self._pages(bucket, prefix, Delimiter="/"):
            folders = [common["Prefix"][len(prefix) : -1] for common in page.get("CommonPrefixes", [])]
            found |= {name: _folder(name) for name in folders}
            for item in page.get("Contents", []):
                if name := item["Key"][len(prefix) :]:
                    found[name] = _file(name, item["Size"], item["LastModified"])
        for empty in self._empty_folders:
            parent, _, name = empty.rpartition("/")
            if parent == path:
                found.setdefault(name, _folder(name))
        return list(found.values())

    def content(self, path: str, start: int, length: int | None) -> Any:
        """The object's bytes from ``start`` on, ``length`` of them or all, as boto3's GetObject gives them.

        ClientError where there is no such object.
        """
        bucket, _, key = path.partition("/")
        end = "" if length is None else start + length - 1
        whole = start == 0 and length is None
        return self.s3.get_object(Bucket=bucket, Key=key, **({} if whole else {"Range": f"bytes={start}-{end}"}))

    def write(self, path: str, content: bytes) -> None:
        """Put the file at the path."""
        bucket, _, key = path.partition("/")
        self.s3.put_object(Bucket=bucket, Key=key, Body=content)

    def make_folder(self, path: str) -> None:
        """Remember the folder and those above it."""
        while path:
            self._empty_folders.add(path)
            path = path.rpartition("/")[0]

    def delete(self, path: str) -> bool:
        """Remove the file, or the folder with all in it; whether there was one."""
        existed = self.status(path) is not None
        bucket = path.partition("/")[0]
        gone = [{"Key": key} for key in self._keys_at(path)]
        for start in range(0, len(gone), MOST_KEYS_PER_DELETION):
            self.s3.delete_objects(Bucket=bucket, Delete={"Objects": gone[start : start + MOST_KEYS_PER_DELETION]})
        self._empty_folders = {empty for empty in self._empty_folders if not _is_at(empty, path)}
        return existed

    def rename(self, source: str, target: str) -> bool:
        """Move the file or folder; into ``target`` where that is a folder. False if there is nothing to move."""
        if self.status(source) is None:
            return False
        existing = self.status(target)
        if existing and existing["type"] == "DIRECTORY":
            target = f"{target}/{source.rpartition('/')[2]}"
        (bucket, _, key), (to_bucket, _, to_key) = source.partition("/"), target.partition("/")
        for moved in list(self._keys_at(source)):
            copy_source = {"Bucket": bucket, "Key": moved}
            self.s3.copy_object(Bucket=to_bucket, Key=to_key + moved[len(key) :], CopySource=copy_source)
        moved_folders = {target + empty[len(source) :] for empty in self._empty_folders if _is_at(empty, source)}
        self.delete(source)
        self._empty_folders |= moved_folders
        return True

    def _keys_at(self, path: str) -> Iterator[str]:
        """The key at the path and those below it."""
        bucket, _, key = path.partition("/")
        for page in self._pages(bucket, key):
            yield from (item["Key"] for item in page.get("Contents", []) if _is_at(item["Key"], key))

    def _pages(self, bucket: str, prefix: str, **options: str) -> Any:
        return self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **options)


def _is_at(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _folder(name: str) -> FileStatus:
    return _entry(name, "DIRECTORY", 0, 0)


def _file(name: str, length: int, modified: Any) -> FileStatus:
    return _entry(name, "FILE", length, int(modified.timestamp() * 1000))


def _entry(name: str, kind: str, length: int, modified: int) -> FileStatus:
    """All members that Hadoop's client reads; those that S3 does not know have one value."""
    unknown = {"permission": "755", "owner": "glue", "group": "glue", "replication": 1, "fileId": 0, "storagePolicy": 0}
    times = {"modificationTime": modified, "accessTime": modified}
    known = {"pathSuffix": name, "type": kind, "length": length, "blockSize": 1 << 27, "childrenNum": 0}
    return known | times | unknown
