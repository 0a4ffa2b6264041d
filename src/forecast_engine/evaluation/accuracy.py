"""Accuracy of a panel from sums over items: shards add up, and no process needs to see every item."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.exact_sum import ExactSum, exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation import metrics

COVERED = (0.1, 0.9)  # the 80 % interval, whatever quantiles were asked for


@dataclass(frozen=True)
class Metrics:
    """Errors of the mean and of each quantile; ``mase`` is None where no item has a scale to measure against."""

    rmse: float
    wape: float
    mape: float
    mase: float | None
    weighted_quantile_losses: dict[float, float]
    average_weighted_quantile_loss: float


@dataclass(frozen=True)
class WindowAccuracy:
    """Metrics of one backtest window; ``start_index`` is its first period in the grid."""

    start_index: int
    item_count: int
    metrics: Metrics


@dataclass(frozen=True)
class PanelAccuracy:
    """Each window's accuracy, their mean, the share of actuals in the 80 % interval, and seasonal naive's summary."""

    windows: list[WindowAccuracy]
    summary: Metrics
    coverage80: float
    seasonal_naive: Metrics


@dataclass(frozen=True)
class ScoredForecast:
    """One window's forecast of complete items: ``mean`` [item, step], ``quantiles`` [item, step, level]."""

    mean: Array
    quantiles: Array


def window_sums(actual: Array, forecast: ScoredForecast, levels: tuple[float, ...], scales: Array) -> dict[str, Any]:
    """Sums over ``actual`` [item, step] without NaN; ``scales`` [item] are MASE's, 0 where there is none."""
    error = np.abs(actual - forecast.mean)
    measurable = scales > 0
    scaled = error.mean(axis=1)[measurable] / scales[measurable]
    return {
        "items": len(actual),
        "points": actual.size,
        "actual": _sum(np.abs(actual)),
        "error": _sum(error),
        "squared": _sum(error**2),
        "percentage": _sum(metrics.absolute_percentage_errors(actual, forecast.mean)),
        "scaled": exact_sum(scaled.tolist()),
        "scaled_items": len(scaled),
        "losses": [
            _sum(metrics.pinball(actual, forecast.quantiles[:, :, index], level)) for index, level in enumerate(levels)
        ],
    }


def covered_count(actual: Array, bounds: Array) -> int:
    """How many of ``actual`` [item, step] lie within ``bounds`` [item, step, (lower, upper)]."""
    return int(((actual >= bounds[:, :, 0]) & (actual <= bounds[:, :, 1])).sum())


def merge_window_sums(sums: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One document of sums from those of all shards."""
    shards = list(sums)
    counts = ("items", "points", "scaled_items")
    exact = ("actual", "error", "squared", "percentage", "scaled")
    total: dict[str, Any] = {name: sum(shard[name] for shard in shards) for name in counts}
    total |= {name: merged(shard[name] for shard in shards) for name in exact}
    total["losses"] = [merged(parts) for parts in zip(*(shard["losses"] for shard in shards), strict=True)]
    return total


def metrics_of(sums: dict[str, Any], levels: tuple[float, ...]) -> Metrics:
    """Metrics by the formulas of ``forecast_engine.metrics``, from sums; zeros for a window without items."""
    points = max(sums["points"], 1)
    total = rounded_sum(sums["actual"]) or 1.0
    losses = {level: rounded_sum(parts) / total for level, parts in zip(levels, sums["losses"], strict=True)}
    return Metrics(
        rmse=float(np.sqrt(rounded_sum(sums["squared"]) / points)),
        wape=rounded_sum(sums["error"]) / total,
        mape=rounded_sum(sums["percentage"]) / points,
        mase=rounded_sum(sums["scaled"]) / sums["scaled_items"] if sums["scaled_items"] else None,
        weighted_quantile_losses=losses,
        average_weighted_quantile_loss=_average(list(losses.values())),
    )


def summary_of(windows: list[Metrics]) -> Metrics:
    """The arithmetic mean of the windows, metric by metric."""
    scaled = [window.mase for window in windows if window.mase is not None]
    return Metrics(
        rmse=_average([window.rmse for window in windows]),
        wape=_average([window.wape for window in windows]),
        mape=_average([window.mape for window in windows]),
        mase=_average(scaled) if scaled else None,
        weighted_quantile_losses={
            level: _average([window.weighted_quantile_losses[level] for window in windows])
            for level in windows[0].weighted_quantile_losses
        },
        average_weighted_quantile_loss=_average([window.average_weighted_quantile_loss for window in windows]),
    )


def metrics_to_document(values: Metrics) -> dict[str, Any]:
    """Metrics as a JSON object."""
    losses = [[level, loss] for level, loss in values.weighted_quantile_losses.items()]
    return {
        "rmse": values.rmse,
        "wape": values.wape,
        "mape": values.mape,
        "mase": values.mase,
        "weighted_quantile_losses": losses,
        "average_weighted_quantile_loss": values.average_weighted_quantile_loss,
    }


def metrics_from_document(document: dict[str, Any]) -> Metrics:
    """Metrics from what ``metrics_to_document`` wrote."""
    losses = {level: loss for level, loss in document["weighted_quantile_losses"]}
    return Metrics(**(document | {"weighted_quantile_losses": losses}))


def accuracy_of(shared: dict[str, Any]) -> PanelAccuracy:
    """The accuracy that the last round left in ``shared``."""
    document = shared["accuracy"]
    windows = [
        WindowAccuracy(window["start_index"], window["item_count"], metrics_from_document(window["metrics"]))
        for window in document["windows"]
    ]
    return PanelAccuracy(
        windows,
        metrics_from_document(document["summary"]),
        document["coverage80"],
        metrics_from_document(document["seasonal_naive"]),
    )


def _sum(values: NDArray[np.float64]) -> ExactSum:
    """Exact over items; each item's own row is summed in its fixed order."""
    return exact_sum(values.sum(axis=1).tolist())


def _average(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0
