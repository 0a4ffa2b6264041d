"""The history as it was at the end of an old day: the files of train/ without the rows of later periods.

Which rows are known by then says ``forecast_contract.periods``. A row that no reader understands stays as well: the
import says what becomes of it.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from forecast_contract.periods import end_of_day, last_day_of, period_end
from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.header import without_header
from forecast_files.schema import Schema
from forecast_language import said
from forecast_pipeline.forecast_resources import ResourceFailed
from forecast_pipeline.imports.imported_rows import parts_of
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.run_requests import DatasetImport, DatasetRequest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def write_cut_history(
    s3: "S3Client", bucket: str, job: DatasetImport, dataset: DatasetRequest, *, frequency: str, as_of: date
) -> None:
    """Write what ``train/`` held at the end of a day to where the import reads it, a file for each part that is read.

    ``frequency`` is that of the forecast, for a dataset that does not say its own. ResourceFailed where nothing is
    left. Done twice, it writes the same.
    """
    file_format = FileFormat(Schema.of_dataset(dataset.model_dump()), job.TimestampFormat or DATE_AND_TIME)
    known = KnownRows(file_format, dataset.DataFrequency or frequency, end_of_day(as_of))
    folder, written = job.Path.removeprefix(f"s3://{bucket}/"), 0
    for part in parts_of(s3, bucket, FOLDERS[job.DatasetType], len(file_format.schema.columns)):
        if text := known.of(without_header(part, file_format)):
            s3.put_object(Bucket=bucket, Key=f"{folder}{written:05}.csv", Body=text)
            written += 1
    if not written:
        raise ResourceFailed(_nothing_known(as_of, FOLDERS[job.DatasetType], known.first_day))


def _nothing_known(day: date, folder: str, first_day: date | None) -> str:
    if first_day is None:
        return said("AsOf {day}: found no row in {folder}, wanted rows.", day=day, folder=folder)
    return said(
        "AsOf {day}: found no row in {folder} whose period had ended by then, wanted {first_day} or later.",
        day=day,
        folder=folder,
        first_day=first_day,
    )


class KnownRows:
    """Tells which rows were known before a moment; ``first_day`` is the first day at whose end any of them was."""

    def __init__(self, file_format: FileFormat, frequency: str, end: datetime) -> None:
        """``end`` is the first moment that is not known, ``frequency`` that of the rows."""
        columns = file_format.schema.columns
        self.width = len(columns)
        self.column = next(index for index, each in enumerate(columns) if each.sql_type == "TIMESTAMP")
        self.pattern = file_format.strptime_pattern
        self.frequency = frequency
        self.end = end
        self.first_day: date | None = None
        self._is_known: dict[str, bool] = {}  # a timestamp is that of many series

    def of(self, part: CsvPart) -> bytes:
        """The rows of a part that were known, as CSV."""
        kept = io.StringIO(newline="")
        csv.writer(kept, lineterminator="\n").writerows(self._rows(part))
        return kept.getvalue().encode("utf-8")

    def _rows(self, part: CsvPart) -> Iterator[list[str]]:
        for _, row in part.records():
            if len(row) != self.width or self._was_known(row[self.column].strip()):
                yield row

    def _was_known(self, text: str) -> bool:
        if text not in self._is_known:
            try:
                begins = datetime.strptime(text, self.pattern)
            except ValueError:
                self._is_known[text] = True
            else:
                last_day = last_day_of(begins, self.frequency)
                self.first_day = min(last_day, self.first_day or last_day)
                self._is_known[text] = period_end(begins, self.frequency) <= self.end
        return self._is_known[text]
