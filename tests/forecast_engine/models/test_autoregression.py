"""Autoregression, against statsmodels' Burg estimates and by what it promises of any history."""

import numpy as np
import pytest
from hypothesis import given, strategies
from hypothesis import settings as hypothesis_settings
from hypothesis.extra.numpy import arrays
from statsmodels.regression.linear_model import burg

from forecast_engine.arrays.block import blocks_of
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.autoregression import Autoregression


def oscillation(length: int, seed: int = 0) -> Array:
    """A process of order 2 that nobody takes for one of order 1: its second reflection is -0.9."""
    random = np.random.default_rng(seed)
    values = np.zeros(length)
    for period in range(2, length):
        values[period] = 1.1 * values[period - 1] - 0.9 * values[period - 2] + random.normal()
    return values


def continued(values: Array, coefficients: Array, horizon: int) -> Array:
    path = list(values)
    for _ in range(horizon):
        path.append(sum(a * path[-lag] for lag, a in enumerate(coefficients, start=1)))
    return np.array(path[len(values) :])


@pytest.mark.parametrize("order", [1, 2])
def test_the_estimates_are_those_of_statsmodels(order: int) -> None:
    values = 50 + oscillation(500)
    coefficients, _ = burg(values, order=order)  # it removes the mean as we do
    ((_, block),) = blocks_of(values[None, :])
    expected = values.mean() + continued(values - values.mean(), coefficients, 8)
    np.testing.assert_allclose(Autoregression(order).forecast(block, 8)[0], expected, rtol=1e-9)


def test_on_differences_the_changes_are_continued() -> None:
    changes = oscillation(500, seed=1)
    coefficients, _ = burg(changes, order=2, demean=False)
    values = 7 + np.cumsum(np.r_[0.0, changes])
    ((_, block),) = blocks_of(values[None, :])
    expected = values[-1] + np.cumsum(continued(changes, coefficients, 8))
    np.testing.assert_allclose(Autoregression(2, differenced=True).forecast(block, 8)[0], expected, rtol=1e-9)


def test_noise_has_no_memory() -> None:
    values = np.random.default_rng(3).normal(100, 5, (50, 300))
    ((_, block),) = blocks_of(values)
    points = Autoregression(36).forecast(block, 4)
    assert np.abs(points - values.mean(axis=1, keepdims=True)).mean() < 0.5  # one standard deviation is 5


@pytest.mark.parametrize("differenced", [False, True])
def test_a_series_start_and_neighbours_change_no_bit(differenced: bool) -> None:
    history = np.full((3, 200), np.nan)
    history[0] = oscillation(200, seed=4)
    history[1, 71:] = oscillation(129, seed=5)
    history[2, 198:] = [3.0, 5.0]
    model = Autoregression(36, differenced)
    ((_, together),) = blocks_of(history)
    points = model.forecast(together, 30)
    for series in range(3):
        ((_, alone),) = blocks_of(history[series : series + 1])
        assert model.forecast(alone, 30)[0].tobytes() == points[series].tobytes()


@given(
    values=arrays(
        float,
        strategies.integers(1, 60),
        elements=strategies.one_of(strategies.sampled_from([0.0, 1.0]), strategies.floats(-1e12, 1e12)),
    ),
    differenced=strategies.booleans(),
)
@hypothesis_settings(deadline=None)
def test_no_history_makes_it_explode(values: Array, differenced: bool) -> None:
    ((_, block),) = blocks_of(values[None, :])
    points = Autoregression(36, differenced).forecast(block, 500)
    assert np.isfinite(points).all()
    changes = np.abs(np.diff(points[0, 300:])).max()
    assert changes <= 100 * np.abs(values).max() + 1e-9


def test_a_history_that_doubles_with_every_period_is_followed_by_finite_points() -> None:
    ((_, block),) = blocks_of(2.0 ** np.arange(200.0)[None, :])
    for differenced in (False, True):
        assert np.isfinite(Autoregression(36, differenced).forecast(block, 500)).all()
