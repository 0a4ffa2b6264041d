"""Frequencies, against the table of Amazon Forecast and the seasons that forecasters use."""

import pytest

from forecast_engine import Frequency


@pytest.mark.parametrize(
    ("text", "season_length", "seasonal_periods"),
    [
        ("Y", 1, ()),
        ("3M", 4, (4,)),
        ("M", 12, (12,)),
        ("W", 52, (52,)),
        ("D", 7, (7,)),
        ("2D", 1, (7,)),  # every two weeks the same days are together again
        ("3W", 1, (52,)),
        ("4W", 13, (13,)),
        ("5M", 1, (12,)),
        ("H", 24, (24, 168)),
        ("2H", 12, (12, 84)),
        ("5H", 1, (24, 168)),
        ("7H", 1, (24,)),  # a week is 24 periods, and the first after which the hours of the day come back
        ("4H", 6, (6, 42)),
        ("30min", 48, (48, 336)),
        ("15min", 96, (96, 672)),
        ("14min", 1, (720,)),
    ],
)
def test_a_frequency_knows_its_seasons(text: str, season_length: int, seasonal_periods: tuple[int, ...]) -> None:
    frequency = Frequency.parse(text)
    assert frequency.season_length == season_length
    assert frequency.seasonal_periods == seasonal_periods


@pytest.mark.parametrize("text", ["Y", "3M", "W", "6D", "H", "1min", "30min"])
def test_a_frequency_is_written_as_it_was_read(text: str) -> None:
    assert str(Frequency.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Q", "Unknown frequency 'Q'"),
        ("", "Unknown frequency ''"),
        ("h", "Unknown frequency 'h'"),
        ("60min", "counts 60 min: expected 1 to 59"),
        ("0D", "counts 0 D: expected 1 to 6"),
        ("12M", "counts 12 M: expected 1 to 11"),
        ("2Y", "counts 2 Y: expected 1 to 1"),
    ],
)
def test_an_unknown_frequency_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Frequency.parse(text)
