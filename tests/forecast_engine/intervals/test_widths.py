"""How wide a series' intervals are: worked by hand."""

import math

import numpy as np
import pytest

from forecast_engine.intervals.widths import LogSum, change_scale, difficulty, log_error_ratio, log_error_sums

NAN = float("nan")


def test_the_change_scale_mixes_seasonal_differences_recent_changes_and_level() -> None:
    history = np.array([[NAN, 2.0, 6.0, 2.0, 8.0, 4.0, 12.0, 8.0, 24.0]])
    # season 2: |2-2|, |8-6|, |4-2|, |12-8|, |8-4|, |24-12| are 4 in the mean
    # the last six changes: 4, 6, 4, 8, 4, 16 are 7; the last three values: 12, 8, 24 are 44/3
    expected = 4**0.5 * 7**0.3 * (44 / 3) ** 0.2
    np.testing.assert_allclose(change_scale(history, 2), [expected])


def test_the_unit_of_a_series_is_the_unit_of_its_change_scale() -> None:
    history = np.random.default_rng(1).normal(5, 2, (3, 40))
    np.testing.assert_allclose(change_scale(history * 1000, 4), change_scale(history, 4) * 1000)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5.0, 5.0, 5.0, 5.0], 0.0),  # never changes
        ([NAN, NAN, NAN, 7.0], 0.0),
        ([0.0, 1.0, 0.0, 1.0] + [NAN] * 12, 1.0),  # nothing is known lately: MASE's scale
        ([1.0, 3.0] + [2.0] * 14, (3 / 15) ** 0.5 * (3 / 15) ** 0.3 * 2**0.2),  # no change lately stands for nothing
        ([0.0, 1.0] + [1e9 + 1] * 8, (1e9 / 9) ** 0.8 * 1e9**0.2),
    ],
)
def test_what_is_zero_or_unknown_is_left_out(values: list[float], expected: float) -> None:
    np.testing.assert_allclose(change_scale(np.array([values]), 1), [expected])


def test_one_period_has_no_change_scale() -> None:
    assert change_scale(np.array([[3.0]]), 12).tolist() == [0.0]


def test_difficulty_is_shrunk_to_one_by_six_windows_of_an_average_item() -> None:
    logs = np.array([[math.log(2)] * 3, [math.log(2), NAN, NAN], [NAN, NAN, NAN]])
    np.testing.assert_allclose(difficulty(logs), [2 ** (3 / 9), 2 ** (1 / 7), 1.0])
    np.testing.assert_array_equal(difficulty(np.empty((2, 0))), [1.0, 1.0])


def test_a_window_tells_how_far_off_it_was_against_the_panel_but_never_too_much() -> None:
    errors = np.array([[1.0, -3.0], [NAN, 4.0], [NAN, NAN], [1e9, 0.0], [0.0, 0.0], [1.0, 1.0]])
    scale = np.array([1.0, 2.0, 1.0, 1.0, 1.0, 0.0])
    ratios = log_error_ratio(errors, scale, np.full(6, math.log(0.5)))
    np.testing.assert_allclose(ratios, [math.log(4), math.log(4), NAN, 2.0, -2.0, NAN])


def test_log_errors_are_the_panels_mean_logarithms_whatever_the_shards() -> None:
    actual = np.zeros((3, 2, 2))  # items, windows, steps
    actual[2, 1, 0] = NAN
    points = np.zeros((2, 3, 2, 2))  # members first
    points[0], points[1] = 1.0, -5.0  # alike: -2
    points[1, 0] = NAN  # one member has nothing to say about item 0
    scales = np.array([[1.0, 2.0], [1.0, 2.0], [4.0, 0.0]])
    is_intermittent = np.array([[False, False], [False, True], [False, False]])
    expected = [[(math.log(1) + math.log(2) + math.log(2 / 4)) / 3, math.log(1 / 2)], [0.0, math.log(2 / 2)]]
    whole = log_error_sums(points, actual, scales, is_intermittent)
    np.testing.assert_allclose([[one.mean() for one in windows] for windows in whole], expected, atol=1e-15)
    one, other = (
        log_error_sums(points[:, rows], actual[rows], scales[rows], is_intermittent[rows]) for rows in ([2], [0, 1])
    )
    for number, windows in enumerate(whole):
        for window, log_sum in enumerate(windows):
            total = one[number][window] + other[number][window]
            assert LogSum.from_document(total.to_document()).mean() == log_sum.mean()
