"""The engine's accuracy in the shape of ``GetAccuracyMetrics``. Metrics that are not defined are left out.

A window in which no item was observed at every step that occurs in its series has an ItemCount of 0 and no metrics.
"""

from typing import Any

import numpy as np

from forecast_engine import Grid, Metrics, PanelAccuracy


def evaluation_result(accuracy: PanelAccuracy, grid: Grid, horizon: int, algorithm_arn: str | None) -> dict[str, Any]:
    """One EvaluationResult: SUMMARY first, then one COMPUTED per window in the order of time."""
    windows: list[dict[str, Any]] = [{"EvaluationType": "SUMMARY", "Metrics": _metrics(accuracy.summary)}]
    for window in sorted(accuracy.windows, key=lambda window: window.start_index):
        start, end = _limits(grid, window.start_index, horizon)
        windows.append(
            {
                "TestWindowStart": start,
                "TestWindowEnd": end,
                "ItemCount": window.item_count,
                "EvaluationType": "COMPUTED",
                "Metrics": _metrics(window.metrics) if window.item_count else {},
            }
        )
    return ({"AlgorithmArn": algorithm_arn} if algorithm_arn else {}) | {"TestWindows": windows}


def execution(accuracy: PanelAccuracy, grid: Grid, horizon: int, algorithm_arn: str) -> dict[str, Any]:
    """One PredictorExecution of a legacy predictor: the windows it was tested on."""
    starts = sorted(window.start_index for window in accuracy.windows)
    limits = [_limits(grid, start, horizon) for start in starts]
    windows = [{"TestWindowStart": start, "TestWindowEnd": end, "Status": "ACTIVE"} for start, end in limits]
    return {"AlgorithmArn": algorithm_arn, "TestWindows": windows}


def _limits(grid: Grid, start_index: int, horizon: int) -> tuple[float, float]:
    """First step of a window and the step behind its last, in epoch seconds."""
    start = grid.timestamps(start_index, 1)[0]
    end = grid.timestamps(start_index + horizon, 1)[0]
    return float(start.astype(np.int64)), float(end.astype(np.int64))


def _metrics(metrics: Metrics) -> dict[str, Any]:
    losses = sorted(metrics.weighted_quantile_losses.items(), reverse=True)
    named = {"WAPE": metrics.wape, "RMSE": metrics.rmse, "MASE": metrics.mase, "MAPE": metrics.mape}
    answer: dict[str, Any] = {
        "WeightedQuantileLosses": [
            {"Quantile": quantile, "LossValue": loss} for quantile, loss in losses if _is_defined(loss)
        ],
        "ErrorMetrics": [{"ForecastType": "mean"} | {k: v for k, v in named.items() if _is_defined(v)}],
    }
    whole = {"RMSE": metrics.rmse, "AverageWeightedQuantileLoss": metrics.average_weighted_quantile_loss}
    return answer | {name: value for name, value in whole.items() if _is_defined(value)}


def _is_defined(value: float | None) -> bool:
    return value is not None and bool(np.isfinite(value))
