"""The smoothing models, against statsforecast with the same parameters and against their textbook definitions."""

import numpy as np
import pytest
from statsforecast.ets import ets_f
from statsforecast.models import RandomWalkWithDrift as OracleRandomWalkWithDrift
from statsforecast.models import SimpleExponentialSmoothing as OracleSimpleExponentialSmoothing
from statsforecast.theta import forecast_theta, thetamodel

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.damped_trend import DampedTrend
from forecast_engine.models.drift import RandomWalkWithDrift
from forecast_engine.models.ets import SeasonalSmoothing
from forecast_engine.models.model import Model
from forecast_engine.models.smoothing import grid_weights
from forecast_engine.models.theta import DynamicTheta


def walk(length: int, seed: int = 1) -> Array:
    random = np.random.default_rng(seed)
    return 100 + np.cumsum(random.normal(0.3, 1.0, length)) + random.normal(0, 2.0, length)


def block_of(*series: Array) -> Block:
    length = max(map(len, series))
    history = np.full((len(series), length), np.nan)
    for row, values in zip(history, series, strict=True):
        row[length - len(values) :] = values
    ((_, block),) = blocks_of(history)
    return block


@pytest.mark.parametrize("alpha", [0.3, 0.8])
def test_without_a_season_it_is_simple_exponential_smoothing(alpha: float) -> None:
    values = walk(200)  # long enough that the first level, which the two choose differently, is forgotten
    expected = OracleSimpleExponentialSmoothing(alpha=alpha).forecast(values, h=3)["mean"]
    points = SeasonalSmoothing(level_smoothing=(alpha,)).forecast(block_of(values), 3)
    np.testing.assert_allclose(points[0], expected, rtol=1e-9)


def changing_season(length: int) -> Array:
    random = np.random.default_rng(8)
    season, level, values = random.normal(0, 10, 4), 100.0, np.zeros(length)
    for period in range(length):
        error = random.normal()
        values[period] = level + season[period % 4] + error
        level += 0.4 * error
        season[period % 4] += 0.3 * error
    return values


def test_a_season_in_the_state_agrees_with_statsforecast() -> None:
    values = changing_season(600)
    fitted = ets_f(values, m=4, model="ANA", damped=False)
    alpha, gamma = fitted["par"][0], fitted["par"][2]
    assert 0.1 < gamma < 1 - alpha
    level, *season = fitted["states"][-1][:5]  # the season of the latest period comes first
    model = SeasonalSmoothing(4, level_smoothing=(alpha,), season_smoothing=(gamma,))
    np.testing.assert_allclose(model.forecast(block_of(values), 6)[0], level + np.tile(season[::-1], 2)[:6], rtol=1e-7)


def test_a_season_in_the_state_by_hand() -> None:
    values, level, season = np.array([4.0, 8.0, 6.0, 12.0, 5.0]), 7.5, [0.0, 0.0]
    level += 0.5 * (4.0 - level)  # the first value only moves the level, which starts from the mean of four
    for period in range(1, 5):
        error = values[period] - level - season[period % 2]
        level += 0.5 * error
        season[period % 2] += 0.2 * error
    model = SeasonalSmoothing(2, level_smoothing=(0.5,), season_smoothing=(0.2,))
    expected = [level + season[1], level + season[0], level + season[1]]
    np.testing.assert_allclose(model.forecast(block_of(values), 3)[0], expected, rtol=1e-12)


def test_a_season_too_long_to_renew_leaves_the_level() -> None:
    block = block_of(walk(400))
    np.testing.assert_array_equal(SeasonalSmoothing(96).forecast(block, 4), SeasonalSmoothing().forecast(block, 4))


def test_the_drift_of_all_changes_is_the_one_of_statsforecast() -> None:
    values = walk(80)
    expected = OracleRandomWalkWithDrift().forecast(values, h=5)["mean"]
    points = RandomWalkWithDrift(memory=float("inf")).forecast(block_of(values), 5)
    np.testing.assert_allclose(points[0], expected, rtol=1e-9)


