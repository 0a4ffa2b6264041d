"""One pass over the bytes of a text: whether they are UTF-8, and which characters it has that need a closer look."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from forecast_language import said
from local_aws.opening.data_error import DataError
from local_aws.opening.named_file import chunks_of

LONGEST_LINE = 1 << 21  # bytes: duckdb takes no longer one, and the import neither


@dataclass(frozen=True)
class TextFacts:
    """What is known of all the bytes. `misfit` is the line of the first byte that is not UTF-8, None if all are.

    `is_partly_utf8`: characters beyond ASCII are UTF-8 in front of it. `lines` counts the line feeds.
    """

    size: int
    lines: int
    ends_with_break: bool
    has_quotes: bool
    is_mixed: bool  # not all line breaks are LF, or not all are CRLF
    misfit: int | None
    is_partly_utf8: bool
    lines_before: tuple[int, ...]  # each piece of CHUNK bytes


def scan(path: Path, name: str, longest_line: int | None = LONGEST_LINE) -> TextFacts:
    """Read all of the file once. DataError for a NUL byte and for a line longer than `longest_line`."""
    decoder, misfit, partly = codecs.getincrementaldecoder("utf-8")(), None, False
    size = feeds = returns = pairs = length = 0
    lines_before = []
    quotes, last = False, b""
    for chunk in chunks_of(path):
        length = _length_of_line(chunk, length)
        if b"\0" in chunk or (longest_line and length > longest_line):
            _refuse(chunk, name, feeds or returns)
        if misfit is None and (decoder.getstate()[0] or not chunk.isascii()):
            try:
                decoder.decode(chunk)
                partly = True
            except UnicodeDecodeError as error:
                partly = partly or not error.object[: error.start].isascii()
                misfit = feeds + error.object[: error.start].count(b"\n") + 1
        size += len(chunk)
        lines_before.append(feeds)
        feeds += chunk.count(b"\n")
        if b"\r" in chunk or last == b"\r":
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
        quotes = quotes or b'"' in chunk
        last = chunk[-1:]
    if misfit is None and decoder.getstate()[0]:
        misfit = feeds + 1
    is_mixed = bool(returns) and not returns == pairs == feeds
    return TextFacts(size, feeds, last in (b"\n", b""), quotes, is_mixed, misfit, partly, (*lines_before,))


def _length_of_line(chunk: bytes, before: int) -> int:
    """Bytes since the last line break, or up to the first one if that is longer."""
    first = min((at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0), default=None)
    if first is None:
        return before + len(chunk)
    if before + first > LONGEST_LINE:
        return before + first
    return len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))


def _refuse(chunk: bytes, name: str, lines: int) -> None:
    nul = chunk.find(b"\0")
    if nul >= 0:
        line = lines + chunk[:nul].count(b"\n") + 1
        raise DataError(
            said(
                "{file}: line {line} holds a NUL byte, wanted text; the file is damaged or no text at all",
                file=name,
                line=line,
            )
        )
    raise DataError(
        said(
            "{file}: line {line} is longer than {most} MiB, wanted rows in lines",
            file=name,
            line=lines + 1,
            most=LONGEST_LINE >> 20,
        )
    )
