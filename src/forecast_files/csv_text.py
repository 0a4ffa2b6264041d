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
_STRICTLY_QUOTED = re.compile(_BEGINS_A_FIELD + _QUOTED + _ENDS_A_FIELD)
_FIELD_AND_BREAK = re.compile(
    rb"(?:[ \t]*+(" + _QUOTED + rb")[ \t]*+" + _ENDS_A_FIELD + rb"|([^,\r\n]*+))(,|\r\n|\r|\n|\Z)"
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
        return _FIELD_AND_BREAK.sub(_plain_field, data)
    if b"\r" not in outside:
        return data
    if outside.count(b"\n") + outside.count(b"\r") == data.count(b"\n") + data.count(b"\r"):
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _FIELD_AND_BREAK.sub(_plain_field, data)  # some line breaks stand within quotes, and stay


def _plain_field(match: re.Match[bytes]) -> bytes:
    """One field and what ends it, as RFC 4180 has them."""
    quoted, bare, end = match[1], match[2], match[3]
    end = end if end in (b",", b"") else b"\n"
    if quoted is not None:
        return quoted + end
    if b'"' not in bare:
        return bare + end
    if bare.lstrip(b" \t").startswith(b'"'):
        raise MisquotedError(match.start(), bare)
    return b'"' + bare.replace(b'"', b'""') + b'"' + end


def hidden_quotes(text: bytes) -> bytes:
    """``text`` with blanks in the place of every quoted field: what is left are commas, line breaks and bare fields."""
    return _QUOTED_WITH_BLANKS.sub(lambda match: b" " * len(match[0]), text) if b'"' in text else text


def open_quote(text: bytes) -> int | None:
    """Where the first field begins whose quotes have no end in ``text``, which begins with a row; None if none does."""
    match = _OPENING.search(hidden_quotes(text))
    return match.start() if match else None


def line_count(data: bytes) -> int:
    """How many line breaks there are, of any kind.

    >>> line_count(b"a\\r\\nb\\rc\\n")
    3
    """
    return data.count(b"\n") + (data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0)
