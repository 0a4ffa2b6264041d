"""The prepared parts take the place of the files in train/, related/ and metadata/, all together or not at all.

1. A mark in train/ says that nothing may start, since old files and new ones will lie side by side.
2. The parts are copied to new names. Files that no preparation wrote are copied to history/replaced/<run>/.
3. The mark says that deletion begins, the old files are deleted, the manifest is written, the mark goes.
4. The last part is copied once more: its arrival starts the pipeline.

Up to the first deletion a failure undoes it all. After that only a repetition leads to an end, and it goes on where the
one before broke off.
"""

import itertools
import json
import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from forecast_files.data_keys import is_hidden
from forecast_pipeline.forecast_resources import ResourceFailed, ResourcePending
from forecast_pipeline.preparation.plan import prepared_folder, quarantine_folder
from forecast_pipeline.preparation.preparation_document import PreparationDocument
from forecast_pipeline.preparation.raw_files import FOLDER, is_raw_data
from forecast_pipeline.runs.data_files import FOLDERS, DataFile, files_in, fingerprint_of, objects_in
from forecast_pipeline.runs.prepared_data import (
    MANIFEST,
    Manifest,
    PreparedRows,
    prepared_name,
    read_manifest,
    summed,
)
from forecast_pipeline.runs.replacement_mark import DELETING, MARK, read_mark

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_OF_A_PREPARATION = re.compile(prepared_name(r"[0-9a-f]{10}(-\d+)?") + r"\d{5}\.csv$")
_AT_ONCE = 1000  # deletions in one request


class ReplacementUnfinishedError(Exception):
    """The old files are being deleted and something failed; a repetition goes on from there."""


class SupersededError(Exception):
    """The raw files have changed since; the preparation of what is there now takes its place."""


