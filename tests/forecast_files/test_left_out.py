"""Rows left out, in words and back: what an import says is what its caller reads."""

from hypothesis import given
from hypothesis import strategies as st

from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.left_out import LeftOut, Reason
from forecast_files.row_counts import RowCounts, count_rows
from forecast_files.schema import Column, Schema

FORMAT = FileFormat(
    Schema(
        "TARGET_TIME_SERIES",
        (
            Column("item_id", "string", "item_id"),
            Column("timestamp", "timestamp", "timestamp"),
            Column("target_value", "float", "target"),
        ),
    ),
    "yyyy-MM-dd",
)
REASONS: tuple[Reason, ...] = ("fields", "identifier", "timestamp")
PLACES = st.text("abc (),.1", min_size=1).map(lambda key: f"s3://bucket/{key}.csv, line 7")


@given(st.dictionaries(st.sampled_from(REASONS), st.tuples(st.integers(1, 10**9), PLACES), min_size=1))
def test_the_sentence_says_counts_and_places_so_that_they_can_be_read_back(
    found: dict[Reason, tuple[int, str]],
) -> None:
    left_out = LeftOut(
        {reason: count for reason, (count, _) in found.items()}, {reason: place for reason, (_, place) in found.items()}
    )
    assert LeftOut.of_sentence(left_out.sentence(10**10)) == (left_out, 10**10)


def test_no_other_message_is_taken_for_one() -> None:
    assert LeftOut.of_sentence("") is None
    assert LeftOut.of_sentence("The import was stopped.") is None


def test_rows_read_are_rows_used_and_rows_left_out() -> None:
    text = b"item_id,timestamp,target_value\n\na,2024-01-01,1\n,2024-01-02,2\na,,3\na,2024-01-04\na,2024-01-05,\n"
    counted = count_rows([CsvPart.of(text, "a.csv")], FORMAT)
    first = {"identifier": "a.csv, line 4", "timestamp": "a.csv, line 5", "fields": "a.csv, line 6"}
    assert counted == RowCounts(5, LeftOut({"identifier": 1, "timestamp": 1, "fields": 1}, first))
    assert counted.used == 2  # an empty target is a value unknown
