"""One thing that a deleted stack has left: a bucket, a table of DynamoDB or of Glue, a key."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from forecast_language import said

DAYS_BEFORE_A_KEY_GOES = 7  # the fewest that KMS allows
UNITS = ("KB", "MB", "GB", "TB")


class NotRemovedError(Exception):
    """Something stays although it was to go; the message says what and why."""


class Leftover(Protocol):
    """A thing that is left, and how to remove it for good."""

    @property
    def name(self) -> str:
        """Kind and name, as a person knows it."""

    @property
    def amount(self) -> str:
        """How much is in it."""

    def remove(self) -> None:
        """Delete it with all that is in it. NotRemovedError or ClientError where AWS does not let us."""


@dataclass
class Bucket:
    """A bucket of S3 with all versions of its objects."""

    client: Any
    bucket: str
    versions: int = field(init=False, default=0)
    markers: int = field(init=False, default=0)
    size: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Count what is in it; NoSuchBucket if it is gone."""
        for page in self._pages():
            self.versions += len(page.get("Versions", []))
            self.markers += len(page.get("DeleteMarkers", []))
            self.size += sum(version["Size"] for version in page.get("Versions", []))

    @property
    def name(self) -> str:
        return said("bucket {bucket}", bucket=self.bucket)

    @property
    def amount(self) -> str:
        size = size_text(self.size)
        if not self.markers:
            return said("{versions:,} versions of objects, {size}", versions=self.versions, size=size)
        return said(
            "{versions:,} versions of objects, {size}, {markers:,} delete markers",
            versions=self.versions,
            size=size,
            markers=self.markers,
        )

    def remove(self) -> None:
        for page in self._pages():
            entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
            if objects:
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})
                for error in answer.get("Errors", []):
                    raise NotRemovedError(
                        said(
                            "s3://{bucket}/{key} was not deleted: {reason}",
                            bucket=self.bucket,
                            key=error["Key"],
                            reason=error["Message"],
                        )
                    )
        self.client.delete_bucket(Bucket=self.bucket)

    def _pages(self) -> Any:
        return self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket)


@dataclass
class RecordsTable:
    """A table of DynamoDB. AWS counts its items every six hours or so."""

    client: Any
    table: str

    def __post_init__(self) -> None:
        """Ask how much is in it; ResourceNotFoundException if it is gone."""
        self.description = self.client.describe_table(TableName=self.table)["Table"]

    @property
    def name(self) -> str:
        return said("DynamoDB table {table}", table=self.table)

    @property
    def amount(self) -> str:
        size = size_text(self.description["TableSizeBytes"])
        return said("{items:,} items, {size}", items=self.description["ItemCount"], size=size)

    def remove(self) -> None:
        self.client.delete_table(TableName=self.table)


@dataclass(frozen=True)
class CatalogTable:
    """A table of Glue's catalog. The files that it is about are not in it."""

    client: Any
    database: str
    table: str
    location: str

    @property
    def name(self) -> str:
        return said("Glue table {database}.{table}", database=self.database, table=self.table)

    @property
    def amount(self) -> str:
        return said("over {location}", location=self.location)

    def remove(self) -> None:
        self.client.delete_table(DatabaseName=self.database, Name=self.table)


@dataclass(frozen=True)
class Key:
    """A key of KMS, which can only be scheduled to go."""

    client: Any
    key_id: str

    @property
    def name(self) -> str:
        return said("KMS key {key}", key=self.key_id)

    @property
    def amount(self) -> str:
        return said("goes {days} days later", days=DAYS_BEFORE_A_KEY_GOES)

    def remove(self) -> None:
        self.client.schedule_key_deletion(KeyId=self.key_id, PendingWindowInDays=DAYS_BEFORE_A_KEY_GOES)


def size_text(size: float) -> str:
    """A number of bytes for a person.

    >>> size_text(999), size_text(2_340_000_000)
    ('999 bytes', '2.3 GB')
    """
    if size < 1000:
        return said("{size:,.0f} bytes", size=size)
    unit = 0
    while size >= 1_000_000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size / 1000:,.1f} {UNITS[unit]}"
