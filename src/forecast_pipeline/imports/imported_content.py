"""Whether the bucket still holds what a run was started for when it is imported."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_language import said
from forecast_pipeline.forecast_resources import Superseded
from forecast_pipeline.runs.data_files import (
    FOLDERS,
    MOST_NAMED,
    DataFile,
    changed_files,
    files_in,
    fingerprint_of,
    with_md5,
)
from forecast_pipeline.runs.run_requests import DatasetImport, InputContent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def require_same_files(s3: "S3Client", bucket: str, job: DatasetImport) -> None:
    """Return if the folder of an import holds the bytes that the run was started for; Superseded names what changed."""
    if changes := changes_since(s3, bucket, job):
        raise Superseded(
            said(
                "{changes} since the run began. A file that starts runs (stack parameter StartOn) starts one over what"
                " is there then; other changes wait for the next run.",
                changes=changes,
            )
        )


def changes_since(s3: "S3Client", bucket: str, job: DatasetImport) -> str:
    """The beginning of a sentence: which files of an import's folder are not as they were; "" where all are.

    Files are read only where an ETag changed, and only those that were uploaded in parts.
    """
    if job.Content is None:
        return ""
    folder = FOLDERS[job.DatasetType]
    files = tuple(files_in(s3, bucket, folder))
    if fingerprint_of(files) == job.Content.ETags:
        return ""
    if fingerprint_of(with_md5(s3, bucket, files)) == job.Content.Bytes:
        return ""
    return _changes(job.Content, files) or said("{folder} changed", folder=folder)


def _changes(content: InputContent, files: Sequence[DataFile]) -> str:
    """Which files are not as they were; nothing if that is not known."""
    if not content.Files:
        return ""
    named = list(
        changed_files({file.Key: file.ETag for file in content.Files}, {file.key: file.etag for file in files})
    )
    names = ", ".join(named[:MOST_NAMED])
    more = len(named) - MOST_NAMED
    return said("{names} and {more} more", names=names, more=more) if more > 0 else names