class Replacement:
    """The end of one preparation: from tmp/prepared/<run>/ into the folders."""

    def __init__(self, s3: "S3Client", document: PreparationDocument) -> None:
        """Nothing is read or written yet."""
        self.s3 = s3
        self.bucket = document.Run.Bucket
        self.run = document.Run.Id
        self.raw = document.Raw
        # train/ is the last of them in the order of letters: the arrival of the last part starts the pipeline
        self.folders = sorted({_folder_of(output["Target"], self.run) for output in document.Plan["Outputs"]})

    def perform(self) -> int:
        """Put the parts in place, and return how many there are.

        Raises SupersededError where the raw files have changed, ResourceFailed where the job wrote nothing,
        ResourcePending while another preparation is at work, and ReplacementUnfinishedError, after which a repetition
        helps.
        """
        manifest = read_manifest(self.s3, self.bucket)
        if manifest is None or manifest.Run != self.run:
            self._replace(manifest)
        try:
            return self._finish()
        except (BotoCoreError, ClientError) as error:
            raise ReplacementUnfinishedError(str(error)) from error

    def _replace(self, before: Manifest | None) -> None:
        mark = read_mark(self.s3, self.bucket)
        if mark and mark.run != self.run and mark.is_under_way:
            raise ResourcePending(f"preparation {mark.run} is replacing the files of train/")
        sources = self._sources()
        if not (mark and mark.run == self.run and mark.has_begun_deleting):
            self._refuse_superseded(sources)
            self._put_mark(self.run)
            try:
                self._copy_parts()
                self._put_mark(f"{self.run} {DELETING}")
            except Exception:
                self._undo()  # what this raises in its turn is mended by a repetition
                raise
        try:
            self._delete(self._old_keys())
            self._write_manifest(sources, before)
        except (BotoCoreError, ClientError) as error:
            raise ReplacementUnfinishedError(str(error)) from error

    def discard(self) -> None:
        """Delete what the job wrote."""
        self._delete([file.key for file in objects_in(self.s3, self.bucket, prepared_folder(self.run))])

    @cached_property
    def moves(self) -> list[tuple[str, str]]:
        """The key of every part and the key that it takes: numbered in its folder, those in train/ last."""
        moves = []
        for folder in self.folders:
            parts = [file for file in self._written(prepared_folder(self.run) + folder) if file.size]
            names = (f"{folder}{prepared_name(self.run)}{number:05}.csv" for number in itertools.count())
            moves += [(part.key, name) for part, name in zip(parts, names, strict=False)]
            if not parts:
                raise ResourceFailed(
                    f"{FOLDER}: found no rows for {folder} in {self.raw.FileCount} files, wanted some."
                )
        return moves

    def _written(self, folder: str) -> list[DataFile]:
        """What Spark wrote below a folder, without its own marks."""
        return [
            file for file in objects_in(self.s3, self.bucket, folder) if not is_hidden(file.key.removeprefix(folder))
        ]

    def _old_keys(self) -> list[str]:
        """The files that are in the place of the parts."""
        if self.raw.Mode == "append":
            return []
        return [key for key in self._keys_in_folders() if not self._is_own(key)]

    def _keys_in_folders(self) -> list[str]:
        return [file.key for folder in self.folders for file in files_in(self.s3, self.bucket, folder)]

    def _is_own(self, key: str) -> bool:
        return key.rpartition("/")[2].startswith(prepared_name(self.run))

    def _sources(self) -> list[DataFile]:
        return [file for file in objects_in(self.s3, self.bucket, FOLDER) if is_raw_data(file.key)]

    def _refuse_superseded(self, sources: list[DataFile]) -> None:
        if fingerprint_of(sources) != self.raw.Digest:
            raise SupersededError(
                f"{FOLDER}: the files changed while preparation {self.run} ran; what is there now is prepared anew."
            )

    def _put_mark(self, text: str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=MARK, Body=text.encode())

    def _copy_parts(self) -> None:
        """Copy the parts to new names, and the files that no preparation wrote to where they are kept."""
        for source, key in self.moves:
            self._copy(source, key)
        for key in self._old_keys():
            if not _OF_A_PREPARATION.search(key):
                self._copy(key, f"{self._kept}{key}")

    @property
    def _kept(self) -> str:
        return f"history/replaced/{self.run}/"

    def _undo(self) -> None:
        try:
            self._delete([*(key for key in self._keys_in_folders() if self._is_own(key)), MARK])
        except (BotoCoreError, ClientError) as error:
            raise ReplacementUnfinishedError(str(error)) from error

    def _write_manifest(self, sources: list[DataFile], before: Manifest | None) -> None:
        """Appended rows join those that are there, in the counts as in the folders."""
        there = before.Rows if before and self.raw.Mode == "append" else []
        manifest = Manifest(
            Run=self.run,
            Sources={file.key: file.etag for file in sources},
            Rows=summed([*there, *self._rows()]),
            Moved=[file.key.removeprefix(self._kept) for file in objects_in(self.s3, self.bucket, self._kept)],
        )
        self.s3.put_object(Bucket=self.bucket, Key=MANIFEST, Body=manifest.model_dump_json().encode())

    def _rows(self) -> list[PreparedRows]:
        """The counts as the job wrote them."""
        counts = f"{quarantine_folder(self.run)}counts/"
        lines = [
            self.s3.get_object(Bucket=self.bucket, Key=file.key)["Body"].read()
            for file in self._written(counts)
            if file.size
        ]
        return [PreparedRows.model_validate(each) for line in lines for each in json.loads(line)]

    def _finish(self) -> int:
        """The mark goes, the last part arrives, and what the job wrote is deleted."""
        self._delete([MARK])
        own = [key for key in self._keys_in_folders() if self._is_own(key)]
        if any(objects_in(self.s3, self.bucket, prepared_folder(self.run))):  # or this is a repetition of a success
            self._copy(*self.moves[-1])
            self.discard()
        return len(own)

    def _copy(self, source: str, key: str) -> None:
        self.s3.copy_object(Bucket=self.bucket, Key=key, CopySource={"Bucket": self.bucket, "Key": source})

    def _delete(self, keys: Iterable[str]) -> None:
        objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys]
        for first in range(0, len(objects), _AT_ONCE):
            batch = objects[first : first + _AT_ONCE]
            answer = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            if errors := answer.get("Errors"):
                raise ReplacementUnfinishedError(f"{errors[0].get('Key')}: {errors[0].get('Message')}")


def _folder_of(target: str, run: str) -> str:
    folder = target.partition(prepared_folder(run))[2].partition("/")[0] + "/"
    if folder not in FOLDERS.values():
        raise ValueError(f"{target}: found no folder of data, wanted one of {', '.join(FOLDERS.values())}")
    return folder
