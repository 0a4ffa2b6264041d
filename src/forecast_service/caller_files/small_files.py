"""Files that a request names beside the datasets: few, and small enough for one worker to read as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_files import csv_file, parquet_file
from forecast_files.csv_file import LocalLines
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
            address, local = self._bucket.address(file.key), self._download(file, folder)
            if self.is_parquet:
                parquet_file.load(connection, local, address, self.file_format, table)
            else:
                lines = LocalLines(local, address, is_start=True, lines_before=lambda: 0)
                csv_file.load(connection, lines, self.file_format, table)

    def records(self, folder: Path) -> Iterator[tuple[str, list[str]]]:
        """The records of CSV files, each with its place (file and line), to find one that is wrong."""
        for file in self._files:
            for line, row in csv_file.records(self._download(file, folder)):
                yield f"{self._bucket.address(file.key)}, line {line}", row

    def _download(self, file: CallerFile, folder: Path) -> Path:
        local = folder / "file"
        if self.is_parquet:
            local.write_bytes(self._bucket.read(file.key, 0, file.size))
            return local
        lines = csv_file.cut_to_lines(0, file.size, file.size, lambda at, size: self._bucket.read(file.key, at, size))
        local.write_bytes(lines)
        return local

    @cached_property
    def _files(self) -> list[CallerFile]:
        files = [file for file in self._bucket.files() if file.size]
        if self.is_parquet:
            files = [file for file in files if parquet_file.is_parquet_name(file.key)]
        if not files:
            raise InputRefused(f"{self._bucket.path}: found no file with data, wanted one that {self.content}.")
        return files

    @cached_property
    def _bucket(self) -> CallerBucket:
        return CallerBucket(self.config)
