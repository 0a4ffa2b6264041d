"""The forecasting engine: arrays in, quantiles out. It knows neither files nor AWS.

``build_panel`` aligns rows of observations to a ``Grid``. A training runs ``ROUNDS``: ``run_round`` for every shard of
items, ``merge_round`` over the shards between them. What it leaves is a ``Predictor``, which ``forecast``, ``explain``
and ``backtest_result`` read. ``forecast_engine.evaluation`` measures forecasts; outside of the engine nothing else of
it is imported.

Two items, ten weeks of days, one shard:

>>> import numpy as np
>>> days = np.arange("2024-01-01", "2024-03-11", dtype="datetime64[D]").astype("datetime64[s]")
>>> grid = Grid.covering(Frequency.parse("D"), days[0], days[-1])
>>> sold = np.tile([5.0, 7, 6, 8, 9, 14, 12], 10)
>>> series = np.repeat([0, 1], len(days))
>>> panel = build_panel(series, np.tile(days, 2), np.concatenate([sold, 10 * sold]), ["tea", "milk"], grid)

>>> settings = TrainingSettings(
...     horizon=7, quantiles=(0.1, 0.5, 0.9), include_mean=True, window_count=1, window_offset=7
... )
>>> state, shared = {}, initial_shared_state(item_count=2)
>>> for name in ROUNDS:
...     result = run_round(name, panel, settings, state, shared)
...     state, shared = result.state, merge_round(name, [result.sums], shared, settings)

>>> predictor = Predictor.of(settings, state, shared)
>>> forecast(panel, predictor).quantiles.shape  # [item, step, quantile]
(2, 7, 3)
>>> predictor.accuracy.windows[0].item_count
2
"""

from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation.accuracy import Metrics, PanelAccuracy, WindowAccuracy
from forecast_engine.evaluation.baseline import seasonal_naive
from forecast_engine.forecasting.explanation import Explanation, explain
from forecast_engine.forecasting.forecast import Forecast, forecast
from forecast_engine.global_model import initial_shared_state
from forecast_engine.models import MODELS
from forecast_engine.panel.filling import FILLINGS, Fillings, fill_cells
from forecast_engine.panel.frequency import Frequency
from forecast_engine.panel.grid import Boundary, Grid
from forecast_engine.panel.panel import AGGREGATIONS, LARGEST_VALUE, Covariates, Panel, build_panel
from forecast_engine.panel.partial_period import (
    first_periods,
    last_periods,
    partial_first_period,
    partial_last_period,
)
from forecast_engine.portfolio.portfolio import models_for
from forecast_engine.settings import ErrorMeasure, JsonObject, SamplingSettings, TrainingSettings
from forecast_engine.state import RoundResult, TrainedPanel
from forecast_engine.training.results import BacktestResult, Predictor, backtest_result
from forecast_engine.training.rounds import ROUNDS, merge_round, run_round

VERSION = "0.1.0"  # as pyproject.toml has it; a layer of Lambda knows no pyproject.toml

__all__ = [
    "AGGREGATIONS",
    "FILLINGS",
    "LARGEST_VALUE",
    "MODELS",
    "ROUNDS",
    "VERSION",
    "Array",
    "BacktestResult",
    "Boundary",
    "Covariates",
    "ErrorMeasure",
    "Explanation",
    "Fillings",
    "Forecast",
    "Frequency",
    "Grid",
    "JsonObject",
    "Metrics",
    "Panel",
    "PanelAccuracy",
    "Predictor",
    "RoundResult",
    "SamplingSettings",
    "TrainedPanel",
    "TrainingSettings",
    "WindowAccuracy",
    "backtest_result",
    "build_panel",
    "explain",
    "fill_cells",
    "first_periods",
    "forecast",
    "initial_shared_state",
    "last_periods",
    "merge_round",
    "models_for",
    "partial_first_period",
    "partial_last_period",
    "run_round",
    "seasonal_naive",
]
