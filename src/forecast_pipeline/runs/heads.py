"""The first lines of a run's data files, checked before anything is created."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_files.file_format import FileFormat
from forecast_files.head import check_head
from forecast_files.input_refused import InputRefused
from forecast_files.schema import Schema
from forecast_language import said
from forecast_pipeline.parameters.requests import CreateDatasetRequest
from forecast_pipeline.runs.data_files import DataFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEAD_BYTES = 65_536
CHECKED_FILES = 50  # of one folder; some 20 ms each


class DataFileError(ValueError):
    """A file that no import would take; the message says file, line, found and wanted."""


def check_files(
    s3: "S3Client", bucket: str, files: Sequence[DataFile], dataset: CreateDatasetRequest, timestamp_format: str
) -> dict[str, str]:
    """The version ids of the files that were looked at, by key, in a bucket that has versions.

    Raises DataFileError for the first file whose first lines do not fit the dataset, or if no file has a row. At most
    CHECKED_FILES files are looked at. A file without rows passes beside others that have some.
    """
    with_bytes = [file for file in files if file.size]
    file_format = FileFormat(Schema.of_dataset(dataset.without_nulls()), timestamp_format)
    row_count = 0
    versions: dict[str, str] = {}
    for file in with_bytes[:CHECKED_FILES]:
        answer = s3.get_object(Bucket=bucket, Key=file.key, Range=f"bytes=0-{HEAD_BYTES - 1}")
        head = answer["Body"].read()
        if "VersionId" in answer and answer["ETag"].strip('"') == file.etag:  # else another one came in between
            versions[file.key] = answer["VersionId"]
        try:
            row_count += check_head(file.key, head, file.size > len(head), file_format)
        except InputRefused as error:
            raise DataFileError(str(error)) from error
    if row_count == 0 and len(with_bytes) <= CHECKED_FILES:
        where = files[0].key
        if len(files) > 1:
            where = said("{number} files in {folder}", number=len(files), folder=f"{where.partition('/')[0]}/")
        names = file_format.schema.names
        raise DataFileError(
            said(
                "{where}: found no rows of data, wanted rows of {number} columns ({names}).",
                where=where,
                number=len(names),
                names=", ".join(names),
            )
        )
    return versions
