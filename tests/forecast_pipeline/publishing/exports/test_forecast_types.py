"""Which column of an export stands for what."""

from typing import Any

import pytest

from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("p10", "p50", "p90"), ((0.1, 0.5, 0.9), "p50", "p50", ("p10", "p90"), 0.8)),
        (("mean", "p5", "p10", "p90", "p95"), ((0.05, 0.1, 0.9, 0.95), "mean", "p10", ("p10", "p90"), 0.8)),
        (("p1", "p60", "p99"), ((0.01, 0.6, 0.99), "p60", "p60", ("p1", "p99"), 0.98)),
        (("p65",), ((0.65,), "p65", "p65", None, None)),
        (("mean",), ((), "mean", "mean", None, None)),
    ],
)
def test_point_line_and_band_are_found_in_any_set_of_types(names: tuple[str, ...], expected: tuple[Any, ...]) -> None:
    types = ForecastTypes(names)
    assert (types.levels, types.point, types.line, types.band, types.band_share) == expected
