"""What features see of a series, by hand."""

import numpy as np
import pytest

from forecast_engine.global_model.series import Series

NAN = float("nan")
HISTORY = np.array([[NAN, 2.0, 4.0, NAN, 8.0, 9.0], [5.0, 5.0, 5.0, 5.0, 5.0, 5.0], [NAN] * 6])


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_values_carry_over_gaps_and_do_not_exist_before_the_start() -> None:
    series = Series.of(HISTORY)
    assert series.starts.tolist() == [1, 0, 6]
    np.testing.assert_array_equal(series.at(rows(0, 0, 0, 0, 2), rows(0, 2, 3, 6, 3)), [NAN, 4.0, 4.0, NAN, NAN])


def test_means_look_at_what_lies_before_an_end_only() -> None:
    series = Series.of(HISTORY)
    means = series.mean(rows(0, 0, 0, 0, 2), rows(6, 4, 3, 1, 6), 3)
    np.testing.assert_allclose(means, [(4 + 8 + 9) / 3, (2 + 4 + 4) / 3, (2 + 4) / 2, NAN, NAN])


def test_means_of_a_phase_go_back_to_the_start_or_over_so_many_cycles() -> None:
    series = Series.of(HISTORY, seasons=(2,))
    means = series.phase_mean(rows(0, 0, 0, 0, 0, 1, 2), rows(5, 5, 4, 1, 0, 5, 5), 2, 2)
    np.testing.assert_allclose(means, [(9 + 4) / 2, (9 + 4) / 2, (8 + 4) / 2, 2.0, NAN, 5.0, NAN])
    assert series.phase_mean(rows(0), rows(5), 2, 9)[0] == pytest.approx((9 + 4 + 2) / 3)
    constant = Series.of(np.full((1, 300), 0.1), seasons=(7,))
    assert constant.phase_mean(rows(0), rows(299), 7, 26)[0] == pytest.approx(0.1, abs=0)


def test_the_scale_is_the_seasonal_difference_or_that_of_neighbours_where_there_is_none() -> None:
    series = Series.of(HISTORY, (1, 2))
    scale = series.scale(rows(0, 0, 0, 1, 2), rows(6, 4, 3, 6, 6), 2)
    np.testing.assert_allclose(scale, [(2 + 4 + 5) / 3, 2.0, 2.0, 0.0, 0.0])


def test_a_constant_has_its_own_mean_to_the_last_bit() -> None:
    series = Series.of(np.full((1, 300), 0.1))
    assert series.mean(rows(0), rows(300), 77)[0] == pytest.approx(0.1, abs=0)


def test_the_latest_difference_looks_at_so_many_periods_before_an_end() -> None:
    series = Series.of(HISTORY, (1, 2))
    latest = series.latest_difference(rows(0, 0, 0, 1, 2), rows(6, 6, 2, 6, 6), 1, 2)
    np.testing.assert_allclose(latest, [(4 + 1) / 2, (4 + 1) / 2, NAN, 0.0, NAN])
    np.testing.assert_allclose(series.latest_difference(rows(0), rows(6), 2, 99), [(2 + 4 + 5) / 3])
