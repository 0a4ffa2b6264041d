"""Theta, against the classical method, statsforecast, and exponential smoothing."""

import numpy as np
import pytest
from statsforecast.theta import forecast_theta, thetamodel

from forecast_engine.models.ets import SeasonalSmoothing
from forecast_engine.models.theta import DynamicTheta
from tests.forecast_engine.models.blocks import block_of, walk


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
