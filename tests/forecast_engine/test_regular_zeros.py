"""Forecasts of series with closed periods: zero there with no band, and nothing of the zeros in the open periods."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest

from forecast_engine import (
    Covariates,
    Forecast,
    Frequency,
    Grid,
    Panel,
    TrainingSettings,
    explain,
    forecast,
    seasonal_naive,
)
from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation.metrics import weighted_quantile_loss
from tests.forecast_engine.panels import rows_of, train

MONDAY = np.datetime64("2021-01-04T00:00:00")
LEVELS = (0.1, 0.5, 0.9)
HORIZON = 14
DAYS = np.arange(210 + HORIZON)


def panel_from_monday(target: Array, frequency: str = "D") -> Panel:
    one = Grid.covering(Frequency.parse(frequency), MONDAY, MONDAY)
    grid = replace(one, length=target.shape[1])
    return Panel([f"item {number:02d}" for number in range(len(target))], grid, target, ~np.isnan(target), 0)


def settings_of(horizon: int = HORIZON) -> TrainingSettings:
    return TrainingSettings(horizon=horizon, quantiles=LEVELS, include_mean=True, window_count=1, window_offset=horizon)


def forecast_of(panel: Panel, horizon: int = HORIZON) -> Forecast:
    return forecast(panel, train([panel], settings_of(horizon))[0])


def shop(days: int = len(DAYS), seed: int = 0, level: float = 1000.0) -> Array:
    """About the level every day, more towards the end of the week."""
    random = np.random.default_rng(seed)
    return level * (0.9 + 0.05 * (np.arange(days) % 7)) * random.lognormal(0, 0.08, days)


def wql(actual: Array, quantiles: Array) -> float:
    return float(np.mean([weighted_quantile_loss(actual, quantiles[..., i], q) for i, q in enumerate(LEVELS)]))


def assert_closed(result: Forecast, closed: Array) -> None:
    """Steps [step] that are closed are zero in all quantiles and the mean of the first item; the others are above."""
    assert result.mean is not None
    np.testing.assert_array_equal(result.quantiles[0, closed], 0.0)
    np.testing.assert_array_equal(result.mean[0, closed], 0.0)
    assert (result.quantiles[0, ~closed] > 0).all()


def test_a_closed_sunday_is_zero_with_no_band_and_open_days_are_near_their_level() -> None:
    target = (shop() * (DAYS % 7 != 6))[None]
    panel = panel_from_monday(target[:, :-HORIZON])
    result = forecast_of(panel)
    sunday = DAYS[-HORIZON:] % 7 == 6
    assert_closed(result, sunday)
    expected = 1000 * (0.9 + 0.05 * (DAYS[-HORIZON:] % 7))
    np.testing.assert_allclose(result.quantiles[0, ~sunday, 1], expected[~sunday], rtol=0.12)
    assert (result.quantiles[0, ~sunday, 0] > 0.6 * expected[~sunday]).all()
    assert result.notes == ["closed on Sundays: forecast 0 there"]


def test_shops_closed_on_sundays_are_forecast_better_than_by_seasonal_naive() -> None:
    """Of six draws, each forecast alone: one of them may be lucky for seasonal naive."""
    losses = []
    for seed in range(6):
        target = (shop(seed=seed) * (DAYS % 7 != 6))[None]
        panel, actual = panel_from_monday(target[:, :-HORIZON]), target[:, -HORIZON:]
        naive, _ = seasonal_naive(panel.target, 7, HORIZON, LEVELS)
        losses.append((wql(actual, forecast_of(panel).quantiles), wql(actual, naive)))
    ours, of_naive = np.mean(losses, axis=0)
    assert ours < 0.9 * of_naive


def test_one_odd_value_on_an_open_day_changes_nothing_of_it() -> None:
    target = shop() * (DAYS % 7 != 6)
    target[4] = 1.0
    result = forecast_of(panel_from_monday(target[None, :-HORIZON]))
    assert_closed(result, DAYS[-HORIZON:] % 7 == 6)
    assert (result.quantiles[0, DAYS[-HORIZON:] % 7 != 6, 0] > 500).all()


def test_explicit_zeros_of_weekends_stay_zero_and_the_week_is_as_if_they_were_not_there() -> None:
    weekend = DAYS % 7 >= 5
    result = forecast_of(panel_from_monday((shop(seed=3) * ~weekend)[None, :-HORIZON]))
    assert_closed(result, weekend[-HORIZON:])
    np.testing.assert_allclose(result.quantiles[0, ~weekend[-HORIZON:], 1], 1000, rtol=0.15)
    assert result.notes == ["closed on Saturdays and Sundays: forecast 0 there"]


def test_twenty_stores_that_close_on_sundays_are_each_forecast_at_their_own_level() -> None:
    levels = np.geomspace(50, 5000, 20)
    closed = DAYS % 7 == 6
    target = np.stack([shop(seed=seed, level=level) * ~closed for seed, level in enumerate(levels)])
    result = forecast_of(panel_from_monday(target[:, :-HORIZON]))
    steps = closed[-HORIZON:]
    np.testing.assert_array_equal(result.quantiles[:, steps], 0.0)
    np.testing.assert_allclose(result.quantiles[:, ~steps, 1].mean(axis=1) / levels, 1.03, rtol=0.1)
    assert (result.quantiles[:, ~steps, 0] > 0.6 * levels[:, None]).all()
    assert set(result.notes) == {"closed on Sundays: forecast 0 there"}


def test_solar_power_is_zero_by_night_and_no_worse_than_the_day_before() -> None:
    hours = np.arange(24 * 60)
    sun = np.clip(np.sin((hours % 24 - 6) / 12 * np.pi), 0, None) * (hours % 24 >= 6) * (hours % 24 < 18)
    clouds = np.repeat(np.random.default_rng(4).uniform(0.5, 1.0, 60), 24)
    power = np.round(100 * sun * clouds, 2)[None]
    panel, actual = panel_from_monday(power[:, :-24], "H"), power[:, -24:]
    result = forecast_of(panel, 24)
    assert_closed(result, power[0, -24:] == 0)
    naive, _ = seasonal_naive(panel.target, 24, 24, LEVELS)
    assert wql(actual, result.quantiles) <= wql(actual, naive)


def test_a_shop_that_begins_to_open_on_sundays_is_open() -> None:
    target = shop() * ((DAYS % 7 != 6) | (DAYS >= 210 - 21))
    result = forecast_of(panel_from_monday(target[None, :-HORIZON]))
    sunday = DAYS[-HORIZON:] % 7 == 6
    assert (result.quantiles[0, sunday, 0] > 300).all()
    np.testing.assert_allclose(result.quantiles[0, sunday, 1], 1200, rtol=0.25)


def test_a_flag_known_ahead_opens_and_closes_days_at_their_level() -> None:
    flag = np.tile(DAYS % 7 != 6, (5, 1)).astype(float)
    flag[:, 210 + 6], flag[:, 210 + 9] = 1.0, 0.0  # an open Sunday and a closed Thursday
    target = np.stack([shop(seed=seed) for seed in range(5)]) * flag
    panel = replace(panel_from_monday(target[:, :-HORIZON]), covariates=Covariates(related={"open": flag}))
    predictor = train([panel], settings_of())[0]
    result = forecast(panel, predictor)
    assert_closed(result, flag[0, -HORIZON:] == 0)
    np.testing.assert_allclose(result.quantiles[:, 6, 1], 1000, rtol=0.35)
    assert result.notes[0] == "closed where open is 0: forecast 0 there"
    impacts = explain(panel, predictor).impacts
    np.testing.assert_array_equal(impacts[flag[:, -HORIZON:] == 0], 0.0)


def test_nights_are_zero_and_the_day_has_its_shape() -> None:
    hours = np.arange(24 * 44)
    shape = np.where((hours % 24 >= 9) & (hours % 24 < 18), 50 + 10 * (hours % 24 - 9), 0)
    values = np.round(shape * np.random.default_rng(1).lognormal(0, 0.1, len(hours)))
    result = forecast_of(panel_from_monday(values[None, :-48], "H"), 48)
    closed = shape[-48:] == 0
    assert_closed(result, closed)
    np.testing.assert_allclose(result.quantiles[0, ~closed, 1], shape[-48:][~closed], rtol=0.15)
    assert result.notes == ["closed from 18:00 to 09:00: forecast 0 there"]


def test_months_out_of_season_are_zero() -> None:
    months = np.arange(60) % 12 + 1
    values = 500 * ((months >= 4) & (months <= 10)) * np.random.default_rng(2).lognormal(0, 0.1, 60)
    result = forecast_of(panel_from_monday(values[None, :-12], "M"), 12)
    closed = values[-12:] == 0
    assert_closed(result, closed)
    np.testing.assert_allclose(result.quantiles[0, ~closed, 1], 500, rtol=0.2)
    assert result.notes == ["closed from November to March: forecast 0 there"]


def test_weekends_that_were_never_observed_are_neither_zero_nor_a_break() -> None:
    price = 100 + np.cumsum(np.random.default_rng(4).normal(0.05, 0.4, len(DAYS)))
    target = np.where(DAYS % 7 < 5, price, np.nan)[None, :-HORIZON]
    panel = panel_from_monday(target)
    predictor = train([panel], settings_of())[0]
    every = forecast(panel, predictor)
    last = target[0, ~np.isnan(target[0])][-1]
    np.testing.assert_allclose(every.quantiles[0, :, 1], last, rtol=0.05)
    assert (every.quantiles[0, :, 0] > 0.9 * last).all()


def test_a_window_is_measured_on_the_days_that_occur() -> None:
    price = 100 + np.cumsum(np.random.default_rng(4).normal(0.05, 0.4, len(DAYS)))
    target = np.where(DAYS % 7 < 5, price, np.nan)[None]
    predictor = train([panel_from_monday(target)], settings_of())[0]
    (window,) = predictor.accuracy.windows
    (actual,), (mean,) = target[:, -HORIZON:], predictor.shard.mean[:, 0]
    weekday = DAYS[-HORIZON:] % 7 < 5
    assert window.item_count == 1
    assert window.metrics.wape == pytest.approx(np.abs(actual - mean)[weekday].sum() / actual[weekday].sum())
    assert predictor.accuracy.seasonal_naive.wape > 0
    target[0, -HORIZON + 1] = np.nan  # a Tuesday: that day does occur
    assert train([panel_from_monday(target)], settings_of())[0].accuracy.windows[0].item_count == 0


@pytest.mark.parametrize("mean", [0.3, 2.0])
def test_what_is_zero_by_chance_is_forecast_as_if_nobody_looked_for_closed_periods(mean: float) -> None:
    target = np.random.default_rng(5).poisson(mean, (30, 150)).astype(float)
    panel = panel_from_monday(target)
    with mock.patch("forecast_engine.panel.open_history.candidates", return_value=np.zeros(0, dtype=np.int64)):
        without = forecast_of(panel)
    np.testing.assert_array_equal(forecast_of(panel).quantiles, without.quantiles)


def test_the_backtest_counts_closed_steps_as_forecasts_of_zero() -> None:
    target = np.round(np.stack([shop(seed=seed) for seed in range(4)]) * (DAYS % 7 != 6))
    panel = panel_from_monday(target)
    predictor = train([panel], settings_of())[0]
    assert predictor.accuracy.windows[0].item_count == 4
    sunday = DAYS[-HORIZON:] % 7 == 6
    np.testing.assert_array_equal(predictor.shard.quantiles[:, 0, sunday], 0.0)
    np.testing.assert_array_equal(predictor.shard.actual[:, 0, sunday], 0.0)
    expected = np.abs(target[:, -HORIZON:] - predictor.shard.mean[:, 0]).sum() / target[:, -HORIZON:].sum()
    assert predictor.accuracy.windows[0].metrics.wape == pytest.approx(expected)


def test_shards_forecast_closed_and_open_items_to_the_same_bit() -> None:
    hours = np.arange(24 * 40)
    is_open = [hours % 24 >= 8, (hours % 24 < 20) & (hours // 24 % 7 != 6), hours % 24 < 24]
    random = np.random.default_rng(6)
    target = np.stack([random.uniform(20, 40, len(hours)) * is_open[item % 3] for item in range(12)])
    panel = panel_from_monday(target, "H")
    whole = forecast(panel, train([panel], settings_of(24))[0]).quantiles
    shards = [rows_of(panel, rows) for rows in ([0, 3, 5, 11], [1, 2, 4], [6, 7, 8, 9, 10])]
    parts = [
        forecast(shard, predictor) for shard, predictor in zip(shards, train(shards, settings_of(24)), strict=True)
    ]
    for part in parts:
        for item_id, quantiles in zip(part.item_ids, part.quantiles, strict=True):
            np.testing.assert_array_equal(quantiles, whole[panel.item_ids.index(item_id)])
