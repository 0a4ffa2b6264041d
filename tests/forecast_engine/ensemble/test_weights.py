"""Weights of the portfolio's members, by hand."""

import numpy as np
import pytest

from forecast_engine import ErrorMeasure
from forecast_engine.ensemble.weights import combine, member_weights, relative_errors

NAN = float("nan")


def test_errors_are_relative_to_the_mean_member_and_skip_what_was_not_observed() -> None:
    points = np.array([[[[1.0, 5.0]]], [[[4.0, 9.0]]]])  # two members, one item, one window, two steps
    relative = relative_errors(points, np.array([[[0.0, NAN]]]))
    np.testing.assert_allclose(relative.ravel(), [1 / 2.5, 4 / 2.5])


@pytest.mark.parametrize(
    ("measure", "errors"),
    [
        ("absolute", (10.0, 12.0)),
        ("squared", (10.0, 48**0.5)),  # one large error weighs more than three middling ones
        ("percentage", (10 / 100, 4 / 1 + 4 / 100)),  # a step of zero has no share
    ],
)
def test_the_measure_says_which_of_two_members_is_better(measure: ErrorMeasure, errors: tuple[float, float]) -> None:
    actual = np.array([[[0.0, 1.0, 100.0]]])
    points = np.array([[[[0.0, 1.0, 110.0]]], [[[4.0, 5.0, 104.0]]]])
    relative = relative_errors(points, actual, measure)
    np.testing.assert_allclose(relative.ravel(), np.array(errors) / np.mean(errors))


def test_windows_without_observation_do_not_count_and_perfect_members_tie() -> None:
    points = np.zeros((2, 1, 2, 1))
    relative = relative_errors(points, np.array([[[0.0], [NAN]]]))
    np.testing.assert_array_equal(relative, np.array([[[1.0, NAN]], [[1.0, NAN]]]))


def test_weights_sum_to_one_and_favour_the_better_member_without_picking_it() -> None:
    relative = np.array([[[0.8, 0.9]], [[1.2, 1.1]]])
    weights = member_weights(relative, np.ones((2, 1)))
    assert weights.sum() == pytest.approx(1)
    assert 0.5 < weights[0, 0] < 1


def test_an_item_without_backtest_takes_the_panels_weights() -> None:
    prior = np.array([[0.9], [1.1]])
    nothing = member_weights(np.full((2, 1, 3), NAN), prior)
    agreeing = member_weights(np.repeat(prior[:, :, None], 3, axis=2), prior)
    np.testing.assert_allclose(nothing, agreeing)
    assert nothing[0, 0] > nothing[1, 0]


def test_more_windows_move_the_weights_further_from_the_panels() -> None:
    prior = np.array([[1.1], [0.9]])
    one = member_weights(np.array([[[0.8]], [[1.2]]]), prior)
    three = member_weights(np.array([[[0.8] * 3], [[1.2] * 3]]), prior)
    assert three[0, 0] > one[0, 0]


def test_a_member_may_count_as_several() -> None:
    weights = member_weights(np.ones((3, 1, 2)), np.ones((3, 1)), np.array([1.0, 1.0, 2.0]))
    np.testing.assert_allclose(weights[:, 0], [0.25, 0.25, 0.5])


def test_a_window_that_a_member_lacks_counts_as_its_prior_error() -> None:
    lacking = member_weights(np.array([[[0.8, 0.8]], [[1.2, NAN]]]), np.array([[1.0], [1.1]]))
    prior = member_weights(np.array([[[0.8, 0.8]], [[1.2, 1.1]]]), np.array([[1.0], [1.1]]))
    np.testing.assert_allclose(lacking, prior)


def test_members_without_points_leave_their_weight_to_the_others() -> None:
    points = np.array([[[2.0], [2.0]], [[4.0], [4.0]], [[8.0], [NAN]]])  # [member, item, step]
    combined, used = combine(np.array([[0.25, 0.25], [0.25, 0.25], [0.5, 0.5]]), points)
    np.testing.assert_allclose(combined, [[5.5], [3.0]])
    np.testing.assert_allclose(used, [[0.25, 0.5], [0.25, 0.5], [0.5, 0.0]])


def test_a_weighted_mean_lies_between_its_members_to_the_last_bit() -> None:
    points = np.full((7, 1, 1), 0.1)
    combined, _ = combine(np.full((7, 1), 1 / 7), points)
    assert combined[0, 0] == points[0, 0, 0]
