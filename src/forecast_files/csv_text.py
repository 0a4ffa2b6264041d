"""Text in CSV before it is read: which line breaks end a row, and which quotation marks are quotes.

- A row ends with LF, CRLF or CR; within quotes a line break belongs to the value.
- A field that begins with a quotation mark ends with its partner, right before a comma or the end of the row. Blanks
  around the two are no part of the value.
- In any other field a quotation mark is a character like others: ``TV 55" OLED``.
"""

import re

_QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'
_BEGINS_A_FIELD = rb"(?<![^,\r\n])"
_ENDS_A_FIELD = rb"(?![^,\r\n])"
# Patterns that begin with the mark itself are searched for five times as fast: where it stands is looked at behind it.
_MARK_BEGINS_A_FIELD = rb'"(?<![^,\r\n]")'
_STRICTLY_QUOTED = re.compile(_MARK_BEGINS_A_FIELD + _QUOTED.removeprefix(b'"') + _ENDS_A_FIELD)
_STRICTLY_OPENING = re.compile(_MARK_BEGINS_A_FIELD)
_BLANKS_BESIDE_A_MARK = (b' "', b'\t"', b'" ', b'"\t')
_QUOTED_FIELD_OR_BREAK = re.compile(  # a field in quotes, a bare one with a quotation mark, a line break that is no LF
    _BEGINS_A_FIELD
    + rb"[ \t]*+("
    + _QUOTED
    + rb")[ \t]*+"
    + _ENDS_A_FIELD
    + rb"|"
    + _BEGINS_A_FIELD
    + rb'([^,\r\n"]*+"[^,\r\n]*+)|\r\n?'
)
_QUOTED_WITH_BLANKS = re.compile(_BEGINS_A_FIELD + rb"[ \t]*+" + _QUOTED + rb"[ \t]*+" + _ENDS_A_FIELD)
_OPENING = re.compile(_BEGINS_A_FIELD + rb'[ \t]*+"')


class MisquotedError(ValueError):
    """A field begins with a quotation mark, and its partner is missing or is not the field's end."""

    def __init__(self, position: int, field: bytes) -> None:
        """``position`` is that of the field in the text, ``field`` what stands up to the next comma or line break."""
        super().__init__(f"byte {position}: {field!r}")
        self.position = position
        self.field = field.decode(errors="replace").strip()


def plain_text(data: bytes) -> bytes:
    """The same rows with LF at the end of each, and with quotes as RFC 4180 has them.

    Raises MisquotedError for the first field whose quotes mean nothing.

    >>> plain_text(b'id, name\\r\\n1, "a, b" \\r2,55" TV')
    b'id, name\\n1,"a, b"\\n2,"55"" TV"'
    """
    if b'"' not in data:
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
    outside = _STRICTLY_QUOTED.sub(b"", data)
    if b'"' in outside:
        return _QUOTED_FIELD_OR_BREAK.sub(_plain_field, data)
    if b"\r" not in outside:
        return data
    if outside.count(b"\n") + outside.count(b"\r") == data.count(b"\n") + data.count(b"\r"):
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _QUOTED_FIELD_OR_BREAK.sub(_plain_field, data)  # some line breaks stand within quotes, and stay


def _plain_field(match: re.Match[bytes]) -> bytes:
    """A field with quotation marks as RFC 4180 has it, or LF for another line break."""
    quoted, bare = match[1], match[2]
    if quoted is not None:
        return quoted
    if bare is None:
        return b"\n"
    if bare.lstrip(b" \t").startswith(b'"'):
        raise MisquotedError(match.start(), bare)
    return b'"' + bare.replace(b'"', b'""') + b'"'


def hidden_quotes(text: bytes) -> bytes:
    """``text`` with blanks in the place of every quoted field: what is left are commas, line breaks and bare fields."""
    if b'"' not in text:
        return text
    pattern = _QUOTED_WITH_BLANKS if _has_blanks_beside_a_mark(text) else _STRICTLY_QUOTED
    return pattern.sub(lambda match: b" " * len(match[0]), text)


def _has_blanks_beside_a_mark(text: bytes) -> bool:
    return any(piece in text for piece in _BLANKS_BESIDE_A_MARK)


def open_quote(text: bytes, hidden: bytes | None = None) -> int | None:
    """Where the first field begins whose quotes have no end in ``text``, which begins with a row; None if none does.

    ``hidden`` is the text with hidden quotes, where that is known.
    """
    if b'"' not in text:
        return None
    pattern = _OPENING if _has_blanks_beside_a_mark(text) else _STRICTLY_OPENING
    match = pattern.search(hidden_quotes(text) if hidden is None else hidden)
    return match.start() if match else None


def line_count(data: bytes) -> int:
    """How many line breaks there are, of any kind.

    >>> line_count(b"a\\r\\nb\\rc\\n")
    3
    """
    return data.count(b"\n") + (data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0)
