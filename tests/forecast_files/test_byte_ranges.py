"""Byte ranges of CSV files: wherever a file is cut, no row is lost, shared or torn."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_files import byte_ranges
from forecast_files.byte_ranges import cut_to_rows

LINES = st.lists(st.text(alphabet="ab,é\r", max_size=12), max_size=12).map("\n".join)
NAMES = st.text(alphabet='ab,\n"', max_size=8)


def ranges_of(data: bytes, length: int, columns: int) -> list[bytes]:
    return [
        cut_to_rows(first, min(length, len(data) - first), len(data), lambda at, count: data[at : at + count], columns)
        for first in range(0, len(data), length)
    ]


@settings(deadline=None)
@given(content=LINES, length=st.integers(1, 40), ends_with_break=st.booleans())
def test_byte_ranges_put_together_are_the_file(content: str, length: int, ends_with_break: bool) -> None:
    data = (content + ("\n" if ends_with_break else "")).encode()
    ranges = ranges_of(data, length, 1)
    assert b"".join(ranges) == data
    assert all(lines.endswith(b"\n") for lines in [lines for lines in ranges if lines][:-1])


@settings(max_examples=300, deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=30), length=st.integers(90, 200))
def test_a_line_break_within_quotes_is_no_place_to_cut(names: list[str], length: int) -> None:
    rows = [[name, "2024-01-01", "1"] for name in names]
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    ranges = ranges_of(file.getvalue().encode(), length, 3)
    read = [list(csv.reader(io.StringIO(part.decode(), newline=""), strict=True)) for part in ranges]
    assert [row for part in read for row in part] == rows


def test_a_range_far_from_the_start_sees_by_the_rows_around_it_whether_it_begins_within_quotes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(byte_ranges, "_BYTES_TO_LOOK_AT", 150)
    names = ["a", 'TV 55"', "two\nlines", "b,\nc", '"', "\n\n", "d"] * 12
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(
        [name, f"2024-01-{1 + at % 28:02}", at] for at, name in enumerate(names)
    )
    for length in range(100, 140):
        parts = ranges_of(file.getvalue().encode(), length, 3)
        read = [row for part in parts for row in csv.reader(io.StringIO(part.decode(), newline=""), strict=True)]
        assert [name for name, _, _ in read] == names


def test_a_line_longer_than_a_byte_range_belongs_to_the_range_it_begins_in() -> None:
    data = b"a" * 200_000 + b"\nb\n"
    ranges = [
        cut_to_rows(first, 100, len(data), lambda at, count: data[at : at + count], 1) for first in (0, 100, 200_000)
    ]
    assert ranges == [b"a" * 200_000 + b"\n", b"", b"b\n"]
