"""Seasonal autoregression, against statsmodels' Yule-Walker estimates and by what it promises of any history."""

import numpy as np
import pytest
from hypothesis import given, strategies
from hypothesis import settings as hypothesis_settings
from hypothesis.extra.numpy import arrays
from statsmodels.regression.linear_model import yule_walker

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array
from forecast_engine.models.seasonal_autoregression import SeasonalAutoregression
from tests.forecast_engine.models.test_autoregression import continued, oscillation


def block_of(values: Array) -> Block:
    ((_, block),) = blocks_of(values if values.ndim == 2 else values[None, :])
    return block


def with_season(changes: Array, season: Array) -> Array:
    """A season whose every value is that of the season before, plus a change."""
    values = list(season)
    for change in changes:
        values.append(values[-len(season)] + change)
    return np.array(values)


def test_changes_over_a_season_are_continued_by_the_estimates_of_statsmodels() -> None:
    changes, season = oscillation(600), np.array([3.0, 8.0, 1.0, 9.0])
    values = with_season(changes, season)
    coefficients = yule_walker(changes, order=2, method="mle", demean=False, result_object=True).rho
    expected = with_season(np.r_[changes, continued(changes, coefficients, 10)], season)[-10:]
    np.testing.assert_allclose(
        SeasonalAutoregression(4, order=2).forecast(block_of(values), 10)[0], expected, rtol=1e-9
    )


def test_a_change_that_halves_with_every_period_adds_up_over_the_seasons() -> None:
    """By hand: changes 4, -2, 1, ... have the coefficient -1/2, so that 8 is followed by -4, 2, -1, 1/2."""
    changes = np.r_[np.zeros(400), 8.0]
    values = with_season(changes, np.array([10.0, 20.0]))
    model = SeasonalAutoregression(2, order=1)
    plain = model.forecast(block_of(values), 4)[0]
    np.testing.assert_allclose(plain, [values[-2], values[-1]] * 2)  # zeros before it: no memory, seasonal naive
    shocks = (-0.5) ** np.arange(400)
    values = with_season(shocks, np.array([10.0, 20.0]))
    c = -0.5 * (1 - 0.25**399) / (1 - 0.25**400)  # the first autocorrelation of a geometric series
    change = shocks[-1] * c ** np.arange(1, 5)
    expected = [values[-2] + change[0], values[-1] + change[1]]
    expected += [expected[0] + change[2], expected[1] + change[3]]
    np.testing.assert_allclose(model.forecast(block_of(values), 4)[0], expected, rtol=1e-9)


def test_a_season_that_never_changes_and_a_series_shorter_than_two_are_repeated() -> None:
    season = np.array([5.0, 1.0, 7.0])
    model = SeasonalAutoregression(3)
    np.testing.assert_array_equal(model.forecast(block_of(np.tile(season, 30)), 5)[0], np.tile(season, 2)[:5])
    np.testing.assert_array_equal(model.forecast(block_of(season), 5)[0], np.tile(season, 2)[:5])
    np.testing.assert_array_equal(model.forecast(block_of(season[:2]), 2)[0], [1.0, 1.0])


def test_a_series_start_and_neighbours_change_no_bit() -> None:
    history = np.full((4, 1500), np.nan)
    history[0] = with_season(oscillation(1493, seed=4), np.arange(7.0))
    history[1, 800:] = with_season(oscillation(693, seed=5), np.arange(7.0))
    history[2, 1455:] = with_season(oscillation(38, seed=6), np.arange(7.0))
    history[3, 1498:] = [3.0, 5.0]
    model = SeasonalAutoregression(7)
    points = model.forecast(block_of(history), 30)
    for series in range(4):
        assert model.forecast(block_of(history[series : series + 1]), 30)[0].tobytes() == points[series].tobytes()


@pytest.mark.parametrize("season_length", [1, 4])
@given(
    values=arrays(
        float,
        strategies.integers(1, 60),
        elements=strategies.one_of(strategies.sampled_from([0.0, 1.0]), strategies.floats(-1e12, 1e12)),
    ),
)
@hypothesis_settings(deadline=None, max_examples=30)
def test_no_history_makes_it_explode(season_length: int, values: Array) -> None:
    points = SeasonalAutoregression(season_length).forecast(block_of(values), 200)
    assert np.isfinite(points).all()
    changes = np.abs(points[:, season_length:] - points[:, :-season_length]).max()
    assert changes <= 100 * np.abs(values).max() + 1e-9
