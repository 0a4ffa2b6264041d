"""Byte ranges of large CSV files: every row belongs to the one range that it begins in."""

from collections.abc import Callable

from forecast_files.csv_text import hidden_quotes, open_quote

Read = Callable[[int, int], bytes]

_LINE_BREAK = b"\n"
_BYTES_TO_LOOK_AT = 65_536
_LONGEST_ROW = 2**21  # bytes: duckdb takes no longer line


def cut_to_rows(first: int, length: int, size: int, read: Read, columns: int) -> bytes:
    """The rows of ``columns`` fields that begin within ``length`` bytes from ``first`` on, whole.

    ``read(first, length)`` gives bytes of the file, whose size is ``size``. Ranges cut so neither share a row nor lose
    one. A line break within quotes ends no row: whether ``first`` lies within quotes is told by the rows around it. A
    file whose only line breaks are CR belongs to its first range.
    """
    end = min(first + length, size)
    data = read(first, end - first)
    start = _first_row(data, first, read, columns) if first else 0
    if start is None:  # what begins before the range goes on behind it
        return b""
    return _to_the_end_of_a_row(data[start:], end, size, read)


def _first_row(data: bytes, first: int, read: Read, columns: int) -> int | None:
    """Where in ``data``, which begins at byte ``first`` of the file, the first row begins; None where none does."""
    from_byte = max(first - _BYTES_TO_LOOK_AT, 0)
    before = read(from_byte, first - from_byte)
    around = before + data[:_LONGEST_ROW]
    if from_byte == 0:
        row_starts = [0]
    else:  # the look begins outside of quotes, or within
        closing = around.find(b'"')
        row_starts = [around.find(_LINE_BREAK) + 1, around.find(_LINE_BREAK, closing) + 1 if closing >= 0 else 0]
    readings = [around[:at] + hidden_quotes(around[at:]) for at in dict.fromkeys(row_starts)]
    best = max(readings, key=lambda reading: _rows_that_fit(reading, columns))
    at = best.find(_LINE_BREAK, first - from_byte - 1) + 1
    return at - (first - from_byte) if 0 < at < len(around) else None


def _rows_that_fit(reading: bytes, columns: int) -> int:
    """How many rows of a text with hidden quotes have ``columns`` fields; one with quotes left is none."""
    return sum(row.count(b",") + 1 == columns and b'"' not in row for row in reading.split(_LINE_BREAK))


def _to_the_end_of_a_row(data: bytes, end: int, size: int, read: Read) -> bytes:
    """``data``, which ends before byte ``end`` of the file, with what its last row has behind that."""
    hidden = hidden_quotes(data)
    last_row, quote = hidden.rfind(_LINE_BREAK) + 1, open_quote(data, hidden)
    while end < size and (quote is not None or not data.endswith(_LINE_BREAK)):
        if quote is not None and len(data) - quote > _LONGEST_ROW:
            break  # these quotes are never closed; the reader refuses them
        more = read(end, min(_BYTES_TO_LOOK_AT, size - end))
        stop = more.find(_LINE_BREAK) + 1
        data += more[:stop] if stop else more
        end += stop or len(more)
        if stop or quote is not None:
            begin = last_row if quote is None else quote
            found = open_quote(data[begin:])
            quote = None if found is None else begin + found
    return data
