"""The second round: every member forecasts every window, and the panel adds up how far off they were."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.arrays.series_hash import series_hashes
from forecast_engine.ensemble.members import Ensemble, members_from_document, members_to_document
from forecast_engine.ensemble.weights import PanelErrors, RelativeErrorSums, relative_errors
from forecast_engine.evaluation.scales import seasonal_differences
from forecast_engine.evaluation.windows import SHORTEST_TRAINING, Window, backtest_windows
from forecast_engine.global_model import FittedModels
from forecast_engine.intervals.demand_table import expected_demand
from forecast_engine.intervals.short_histories import BeginningErrors, short_levels
from forecast_engine.intervals.widths import LogSum, change_scale, log_error_sums
from forecast_engine.models.seasonal_naive import naive_points
from forecast_engine.panel.open_history import OpenHistory, open_history
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.portfolio import Member
from forecast_engine.settings import ErrorMeasure, JsonObject, TrainingSettings
from forecast_engine.state import FOLD_COUNT, BacktestState, BacktestWindows, MemberErrors


@dataclass(frozen=True)
class BacktestSums:
    """How far off the members were on one shard's items: each of them, and all alike [class][window]."""

    members: tuple[Member, ...]
    relative_errors: RelativeErrorSums
    log_errors: list[list[LogSum]]
    beginnings: BeginningErrors
    observation_count: int

    def __add__(self, other: "BacktestSums") -> "BacktestSums":
        """The sums of both shards, still exact."""
        log_errors = [
            [one + another for one, another in zip(*windows, strict=True)]
            for windows in zip(self.log_errors, other.log_errors, strict=True)
        ]
        errors, beginnings = self.relative_errors + other.relative_errors, self.beginnings + other.beginnings
        observation_count = self.observation_count + other.observation_count
        return BacktestSums(self.members, errors, log_errors, beginnings, observation_count)

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        return {
            "members": members_to_document(self.members),
            "relative_errors": self.relative_errors.to_document(),
            "log_errors": [[log_error.to_document() for log_error in windows] for windows in self.log_errors],
            "beginnings": self.beginnings.to_document(),
            "observation_count": self.observation_count,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "BacktestSums":
        """Sums from what ``to_document`` wrote."""
        return cls(
            members_from_document(document["members"]),
            RelativeErrorSums.from_document(document["relative_errors"]),
            [[LogSum.from_document(log_error) for log_error in windows] for windows in document["log_errors"]],
            BeginningErrors.from_document(document["beginnings"]),
            document["observation_count"],
        )


def backtest(panel: Panel, settings: TrainingSettings, fitted: FittedModels) -> tuple[BacktestState, BacktestSums]:
    """Forecast every window by every member from what lies before it."""
    ensemble = Ensemble.of(panel, settings, fitted.global_model)
    chosen = backtest_windows(panel.grid.length, settings, fitted.item_count)
    histories = [open_history(panel, window.start, settings.horizon) for window in chosen]
    now = open_history(panel, panel.grid.length, 0)
    cleaned_histories = [ensemble.portfolio.without_outliers(history.values) for history in histories]
    points, covariate_factors = ensemble.window_points(panel, histories, cleaned_histories, settings.horizon)
    season_length = panel.grid.frequency.season_length
    naive = [
        naive_points(history.filled(cleaned), season_length, settings.horizon)
        for history, cleaned in zip(histories, cleaned_histories, strict=True)
    ]
    windows = _windows(panel, chosen, ensemble, points, np.stack(naive, axis=1), open_histories=histories, now=now)
    scales = [change_scale(history, season_length) for history in cleaned_histories]
    usable = _usable(windows)
    state = BacktestState(
        windows=windows,
        item_ids=np.array(panel.item_ids, dtype=str),
        points=points,
        relative_errors=_relative_errors(points, usable, settings.measure, windows.is_intermittent),
        covariate_factors=covariate_factors,
        change_scale=np.stack(scales, axis=1),
        short_levels=np.stack([short_levels(history.values) for history in histories], axis=1),
        is_intermittent_now=ensemble.portfolio.is_intermittent(now.values),
    )
    errors = RelativeErrorSums.of(state.relative_errors, windows.is_intermittent)
    log_errors = log_error_sums(points, usable, state.change_scale, windows.is_intermittent)
    beginnings = BeginningErrors.of(histories[-1].values, settings.horizon, windows.is_intermittent[:, -1])
    return state, BacktestSums(ensemble.members, errors, log_errors, beginnings, int(panel.observed.sum()))


def merge_backtest(sums: BacktestSums, fitted: FittedModels) -> MemberErrors:
    """What the sums of all shards together tell. ValueError where no item of any was ever observed."""
    if not sums.observation_count:
        raise ValueError("The target holds no value: found NaN alone, expected at least one observation")
    errors = PanelErrors(sums.members, sums.relative_errors.counts, sums.relative_errors.rounded())
    log_errors = np.array([[log_error.mean() for log_error in windows] for windows in sums.log_errors])
    return MemberErrors(fitted, errors, log_errors, sums.beginnings)


def _windows(
    panel: Panel,
    windows: list[Window],
    ensemble: Ensemble,
    points: Array,
    naive: Array,
    *,
    open_histories: list[OpenHistory],
    now: OpenHistory,
) -> BacktestWindows:
    """The windows; ``points`` [member, item, window, step] tell what the global model expects of demand.

    What was closed in a window by what is known ``now`` teaches nothing either: a window may be too early to know.
    """
    horizon = points.shape[-1]
    histories = [history.values for history in open_histories]
    closed = np.stack([history.closed_steps for history in open_histories], axis=1)
    closed_since = np.stack([now.closed[:, w.start : w.start + horizon] for w in windows], axis=1)
    season_length = panel.grid.frequency.season_length
    is_intermittent = [ensemble.portfolio.is_intermittent(history) for history in histories]
    demands = [
        expected_demand(history, ensemble.global_points(points[:, :, number]), is_intermittent[number], season_length)
        for number, history in enumerate(histories)
    ]
    return BacktestWindows(
        window_starts=np.array([window.start for window in windows]),
        window_reported=np.array([window.reported for window in windows]),
        actual=np.stack([panel.target[:, w.start : w.start + horizon] for w in windows], axis=1),
        observation_counts=np.stack([(~np.isnan(history)).sum(axis=1) for history in histories], axis=1),
        is_intermittent=np.stack(is_intermittent, axis=1),
        closed=closed,
        has_closed=np.stack([history.closed.any(axis=1) for history in open_histories], axis=1),
        teaches=~(closed | closed_since),
        mase_scale=np.stack([seasonal_differences(panel.target[:, : w.start], season_length)[0] for w in windows], 1),
        naive=naive,
        expected_demand=np.stack([demand.mean for demand in demands], axis=1),
        demand_coordinates=np.stack([demand.coordinates for demand in demands], axis=1),
        folds=series_hashes(panel.target[:, : windows[-1].start]) % FOLD_COUNT,
    )


def _usable(windows: BacktestWindows) -> Array:
    """Actual values [item, window, step] of windows with enough history before them to learn from; else NaN."""
    long_enough = windows.observation_counts >= SHORTEST_TRAINING
    return np.where(long_enough[:, :, None], windows.lessons, np.nan)


def _relative_errors(points: Array, actual: Array, measure: ErrorMeasure, is_intermittent: NDArray[np.bool_]) -> Array:
    """[member, item, window], by ``measure``; squared in place of absolute errors where ``is_intermittent``.

    Members serve the mean of intermittent items alone, and absolute errors would lead to the median, mostly 0.
    """
    errors = relative_errors(points, actual, measure)
    items = is_intermittent.any(axis=1)
    if measure == "absolute" and items.any():
        squared = relative_errors(points[:, items], actual[items], "squared")
        errors[:, items] = np.where(is_intermittent[items], squared, errors[:, items])
    return errors
