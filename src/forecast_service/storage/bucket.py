"""The service's own objects in S3: one prefix per resource, documents as JSON, tables as Parquet, arrays as .npz."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_service.records.record import Record

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

# The folder of a resource's storage for what only its job needs: deleted when the record says that the job is done.
WORK = "work/"
_CONNECTIONS = 10  # as many as a boto3 client keeps open


def resource_prefix(record: Record) -> str:
    """Where the data of a resource lie: ``<type>/<names>/<creation time in ms>/``.

    The creation time keeps the objects of a deleted resource from being taken for those of its namesake.
    """
    return f"{record.arn.split(':', 5)[5]}/{round(record.creation_time * 1000)}/"


class Storage:
    """Reads and writes objects of the service bucket below one prefix. A write replaces an object whole."""

    def __init__(self, bucket: str, prefix: str, client: "S3Client | None" = None) -> None:
        self.prefix = prefix
        self._bucket = bucket
        if client is None:
            import boto3  # noqa: PLC0415 - panels that come from no bucket need none

            client = boto3.client("s3")
        self._client = client

    def of(self, record: Record) -> "Storage":
        """The storage of another resource in the same bucket."""
        return Storage(self._bucket, resource_prefix(record), self._client)

    def write_document(self, name: str, document: Any) -> None:
        self._client.put_object(Bucket=self._bucket, Key=self.prefix + name, Body=json.dumps(document).encode())

    def read_document(self, name: str) -> Any:
        return json.loads(self.read_bytes(name))

    def read_documents(self, names: list[str]) -> list[Any]:
        """Many documents, in the order of their names; several are on their way at a time."""
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            return list(pool.map(self.read_document, names))

    def write_arrays(self, name: str, arrays: dict[str, np.ndarray]) -> None:
        """Write arrays of numbers and of text (no Python objects) as one .npz.

        Not compressed: floats hardly shrink, and packing them took a tenth of a training.
        """
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        self._client.put_object(Bucket=self._bucket, Key=self.prefix + name, Body=buffer.getvalue())

    def read_arrays(self, name: str) -> dict[str, np.ndarray]:
        with np.load(io.BytesIO(self.read_bytes(name)), allow_pickle=False) as archive:
            return dict(archive)

    def read_bytes(self, name: str, first: int | None = None, length: int = 0) -> bytes:
        """An object, or ``length`` bytes of it from ``first`` on."""
        byte_range = {} if first is None else {"Range": f"bytes={first}-{first + length - 1}"}
        answer = self._client.get_object(Bucket=self._bucket, Key=self.prefix + name, **byte_range)  # type: ignore[arg-type]
        return answer["Body"].read()

    def copy_to(self, other: "Storage", names: list[str]) -> None:
        """Copy objects to the storage of another resource in the same bucket; several are on their way at a time."""

        def copy(name: str) -> None:
            source: CopySourceTypeDef = {"Bucket": self._bucket, "Key": self.prefix + name}
            self._client.copy_object(Bucket=self._bucket, Key=other.prefix + name, CopySource=source)

        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            list(pool.map(copy, names))

    def upload(self, path: Path, name: str) -> None:
        self._client.upload_file(str(path), self._bucket, self.prefix + name)

    def download(self, name: str, path: Path) -> Path:
        """Write an object to a local path, which is returned. Objects fit into memory: they are shards."""
        path.write_bytes(self.read_bytes(name))
        return path

    def names(self, folder: str = "") -> Iterator[str]:
        """The names of the objects below ``folder``, in order."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self.prefix + folder)
        for page in pages:
            for item in page.get("Contents", []):
                yield item["Key"].removeprefix(self.prefix)

    def delete(self, folder: str = "") -> None:
        """Delete every object below ``folder``; none there is no error."""
        batch: list[str] = []
        for name in [*self.names(folder)]:
            batch.append(self.prefix + name)
            if len(batch) == 1000:  # the most that one DeleteObjects takes
                self._delete_batch(batch)
                batch = []
        self._delete_batch(batch)

    def _delete_batch(self, keys: list[str]) -> None:
        if keys:
            objects = [{"Key": key} for key in keys]
            self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]
