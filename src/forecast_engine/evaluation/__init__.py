"""How good a forecast was: the engine's second public face, beside ``forecast_engine`` itself.

``WindowSums.of`` sums up one window of a shard, ``total_of`` adds up shards, ``WindowSums.metrics`` makes metrics of
it, and ``summary_of`` averages windows. ``seasonal_naive`` is the forecast to compare with. ``complete_items`` tells
which items enter a window, ``unobserved_periods`` which periods never occur in their series. ``pinball``,
``absolute_errors`` and ``is_covered`` score each point by itself.

>>> import numpy as np
>>> actual = np.array([[10.0, 20.0]])  # [item, step]
>>> forecast = ScoredForecast(mean=np.array([[12.0, 19.0]]), quantiles=np.array([[[12.0], [19.0]]]))
>>> WindowSums.of(actual, forecast, levels=(0.5,), scales=np.array([2.0])).metrics((0.5,)).wape
0.1
"""

from forecast_engine.arrays.exact_sum import ExactSum, exact_sum, merged, rounded_sum
from forecast_engine.evaluation.accuracy import (
    Metrics,
    PanelAccuracy,
    ScoredForecast,
    WindowAccuracy,
    WindowSums,
    covered_count,
    summary_of,
    total_of,
)
from forecast_engine.evaluation.baseline import seasonal_naive
from forecast_engine.evaluation.metrics import absolute_errors, is_covered, pinball
from forecast_engine.evaluation.scales import seasonal_differences, seasonal_scale
from forecast_engine.evaluation.windows import complete_items
from forecast_engine.panel.unobserved_phases import unobserved_periods

__all__ = [
    "ExactSum",
    "Metrics",
    "PanelAccuracy",
    "ScoredForecast",
    "WindowAccuracy",
    "WindowSums",
    "absolute_errors",
    "complete_items",
    "covered_count",
    "exact_sum",
    "is_covered",
    "merged",
    "pinball",
    "rounded_sum",
    "seasonal_differences",
    "seasonal_naive",
    "seasonal_scale",
    "summary_of",
    "total_of",
    "unobserved_periods",
]
