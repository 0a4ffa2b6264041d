"""The mean of intermittent items, beside the rates that generated their counts."""

import numpy as np

from forecast_engine import TrainingSettings, forecast
from tests.forecast_engine.panels import panel_of, train

RATES = (0.1, 0.5, 2.0)  # of a period
SETTINGS = TrainingSettings(7, (0.1, 0.5, 0.9), True, 1, 7)


def test_slow_and_fast_items_alike_are_forecast_near_the_rate_they_sell_at() -> None:
    rates = np.repeat(RATES, 100)
    counts = np.random.default_rng(3).poisson(rates[:, None], (300, 120)).astype(float)
    panel = panel_of(counts, "D")
    (predictor,) = train([panel], SETTINGS)
    mean = forecast(panel, predictor).mean
    assert mean is not None
    for rate, largest_error in zip(RATES, (1.0, 0.32, 0.14), strict=True):  # by absolute errors 1.44, .40, .13
        ratios = mean[rates == rate] / rate
        assert abs(ratios.mean() - 1) < 0.05
        assert np.sqrt(((ratios - 1) ** 2).mean()) < largest_error
