"""Which files of raw_data/ have which layout, and that the files of one layout are alike."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_pipeline.parameters.encodings import encoding_of
from forecast_pipeline.parameters.raw_data import RawDataSettings, RawLayout
from forecast_pipeline.parameters.requests import Parameters
from forecast_pipeline.preparation.raw_files import FOLDER, Reader, is_gzip, reader_of
from forecast_pipeline.preparation.raw_heads import RawHead, read_head
from forecast_pipeline.runs.data_files import DataFile
from forecast_pipeline.runs.heads import DataFileError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANY_FILES = 1_000  # some 20 ms for the head of each


@dataclass(frozen=True)
class LaidOut:
    """The files of one layout; ``name`` is that of their folder in raw_data/, or empty, ``head`` that of each file."""

    name: str
    layout: RawLayout
    files: tuple[DataFile, ...]
    head: RawHead

    @property
    def path(self) -> str:
        """Where params.json has the layout."""
        return f"Pipeline.RawData.{self.name}" if self.name else "Pipeline.RawData"

    @property
    def is_crawled(self) -> bool:
        """Whether a crawler can make a table of the files: texts in UTF-8 alone are read by Athena, too."""
        return self.reader == "parquet" or encoding_of(self.layout.Format.Encoding).java == "UTF-8"

    @property
    def reader(self) -> Reader:
        """What reads the files."""
        return reader_of(self.files[0].key) or "csv"


def laid_out(s3: "S3Client", bucket: str, files: Sequence[DataFile], parameters: Parameters) -> list[LaidOut]:
    """The files by their layouts. Raises DataFileError for a file that is wrong or unlike the others of its layout."""
    settings = parameters.Pipeline.RawData
    if not files:
        raise DataFileError(f"{FOLDER}: found no files, wanted CSV, JSON lines or Parquet.")
    if len(files) > MANY_FILES:
        raise DataFileError(f"{FOLDER}: found {len(files)} files, wanted {MANY_FILES} or fewer.")
    by_folder: dict[str, list[DataFile]] = defaultdict(list)
    for file in files:
        by_folder[_folder_of(file.key, settings)].append(file)
    return [
        LaidOut(name, layout, tuple(alike), _head_of_each(s3, bucket, layout, alike, parameters))
        for name, alike in by_folder.items()
        for layout in (settings.folders.get(name, settings),)
    ]


def refuse_empty_folders(files: Iterable[DataFile], settings: RawDataSettings) -> None:
    """Raise DataFileError for a folder that params.json names and that has no files."""
    folders = {_folder_of(file.key, settings) for file in files}
    for name in settings.folders:
        if name not in folders:
            raise DataFileError(
                f"{FOLDER}{name}/: found no files, wanted some, since params.json has Pipeline.RawData.{name}."
            )


def _folder_of(key: str, settings: RawDataSettings) -> str:
    name, slash, _ = key.removeprefix(FOLDER).partition("/")
    return name if slash and name in settings.folders else ""


def _head_of_each(
    s3: "S3Client", bucket: str, layout: RawLayout, files: Sequence[DataFile], parameters: Parameters
) -> RawHead:
    wanted = _wanted(layout, parameters)
    first, *others = files
    head = read_head(s3, bucket, first, layout, wanted)
    for file in others:
        other = read_head(s3, bucket, file, layout, wanted)
        if (reader_of(file.key), is_gzip(file.key)) != (reader_of(first.key), is_gzip(first.key)):
            raise DataFileError(
                f"{file.key}: found another format than that of {first.key}, wanted one format in a folder."
            )
        if other != head and reader_of(file.key) == "csv":
            raise DataFileError(
                f"{file.key}, line 1: found the columns {_listed(other)}, wanted those of {first.key}"
                f" ({_listed(head)}), or a folder and a member of Pipeline.RawData for each layout."
            )
    return head


def _wanted(layout: RawLayout, parameters: Parameters) -> list[str]:
    names = {attribute.AttributeName for dataset in parameters.Datasets for attribute in dataset.Schema.Attributes}
    return [*(layout.Columns[name].From if name in layout.Columns else name for name in sorted(names))]


def _listed(head: RawHead) -> str:
    names = f"{head.delimiter if head.delimiter != chr(9) else ' '} ".join(head.columns or ())
    return names if len(names) <= 200 else f"{names[:197]}..."
