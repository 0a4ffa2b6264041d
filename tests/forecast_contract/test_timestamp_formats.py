"""TimestampFormat in the API's letters."""

from datetime import datetime

import pytest

from forecast_contract.timestamp_formats import parses, strptime_format


@pytest.mark.parametrize(
    ("timestamp_format", "text"),
    [
        ("yyyy-MM-dd", "2020-01-31"),
        ("yyyy-MM-dd HH:mm:ss", "2020-01-31 13:45:00"),
        ("yyyy-MM-dd hh:mm:ss", "2020-01-31 13:45:00"),
        ("yyyy/MM/dd", "2020/01/31"),
        ("yyyy-MM-dd'T'HH:mm:ss", "2020-01-31T13:45:00"),
        ("yyyy-MM-ddTHH:mm:ss", "2020-01-31T13:45:00"),
    ],
)
def test_a_format_reads_the_timestamps_it_describes(timestamp_format: str, text: str) -> None:
    found = datetime.strptime(text, strptime_format(timestamp_format))
    assert found == datetime(2020, 1, 31, *((13, 45) if "45" in text else ()))


def test_a_letter_without_meaning_is_named() -> None:
    with pytest.raises(ValueError, match=r"TimestampFormat dd\.MMM: found MMM, wanted a form such as yyyy-MM-dd"):
        strptime_format("dd.MMM")


@pytest.mark.parametrize("timestamp_format", ["MM-MM", "HH:hh"])
def test_a_part_that_is_there_twice_is_named(timestamp_format: str) -> None:
    with pytest.raises(
        ValueError, match=f"TimestampFormat {timestamp_format}: found .. more than once, wanted it once"
    ):
        strptime_format(timestamp_format)


def test_what_is_no_timestamp_does_not_parse() -> None:
    assert not parses("2020-02-30", "%Y-%m-%d")
    assert not parses("timestamp", "%Y-%m-%d")