def test_recent_changes_count_more_for_the_drift() -> None:
    points = RandomWalkWithDrift(memory=1 / np.log(2)).forecast(block_of(np.array([1.0, 4.0, 5.0])), 2)
    drift = (0.5 * 3 + 1) / 1.5  # a change counts half as much as the next one
    np.testing.assert_allclose(points, [[5 + drift, 5 + 2 * drift]], rtol=1e-12)


@pytest.mark.parametrize("seed", [2, 5])
def test_damped_trend_agrees_with_statsforecast(seed: int) -> None:
    values = walk(400, seed)
    fitted = ets_f(values, m=1, model="AAN", damped=True)
    alpha, beta, _, phi = fitted["par"][:4]
    model = DampedTrend(level_smoothing=(alpha,), trend_smoothing=(beta / alpha,), damping=(phi,))
    level, trend = fitted["states"][-1]  # statsforecast 2.1.1 itself adds phi b at every step, not phi^k b
    expected = level + trend * np.cumsum(phi ** np.arange(1, 7))
    np.testing.assert_allclose(model.forecast(block_of(values), 6)[0], expected, rtol=1e-7)


def test_half_the_drift_is_the_classical_theta_method() -> None:
    values, alpha, horizon = walk(300, seed=3), 0.4, 5
    times = np.arange(len(values))
    slope, intercept = np.polyfit(times, values, 1)
    line = intercept + slope * times
    level = line[0]
    for value in 2 * values - line:  # the theta line with twice the curvature, smoothed
        level += alpha * (value - level)
    future = intercept + slope * (len(values) + np.arange(horizon))
    points = DynamicTheta(smoothing=(alpha,), drift_share=(0.5,)).forecast(block_of(values), horizon)
    np.testing.assert_allclose(points[0], (future + level) / 2, rtol=1e-9)


@pytest.mark.parametrize("theta", [1.0, 2.0, 4.0])
def test_theta_with_any_drift_share_agrees_with_statsforecast(theta: float) -> None:
    values, alpha = walk(300, seed=6), 0.4
    points = DynamicTheta(smoothing=(alpha,), drift_share=(1 - 1 / theta,)).forecast(block_of(values), 5)[0]
    for kind, steps in (("OTM", 5), ("DOTM", 1)):  # DOTM takes its own forecasts for values, which bends its line
        fitted = thetamodel(values, 1, kind, initial_smoothed=values[0] / 2, alpha=alpha, theta=theta, nmse=3)
        np.testing.assert_allclose(points[:steps], forecast_theta(fitted, steps)["mean"], rtol=1e-9)


def test_theta_without_drift_is_simple_exponential_smoothing() -> None:
    block = block_of(walk(30), walk(12, seed=4))
    theta = DynamicTheta(smoothing=(0.2, 0.6), drift_share=(0.0,)).forecast(block, 4)
    smoothing = SeasonalSmoothing(level_smoothing=(0.2, 0.6)).forecast(block, 4)
    np.testing.assert_allclose(theta, smoothing, rtol=1e-12)


def test_damped_trend_continues_a_straight_line_with_fading_steps() -> None:
    points = DampedTrend(level_smoothing=(0.5,), trend_smoothing=(0.1,), damping=(1.0,)).forecast(
        block_of(np.arange(20.0)), 3
    )
    np.testing.assert_allclose(points, [[20, 21, 22]], rtol=1e-9)


@pytest.mark.parametrize(
    "model", [SeasonalSmoothing(), SeasonalSmoothing(12), RandomWalkWithDrift(), DampedTrend(), DynamicTheta()]
)
def test_a_series_is_forecast_the_same_bit_for_bit_beside_any_others(model: Model) -> None:
    series = [walk(length, seed=length) for length in (60, 41, 40, 17, 2, 1)]
    together = model.forecast(block_of(*series), 7)
    for position, values in enumerate(series):
        assert model.forecast(block_of(values), 7)[0].tobytes() == together[position].tobytes()


def test_the_grid_is_weighted_by_likelihood() -> None:
    squares = np.array([[4.0, 8.0], [0.0, 1.0], [0.0, 0.0]])
    weights = grid_weights(squares, np.array([5, 5, 5]))
    np.testing.assert_allclose(weights, [[0.8, 0.2], [1, 0], [0.5, 0.5]], atol=1e-12)  # (4/8)^(4/2) = 1/4
