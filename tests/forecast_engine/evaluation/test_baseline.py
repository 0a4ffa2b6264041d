"""Seasonal naive as the baseline: intervals against the textbook's formula."""

import numpy as np

from forecast_engine import seasonal_naive


def test_intervals_widen_with_each_season_ahead() -> None:
    target = np.array([[-10.0, 4, -12, 10, -9, 7]])
    quantiles, mean = seasonal_naive(target, 2, 4, (0.1, 0.5, 0.9))
    spread = np.sqrt(np.mean(np.array([-2.0, 6, 3, -3]) ** 2))  # differences over one season
    upper = mean + 1.2815515655446004 * spread * np.sqrt([1, 1, 2, 2])
    np.testing.assert_allclose(quantiles[:, :, 2], upper, rtol=1e-12)
    np.testing.assert_allclose(quantiles[:, :, 0], 2 * mean - upper, rtol=1e-12)
    np.testing.assert_allclose(quantiles[:, :, 1], mean, rtol=1e-12)


def test_a_history_that_never_was_negative_has_no_negative_quantile() -> None:
    quantiles, _ = seasonal_naive(np.array([[0.0, 9, 1, 8, 0, 9]]), 1, 3, (0.01, 0.5))
    assert quantiles.min() == 0.0
