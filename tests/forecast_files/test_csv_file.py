"""Byte ranges of CSV files: wherever a file is cut, no line is lost, shared or torn."""

from hypothesis import given
from hypothesis import strategies as st

from forecast_files.csv_file import cut_to_lines

LINES = st.lists(st.text(alphabet="ab,é\r", max_size=12), max_size=12).map("\n".join)


@given(content=LINES, length=st.integers(1, 40), ends_with_break=st.booleans())
def test_byte_ranges_put_together_are_the_file(content: str, length: int, ends_with_break: bool) -> None:
    data = (content + ("\n" if ends_with_break else "")).encode()
    ranges = [
        cut_to_lines(first, min(length, len(data) - first), len(data), lambda at, count: data[at : at + count])
        for first in range(0, len(data), length)
    ]
    assert b"".join(ranges) == data.replace(b"\r\n", b"\n")
    assert all(lines.endswith(b"\n") for lines in [lines for lines in ranges if lines][:-1])


def test_a_line_longer_than_a_byte_range_belongs_to_the_range_it_begins_in() -> None:
    data = b"a" * 200_000 + b"\nb\n"
    ranges = [
        cut_to_lines(first, 100, len(data), lambda at, count: data[at : at + count]) for first in (0, 100, 200_000)
    ]
    assert ranges == [b"a" * 200_000 + b"\n", b"", b"b\n"]
