"""What became of the rows of an import, and whether too many of them were left out for a run to go on."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_files.csv_file import CsvFile
from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.left_out import LeftOut
from forecast_files.row_counts import RowCounts, count_rows
from forecast_files.schema import Schema
from forecast_language import counted
from forecast_pipeline.forecast_resources import ResourceFailed
from forecast_pipeline.runs.data_files import FOLDERS, files_in
from forecast_pipeline.runs.run_requests import DatasetImport, DatasetRequest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BYTES_AT_ONCE = 4 * 2**20  # some 40 MB as Python's texts


def rows_as_told(description: Mapping[str, Any]) -> RowCounts:
    """The rows of an import that is ACTIVE, as Almanac's service tells them.

    ``Message`` says what was left out of how many; without one all rows were used, and ``FieldStatistics`` count them.
    """
    told = LeftOut.of_sentence(description.get("Message", ""))
    if told is not None:
        left_out, read = told
        return RowCounts(read, left_out)
    fields = description.get("FieldStatistics", {}).values()
    return RowCounts(max((_values(field) for field in fields), default=0), LeftOut())


def rows_in_files(s3: "S3Client", bucket: str, job: DatasetImport, dataset: DatasetRequest) -> RowCounts:
    """The rows of an import's files as our reader takes them: Amazon's service does not tell what it left out."""
    file_format = FileFormat(Schema.of_dataset(dataset.model_dump()), job.TimestampFormat or DATE_AND_TIME)
    return count_rows(
        parts_of(s3, bucket, job.Path.removeprefix(f"s3://{bucket}/"), len(file_format.schema.columns)), file_format
    )


def refuse_too_many_left_out(rows: RowCounts, dataset_type: str, max_share: float) -> None:
    """Raise ResourceFailed, which names the rows, where more than this share of them was left out."""
    if rows.left_out.unasked > max_share * rows.read:
        raise ResourceFailed(
            counted(
                "{folder}: {left_out} of {number} row was left out: {reasons}; wanted at most {share:.4g} of the rows"
                " (Pipeline.MaxLeftOutShare in params.json).",
                "{folder}: {left_out} of {number} rows were left out: {reasons}; wanted at most {share:.4g} of the rows"
                " (Pipeline.MaxLeftOutShare in params.json).",
                rows.read,
                folder=FOLDERS[dataset_type],
                left_out=rows.left_out.total,
                reasons=rows.left_out.reasons,
                share=max_share,
            )
        )


def _values(field: Mapping[str, Any]) -> int:
    """How many rows have the field, with a value or without."""
    return sum(int(field.get(f"{name}Long", field.get(name, 0))) for name in ("Count", "CountNull"))


def parts_of(s3: "S3Client", bucket: str, folder: str, columns: int) -> Iterator[CsvPart]:
    """The rows of the files of a folder, some at a time."""
    for data_file in files_in(s3, bucket, folder):

        def read(first: int, length: int, key: str = data_file.key) -> bytes:
            byte_range = f"bytes={first}-{first + length - 1}"
            return s3.get_object(Bucket=bucket, Key=key, Range=byte_range)["Body"].read()

        file = CsvFile(read, data_file.size, f"s3://{bucket}/{data_file.key}", columns)
        for first in range(0, file.size, BYTES_AT_ONCE):
            yield file.part(first, min(BYTES_AT_ONCE, file.size - first))
