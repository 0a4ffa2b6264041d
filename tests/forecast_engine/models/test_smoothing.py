"""The smoothing models, against statsforecast with the same parameters and against their textbook definitions."""

import numpy as np
import pytest
from statsforecast.ets import ets_f
from statsforecast.models import SimpleExponentialSmoothing as OracleSimpleExponentialSmoothing

from forecast_engine.block import Array, Block, blocks_of
from forecast_engine.models.damped_trend import DampedTrend
from forecast_engine.models.model import grid_weights
from forecast_engine.models.ses import SimpleExponentialSmoothing
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
def test_simple_exponential_smoothing_agrees_with_statsforecast(alpha: float) -> None:
    values = walk(200)  # long enough that the first level, which the two choose differently, is forgotten
    expected = OracleSimpleExponentialSmoothing(alpha=alpha).forecast(values, h=3)["mean"]
    points = SimpleExponentialSmoothing(smoothing=(alpha,)).forecast(block_of(values), 3)
    np.testing.assert_allclose(points[0], expected, rtol=1e-9)


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


def test_theta_without_drift_is_simple_exponential_smoothing() -> None:
    block = block_of(walk(30), walk(12, seed=4))
    theta = DynamicTheta(smoothing=(0.2, 0.6), drift_share=(0.0,)).forecast(block, 4)
    np.testing.assert_allclose(theta, SimpleExponentialSmoothing(smoothing=(0.2, 0.6)).forecast(block, 4), rtol=1e-12)


def test_damped_trend_continues_a_straight_line_with_fading_steps() -> None:
    points = DampedTrend(level_smoothing=(0.5,), trend_smoothing=(0.1,), damping=(1.0,)).forecast(
        block_of(np.arange(20.0)), 3
    )
    np.testing.assert_allclose(points, [[20, 21, 22]], rtol=1e-9)


@pytest.mark.parametrize("model", [SimpleExponentialSmoothing(), DampedTrend(), DynamicTheta()])
def test_a_series_is_forecast_the_same_bit_for_bit_beside_any_others(
    model: SimpleExponentialSmoothing | DampedTrend | DynamicTheta,
) -> None:
    series = [walk(length, seed=length) for length in (60, 41, 40, 17, 2, 1)]
    together = model.forecast(block_of(*series), 7)
    for position, values in enumerate(series):
        assert model.forecast(block_of(values), 7)[0].tobytes() == together[position].tobytes()


def test_the_grid_is_weighted_by_likelihood() -> None:
    squares = np.array([[4.0, 8.0], [0.0, 1.0], [0.0, 0.0]])
    weights = grid_weights(squares, np.array([5, 5, 5]))
    np.testing.assert_allclose(weights, [[0.8, 0.2], [1, 0], [0.5, 0.5]], atol=1e-12)  # (4/8)^(4/2) = 1/4
