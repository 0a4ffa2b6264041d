"""Opens a file of any form: which form it has, and its rows as texts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast_language import foreign, said
from local_aws.opening import archives, encodings, json_rows, workbook
from local_aws.opening.data_error import DataError
from local_aws.opening.delimited import DelimitedText, delimited_text
from local_aws.opening.named_file import NamedFile, Reading, not_there
from local_aws.opening.scratch import Scratch
from local_aws.opening.sources import files_of
from local_aws.opening.text_scan import LONGEST_LINE, TextFacts, scan
from local_aws.opening.workbook import Row

PARQUET = b"PAR1"
OTHER_FORMS: dict[bytes, Callable[[], str]] = {
    b"%PDF": lambda: said("a PDF document"),
    b"7z\xbc\xaf": lambda: said("a 7z archive; unpack it first"),
    b"Rar!": lambda: said("a RAR archive; unpack it first"),
    b"\x28\xb5\x2f\xfd": lambda: said("compressed with zstd; decompress it first"),
    b"SQLite format 3": lambda: said("a SQLite database; export the table as CSV"),
    b"ARROW1": lambda: said("an Arrow or Feather file; save it as Parquet"),
    b"\x89HDF": lambda: said("an HDF5 file; save it as Parquet or CSV"),
    b"\x89PNG": lambda: said("a picture"),
    b"\xff\xd8\xff": lambda: said("a picture"),
}
PAGE = (b"<!doctype", b"<html", b"<?xml", b"<table")
TAR = slice(257, 262)
BEGINNING = 4096  # bytes


@dataclass(frozen=True)
class Opened:
    """The rows of one file: of a `text`, of a `parquet` file, or else `listed`, as texts with their numbers.

    `is_own`: the file is the user's, in the form that an import reads.
    """

    name: str
    announcements: tuple[str, ...]
    is_own: bool
    text: DelimitedText | None = None
    parquet: Path | None = None
    listed: Sequence[Row] = ()

    def head(self) -> Sequence[Row]:
        """The first rows, or all."""
        return self.text.head() if self.text else self.listed

    def rows(self) -> Iterator[Row]:
        """All rows but empty ones."""
        return self.text.rows() if self.text else iter(self.listed)


def open_files(sources: Sequence[str], reading: Reading, scratch: Scratch) -> Iterator[Opened]:
    """Open what the arguments of the command name, archives too. DataError for what cannot be read, by its name."""
    for source in files_of(sources, scratch):
        try:
            for file in archives.unpacked(source, _beginning, scratch):
                yield _opened(file, reading, scratch)
        except FileNotFoundError:
            raise not_there(source.name) from None
        except OSError as error:
            reason = foreign(error.strerror).lower() if error.strerror else said("cannot be read")
            raise DataError(f"{source.name}: {reason}") from None


def _beginning(file: NamedFile) -> bytes:
    with file.path.open("rb") as opened:
        return opened.read(BEGINNING)


def _opened(file: NamedFile, reading: Reading, scratch: Scratch) -> Opened:
    beginning = _beginning(file)
    _refuse_other_forms(file.name, beginning)
    if beginning.startswith(PARQUET):
        return Opened(
            file.name,
            (*file.announcements, said("opened      {file} (Parquet)", file=file.name)),
            False,
            parquet=file.path,
        )
    if beginning.startswith((archives.ZIP, workbook.OLD_EXCEL)):
        rows, sheet_read = workbook.workbook_rows(file.path, file.name, reading.sheet)
        return Opened(file.name, (*file.announcements, sheet_read), False, listed=rows)
    text, facts = _in_utf8(file, beginning, reading, scratch)
    if json_rows.is_json(_beginning(text)):
        rows = json_rows.json_rows(text.path, file.name)
        return Opened(
            file.name, (*text.announcements, said("opened      {file} (JSON)", file=file.name)), False, listed=rows
        )
    delimited = delimited_text(text.path, file.name, facts)
    is_own = text.is_own and delimited.delimiter == "," and delimited.first_line == 1
    return Opened(file.name, text.announcements, is_own, text=delimited)


def _refuse_other_forms(name: str, beginning: bytes) -> None:
    if not beginning:
        raise DataError(said("{file}: the file is empty, wanted a CSV file", file=name))
    for magic, form in OTHER_FORMS.items():
        if beginning.startswith(magic):
            raise DataError(said("{file}: is {form}; wanted CSV, Excel, Parquet or JSON", file=name, form=form()))
    if beginning[TAR] == b"ustar":
        raise DataError(said("{file}: is a tar archive; unpack it first", file=name))
    if beginning.lstrip().lower().startswith(PAGE):
        raise DataError(said("{file}: is a page of HTML or XML; wanted CSV, Excel, Parquet or JSON", file=name))


def _in_utf8(file: NamedFile, beginning: bytes, reading: Reading, scratch: Scratch) -> tuple[NamedFile, TextFacts]:
    """The text in UTF-8, with its encoding announced if it was another, and what is known of its bytes."""
    encoding, is_guessed = reading.encoding or encodings.marked_encoding(beginning), False
    if encoding in (None, encodings.UTF_8):
        facts = _scan(file)
        if facts.misfit is None:
            return file, facts
        encoding = None if facts.is_partly_utf8 else encodings.guessed_encoding(file.path)
        if encoding is None:
            raise DataError(
                said(
                    "{file}: line {line} is not UTF-8; save the file in UTF-8, or say --encoding",
                    file=file.name,
                    line=facts.misfit,
                )
            )
        is_guessed = True
    path = encodings.in_utf8(file.path, file.name, encoding, scratch)
    decoded_as = encodings.announcement(file.name, encoding, is_guessed)
    decoded = NamedFile(file.name, path, False, (*file.announcements, decoded_as))
    return decoded, _scan(decoded)


def _scan(file: NamedFile) -> TextFacts:
    """What is known of a text's bytes. DataError for a line without an end, which only JSON may have."""
    return scan(file.path, file.name, None if json_rows.is_json(_beginning(file)) else LONGEST_LINE)
