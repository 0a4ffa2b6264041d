"""What a worker reads of a run's files: byte ranges of the train files, and whole parts of the exports."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_files.csv_file import BYTES_PER_RANGE, CsvFile
from forecast_files.csv_part import CsvPart
from forecast_pipeline.publishing.exports.s3_location import S3File

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CALLS_AT_A_TIME = 10  # as many as a boto3 client keeps connections
SMALL_FILE = 2**20  # bytes up to which whole files are fetched several at a time


@dataclass(frozen=True)
class FileRange:
    """``length`` bytes from ``first`` on of an object of ``size`` bytes."""

    bucket: str
    key: str
    size: int
    first: int
    length: int

    @classmethod
    def whole(cls, file: S3File) -> "FileRange":
        """All of a file."""
        return cls(file.bucket, file.key, file.size, 0, file.size)

    @property
    def is_small_file(self) -> bool:
        """Whether it is a whole file that is not worth a thread of its own."""
        return self.length == self.size <= SMALL_FILE


def ranges_of(file: S3File) -> Iterator[FileRange]:
    """A CSV file in ranges of bounded size."""
    for first in range(0, file.size, BYTES_PER_RANGE):
        yield FileRange(file.bucket, file.key, file.size, first, min(BYTES_PER_RANGE, file.size - first))


def in_tasks(ranges: Iterable[FileRange], most_bytes: int, most_ranges: int) -> list[list[FileRange]]:
    """Ranges in groups of about ``most_bytes``, and at most ``most_ranges`` of them, in their order."""
    tasks: list[list[FileRange]] = []
    room = 0
    for each in ranges:
        if not tasks or each.length > room or len(tasks[-1]) == most_ranges:
            tasks.append([])
            room = most_bytes
        tasks[-1].append(each)
        room -= each.length
    return tasks


def csv_parts(client: "S3Client", ranges: Sequence[FileRange], columns: int) -> Iterator[CsvPart]:
    """The rows that begin within the ranges, part after part; ``columns`` is the number of a row's fields.

    Raises InputRefused for what is no text, and for quotes that mean nothing.
    """

    def content(small: FileRange) -> bytes:
        return _read(client, small, 0, small.size)

    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        for first in range(0, len(ranges), CALLS_AT_A_TIME):
            some = ranges[first : first + CALLS_AT_A_TIME]
            contents = pool.map(content, [each for each in some if each.is_small_file])
            for each in some:
                if each.is_small_file:
                    yield CsvPart.of(next(contents), each.key)
                else:
                    yield _file(client, each, columns).part(each.first, each.length)


def fetch(client: "S3Client", files: Sequence[FileRange], folder: Path) -> list[Path]:
    """Download whole files into a folder, several at a time; their copies in the same order."""
    paths = [folder / f"{number:05}.csv" for number in range(len(files))]

    def download(file: FileRange, path: Path) -> None:
        if file.is_small_file:  # one call; a download asks for the size first
            path.write_bytes(_read(client, file, 0, file.size))
        else:
            client.download_file(file.bucket, file.key, str(path))

    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        list(pool.map(download, files, paths))
    return paths


def _file(client: "S3Client", of: FileRange, columns: int) -> CsvFile:
    return CsvFile(lambda first, length: _read(client, of, first, length), of.size, of.key, columns)


def _read(client: "S3Client", of: FileRange, first: int, length: int) -> bytes:
    wanted = f"bytes={first}-{first + length - 1}"
    return client.get_object(Bucket=of.bucket, Key=of.key, Range=wanted)["Body"].read()
