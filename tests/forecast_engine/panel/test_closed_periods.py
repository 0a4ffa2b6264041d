"""Which periods are closed: made-up histories whose right answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from forecast_engine import Covariates, Frequency, Grid, Panel
from forecast_engine.arrays.reductions import Array
from forecast_engine.panel.open_history import open_history

MONDAY = np.datetime64("2021-01-04T00:00:00")
HORIZON = 14


def panel_from_monday(target: Array, frequency: str = "D") -> Panel:
    one = Grid.covering(Frequency.parse(frequency), MONDAY, MONDAY)
    grid = replace(one, length=target.shape[1])
    return Panel([f"item {number}" for number in range(len(target))], grid, target, ~np.isnan(target), 0)


def sales(days: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).uniform(50, 150, days)


def closed_steps(target: Array, frequency: str = "D", horizon: int = HORIZON) -> list[int]:
    """The closed steps of a single series."""
    panel = panel_from_monday(target[None], frequency)
    return np.flatnonzero(open_history(panel, panel.grid.length, horizon).closed_steps[0]).tolist()


def test_sundays_without_sales_are_closed() -> None:
    days = np.arange(70)
    assert closed_steps(sales(70) * (days % 7 != 6)) == [6, 13]


def test_closed_days_of_the_history_are_unknown_and_the_others_what_they_were() -> None:
    target = sales(70) * (np.arange(70) % 7 != 6)
    values = open_history(panel_from_monday(target[None]), 70, HORIZON).values[0]
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(values)), np.arange(6, 70, 7))
    np.testing.assert_array_equal(values[~np.isnan(values)], target[target > 0])


@pytest.mark.parametrize(("weeks", "closed"), [(3, []), (6, [6, 13])])
def test_it_takes_more_than_three_weeks_to_tell_that_a_day_is_closed(weeks: int, closed: list[int]) -> None:
    days = np.arange(7 * weeks)
    assert closed_steps(sales(len(days)) * (days % 7 != 6)) == closed


def test_one_odd_value_opens_no_day() -> None:
    target = sales(140) * (np.arange(140) % 7 != 6)
    target[7 * 12 + 6] = 1.0
    assert closed_steps(target) == [6, 13]


def test_a_day_that_was_open_the_last_two_weeks_is_open() -> None:
    target = sales(140) * ((np.arange(140) % 7 != 6) | (np.arange(140) >= 126))
    assert closed_steps(target) == []
    panel = panel_from_monday(target[None])
    assert open_history(panel, 140, HORIZON).closed[0, 6:126:7].all()  # it was closed until then


def test_a_day_that_was_open_once_and_has_been_closed_for_weeks_is_closed() -> None:
    days = np.arange(280)
    assert closed_steps(sales(280) * ((days % 7 != 6) | (days < 140))) == [6, 13]


def test_nights_and_sundays_of_hours_are_closed() -> None:
    hours = np.arange(24 * 42)
    is_open = (hours % 24 >= 9) & (hours % 24 < 18) & (hours // 24 % 7 != 6)
    ahead = np.arange(24 * 42, 24 * 49)
    expected = (ahead % 24 < 9) | (ahead % 24 >= 18) | (ahead // 24 % 7 == 6)
    assert closed_steps(sales(len(hours)) * is_open, "H", 24 * 7) == np.flatnonzero(expected).tolist()


def test_an_afternoon_of_one_weekday_is_closed() -> None:
    hours = np.arange(24 * 84)
    is_open = (hours % 24 >= 9) & (hours % 24 < 18) & ~((hours // 24 % 7 == 2) & (hours % 24 >= 13))
    wednesday = np.arange(48, 72)
    closed = closed_steps(sales(len(hours)) * is_open, "H", 72)
    assert [step for step in closed if step in wednesday] == [*range(48, 57), *range(61, 72)]


def test_quarters_of_an_hour_have_nights_too() -> None:
    slots = np.arange(96 * 10)
    assert closed_steps(sales(len(slots)) * (slots % 96 >= 40), "15min", 96) == list(range(40))


def test_months_out_of_season_are_closed() -> None:
    months = np.arange(36) % 12 + 1
    assert closed_steps(sales(36) * ((months >= 4) & (months <= 10)), "M", 12) == [0, 1, 2, 10, 11]


def test_days_out_of_season_are_closed_to_the_day() -> None:
    days = MONDAY.astype("datetime64[D]") + np.arange(4 * 365)
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    is_open = (month >= 4) & (month <= 10)
    history = 3 * 365 + 270  # to the end of September
    panel = panel_from_monday((sales(history) * is_open[:history])[None])
    closed = open_history(panel, history, 60).closed_steps[0]
    expected = ~is_open[history : history + 60]
    assert (closed != expected).sum() <= 1  # years begin on another day of the week


def test_the_last_days_of_each_month_may_be_closed() -> None:
    days = MONDAY.astype("datetime64[D]") + np.arange(400)
    of_month = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(int)
    assert (np.diff(np.flatnonzero(of_month >= 19)) > 0).all()
    target = sales(386) * (of_month[:386] < 19)
    assert closed_steps(target) == np.flatnonzero(of_month[386:] >= 19).tolist()


@pytest.mark.parametrize("mean", [0.2, 0.7, 1.5, 3.0])
@pytest.mark.parametrize("frequency", ["D", "W", "M", "H"])
def test_what_is_zero_by_chance_has_no_closed_periods(mean: float, frequency: str) -> None:
    target = np.random.default_rng(3).poisson(mean, (1000, 120)).astype(float)
    panel = panel_from_monday(target, frequency)
    history = open_history(panel, 120, HORIZON)
    assert not len(history.items)
    np.testing.assert_array_equal(history.values, target)


def test_a_long_pause_is_no_closed_phase() -> None:
    target = sales(200)
    target[60:150] = 0.0
    assert closed_steps(target) == []


def test_series_with_values_below_zero_have_no_closed_periods() -> None:
    target = sales(140) * (np.arange(140) % 7 != 6)
    target[3] = -1.0
    assert closed_steps(target) == []


def test_nothing_behind_the_end_is_looked_at() -> None:
    days = np.arange(140)
    target = (sales(140) * (days % 7 != 6))[None]
    changed = target.copy()
    changed[:, 70:] = 77.0
    one, other = (open_history(panel_from_monday(values), 70, HORIZON) for values in (target, changed))
    np.testing.assert_array_equal(one.closed, other.closed)


def with_flag(panel: Panel, name: str, flag: Array) -> Panel:
    return replace(panel, covariates=Covariates(related={name: flag}))


def test_a_flag_that_is_known_ahead_closes_and_opens_days_in_the_place_of_the_weekday() -> None:
    days = np.arange(140 + HORIZON)
    flag = (days % 7 != 6).astype(float)
    flag[50], flag[140 + 2], flag[140 + 6] = 0.0, 0.0, 1.0  # a closed Tuesday, then a closed Wednesday, an open Sunday
    panel = with_flag(panel_from_monday((sales(140) * flag[:140])[None]), "open", flag[None])
    history = open_history(panel, 140, HORIZON)
    assert np.flatnonzero(history.closed_steps[0]).tolist() == [2, 13]
    assert history.closed[0, 50]


def test_a_holiday_closes_a_day_and_leaves_the_weekdays_alone() -> None:
    days = np.arange(280 + HORIZON)
    holiday = np.isin(days, [33, 80, 121, 170, 222, 250, 280 + 3]).astype(float)
    target = sales(280) * ((days % 7 != 6) & (holiday == 0))[:280]
    panel = replace(panel_from_monday(target[None]), covariates=Covariates(calendar={"Holiday_KR": holiday}))
    assert np.flatnonzero(open_history(panel, 280, HORIZON).closed_steps[0]).tolist() == [3, 6, 13]


def test_an_event_opens_a_sunday() -> None:
    days = np.arange(280 + HORIZON)
    event = np.isin(days, [48, 111, 118, 125, 237, 280 + 6]).astype(float)  # all of them Sundays
    target = sales(280) * ((days % 7 != 6) | (event == 1))[:280]
    panel = with_flag(panel_from_monday(target[None]), "event", event[None])
    history = open_history(panel, 280, HORIZON)
    assert np.flatnonzero(history.closed_steps[0]).tolist() == [13]
    assert not history.closed[0, [48, 111, 118, 125, 237]].any()


def test_a_flag_of_the_past_alone_is_not_used() -> None:
    flag = (np.arange(140 + HORIZON) % 7 != 6).astype(float)
    flag[140:] = np.nan
    panel = with_flag(panel_from_monday((sales(140) * (np.arange(140) % 7 != 6))[None]), "open", flag[None])
    assert np.flatnonzero(open_history(panel, 140, HORIZON).closed_steps[0]).tolist() == [6, 13]


def test_an_item_is_judged_by_itself() -> None:
    target = np.stack([sales(140, seed) * (np.arange(140) % 7 != seed) for seed in range(7)])
    together = open_history(panel_from_monday(target), 140, HORIZON).closed
    for item in range(7):
        alone = open_history(panel_from_monday(target[item : item + 1]), 140, HORIZON).closed
        np.testing.assert_array_equal(together[item], alone[0])


def test_closed_periods_are_filled_by_their_phase_or_by_the_level() -> None:
    target = np.tile([10.0, 20, 30, 40, 50, 60, 0], 10)
    target[-12] = 0.0  # a closed Wednesday, by the flag
    flag = np.append((target > 0).astype(float), np.ones(HORIZON))
    panel = with_flag(panel_from_monday(target[None]), "open", flag[None])
    history = open_history(panel, 70, HORIZON)
    filled = history.filled(history.values)[0]
    assert filled[-12] == 30.0
    assert filled[6] == 35.0


def test_the_flags_that_only_a_neighbour_has_change_nothing() -> None:
    open_on = np.ones((2, 140 + HORIZON))
    open_on[0, [10, 23, 36]] = 0.0
    target = np.stack([sales(140) * open_on[0, :140], sales(140, 1)])
    target[0, [20, 45]] = 0.0  # by chance: three closings among five zeros are just enough to be believed
    target[1, 6::7] = 0.0
    unknown = np.full(140 + HORIZON, np.nan)
    rng = np.random.default_rng(2)
    others = {f"event {n}": np.stack([unknown, rng.integers(0, 2, 140 + HORIZON) * 1.0]) for n in range(40)}
    panel = replace(panel_from_monday(target), covariates=Covariates(related={"open": open_on, **others}))
    alone = with_flag(panel_from_monday(target[:1]), "open", open_on[:1])
    assert np.flatnonzero(open_history(alone, 140, 7).closed[0]).tolist() == [10, 23, 36]
    np.testing.assert_array_equal(open_history(panel, 140, 7).closed[:1], open_history(alone, 140, 7).closed)
