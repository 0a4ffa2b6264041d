"""The folder that keeps an embedded AWS between two starts.

- `almanac.json` says what made it, in which region it is, and which state is the newest that is whole.
- `s3/` is what the objects of S3 hold, as they are put.
- `state-N/` is all else, a JSON file for each service, written at the end and named in `almanac.json` once it is whole.

It holds one embedded AWS at a time.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from forecast_language import said

NAME = "almanac.json"
NOT_SAVED = "the embedded AWS could not be saved into "  # how the server's line begins where that is so


class FolderError(Exception):
    """The folder cannot keep an embedded AWS, or not this one; the message says why in one sentence."""


@dataclass(frozen=True)
class Kept:
    """What `almanac.json` says."""

    maker: str  # a state is read by the versions alone that have written it
    region: str
    port: int = 0  # of the one that saved; addresses in the state have it
    state: str = ""  # the folder of the newest state that is whole; empty before there is one
    saved: str = ""  # when it was
    stands: bool = False  # whether an embedded AWS has stood on the folder that has not been saved


@dataclass(frozen=True)
class DataFolder:
    """A folder that keeps an embedded AWS."""

    path: Path

    @property
    def objects(self) -> Path:
        """Where bodies of S3's objects lie."""
        return self.path / "s3"

    def kept(self) -> Kept:
        """What is kept. FolderError if that cannot be read."""
        try:
            return Kept(**json.loads((self.path / NAME).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise FolderError(
                said(
                    "{file}: found what says nothing of an embedded AWS ({reason})", file=self.path / NAME, reason=error
                )
            ) from None

    def note(self, kept: Kept) -> None:
        """Say what is kept, whole or not at all."""
        unfinished = self.path / f"{NAME}.unfinished"
        unfinished.write_text(json.dumps(asdict(kept), indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self.path / NAME)

    def note_standing(self) -> None:
        """From now on there is something to save at the end."""
        self.note(replace(self.kept(), stands=True))


@dataclass(frozen=True)
class OpenFolder(DataFolder):
    """A folder that no other embedded AWS can take."""

    lock: int  # a file descriptor; the server has it, too, which may outlive its launcher
    region: str
    died_after: str  # when the state was saved that the embedded AWS had which was not saved since; or empty


@contextlib.contextmanager
def opened(path: Path, region: str, *, named: bool) -> Iterator[OpenFolder]:
    """The folder, made where there is none. `region` is that of a new one, and of any where somebody has named it.

    FolderError if another embedded AWS is on it, or it is not one of ours, or of another version or region, or the
    first embedded AWS on it died before it was saved.
    """
    path = path.resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise FolderError(said("--data {folder}: found a file, wanted a folder", folder=path)) from None
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield _taken(DataFolder(path), lock, region, named=named)
    except BlockingIOError:
        raise FolderError(
            said("--data {folder}: another `almanac up` is on it, or still saves it", folder=path)
        ) from None
    finally:
        os.close(lock)


def _taken(folder: DataFolder, lock: int, region: str, *, named: bool) -> OpenFolder:
    if not any(folder.path.iterdir()):
        folder.note(Kept(maker(), region))
    if not (folder.path / NAME).exists():
        raise FolderError(
            said(
                "--data {folder}: found other files, wanted an empty folder or one that it has made", folder=folder.path
            )
        )
    kept = folder.kept()
    _require_readable(folder, kept, region if named else kept.region)
    if not kept.state:  # one that never stood: nobody has put anything there
        shutil.rmtree(folder.objects, ignore_errors=True)
    folder.note(replace(kept, stands=False))
    return OpenFolder(folder.path, lock, kept.region, kept.saved if kept.stands else "")


def _require_readable(folder: DataFolder, kept: Kept, region: str) -> None:
    """FolderError where what is kept is not to be gone on with, or not in this region."""
    if kept.maker != maker():
        raise FolderError(
            said(
                "--data {folder}: kept by {kept}, which alone can read it; this is {this}",
                folder=folder.path,
                kept=kept.maker,
                this=maker(),
            )
        )
    if kept.region != region:
        raise FolderError(
            said(
                "--data {folder}: keeps an embedded AWS of {kept}, wanted {region}",
                folder=folder.path,
                kept=kept.region,
                region=region,
            )
        )
    if kept.stands and not kept.state:
        raise FolderError(
            said(
                "--data {folder}: the only embedded AWS on it died before it was saved; choose another folder"
                " (what objects held lies below {objects})",
                folder=folder.path,
                objects=folder.objects,
            )
        )


def maker() -> str:
    """The versions that must be the same."""
    return f"Almanac {version('almanac-forecast')} with ministack {version('ministack')}"
