"""The files of raw_data/: which of them are data, and the fingerprint that says whether they are new."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from forecast_files.data_keys import is_data, is_hidden
from forecast_pipeline.runs.data_files import DataFile, bytes_of, fingerprint_of, objects_in

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "raw_data/"
Reader = Literal["csv", "json", "parquet"]
READERS: dict[str, Reader] = {
    **dict.fromkeys(("", "csv", "tsv", "tab", "txt"), "csv"),
    **dict.fromkeys(("json", "jsonl", "ndjson"), "json"),
    **dict.fromkeys(("parquet", "parq", "pqt"), "parquet"),
}


@dataclass(frozen=True)
class RawContent:
    """What the bucket holds for a preparation: the bytes of params.json (None: there is none) and the raw files."""

    parameters: bytes | None
    files: tuple[DataFile, ...]

    @property
    def fingerprint(self) -> str:
        """What a preparation of this content is named by."""
        return fingerprint_of(self.files, self.parameters)

    @property
    def digest(self) -> str:
        """What changes with the files alone."""
        return fingerprint_of(self.files)


def read_raw_content(s3: "S3Client", bucket: str, parameter_file: str) -> RawContent:
    """List raw_data/ and read params.json."""
    files = tuple(file for file in objects_in(s3, bucket, FOLDER) if is_raw_data(file.key))
    return RawContent(bytes_of(s3, bucket, parameter_file), files)


def is_raw_data(key: str) -> bool:
    """Whether an object is a raw file by its name.

    >>> [is_raw_data(f"raw_data/{name}") for name in ("north/a.CSV.gz", "a.json", "a.xlsx", "_SUCCESS", "a.csv.bak")]
    [True, True, True, False, False]
    """
    path = key.removeprefix(FOLDER)
    return key.startswith(FOLDER) and not is_hidden(path) and (is_data(path) or reader_of(path) is not None)


def reader_of(key: str) -> Reader | None:
    """What reads a file of this name; None for a format that is not read here.

    >>> reader_of("raw_data/a.csv.gz"), reader_of("raw_data/part-0000"), reader_of("raw_data/a.xlsx")
    ('csv', 'csv', None)
    """
    name = key.rpartition("/")[2].lower().removesuffix(".gz")
    return READERS.get(name.partition(".")[2].rpartition(".")[2])


def is_gzip(key: str) -> bool:
    """Whether a file is compressed, by its name."""
    return key.lower().endswith(".gz")
