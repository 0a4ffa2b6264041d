"""MASE's scale by hand, of one history and of all histories of a panel."""

import numpy as np
import pytest

from forecast_engine.evaluation.scales import seasonal_differences, seasonal_scale

NAN = float("nan")


def test_the_scale_is_the_mean_seasonal_difference_from_the_first_observation_on() -> None:
    history = np.array([NAN, 1.0, 5.0, 2.0, 8.0])
    assert seasonal_scale(history, 2) == pytest.approx((1 + 3) / 2)


def test_a_history_shorter_than_a_season_is_measured_period_by_period() -> None:
    assert seasonal_scale(np.array([1.0, 2.0, 4.0]), 12) == pytest.approx(1.5)


@pytest.mark.parametrize("history", [[], [3.0], [3.0, 3.0, 3.0], [NAN, NAN]])
def test_a_history_without_change_has_no_scale(history: list[float]) -> None:
    assert seasonal_scale(np.array(history), 1) is None


def test_all_histories_of_a_panel_are_measured_at_once() -> None:
    history = np.array(
        [
            [NAN, 1.0, 5.0, 2.0, 8.0],  # over two periods: 1 and 3
            [NAN, NAN, NAN, 4.0, 7.0],  # shorter than a season: 3 over one period
            [1.0, NAN, 3.0, NAN, 9.0],  # gaps break pairs: 2 and 6 over two periods
            [NAN, NAN, NAN, NAN, 5.0],  # no pair
        ]
    )
    absolute, squared = seasonal_differences(history, 2)
    np.testing.assert_allclose(absolute, [2.0, 3.0, 4.0, 0.0])
    np.testing.assert_allclose(squared, np.sqrt([(1 + 9) / 2, 9.0, (4 + 36) / 2, 0.0]))
