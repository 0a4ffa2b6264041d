"""Weekdays and times that never occur in a series, and what is missing by chance."""

from dataclasses import replace

import numpy as np
import pytest

from forecast_engine import Frequency, Grid, Panel
from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation import complete_items, unobserved_periods

MONDAY = np.datetime64("2024-01-01T00:00:00")


def panel_of(target: Array, frequency: str = "D") -> Panel:
    grid = replace(Grid.covering(Frequency.parse(frequency), MONDAY, MONDAY), length=target.shape[1])
    return Panel([str(item) for item in range(len(target))], grid, target, ~np.isnan(target), 0)


def days(count: int) -> Array:
    return np.arange(count) % 7


def test_weekends_of_a_price_never_occur_within_and_behind_its_history() -> None:
    price = np.where(days(60) < 5, 10.0, np.nan)  # 2024-02-29, the last day, is a Thursday
    never = unobserved_periods(panel_of(np.stack([price, np.full(60, 10.0)])), 53, 67)
    np.testing.assert_array_equal(never[0], (np.arange(53, 67) % 7) >= 5)
    assert not never[1].any()


@pytest.mark.parametrize("gap", [[0], [7, 8], [45]])
def test_a_day_that_lacks_once_does_occur(gap: list[int]) -> None:
    target = np.full((1, 60), 10.0)
    target[0, gap] = np.nan
    assert not unobserved_periods(panel_of(target), 0, 74).any()


def test_one_value_on_a_sunday_makes_sundays_occur() -> None:
    target = np.where(days(60) < 5, 10.0, np.nan)[None]
    target[0, 6] = 10.0
    assert set(np.flatnonzero(unobserved_periods(panel_of(target), 0, 60)[0]) % 7) == {5}


def test_three_weeks_are_too_few_to_tell_and_four_are_enough() -> None:
    target = np.where(days(28) < 5, 10.0, np.nan)[None]
    assert not unobserved_periods(panel_of(target[:, :21]), 21, 28).any()
    np.testing.assert_array_equal(unobserved_periods(panel_of(target), 28, 35)[0], days(7) >= 5)


def test_a_weekday_without_a_value_by_chance_occurs() -> None:
    """Every other value lacks: five weeks without a Saturday happen to one series in 30."""
    target = np.where(np.arange(35) % 2 == 0, 10.0, np.nan)[None]
    target[0, days(35) == 5] = np.nan
    assert not unobserved_periods(panel_of(target), 35, 42).any()


def test_hours_of_trading() -> None:
    hour, day = np.arange(24 * 70) % 24, np.arange(24 * 70) // 24 % 7
    is_open = (hour >= 9) & (hour < 17) & (day < 5) & ~((hour == 16) & (day == 4))  # an hour less on Fridays
    never = unobserved_periods(panel_of(np.where(is_open, 10.0, np.nan)[None], "H"), 24 * 70, 24 * 77)[0]
    np.testing.assert_array_equal(never, ~is_open[: 24 * 7])


def test_weeks_and_months_have_no_weekday() -> None:
    for frequency in ("W", "M", "Y", "2D"):
        assert not unobserved_periods(panel_of(np.full((1, 40), np.nan), frequency), 40, 44).any()


def test_an_item_is_complete_with_all_that_occurs() -> None:
    known = np.array([[True, True, False], [True, False, False], [False, False, False], [True, True, True]])
    unobserved = np.array([[False, False, True]] * 2 + [[True, True, True], [False, False, False]])
    np.testing.assert_array_equal(complete_items(known, unobserved), [True, False, False, True])
