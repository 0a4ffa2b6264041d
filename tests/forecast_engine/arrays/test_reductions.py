"""Reductions by hand, and their independence of what stands beside a series."""

import numpy as np

from forecast_engine.arrays.reductions import means_over_time, medians_over_time, sums_over_first, sums_over_time

NAN = np.nan


def test_sums_are_added_one_by_one_so_that_leading_zeros_change_no_bit() -> None:
    values = np.random.default_rng(1).normal(size=(3, 200))
    behind_zeros = np.concatenate([np.zeros((3, 77)), values], axis=1)
    np.testing.assert_array_equal(sums_over_time(behind_zeros), sums_over_time(values))
    np.testing.assert_array_equal(sums_over_first(behind_zeros.T), sums_over_time(values))


def test_means_leave_out_what_is_unknown() -> None:
    values = np.array([[1.0, NAN, 3.0, 8.0], [NAN, NAN, NAN, 5.0], [NAN] * 4])
    np.testing.assert_array_equal(means_over_time(values), [4.0, 5.0, NAN])


def test_no_periods_have_no_mean() -> None:
    np.testing.assert_array_equal(means_over_time(np.empty((2, 0))), [NAN, NAN])


def test_medians_leave_out_what_is_unknown_and_halve_between_two() -> None:
    values = np.array([[9.0, NAN, 1.0, 2.0], [4.0, 1.0, NAN, NAN], [NAN] * 4])
    np.testing.assert_array_equal(medians_over_time(values), [2.0, 2.5, NAN])


def test_medians_are_those_of_what_is_known() -> None:
    values = np.array([[[3.0, NAN, 1.0, 8.0], [NAN, 4.0, NAN, 2.0]], [[5.0, 5.0, 7.0, 1.0], [NAN] * 4]])
    np.testing.assert_array_equal(medians_over_time(values), [[3.0, 3.0], [5.0, NAN]])
