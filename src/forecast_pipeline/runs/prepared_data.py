"""What the last preparation of raw_data/ left in the folders, told by its manifest: files, rows, and what it moved."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from forecast_language import counted, said
from forecast_pipeline.runs.data_files import bytes_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST = "history/prepared.json"
PREPARED = "prepared_"  # how the name of every part begins


class PreparedRows(BaseModel):
    """What became of the raw rows of one output of the job: Read = Used + LeftOut, which ``Reasons`` divides."""

    model_config = ConfigDict(defer_build=True)

    Target: str
    Read: int
    Used: int
    LeftOut: int = 0
    Reasons: dict[str, int] = {}

    @property
    def folder(self) -> str:
        """The folder of the output: train/, related/ or metadata/."""
        return self.Target.partition("/tmp/prepared/")[2].split("/")[1] + "/"  # noqa: S108 - of a bucket


def summed(rows: Iterable[PreparedRows]) -> list[PreparedRows]:
    """One for each folder."""
    by_folder: dict[str, PreparedRows] = {}
    for each in rows:
        one = by_folder.setdefault(each.folder, PreparedRows(Target=each.Target, Read=0, Used=0))
        one.Read += each.Read
        one.Used += each.Used
        one.LeftOut += each.LeftOut
        for reason, count in each.Reasons.items():
            one.Reasons[reason] = one.Reasons.get(reason, 0) + count
    return list(by_folder.values())


class Manifest(BaseModel):
    """The preparation whose parts are in the folders. ``Sources`` maps each raw file to its ETag."""

    model_config = ConfigDict(defer_build=True)

    Run: str
    Sources: dict[str, str]
    Rows: list[PreparedRows] = []
    Moved: list[str] = []

    def remarks(self, folder: str, keys: list[str]) -> list[str]:
        """What a person should know of a folder whose files are ``keys``; nothing if they are not prepared."""
        if not any(key.startswith(f"{folder}{prepared_name(self.Run)}") for key in keys):
            return []
        rows = next((each for each in self.Rows if each.folder == folder), None)
        moved = [key for key in self.Moved if key.startswith(folder)]
        told = []
        if rows:
            told.append(
                said(
                    "{folder} was prepared from raw_data/: {read} rows read = {used} used + {left_out} left out.",
                    folder=folder,
                    read=rows.Read,
                    used=rows.Used,
                    left_out=rows.LeftOut,
                )
            )
        if moved:
            told.append(
                counted(
                    "{number} file that was in {folder} before, of no preparation, is kept in history/replaced/{run}/.",
                    "{number} files that were in {folder} before, of no preparation, is kept in"
                    " history/replaced/{run}/.",
                    len(moved),
                    folder=folder,
                    run=self.Run,
                )
            )
        return told


def prepared_name(run: str) -> str:
    """How the names of a preparation's parts begin.

    >>> prepared_name("9f3c1a2b7d-2")
    'prepared_9f3c1a2b7d-2_'
    """
    return f"{PREPARED}{run}_"


def read_manifest(s3: "S3Client", bucket: str) -> Manifest | None:
    """The manifest of a bucket; None before the first preparation."""
    content = bytes_of(s3, bucket, MANIFEST)
    return None if content is None else Manifest.model_validate_json(content)
