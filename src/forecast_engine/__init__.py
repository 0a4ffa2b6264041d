"""The forecasting engine: arrays in, quantiles out. It knows neither files nor AWS.

The way through: ``build_panel`` aligns rows to a ``Grid``; training begins with ``initial_shared_state`` and runs
``ROUNDS`` of ``run_round`` over shards of items and ``merge_round`` between them; ``forecast``, ``explain`` and
``backtest_result`` read what training left.
"""

from forecast_engine.evaluation.accuracy import Metrics, PanelAccuracy, WindowAccuracy, accuracy_of
from forecast_engine.evaluation.baseline import seasonal_naive
from forecast_engine.forecasting.explanation import Explanation, explain
from forecast_engine.forecasting.forecast import Forecast, forecast
from forecast_engine.global_model import initial_shared_state
from forecast_engine.models import MODELS
from forecast_engine.panel.filling import FILLINGS, Fillings, fill_cells
from forecast_engine.panel.frequency import Frequency
from forecast_engine.panel.grid import Boundary, Grid
from forecast_engine.panel.panel import AGGREGATIONS, LARGEST_VALUE, Covariates, Panel, build_panel
from forecast_engine.settings import ErrorMeasure, TrainingSettings
from forecast_engine.state import RoundResult
from forecast_engine.training.results import BacktestResult, backtest_result
from forecast_engine.training.rounds import ROUNDS, merge_round, run_round

__all__ = [
    "AGGREGATIONS",
    "FILLINGS",
    "LARGEST_VALUE",
    "MODELS",
    "ROUNDS",
    "BacktestResult",
    "Boundary",
    "Covariates",
    "ErrorMeasure",
    "Explanation",
    "Fillings",
    "Forecast",
    "Frequency",
    "Grid",
    "Metrics",
    "Panel",
    "PanelAccuracy",
    "RoundResult",
    "TrainingSettings",
    "WindowAccuracy",
    "accuracy_of",
    "backtest_result",
    "build_panel",
    "explain",
    "fill_cells",
    "forecast",
    "initial_shared_state",
    "merge_round",
    "run_round",
    "seasonal_naive",
]
