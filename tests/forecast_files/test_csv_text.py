"""Text in CSV: every form that means the same rows becomes one, and quotes that mean nothing are refused."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_files.csv_text import MisquotedError, line_count, open_quote, plain_text

FIELDS = st.text(alphabet='ab,"\n\r é', max_size=6)
ROWS = st.lists(st.lists(FIELDS, min_size=2, max_size=3), min_size=1, max_size=6)


def rows_of(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline=""), strict=True))


def quoted(field: str, blanks: str) -> str:
    doubled = field.replace('"', '""')
    return f'{blanks}"{doubled}"{blanks}'


@settings(deadline=None)
@given(rows=ROWS, line_break=st.sampled_from(["\n", "\r\n", "\r"]), blanks=st.sampled_from(["", " ", "\t "]))
def test_quoted_fields_are_what_they_were_whatever_ends_a_row(
    rows: list[list[str]], line_break: str, blanks: str
) -> None:
    text = line_break.join(",".join(quoted(field, blanks) for field in row) for row in rows)
    assert rows_of(plain_text(text.encode())) == rows


@settings(deadline=None)
@given(rows=st.lists(st.lists(st.text(alphabet='a" 5é', max_size=6), min_size=2, max_size=3), min_size=1, max_size=6))
def test_a_quotation_mark_within_a_bare_field_is_a_character(rows: list[list[str]]) -> None:
    rows = [[f"x{field}" for field in row] for row in rows]
    text = "\r\n".join(",".join(row) for row in rows)
    assert rows_of(plain_text(text.encode())) == rows


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"a,1\r\nb,2\nc,3\rd,4", b"a,1\nb,2\nc,3\nd,4"),
        (b"\r\n\ra,1\n", b"\n\na,1\n"),
        (b'"a",1\r\n"b",2\n', b'"a",1\n"b",2\n'),
        (b'"a\r\nb",1\r\nc,2\r', b'"a\r\nb",1\nc,2\n'),
        (b'a, "b"\n', b'a,"b"\n'),
        (b'TV 55",1\n', b'"TV 55""",1\n'),
        (b'"",""\n', b'"",""\n'),
    ],
)
def test_line_breaks_and_blanks_become_one_form(text: bytes, plain: bytes) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize(
    ("text", "position", "field"),
    [
        (b'"item","value" (EUR)\na,1\n', 7, '"value" (EUR)'),
        (b'a,1\n"b"c,2\n', 4, '"b"c'),
        (b'a,1\nb,"2\nc,3\n', 6, '"2'),
    ],
)
def test_quotes_that_mean_nothing_are_told_with_their_place(text: bytes, position: int, field: str) -> None:
    with pytest.raises(MisquotedError) as caught:
        plain_text(text)
    assert (caught.value.position, caught.value.field) == (position, field)


@pytest.mark.parametrize(("text", "at"), [(b'a,"b\nc', 2), (b'a,"b\nc"\n', None), (b'a"b\n', None), (b"a\n", None)])
def test_a_quote_is_open_until_its_partner(text: bytes, at: int | None) -> None:
    assert open_quote(text) == at


@settings(deadline=None)
@given(text=st.text(alphabet="a\r\n", max_size=20))
def test_line_breaks_are_counted_as_python_counts_them(text: str) -> None:
    assert line_count(text.encode()) == len(io.StringIO(f"{text}.", newline=None).read().split("\n")) - 1
