"""Heads of data files: a header or none, and nothing refused that an import takes."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_files.file_format import FileFormat
from forecast_files.head import check_head
from forecast_files.input_refused import InputRefused
from forecast_files.schema import Schema

TARGET = Schema.of_dataset(
    {
        "Domain": "CUSTOM",
        "DatasetType": "TARGET_TIME_SERIES",
        "Schema": {
            "Attributes": [
                {"AttributeName": "item_id", "AttributeType": "string"},
                {"AttributeName": "timestamp", "AttributeType": "timestamp"},
                {"AttributeName": "target_value", "AttributeType": "float"},
            ]
        },
    }
)
ITEMS = Schema.of_dataset(
    {
        "Domain": "CUSTOM",
        "DatasetType": "ITEM_METADATA",
        "Schema": {
            "Attributes": [
                {"AttributeName": "colour", "AttributeType": "string"},
                {"AttributeName": "item_id", "AttributeType": "string"},
            ]
        },
    }
)


def check(head: bytes, cut: bool = False, timestamp_format: str = "yyyy-MM-dd", schema: Schema = TARGET) -> int:
    return check_head("train/a.csv", head, cut, FileFormat(schema, timestamp_format))


@pytest.mark.parametrize(
    "head",
    [
        b"a,2026-01-01,3\n",
        b"item_id,timestamp,target_value\na,2026-01-01,3\n",
        b"Product,Day,Units sold\na,2026-01-01,3\n",  # any names
        b"item_id,timestamp,target_value\n",  # a part that holds a header alone, as Spark writes them
        b"\xef\xbb\xbfitem_id,timestamp,target_value\r\na,2026-01-01,3\r\n",
        b'"a, b",2026-01-01,"3"\n',
        b"a,2026-01-01,\na,2026-01-02,NaN\na,,1\n",  # missing values
        b"\n\na,2026-01-01,-3.5e2\n\n",
        b"a,2026-01-01,3",  # no line end
        b"a,2026-01-01,3\na,2026-01-02\na,2026-01-03,1,2\n",  # rows that an import leaves out
        b"",  # a part without rows, beside others
        "사과,2026-01-01,3\n".encode(),
    ],
)
def test_what_an_import_takes_passes(head: bytes) -> None:
    check(head)


def test_24_hour_data_pass_under_the_lower_case_hh_of_the_workshop() -> None:
    check(b"a,2026-01-01 23:00:00,3\n", timestamp_format="yyyy-MM-dd hh:mm:ss")


@pytest.mark.parametrize(
    ("head", "rows"),
    [(b"", 0), (b"item_id,timestamp,target_value\n", 0), (b"a,2026-01-01,3\n", 1), (b"A,B,C\na,2026-01-01,3\n", 1)],
)
def test_a_header_is_no_row_of_data(head: bytes, rows: int) -> None:
    assert check(head) == rows


@settings(deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_pass_or_are_told_in_a_sentence(head: bytes, cut: bool) -> None:
    with contextlib.suppress(InputRefused):
        check(head, cut)


def test_a_line_or_a_character_that_the_head_cuts_is_not_judged() -> None:
    row = "사과,2026-01-01,3\n".encode()
    for length in range(len(row) + 1, 2 * len(row)):
        check((row + row)[:length], cut=True)


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (
            b"a,2026-01-01,3,x\n",
            r"line 1: found 4 columns, wanted the 3 of the schema \(item_id, timestamp",
        ),
        (b"a;2026-01-01;3\n", "line 1: found 1 column, wanted the 3 of the schema"),
        (
            b"a,01.01.2026,3\n",
            "line 1, column timestamp: found '01.01.2026', wanted a timestamp of the form yyyy-MM-dd",
        ),
        (b"a,2026-01-01 00:00:00,3\n", "line 1, column timestamp: found '2026-01-01 00:00:00'"),
        (b"a,2026-02-30,3\n", "line 1, column timestamp: found '2026-02-30'"),
        (b"a,2026-01-01,three\n", "line 1, column target_value: found 'three', wanted a number"),
        (b"a,2026-01-01,-inf\n", "line 1, column target_value: found '-inf', wanted a finite number"),
        (b"item_id,timestamp,target_value\na,2026-01-01,n/a\n", "line 2, column target_value: found 'n/a'"),
        (
            b"timestamp,item_id,target_value\n2026-01-01,a,3\n",
            "line 1: found the columns timestamp, item_id, target_value, wanted the order of the schema",
        ),
        (b"a,2026-01-01,3\n\xff\xfe,2026-01-02,3\n", "line 2: found bytes that are not UTF-8"),
        (b"PAR1\x15\x04", "found a Parquet file, wanted CSV"),
    ],
)
def test_what_no_import_takes_is_told_by_line_and_column(head: bytes, sentence: str) -> None:
    with pytest.raises(InputRefused, match=f"train/a.csv(, |: ){sentence}"):
        check(head)


@pytest.mark.parametrize(
    ("head", "rows"), [(b"red,a\n", 1), (b"Colour,Item_ID\nred,a\n", 1), (b"colour,a\nred,b\n", 2)]
)
def test_texts_alone_are_data_unless_they_are_the_names_of_the_schema(head: bytes, rows: int) -> None:
    assert check(head, schema=ITEMS) == rows


@pytest.mark.parametrize("head", [b"hue,SKU\nred,a\n", b"hue,item_id\nred,a\n"])
def test_a_header_that_would_be_taken_for_an_item_is_refused(head: bytes) -> None:
    found = head.decode().splitlines()[0].replace(",", ", ")
    wanted = r"wanted the names of the schema \(colour, item_id\), or no header"
    with pytest.raises(InputRefused, match=f"line 1: found {found}, which would be taken for an item; {wanted}"):
        check(head, schema=ITEMS)
