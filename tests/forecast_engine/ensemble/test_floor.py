"""Standard errors of the floor, worked by hand."""

import json

import numpy as np
import pytest

from forecast_engine.ensemble.floor import DifferenceSums, loss_differences, worse_items

SMOOTH_ALONE = [True, False]
NONE = [False, False]


def test_an_item_is_worse_where_its_mean_difference_is_above_two_standard_errors() -> None:
    differences = np.array(
        [
            [1.0, 2.0, 3.0],  # mean 2, standard deviation 1, standard error 1 / sqrt(3): twice that is 1.15
            [0.0, 1.0, 4.0],  # mean 5/3, variance 13/3, standard error sqrt(13/9): twice that is 2.40
            [-1.0, -2.0, -3.0],
            [5.0, 5.0, np.nan],  # two windows are too few
            [0.0, 0.0, 0.0],  # equal is not worse
        ]
    )
    assert worse_items(differences).tolist() == [True, False, False, False, False]
    assert not worse_items(differences[:, :2]).any()


@pytest.mark.parametrize(
    ("differences", "worse"),
    [
        # windows sum up to 2, 4, 6 around 4: se^2 = 3/2 * 8 / 36 = 1/3, and the mean is 2
        ([[1.0, 2, 3], [1, 2, 3]], SMOOTH_ALONE),
        # 0, 2, 8 around 10/3: se^2 = 3/2 * 34.67 / 36 = 1.44, twice se 2.40, and the mean is 1.67; six independent
        # differences would have a standard error of .76
        ([[0.0, 1, 4], [0, 1, 4]], NONE),
        # items sum up to 3 and 9 around 6: se^2 = 2/1 * 18 / 36 = 1, and the mean is 2
        ([[1.0, 1, 1], [3, 3, 3]], NONE),
        # 3.3 and 8.7 around 6: se^2 = 2/1 * 14.58 / 36 = .81, and the mean is 2
        ([[1.1, 1.1, 1.1], [2.9, 2.9, 2.9]], SMOOTH_ALONE),
        ([[1.0, 1], [1, 1]], NONE),  # two windows are too few
        ([[0.1, 0.1, 0.1], [-0.4, -0.4, -0.4]], NONE),
    ],
)
def test_a_class_is_worse_by_the_larger_of_its_standard_errors_over_windows_and_over_items(
    differences: list[list[float]], worse: list[bool]
) -> None:
    found = np.array(differences)
    sums = DifferenceSums.of(found, np.zeros(found.shape, dtype=bool))
    assert sums.worse_classes().tolist() == worse


def test_a_panel_that_is_worse_takes_along_a_class_that_is_so_by_its_mean() -> None:
    differences = np.array([[1.0, 1, 1], [1, 1, 1], [1, 1, 1], [0.1, 0.4, -0.1]])
    is_intermittent = np.zeros(differences.shape, dtype=bool)
    is_intermittent[3] = True
    assert DifferenceSums.of(differences, is_intermittent).worse_classes().tolist() == [True, True]
    differences[3] = [-0.1, -0.4, 0.1]
    assert DifferenceSums.of(differences, is_intermittent).worse_classes().tolist() == [True, False]


def test_shards_add_up_to_the_same_document() -> None:
    random = np.random.default_rng(0)
    differences, is_intermittent = random.normal(size=(20, 4)), random.random((20, 4)) < 0.3
    differences[random.random((20, 4)) < 0.1] = np.nan
    whole = DifferenceSums.of(differences, is_intermittent)
    shards = [DifferenceSums.of(differences[rows], is_intermittent[rows]) for rows in (slice(7, 20), slice(0, 7))]
    added = DifferenceSums.from_document(json.loads(json.dumps((shards[0] + shards[1]).to_document())))
    assert [[sum(parts) for parts in row] for row in added.sums] == [
        [sum(parts) for parts in row] for row in whole.sums
    ]
    assert added.item_sums == whole.item_sums
    assert added.worse_classes().tolist() == whole.worse_classes().tolist()


def test_losses_are_in_units_of_the_scale_and_of_the_level_where_there_is_none() -> None:
    errors, naive_errors = np.array([[3.0, -1.0]] * 3), np.array([[0.0, np.sqrt(2)]] * 3)
    level, scale = np.array([10.0, 10.0, 10.0]), np.array([4.0, 0.0, 4.0])
    by_squares = np.array([False, False, True])
    found = loss_differences(errors, naive_errors, level, scale, by_squares)
    absolute = 2 - np.sqrt(2) / 2
    np.testing.assert_allclose(found, [absolute / 4, absolute / 10, (np.sqrt(5) - 1) / 4])


def test_rounding_is_no_difference_and_what_teaches_nothing_has_none() -> None:
    errors = np.array([[1e-12, 0.0], [np.nan, np.nan]])
    found = loss_differences(errors, np.zeros((2, 2)), np.array([5.0, 5.0]), np.ones(2), np.array([False, False]))
    np.testing.assert_array_equal(found, [0.0, np.nan])
