"""Frequencies: which Amazon Forecast takes, and which of two is the finer."""

import itertools

import pytest

from forecast_contract.frequencies import UNITS, is_frequency, mean_seconds


@pytest.mark.parametrize("frequency", ["1min", "59min", "H", "1H", "23H", "D", "6D", "W", "4W", "M", "11M", "Y", "1Y"])
def test_a_count_may_reach_up_to_the_next_larger_unit(frequency: str) -> None:
    assert is_frequency(frequency)


@pytest.mark.parametrize(
    "text", ["min", "0D", "60min", "24H", "7D", "5W", "12M", "2Y", "01D", "D1", "d", "Q", "", "1 D", "D\n", "\u0661D"]
)
def test_no_other_text_is_a_frequency(text: str) -> None:
    assert not is_frequency(text)


def test_every_frequency_is_finer_than_those_of_a_larger_unit() -> None:
    largest = [f"{unit.largest_count}{name}" for name, unit in UNITS.items()]
    smallest = [f"1{name}" for name in UNITS]
    assert all(
        mean_seconds(finer) < mean_seconds(coarser) for finer, coarser in zip(largest, smallest[1:], strict=False)
    )
    assert all(mean_seconds(finer) < mean_seconds(coarser) for finer, coarser in itertools.pairwise(smallest))
