"""What all smoothing models share: the weights of a grid, and independence of neighbours in a block."""

import numpy as np
import pytest

from forecast_engine.models.damped_trend import DampedTrend
from forecast_engine.models.drift import RandomWalkWithDrift
from forecast_engine.models.ets import SeasonalSmoothing
from forecast_engine.models.model import Model
from forecast_engine.models.smoothing import grid_weights
from forecast_engine.models.theta import DynamicTheta
from tests.forecast_engine.models.blocks import block_of, walk


@pytest.mark.parametrize(
    "model", [SeasonalSmoothing(), SeasonalSmoothing(12), RandomWalkWithDrift(), DampedTrend(), DynamicTheta()]
)
def test_a_series_is_forecast_the_same_bit_for_bit_beside_any_others(model: Model) -> None:
    series = [walk(length, seed=length) for length in (60, 41, 40, 17, 2, 1)]
    together = model.forecast(block_of(*series), 7)
    for position, values in enumerate(series):
        assert model.forecast(block_of(values), 7)[0].tobytes() == together[position].tobytes()


def test_the_grid_is_weighted_by_likelihood() -> None:
    squares = np.array([[4.0, 0.0, 0.0], [8.0, 1.0, 0.0]])  # [grid, series]
    weights = grid_weights(squares, np.array([5, 5, 5]))
    np.testing.assert_allclose(weights, [[0.8, 1, 0.5], [0.2, 0, 0.5]], atol=1e-12)  # (4/8)^(4/2) = 1/4
