"""Files that a request names beside the datasets: few, and small enough for one worker to read as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_files import csv_rows, parquet_rows
from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.input_refused import InputRefused
from forecast_service.caller_files.caller_bucket import CallerBucket, CallerFile

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class SmallFiles:
    """``config`` is the request's S3Config, ``file_format`` how the files are written.

    ``content`` completes the error "wanted one that ...", for example with "names series".
    Raises InputRefused with file, line, found and wanted where a file cannot be read, and where no file holds data.
    """

    config: dict[str, Any]
    file_format: FileFormat
    content: str
    is_parquet: bool = False

    def load(self, connection: "DuckDBPyConnection", folder: Path, table: str) -> None:
        """Append the rows of all files to ``table``, whose columns are the canonical ones."""
        for file in self._files:
            if not self.is_parquet:
                csv_rows.load(connection, self._part(file), self.file_format, table, folder)
                continue
            local = folder / "file"
            local.write_bytes(self._bucket.read(file.key, 0, file.size))
            parquet_rows.load(connection, local, self._bucket.address(file.key), self.file_format, table)

    def records(self) -> Iterator[tuple[str, list[str]]]:
        """The records of CSV files, each with its place (file and line), to find one that is wrong."""
        for file in self._files:
            part = self._part(file)
            for line, row in part.records():
                yield part.place(line), row

    def _part(self, file: CallerFile) -> CsvPart:
        return CsvPart.of(self._bucket.read(file.key, 0, file.size), self._bucket.address(file.key))

    @cached_property
    def _files(self) -> list[CallerFile]:
        files = [file for file in self._bucket.files() if file.size]
        if self.is_parquet:
            files = [file for file in files if parquet_rows.is_parquet_name(file.key)]
        if not files:
            raise InputRefused(f"{self._bucket.path}: found no file with data, wanted one that {self.content}.")
        return files

    @cached_property
    def _bucket(self) -> CallerBucket:
        return CallerBucket(self.config)
