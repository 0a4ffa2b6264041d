"""Metrics by hand, and against the numbers that Amazon published for one item."""

import numpy as np
import pytest

from forecast_engine.evaluation import metrics

NAN = float("nan")


def test_the_weighted_quantile_loss_has_the_factor_two() -> None:
    # one sale of 1 in 24 hours, forecast as zero: Amazon's own export prints about 1.8 for wQL[0.9]
    actual = np.zeros(24)
    actual[5] = 1.0
    assert metrics.weighted_quantile_loss(actual, np.zeros(24), 0.9) == pytest.approx(1.8)
    assert metrics.weighted_quantile_loss(actual, np.zeros(24), 0.1) == pytest.approx(0.2)


def test_a_loss_at_the_median_is_the_wape() -> None:
    actual, forecast = np.array([3.0, 5.0, -2.0]), np.array([4.0, 4.0, 1.0])
    assert metrics.wape(actual, forecast) == pytest.approx(5 / 10)
    assert metrics.weighted_quantile_loss(actual, forecast, 0.5) == pytest.approx(5 / 10)


def test_without_demand_a_weighted_measure_is_its_numerator() -> None:
    assert metrics.wape(np.zeros(2), np.array([0.5, 0.25])) == 0.75
    assert metrics.weighted_quantile_loss(np.zeros(2), np.array([0.5, 0.5]), 0.9) == pytest.approx(0.2)


def test_unobserved_points_are_left_out() -> None:
    actual, forecast = np.array([1.0, NAN, 3.0]), np.array([2.0, 99.0, 1.0])
    assert metrics.rmse(actual, forecast) == pytest.approx(np.sqrt(2.5))
    assert metrics.wape(actual, forecast) == pytest.approx(3 / 4)
    assert metrics.coverage(actual, np.array([0.0, 0.0, 0.0]), np.array([2.0, 2.0, 2.0])) == 0.5
    assert np.isnan(metrics.wape(np.array([NAN]), np.array([1.0])))


def test_zero_actuals_count_in_the_mape_but_add_nothing() -> None:
    # Amazon's item 32050: RMSE and MAPE as published, if its one sale was missed by 1.016
    actual, forecast = np.zeros(24), np.zeros(24)
    actual[0], forecast[0] = 1.0, 2.016
    assert metrics.mape(actual, forecast) == pytest.approx(0.04233, abs=1e-5)


def test_the_mase_measures_in_seasonal_differences_of_the_history() -> None:
    assert metrics.mase(np.array([10.0, 10.0]), np.array([13.0, 9.0]), 2.0) == pytest.approx(1.0)


def test_without_a_scale_there_is_no_mase() -> None:
    assert metrics.mase(np.array([1.0]), np.array([1.0]), None) is None
