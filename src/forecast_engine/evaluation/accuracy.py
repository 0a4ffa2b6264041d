"""Accuracy of a panel from sums over items: shards add up, and no process needs to see every item."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.exact_sum import ExactSum, exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation import metrics
from forecast_engine.settings import JsonObject

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

    def to_document(self) -> JsonObject:
        """The same metrics as a JSON object."""
        losses = [[level, loss] for level, loss in self.weighted_quantile_losses.items()]
        return {
            "rmse": self.rmse,
            "wape": self.wape,
            "mape": self.mape,
            "mase": self.mase,
            "weighted_quantile_losses": losses,
            "average_weighted_quantile_loss": self.average_weighted_quantile_loss,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "Metrics":
        """Metrics from what ``to_document`` wrote."""
        losses = {level: loss for level, loss in document["weighted_quantile_losses"]}
        return cls(**(document | {"weighted_quantile_losses": losses}))


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

    def to_document(self) -> JsonObject:
        """The same accuracy as a JSON object."""
        windows = [
            {
                "start_index": window.start_index,
                "item_count": window.item_count,
                "metrics": window.metrics.to_document(),
            }
            for window in self.windows
        ]
        return {
            "windows": windows,
            "summary": self.summary.to_document(),
            "coverage80": self.coverage80,
            "seasonal_naive": self.seasonal_naive.to_document(),
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "PanelAccuracy":
        """An accuracy from what ``to_document`` wrote."""
        windows = [
            WindowAccuracy(window["start_index"], window["item_count"], Metrics.from_document(window["metrics"]))
            for window in document["windows"]
        ]
        summary = Metrics.from_document(document["summary"])
        return cls(windows, summary, document["coverage80"], Metrics.from_document(document["seasonal_naive"]))


@dataclass(frozen=True)
class ScoredForecast:
    """One window's forecast of complete items: ``mean`` [item, step], ``quantiles`` [item, step, level]."""

    mean: Array
    quantiles: Array


@dataclass(frozen=True)
class WindowSums:
    """What the metrics of one window are made of; sums are exact, so that shards add up in any order."""

    items: int
    points: int
    scaled_items: int  # those that have a scale
    actual: ExactSum  # of |y|
    error: ExactSum  # of the mean's |y - f|
    squared: ExactSum  # of the mean's (y - f)^2
    percentage: ExactSum  # of the mean's |y - f| / |y|
    scaled: ExactSum  # over items, of mean |y - f| / scale
    losses: list[ExactSum]  # [level]: of pinball losses

    @classmethod
    def of(cls, actual: Array, forecast: ScoredForecast, levels: tuple[float, ...], scales: Array) -> "WindowSums":
        """Of ``actual`` [item, step], of each item at least one; NaN is left out. ``scales`` [item] are MASE's or 0."""
        known = ~np.isnan(actual)
        error = metrics.absolute_errors(actual, forecast.mean)
        measurable = scales > 0
        mean_error = np.where(known, error, 0.0).sum(axis=1) / known.sum(axis=1)
        scaled = mean_error[measurable] / scales[measurable]
        losses = [metrics.pinball(actual, forecast.quantiles[:, :, i], level) for i, level in enumerate(levels)]
        return cls(
            items=len(actual),
            points=int(known.sum()),
            scaled_items=len(scaled),
            actual=_sum(np.abs(actual), known),
            error=_sum(error, known),
            squared=_sum(metrics.squared_errors(actual, forecast.mean), known),
            percentage=_sum(metrics.absolute_percentage_errors(actual, forecast.mean), known),
            scaled=exact_sum(scaled.tolist()),
            losses=[_sum(loss, known) for loss in losses],
        )

    def __add__(self, other: "WindowSums") -> "WindowSums":
        """The sums of both shards, still exact."""
        return WindowSums(
            items=self.items + other.items,
            points=self.points + other.points,
            scaled_items=self.scaled_items + other.scaled_items,
            actual=merged([self.actual, other.actual]),
            error=merged([self.error, other.error]),
            squared=merged([self.squared, other.squared]),
            percentage=merged([self.percentage, other.percentage]),
            scaled=merged([self.scaled, other.scaled]),
            losses=[merged(parts) for parts in zip(self.losses, other.losses, strict=True)],
        )

    def metrics(self, levels: tuple[float, ...]) -> Metrics:
        """The metrics of the window, for the ``levels`` of its losses; zeros for a window without items."""
        demand = rounded_sum(self.actual)
        losses = {
            level: metrics.per_demand(rounded_sum(loss), demand)
            for level, loss in zip(levels, self.losses, strict=True)
        }
        return Metrics(
            rmse=metrics.root_mean(rounded_sum(self.squared), self.points),
            wape=metrics.per_demand(rounded_sum(self.error), demand),
            mape=metrics.mean(rounded_sum(self.percentage), self.points),
            mase=metrics.mean(rounded_sum(self.scaled), self.scaled_items) if self.scaled_items else None,
            weighted_quantile_losses=losses,
            average_weighted_quantile_loss=_average(list(losses.values())),
        )

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_document(cls, document: JsonObject) -> "WindowSums":
        """Sums from what ``to_document`` wrote."""
        return cls(**document)


def total_of(windows: Iterable[WindowSums]) -> WindowSums:
    """The sums of one window from those of all shards; there must be one."""
    return reduce(add, windows)


def covered_count(actual: Array, bounds: Array) -> int:
    """How many of ``actual`` [item, step], NaN left out, lie within ``bounds`` [item, step, (lower, upper)]."""
    return int(np.nansum(metrics.is_covered(actual, bounds[:, :, 0], bounds[:, :, 1])))


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


def _sum(values: Array, known: NDArray[np.bool_]) -> ExactSum:
    """Of the ``known`` ones, exact over items; each item's own row is summed in its fixed order."""
    return exact_sum(np.where(known, values, 0.0).sum(axis=1).tolist())


def _average(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0
