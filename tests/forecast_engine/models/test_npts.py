"""NPTS, by hand and against numpy's weighted quantiles."""

import numpy as np

from forecast_engine.arrays.block import blocks_of
from forecast_engine.models.npts import NonParametricTimeSeries


def test_every_quantile_is_a_value_that_was_seen() -> None:
    history = np.array([[0.0, 0.0, 3.0, 0.0, 7.0, 0.0, 0.0, 1.0]])
    ((_, block),) = blocks_of(history)
    quantiles = NonParametricTimeSeries(4).quantiles(block, 6, np.array([0.05, 0.5, 0.95]))
    assert quantiles.shape == (1, 6, 3)
    assert set(np.unique(quantiles)) <= {0.0, 1.0, 3.0, 7.0}


def test_quantiles_are_those_of_the_weighted_past() -> None:
    values = np.random.default_rng(5).poisson(0.8, 50).astype(float)
    ((_, block),) = blocks_of(values[None, :])
    levels = np.array([0.1, 0.5, 0.8, 0.95])
    quantiles = NonParametricTimeSeries(7, memories=(20.0,)).quantiles(block, 3, levels)
    ages = np.arange(50)[::-1]
    for step in range(3):
        weights = np.exp(-ages / 20.0) * np.where((ages + 1 + step) % 7 == 0, 2.0, 1.0)
        expected = np.quantile(values, levels, weights=weights, method="inverted_cdf")
        np.testing.assert_array_equal(quantiles[0, step], expected)


def test_the_mean_counts_recent_periods_and_the_same_phase_more() -> None:
    rising = np.array([[0.0] * 20 + [1.0] * 20])
    ((_, block),) = blocks_of(rising)
    assert NonParametricTimeSeries(1, memories=(5.0,)).forecast(block, 1)[0, 0] > 0.9
    weekly = np.tile([5.0, 0, 0, 0, 0, 0, 0], 20)[None, :]
    ((_, block),) = blocks_of(weekly)
    points = NonParametricTimeSeries(7, memories=(1000.0,)).forecast(block, 14)[0]
    assert points.argmax() == 0  # the next period is the peak's phase
    np.testing.assert_array_equal(points[:7], points[7:])


def test_a_late_starting_series_ignores_the_time_before_its_start() -> None:
    history = np.full((2, 30), np.nan)
    history[0, :] = np.arange(30.0)
    history[1, 25:] = [4.0, 0.0, 0.0, 2.0, 0.0]
    ((_, both),) = blocks_of(history)
    ((_, alone),) = blocks_of(history[1:, 25:])
    levels = np.array([0.1, 0.6, 0.9])
    model = NonParametricTimeSeries(3)
    np.testing.assert_array_equal(model.quantiles(both, 4, levels)[1], model.quantiles(alone, 4, levels)[0])


def test_a_season_that_no_memory_reaches_back_to_makes_no_phases() -> None:
    values = np.random.default_rng(7).poisson(0.8, (3, 400)).astype(float)
    ((_, block),) = blocks_of(values)
    seasonal = NonParametricTimeSeries(1440).forecast(block, 20)
    np.testing.assert_array_equal(seasonal, NonParametricTimeSeries(1).forecast(block, 20))
