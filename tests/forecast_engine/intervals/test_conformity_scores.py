"""Conformal scores: binned counts give back the quantiles they were made of."""

from statistics import NormalDist

import numpy as np

from forecast_engine.intervals.conformity_scores import (
    BIN_COUNT,
    MAXIMUM_STEP_GROUPS,
    WHOLE_SCORE,
    score_counts,
    score_quantiles,
    score_weights,
    step_groups,
)

LEVELS = np.array([0.05, 0.1, 0.5, 0.9, 0.95])


def fully(scores: np.ndarray) -> np.ndarray:
    """Weights of cases that count fully."""
    return np.full(len(scores), WHOLE_SCORE)


def test_quantiles_of_many_scores_are_theirs_but_for_the_bins() -> None:
    scores = np.random.default_rng(1).standard_t(4, (20000, 2)) * np.array([1.0, 3.0])
    quantiles = score_quantiles(score_counts(scores, step_groups(2), fully(scores)), LEVELS)
    expected = np.quantile(scores, LEVELS, axis=0).T
    np.testing.assert_allclose(quantiles, expected, atol=0.05, rtol=0.03)


def test_half_of_what_all_scores_have_in_common_stays() -> None:
    scores = 2 + np.random.default_rng(3).normal(size=(20000, 1))
    quantiles = score_quantiles(score_counts(scores, step_groups(1), fully(scores)), LEVELS)
    expected = [1 + NormalDist().inv_cdf(level) for level in LEVELS]
    np.testing.assert_allclose(quantiles[0], expected, atol=0.05)


def test_counts_of_shards_add_up_and_missing_scores_do_not_count() -> None:
    scores = np.random.default_rng(2).normal(size=(30, 4))
    scores[3, 2] = np.nan
    groups, weights = step_groups(4), np.arange(30)
    total = score_counts(scores, groups, weights)
    assert total.sum() == 4 * weights.sum() - 3
    parts = score_counts(scores[:11], groups, weights[:11]) + score_counts(scores[11:], groups, weights[11:])
    np.testing.assert_array_equal(total, parts)


def test_scores_count_by_the_square_of_the_history_they_had_beside_the_latest_windows() -> None:
    trained = np.array([[40, 30, 20, 0], [9, 9, 9, 9], [0, 0, 0, 0]])
    assert score_weights(trained).tolist() == [[16, 9, 4, 0], [16, 16, 16, 16], [0, 0, 0, 0]]


def test_a_score_that_counts_twice_is_like_two() -> None:
    scores, weights = np.array([[0.3], [1.5], [-2.0]]), np.array([8, 16, 0])
    groups = step_groups(1)
    repeated = score_counts(np.array([[0.3], [1.5], [1.5]]), groups, np.array([8, 8, 8]))
    np.testing.assert_array_equal(score_counts(scores, groups, weights), repeated)


def test_a_step_with_few_scores_borrows_from_its_neighbours_only() -> None:
    scores = np.concatenate([np.full((150, 1), 1.0), np.full((150, 1), 1.0), np.full((150, 1), 9.0)], axis=1)
    quantiles = score_quantiles(score_counts(scores, step_groups(3), fully(scores)), np.array([0.9]))
    assert quantiles[0, 0] < 1.2 / 2  # steps 0 and 1 together have enough
    assert quantiles[2, 0] > 8 / 2


def test_without_any_score_the_intervals_are_normal_and_widen() -> None:
    quantiles = score_quantiles(np.zeros((3, BIN_COUNT), dtype=np.int64), LEVELS)
    np.testing.assert_allclose(quantiles[0], [NormalDist().inv_cdf(level) for level in LEVELS], atol=0.02)
    assert (np.diff(quantiles[:, 4]) > 0).all()


def test_a_long_horizon_shares_its_groups_evenly() -> None:
    groups = step_groups(500)
    assert groups[0] == 0
    assert groups[-1] == MAXIMUM_STEP_GROUPS - 1
    assert set(np.diff(groups)) == {0, 1}
    assert step_groups(5).tolist() == [0, 1, 2, 3, 4]
