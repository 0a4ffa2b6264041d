"""The folder of `--out`: what a forecast leaves there takes its place whole, or nothing changes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast_language import said
from local_aws.command.failure import CommandFailed

PUBLISHED_FILES = (
    "forecast.csv",
    "forecast_long.csv",
    "item_accuracy.csv",
    "item_models.csv",
    "accuracy.json",
    "report.html",
)
OF_THE_SYSTEM = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave wherever somebody looks
SHOWN_NAMES = 3


@contextmanager
def replaced_whole(out: Path) -> Iterator[Path]:
    """A new folder to write into, beside `out`, whose place it takes at the end of the block.

    However the block ends else, `out` is as it was. CommandFailed, before the block, if `out` is no folder of forecasts
    alone, or may not be replaced.
    """
    place = out.resolve()
    _require_replaceable(out, place)
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=_nearest_folder(place.parent)))
    except PermissionError:
        raise CommandFailed(said("--out {folder}: may not be written to", folder=out)) from None
    try:
        new = beside / "new"
        new.mkdir()  # with the rights that any new folder has, which a temporary one has not
        yield new
        _take_place(new, place, beside / "old")
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _require_replaceable(out: Path, place: Path) -> None:
    if not place.exists():
        if _nearest_folder(place.parent).is_dir():
            return
        raise CommandFailed(said("--out {folder}: found a file, wanted a directory", folder=out))
    if not place.is_dir():
        raise CommandFailed(said("--out {folder}: found a file, wanted a directory", folder=out))
    if not os.access(place, os.W_OK):
        raise CommandFailed(said("--out {folder}: may not be written to", folder=out))
    if place in (here := Path.cwd(), *here.parents):
        raise CommandFailed(said("--out {folder}: the command runs in it, wanted a folder of its own", folder=out))
    if place.is_mount():
        raise CommandFailed(said("--out {folder}: is mounted, wanted a folder below it", folder=out))
    others = sorted(each.name for each in place.iterdir() if each.name not in (*PUBLISHED_FILES, *OF_THE_SYSTEM))
    if others:
        shown = ", ".join(others[:SHOWN_NAMES]) + ", ..." * (len(others) > SHOWN_NAMES)
        raise CommandFailed(
            said(
                "--out {folder}: found {names}, which no forecast has left there; wanted a folder of a forecast, an"
                " empty one, or a new one",
                folder=out,
                names=shown,
            )
        )


def _nearest_folder(path: Path) -> Path:
    """The folder, or the nearest above it that is there: only a forecast that is made makes folders."""
    return path if path.exists() else _nearest_folder(path.parent)


def _take_place(new: Path, place: Path, old: Path) -> None:
    """Rename the folders; the one of before is back in its place if that fails."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        new.rename(place)
        return
    place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        old.rename(place)
        raise
