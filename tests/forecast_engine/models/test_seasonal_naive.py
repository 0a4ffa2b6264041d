"""Seasonal naive: points by hand."""

import numpy as np

from forecast_engine.models.seasonal_naive import naive_points

NAN = float("nan")


def test_the_last_season_repeats_and_short_series_repeat_their_last_value() -> None:
    history = np.array([[1.0, 2, 3, 4, 5, 6], [NAN, NAN, NAN, NAN, 7, 8], [NAN] * 6])
    np.testing.assert_array_equal(naive_points(history, 4, 6), [[3, 4, 5, 6, 3, 4], [8] * 6, [0] * 6])
