"""Where files come from: a path, a folder, a URL, standard input."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from forecast_language import said
from local_aws.opening.data_error import DataError
from local_aws.opening.named_file import SUFFIXES, NamedFile, copied
from local_aws.opening.scratch import Scratch

STANDARD_INPUT = "-"
URL_SCHEMES = ("http://", "https://")
SECONDS = 30  # without a byte of a download
MOST_FILES = 1000
SHOWN_NAMES = 5


def is_url(source: str) -> bool:
    """Whether the argument of the command is an address to download from."""
    return source.lower().startswith(URL_SCHEMES)


def name_of_source(source: str) -> Path:
    """What the data of an argument are called: the file's or folder's path, the last part of an address."""
    if source == STANDARD_INPUT:
        return Path("standard input")
    if is_url(source):
        parts = urlsplit(source)
        return Path(unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.netloc)
    return Path(source)


def files_of(sources: Sequence[str], scratch: Scratch) -> list[NamedFile]:
    """The files behind the arguments of the command, in their order. DataError for what is not there."""
    files = [file for source in sources for file in _files(source, scratch)]
    if len(files) > MOST_FILES:
        raise DataError(
            said(
                "{source}: {number} files, wanted at most {most}; put them together",
                source=sources[0],
                number=len(files),
                most=MOST_FILES,
            )
        )
    return files


def _files(source: str, scratch: Scratch) -> Iterator[NamedFile]:
    name = str(name_of_source(source))
    if source == STANDARD_INPUT:
        name = said("standard input")
        yield NamedFile(name, copied(sys.stdin.buffer, name, scratch), False, (said("opened      standard input"),))
    elif is_url(source):
        yield NamedFile(name, _download(source, scratch), False, (said("opened      {address}", address=source),))
    elif Path(source).is_dir():
        yield from _in_folder(Path(source))
    else:
        yield NamedFile(name, Path(source))


def _download(url: str, scratch: Scratch) -> Path:
    import urllib.error  # noqa: PLC0415 - most data are files
    import urllib.request  # noqa: PLC0415
    from http.client import HTTPException  # noqa: PLC0415

    request = urllib.request.Request(url, headers={"User-Agent": "almanac"})  # noqa: S310 - is_url has seen the scheme
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return copied(answer, url, scratch)
    except urllib.error.HTTPError as error:
        with error:
            raise DataError(
                said(
                    "{url}: the server answered {code} ({reason}), wanted a file",
                    url=url,
                    code=error.code,
                    reason=error.reason,
                )
            ) from None
    except urllib.error.URLError as error:
        raise DataError(said("{url}: cannot be reached ({reason})", url=url, reason=error.reason)) from None
    except (HTTPException, OSError, ValueError) as error:
        raise DataError(
            said("{url}: cannot be downloaded ({reason})", url=url, reason=error or type(error).__name__)
        ) from None


def _in_folder(folder: Path) -> Iterator[NamedFile]:
    with os.scandir(folder) as scanned:
        entries = sorted((entry for entry in scanned if entry.name[0] not in "._"), key=lambda entry: entry.name)
    found = [entry.name for entry in entries if entry.is_file()]
    below = [entry.name for entry in entries if entry.is_dir()]
    names = [name for name in found if Path(name).suffix.lower() in {"", *SUFFIXES}]
    others = [name for name in found if name not in names]
    if below and not names:
        yield from _in_folders([folder / name for name in below])
        return
    if not names:
        raise DataError(
            said("{folder}: holds no file of data, wanted CSV, Excel, Parquet or JSON files", folder=folder)
        )
    if len(names) > MOST_FILES:
        raise DataError(
            said(
                "{folder}: holds {number} files, wanted at most {most}; put them together",
                folder=folder,
                number=len(names),
                most=MOST_FILES,
            )
        )
    left_out = []
    if others:
        left_out.append(
            said("left out    {names} of {file} (no data by their names)", names=_listed(others), file=folder)
        )
    if below:
        left_out.append(
            said("left out    {names} of {folder} (folders beside files)", names=_listed(below), folder=folder)
        )
    first, *rest = (NamedFile(str(folder / name), folder / name) for name in names)
    yield replace(first, announcements=tuple(left_out))
    yield from rest


def _in_folders(folders: Sequence[Path]) -> Iterator[NamedFile]:
    """The files of folders that lie in one without files. DataError for names that hold values of a column."""
    for folder in folders:
        column, is_value, _ = folder.name.partition("=")
        if is_value:
            raise DataError(
                said(
                    "{folder}: found the folder {inner}, whose name holds a value of {column}; wanted all "
                    "columns in the files",
                    folder=folder.parent,
                    inner=folder.name,
                    column=column,
                )
            )
        yield from _in_folder(folder)


def _listed(names: Sequence[str]) -> str:
    """The first names of many, and how many more there are."""
    more = len(names) - SHOWN_NAMES
    shown = ", ".join(names[:SHOWN_NAMES])
    return said("{shown} and {more} more", shown=shown, more=more) if more > 0 else shown
