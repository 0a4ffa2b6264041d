"""The encoding of a text: told by its marks, by what decodes, or guessed."""

import codecs
import re
from pathlib import Path

from forecast_language import said
from local_aws.opening.data_error import DataError
from local_aws.opening.named_file import CHUNK
from local_aws.opening.scratch import Scratch

UTF_8 = "utf-8-sig"
MARKS = {
    codecs.BOM_UTF8: UTF_8,
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SAMPLE = 1 << 16  # bytes that are not ASCII, and what stands around them
KOREAN = "cp949"
WESTERN = "cp1252"
LATIN = ["cp1250", "cp1252", "cp1254", "cp1257"]
OTHERS = ["cp932", "euc_jp", "gb18030", "big5", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"]
RUN = re.compile(rb"[\x80-\xff]{3}")  # as many letters beyond ASCII in a row as no language of Latin letters has
NO_WESTERN_LETTER = re.compile(rb"[\x81-\x83\x86-\x90\x98\x9d-\x9f\xa1\xa3\xa5\xaa\xaf\xb3\xb9\xba\xbc\xbe\xbf]")
COMMON_HANGUL = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
PAIR = re.compile(rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]")
NOT_ASCII = re.compile(rb"[^\n]{0,40}[\x80-\xff][^\n]*")


def marked_encoding(beginning: bytes) -> str | None:
    """The encoding that the first bytes of a file tell: a byte order mark, or a NUL in every second byte."""
    for mark, encoding in MARKS.items():
        if beginning.startswith(mark):
            return encoding
    pairs = beginning[: len(beginning) // 2 * 2]
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        nul = pairs[place::2].count(0)
        if len(pairs) >= 8 and nul > 0.4 * len(pairs) / 2 and not pairs[1 - place :: 2].count(0):
            return encoding
    return None


def guessed_encoding(path: Path) -> str | None:
    """The encoding of a text that is not UTF-8, None if nothing fits.

    Korean Excel's CP949 comes first, where most of what is not ASCII is common Hangul; then what Western Excel writes,
    where no more than two letters in a row are not ASCII; for the rest a library guesses.
    """
    from charset_normalizer import from_bytes  # noqa: PLC0415 - most files are in UTF-8

    sample = _sample(path)
    pairs = PAIR.findall(sample)
    if sum(bool(COMMON_HANGUL.fullmatch(pair)) for pair in pairs) > 0.8 * len(pairs) and _decodes(path, KOREAN):
        return KOREAN
    is_latin = not RUN.search(sample)
    if is_latin and not NO_WESTERN_LETTER.search(sample):
        return WESTERN
    best = from_bytes(sample, cp_isolation=LATIN if is_latin else OTHERS).best()
    return best.encoding if best and _decodes(path, best.encoding) else None


def in_utf8(path: Path, name: str, encoding: str, scratch: Scratch) -> Path:
    """The text in UTF-8. DataError for the first line that is not in the encoding."""
    target, line = scratch.new_file(), 1
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise DataError(
            said("--encoding {encoding} is unknown; wanted utf-8, cp949, cp1252, shift_jis, ...", encoding=encoding)
        ) from None
    with path.open("rb") as source, target.open("wb") as file:
        while True:
            chunk = source.read(CHUNK)
            try:
                text = decoder.decode(chunk, not chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise DataError(
                    said("{file}: line {line} is not {encoding}", file=name, line=line, encoding=_shown(encoding))
                ) from None
            file.write(text.encode(errors="surrogatepass"))
            line += text.count("\n")
            if not chunk:
                return target


def announcement(name: str, encoding: str, is_guessed: bool) -> str:
    """The sentence on the encoding that a file was read in."""
    if is_guessed:
        return said(
            "opened      {file} as {encoding}  (guessed; --encoding overrides)", file=name, encoding=_shown(encoding)
        )
    return said("opened      {file} as {encoding}", file=name, encoding=_shown(encoding))


def _shown(encoding: str) -> str:
    return "UTF-8" if encoding == UTF_8 else encoding.upper().replace("_", "-").replace("-LE", "").replace("-BE", "")


def _sample(path: Path) -> bytes:
    """Pieces of lines that hold something else than ASCII."""
    sample = b""
    with path.open("rb") as file:
        while len(sample) < SAMPLE and (chunk := file.read(CHUNK)):
            if not chunk.isascii():
                sample += b"\n".join(NOT_ASCII.findall(chunk[: SAMPLE * 4]))
    return sample[:SAMPLE]


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                decoder.decode(chunk, not chunk)
            except UnicodeDecodeError:
                return False
            if not chunk:
                return True
