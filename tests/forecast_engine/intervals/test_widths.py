"""How wide a series' intervals are: worked by hand."""

import math

import numpy as np
import pytest

from forecast_engine.intervals.widths import difficulty, merged_references, reference_sums, typical_change, window_log

NAN = float("nan")


def test_the_typical_change_mixes_seasonal_differences_recent_changes_and_level() -> None:
    history = np.array([[NAN, 2.0, 6.0, 2.0, 8.0, 4.0, 12.0, 8.0, 24.0]])
    # season 2: |2-2|, |8-6|, |4-2|, |12-8|, |8-4|, |24-12| are 4 in the mean
    # the last six changes: 4, 6, 4, 8, 4, 16 are 7; the last three values: 12, 8, 24 are 44/3
    expected = 4**0.5 * 7**0.3 * (44 / 3) ** 0.2
    np.testing.assert_allclose(typical_change(history, 2), [expected])


def test_the_unit_of_a_series_is_the_unit_of_its_typical_change() -> None:
    history = np.random.default_rng(1).normal(5, 2, (3, 40))
    np.testing.assert_allclose(typical_change(history * 1000, 4), typical_change(history, 4) * 1000)


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
    np.testing.assert_allclose(typical_change(np.array([values]), 1), [expected])


def test_one_period_has_no_typical_change() -> None:
    assert typical_change(np.array([[3.0]]), 12).tolist() == [0.0]


def test_difficulty_is_shrunk_to_one_by_six_windows_of_an_average_item() -> None:
    logs = np.array([[math.log(2)] * 3, [math.log(2), NAN, NAN], [NAN, NAN, NAN]])
    np.testing.assert_allclose(difficulty(logs), [2 ** (3 / 9), 2 ** (1 / 7), 1.0])
    np.testing.assert_array_equal(difficulty(np.empty((2, 0))), [1.0, 1.0])


def test_a_window_tells_how_far_off_it_was_against_the_panel_but_never_too_much() -> None:
    errors = np.array([[1.0, -3.0], [NAN, 4.0], [NAN, NAN], [1e9, 0.0], [0.0, 0.0], [1.0, 1.0]])
    width = np.array([1.0, 2.0, 1.0, 1.0, 1.0, 0.0])
    logs = window_log(errors, width, np.full(6, math.log(0.5)))
    np.testing.assert_allclose(logs, [math.log(4), math.log(4), NAN, 2.0, -2.0, NAN])


def test_references_are_the_panels_mean_logarithms_whatever_the_shards() -> None:
    actual = np.zeros((3, 2, 2))  # items, windows, steps
    actual[2, 1, 0] = NAN
    points = np.zeros((2, 3, 2, 2))  # members first
    points[0], points[1] = 1.0, -5.0  # alike: -2
    points[1, 0] = NAN  # one member has nothing to say about item 0
    widths = np.array([[1.0, 2.0], [1.0, 2.0], [4.0, 0.0]])
    kinds = np.array([[False, False], [False, True], [False, False]])
    expected = [[(math.log(1) + math.log(2) + math.log(2 / 4)) / 3, math.log(1 / 2)], [0.0, math.log(2 / 2)]]
    whole = merged_references([reference_sums(points, actual, widths, kinds)])
    np.testing.assert_allclose(whole, expected, atol=1e-15)
    parts = [[2], [0, 1]]
    shards = [reference_sums(points[:, rows], actual[rows], widths[rows], kinds[rows]) for rows in parts]
    assert merged_references(shards) == whole
