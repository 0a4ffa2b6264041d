"""Exponential smoothing, against statsforecast with the same parameters and by hand."""

import numpy as np
import pytest
from statsforecast.ets import ets_f
from statsforecast.models import SimpleExponentialSmoothing as OracleSimpleExponentialSmoothing

from forecast_engine.arrays.reductions import Array
from forecast_engine.models.ets import SeasonalSmoothing
from tests.forecast_engine.models.blocks import block_of, walk


@pytest.mark.parametrize("alpha", [0.3, 0.8])
def test_without_a_season_it_is_simple_exponential_smoothing(alpha: float) -> None:
    values = walk(200)  # long enough that the first level, which the two choose differently, is forgotten
    expected = OracleSimpleExponentialSmoothing(alpha=alpha).forecast(values, h=3)["mean"]
    points = SeasonalSmoothing(level_smoothing=(alpha,)).forecast(block_of(values), 3)
    np.testing.assert_allclose(points[0], expected, rtol=1e-9)


def changing_season(length: int) -> Array:
    random = np.random.default_rng(8)
    season, level, values = random.normal(0, 10, 4), 100.0, np.zeros(length)
    for period in range(length):
        error = random.normal()
        values[period] = level + season[period % 4] + error
        level += 0.4 * error
        season[period % 4] += 0.3 * error
    return values


def test_a_season_in_the_state_agrees_with_statsforecast() -> None:
    values = changing_season(600)
    fitted = ets_f(values, m=4, model="ANA", damped=False)
    alpha, gamma = fitted["par"][0], fitted["par"][2]
    assert 0.1 < gamma < 1 - alpha
    level, *season = fitted["states"][-1][:5]  # the season of the latest period comes first
    model = SeasonalSmoothing(4, level_smoothing=(alpha,), season_smoothing=(gamma,))
    np.testing.assert_allclose(model.forecast(block_of(values), 6)[0], level + np.tile(season[::-1], 2)[:6], rtol=1e-7)


def test_a_season_in_the_state_by_hand() -> None:
    values, level, season = np.array([4.0, 8.0, 6.0, 12.0, 5.0]), 7.5, [0.0, 0.0]
    level += 0.5 * (4.0 - level)  # the first value only moves the level, which starts from the mean of four
    for period in range(1, 5):
        error = values[period] - level - season[period % 2]
        level += 0.5 * error
        season[period % 2] += 0.2 * error
    model = SeasonalSmoothing(2, level_smoothing=(0.5,), season_smoothing=(0.2,))
    expected = [level + season[1], level + season[0], level + season[1]]
    np.testing.assert_allclose(model.forecast(block_of(values), 3)[0], expected, rtol=1e-12)


def test_a_season_too_long_to_renew_leaves_the_level() -> None:
    block = block_of(walk(400))
    np.testing.assert_array_equal(SeasonalSmoothing(96).forecast(block, 4), SeasonalSmoothing().forecast(block, 4))
