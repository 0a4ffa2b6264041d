"""Files that are packed: gzip, bzip2, xz and zip, one within another if need be."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from forecast_language import said
from local_aws.opening.data_error import DataError
from local_aws.opening.named_file import SUFFIXES, NamedFile, copied, require_space
from local_aws.opening.scratch import Scratch

ZIP = b"PK\x03\x04"
Opener = Callable[[Path], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]
STREAMS: dict[bytes, tuple[str, Opener]] = {
    b"\x1f\x8b": ("gzip", gzip.GzipFile),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zXZ": ("xz", lzma.LZMAFile),
}
DAMAGED = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, zipfile.BadZipFile, OSError)
ABOUT_OTHERS = frozenset(("readme", "license", "licence", "changelog", "notice", "manifest"))  # names of no data
MOST_LAYERS = 4  # an archive in an archive in ...


def unpacked(file: NamedFile, beginning: Callable[[NamedFile], bytes], scratch: Scratch) -> Iterator[NamedFile]:
    """The files that a file holds, or the file itself if it is not packed. DataError for what cannot be unpacked."""
    layer = [file]
    for _ in range(MOST_LAYERS):
        inner = [each for one in layer for each in _one_layer(one, beginning(one), scratch)]
        if inner == layer:
            yield from layer
            return
        layer = inner
    raise DataError(said("{file}: more than {most} archives within one another", file=file.name, most=MOST_LAYERS))


def _one_layer(file: NamedFile, beginning: bytes, scratch: Scratch) -> list[NamedFile]:
    for magic, (form, opened) in STREAMS.items():
        if beginning.startswith(magic):
            return [_decompressed(file, form, opened, scratch)]
    if beginning.startswith(ZIP) and not is_workbook(file.path):
        return _members(file, scratch)
    return [file]


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is what Excel or OpenOffice writes."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= {*names}


def _decompressed(file: NamedFile, form: str, opened: Opener, scratch: Scratch) -> NamedFile:
    try:
        with opened(file.path) as stream:
            path = copied(cast(BinaryIO, stream), file.name, scratch)
    except DAMAGED:
        message = said("{file}: is damaged, its {form} compression has no proper end", file=file.name, form=form)
        raise DataError(message) from None
    opened_as = said("opened      {file} ({form})", file=file.name, form=form)
    return NamedFile(file.name, path, False, (*file.announcements, opened_as))


def _members(file: NamedFile, scratch: Scratch) -> list[NamedFile]:
    try:
        with zipfile.ZipFile(file.path) as archive:
            every = archive.namelist()
            members = [member for member in archive.infolist() if _is_data(member.filename)]
            if not members:
                raise DataError(said("{file}: the archive holds no file of data", file=file.name))
            if any(member.flag_bits & 1 for member in members):
                locked = said("{file}: the archive is locked with a password; unpack it first", file=file.name)
                raise DataError(locked)
            require_space(file.name, sum(member.file_size for member in members), scratch)
            files = []
            for member in members:
                name = f"{file.name}/{member.filename}"
                with archive.open(member) as stream:
                    files.append(NamedFile(name, copied(cast(BinaryIO, stream), name, scratch), False))
    except (*DAMAGED, NotImplementedError):
        raise DataError(said("{file}: is damaged, the zip archive cannot be unpacked", file=file.name)) from None
    read = [member.filename for member in members]
    others = [name for name in every if name not in read and not name.startswith("__MACOSX") and name[-1] != "/"]
    announced = [*file.announcements, said("opened      {names} of {file}", names=", ".join(read), file=file.name)]
    if others:
        names = ", ".join(others)
        announced.append(said("left out    {names} of {file} (no data by their names)", names=names, file=file.name))
    return [replace(files[0], announcements=tuple(announced)), *files[1:]]


def _is_data(name: str) -> bool:
    """Whether a member of an archive is a file of data, by its name."""
    path = Path(name)
    hidden = any(part[0] in "._" for part in path.parts)
    is_about_others = path.stem.lower() in ABOUT_OTHERS
    return not name.endswith("/") and not hidden and not is_about_others and path.suffix.lower() in {"", *SUFFIXES}
