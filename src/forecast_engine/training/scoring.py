"""The fourth round: the reported windows get their quantiles, and the panel its accuracy."""

from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation.accuracy import (
    COVERED,
    PanelAccuracy,
    ScoredForecast,
    WindowAccuracy,
    WindowSums,
    covered_count,
    summary_of,
)
from forecast_engine.evaluation.baseline import seasonal_naive
from forecast_engine.evaluation.windows import complete_items
from forecast_engine.intervals.conformity_scores import step_groups
from forecast_engine.intervals.quantiles import Floor, IntermittentDemand, item_quantiles, with_closed_steps
from forecast_engine.panel.open_history import open_history
from forecast_engine.panel.panel import Panel
from forecast_engine.panel.unobserved_phases import unobserved_periods
from forecast_engine.portfolio.portfolio import Portfolio
from forecast_engine.settings import JsonObject, TrainingSettings
from forecast_engine.state import BacktestWindows, CalibratedState, IntervalTables, TrainedState
from forecast_engine.training.calibration import held_out_table


@dataclass(frozen=True)
class ScoredWindow:
    """One shard's sums over one reported window: of the forecast, and of seasonal naive's."""

    start_index: int  # first period in the grid
    forecast: WindowSums
    baseline: WindowSums
    covered: int  # points in the 80 % interval

    def __add__(self, other: "ScoredWindow") -> "ScoredWindow":
        """The sums of both shards, still exact."""
        return ScoredWindow(
            self.start_index,
            self.forecast + other.forecast,
            self.baseline + other.baseline,
            self.covered + other.covered,
        )

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        return {
            "start_index": self.start_index,
            "forecast": self.forecast.to_document(),
            "baseline": self.baseline.to_document(),
            "covered": self.covered,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "ScoredWindow":
        """Sums from what ``to_document`` wrote."""
        forecast, baseline = (WindowSums.from_document(document[name]) for name in ("forecast", "baseline"))
        return cls(document["start_index"], forecast, baseline, document["covered"])


def evaluated_levels(settings: TrainingSettings) -> tuple[float, ...]:
    """The quantiles asked for, ascending, then those of the 80 % interval."""
    return (*sorted(settings.quantiles), *COVERED)


def evaluate(
    panel: Panel, settings: TrainingSettings, state: CalibratedState, tables: IntervalTables
) -> tuple[TrainedState, list[ScoredWindow]]:
    """Quantiles of each reported window from scores that never saw it, and the sums of the metrics [window]."""
    windows = state.windows
    quantiles, means, complete, scored = [], [], [], []
    for position, window in enumerate(windows.reported):
        forecast = _window_forecast(panel, settings, state, tables, position)
        counted, sums = _scored(panel, settings, windows, window, forecast)
        complete.append(counted)
        scored.append(sums)
        quantiles.append(forecast.quantiles[:, :, : len(settings.quantiles)])
        means.append(forecast.mean)
    reported = windows.reported
    trained = TrainedState(
        items=state.items,
        window_starts=windows.window_starts[reported],
        actual=windows.actual[:, reported],
        complete=np.stack(complete, axis=1),
        quantiles=np.stack(quantiles, axis=1),
        mean=np.stack(means, axis=1),
    )
    return trained, scored


def merge_evaluate(shards: list[list[ScoredWindow]], settings: TrainingSettings) -> PanelAccuracy:
    """The accuracy of the panel from the sums [window] of all shards."""
    levels = tuple(sorted(settings.quantiles))
    totals = [reduce(add, parts) for parts in zip(*shards, strict=True)]
    windows = [WindowAccuracy(w.start_index, w.forecast.items, w.forecast.metrics(levels)) for w in totals]
    points = sum(window.forecast.points for window in totals)
    return PanelAccuracy(
        windows=windows,
        summary=summary_of([window.metrics for window in windows]),
        coverage80=sum(window.covered for window in totals) / points if points else 0.0,
        seasonal_naive=summary_of([window.baseline.metrics(levels) for window in totals]),
    )


def _window_forecast(
    panel: Panel, settings: TrainingSettings, state: CalibratedState, tables: IntervalTables, position: int
) -> ScoredForecast:
    """The reported window at ``position``: mean [item, step] and quantiles [item, step, ``evaluated_levels``]."""
    windows = state.windows
    window = windows.reported[position]
    history = _filled_history(panel, settings, windows, window)
    is_intermittent, table_of = windows.is_intermittent[:, window], held_out_table(state, position)
    classes = is_intermittent.astype(int)
    scores = tables.held_out_scores[table_of, classes][:, step_groups(settings.horizon)]
    quantiles, mean = item_quantiles(
        history=history,
        points=state.combined[:, window],
        conformal=state.held_out_scale[:, position, None, None] * scores,
        demand=IntermittentDemand(
            is_intermittent,
            state.covariate_factors[:, window],
            windows.expected_demand_of(window),
            tables.held_out_ratios,
            table_of,
            Portfolio.for_frequency(panel.grid.frequency, settings.models, settings.sampling).sampling,
        ),
        floor=_held_out_floor(settings, state, tables, position),
        levels=np.array(evaluated_levels(settings)),
    )
    quantiles, mean = with_closed_steps(windows.closed[:, window], quantiles, mean)
    return ScoredForecast(mean, quantiles)


def _filled_history(panel: Panel, settings: TrainingSettings, windows: BacktestWindows, window: int) -> Array:
    """What lies before a window [item, time], with something in closed periods; the search spared where none is."""
    start = int(windows.window_starts[window])
    if not windows.has_closed[:, window].any():
        return panel.target[:, :start]
    history = open_history(panel, start, settings.horizon)
    return history.filled(history.values)


def _held_out_floor(settings: TrainingSettings, state: CalibratedState, tables: IntervalTables, position: int) -> Floor:
    """What the other windows say of the floor in the reported one at ``position``."""
    window, floor = state.windows.reported[position], tables.floor
    classes = state.windows.is_intermittent[:, window].astype(int)
    worse = state.held_out_worse[:, position] | floor.held_out_worse[position, classes]
    scores = floor.held_out_scores[position, classes][:, step_groups(settings.horizon)]
    return Floor(
        items=worse & settings.has_floor,
        points=state.windows.naive[:, window],
        conformal=state.held_out_naive_scale[:, position, None, None] * scores,
    )


def _complete(panel: Panel, windows: BacktestWindows, window: int) -> NDArray[np.bool_]:
    """[item]: all of the window that ever occurs is known, and something before it."""
    actual, start = windows.actual[:, window], int(windows.window_starts[window])
    unobserved = unobserved_periods(panel, start, start + actual.shape[1])
    return complete_items(~np.isnan(actual), unobserved) & (windows.observation_counts[:, window] > 0)


def _scored(
    panel: Panel, settings: TrainingSettings, windows: BacktestWindows, window: int, forecast: ScoredForecast
) -> tuple[NDArray[np.bool_], ScoredWindow]:
    """Which items [item] of one window are complete; the sums over these, and those of seasonal naive over the same."""
    levels, complete = tuple(sorted(settings.quantiles)), _complete(panel, windows, window)
    start = int(windows.window_starts[window])
    actual, scales = windows.actual[complete, window], windows.mase_scale[complete, window]
    history, season_length = panel.target[complete, :start], panel.grid.frequency.season_length
    naive_quantiles, naive_mean = seasonal_naive(history, season_length, settings.horizon, levels)
    quantiles = forecast.quantiles[complete]
    asked = ScoredForecast(forecast.mean[complete], quantiles[:, :, : len(levels)])
    return complete, ScoredWindow(
        start_index=start,
        forecast=WindowSums.of(actual, asked, levels, scales),
        baseline=WindowSums.of(actual, ScoredForecast(naive_mean, naive_quantiles), levels, scales),
        covered=covered_count(actual, quantiles[:, :, len(levels) :]),
    )
