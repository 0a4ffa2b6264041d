"""The damped trend, against statsforecast with the same parameters and on a straight line."""

import numpy as np
import pytest
from statsforecast.ets import ets_f

from forecast_engine.models.damped_trend import DampedTrend
from tests.forecast_engine.models.blocks import block_of, walk


@pytest.mark.parametrize("seed", [2, 5])
def test_damped_trend_agrees_with_statsforecast(seed: int) -> None:
    values = walk(400, seed)
    fitted = ets_f(values, m=1, model="AAN", damped=True)
    alpha, beta, _, phi = fitted["par"][:4]
    model = DampedTrend(level_smoothing=(alpha,), trend_smoothing=(beta / alpha,), damping=(phi,))
    level, trend = fitted["states"][-1]  # statsforecast 2.1.1 itself adds phi b at every step, not phi^k b
    expected = level + trend * np.cumsum(phi ** np.arange(1, 7))
    np.testing.assert_allclose(model.forecast(block_of(values), 6)[0], expected, rtol=1e-7)


def test_damped_trend_continues_a_straight_line_with_fading_steps() -> None:
    points = DampedTrend(level_smoothing=(0.5,), trend_smoothing=(0.1,), damping=(1.0,)).forecast(
        block_of(np.arange(20.0)), 3
    )
    np.testing.assert_allclose(points, [[20, 21, 22]], rtol=1e-9)
