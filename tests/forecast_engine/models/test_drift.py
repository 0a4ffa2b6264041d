"""The random walk with drift, against statsforecast and by hand."""

import numpy as np
from statsforecast.models import RandomWalkWithDrift as OracleRandomWalkWithDrift

from forecast_engine.models.drift import RandomWalkWithDrift
from tests.forecast_engine.models.blocks import block_of, walk


def test_the_drift_of_all_changes_is_the_one_of_statsforecast() -> None:
    values = walk(80)
    expected = OracleRandomWalkWithDrift().forecast(values, h=5)["mean"]
    points = RandomWalkWithDrift(memory=float("inf")).forecast(block_of(values), 5)
    np.testing.assert_allclose(points[0], expected, rtol=1e-9)


def test_recent_changes_count_more_for_the_drift() -> None:
    points = RandomWalkWithDrift(memory=1 / np.log(2)).forecast(block_of(np.array([1.0, 4.0, 5.0])), 2)
    drift = (0.5 * 3 + 1) / 1.5  # a change counts half as much as the next one
    np.testing.assert_allclose(points, [[5 + drift, 5 + 2 * drift]], rtol=1e-12)
