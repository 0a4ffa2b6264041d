"""Pieces of CSV files: wherever a file is cut, no line is lost, shared or torn."""

from hypothesis import given
from hypothesis import strategies as st

from forecast_service.caller_files.csv_file import cut_to_lines

LINES = st.lists(st.text(alphabet="ab,é\r", max_size=12), max_size=12).map("\n".join)


@given(content=LINES, length=st.integers(1, 40), ends_with_break=st.booleans())
def test_pieces_put_together_are_the_file(content: str, length: int, ends_with_break: bool) -> None:
    data = (content + ("\n" if ends_with_break else "")).encode()
    pieces = [
        cut_to_lines(first, min(length, len(data) - first), len(data), lambda at, count: data[at : at + count])
        for first in range(0, len(data), length)
    ]
    assert b"".join(pieces) == data.replace(b"\r\n", b"\n")
    assert all(piece.endswith(b"\n") for piece in [piece for piece in pieces if piece][:-1])


def test_a_line_longer_than_a_piece_belongs_to_the_piece_it_begins_in() -> None:
    data = b"a" * 200_000 + b"\nb\n"
    pieces = [
        cut_to_lines(first, 100, len(data), lambda at, count: data[at : at + count]) for first in (0, 100, 200_000)
    ]
    assert pieces == [b"a" * 200_000 + b"\n", b"", b"b\n"]
