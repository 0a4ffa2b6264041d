"""The third round, cross-conformal calibration: items combine the members, and the panel counts how far off that was.

To score reported window w, nothing learnt from w is used:

1. its weights come from the other windows;
2. so does its difficulty;
3. its conformity scores come from the other windows, recomputed with w left out of *their* weights and difficulty.

With one window, scores come from the other four of five folds of items, and weights are the panel's prior ones.
"""

import math
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.members import weighted_covariate_factors
from forecast_engine.ensemble.weights import combine
from forecast_engine.evaluation.windows import SHORTEST_TRAINING
from forecast_engine.intervals.conformity_scores import (
    FORECAST_LEVELS,
    ScoreHistograms,
    score_counts,
    score_weights,
    step_groups,
)
from forecast_engine.intervals.demand_table import RATIO_LEVELS, RatioCounts, RatioTables
from forecast_engine.intervals.widths import LogSum, difficulty, log_error_ratio
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.settings import JsonObject
from forecast_engine.state import (
    FOLD_COUNT,
    BacktestState,
    CalibratedState,
    IntervalTables,
    MemberErrors,
    TrainedItems,
)


@dataclass(frozen=True)
class CalibrationSums:
    """How far off one shard's backtests were: in all windows, and without each reported one or each fold of items."""

    conformity_scores: ScoreHistograms
    held_out_scores: list[ScoreHistograms]  # [fold or reported window]
    log_difficulty: LogSum
    ratios: RatioCounts
    held_out_ratios: list[RatioCounts]  # [fold or reported window]

    def __add__(self, other: "CalibrationSums") -> "CalibrationSums":
        """The sums of both shards, still exact."""
        return CalibrationSums(
            self.conformity_scores + other.conformity_scores,
            [one + another for one, another in zip(self.held_out_scores, other.held_out_scores, strict=True)],
            self.log_difficulty + other.log_difficulty,
            self.ratios + other.ratios,
            [one + another for one, another in zip(self.held_out_ratios, other.held_out_ratios, strict=True)],
        )

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        return {
            "conformity_scores": self.conformity_scores.counts.tolist(),
            "held_out_scores": [histograms.counts.tolist() for histograms in self.held_out_scores],
            "log_difficulty": self.log_difficulty.to_document(),
            "ratios": self.ratios.to_document(),
            "held_out_ratios": [counts.to_document() for counts in self.held_out_ratios],
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "CalibrationSums":
        """Sums from what ``to_document`` wrote."""
        held_out = document["held_out_scores"]
        return cls(
            ScoreHistograms(np.array(document["conformity_scores"], dtype=np.int64)),
            [ScoreHistograms(np.array(counts, dtype=np.int64)) for counts in held_out],
            LogSum.from_document(document["log_difficulty"]),
            RatioCounts.from_document(document["ratios"]),
            [RatioCounts.from_document(counts) for counts in document["held_out_ratios"]],
        )


def calibrate(horizon: int, state: BacktestState, panel: MemberErrors) -> tuple[CalibratedState, CalibrationSums]:
    """Combine the members for each window and count the scores; the items' own weights come from all windows."""
    windows, everything = state.windows, range(state.windows.count)
    combined = [_combined(state, panel, window, frozenset({window})) for window in everything]
    factors = [
        weighted_covariate_factors(state.covariate_factors[:, window], panel.errors.members, weights)
        for window, (_, weights) in enumerate(combined)
    ]
    errors = WindowErrors.of(state, panel, [*everything], [points for points, _ in combined])
    held_out = [_errors_without(state, panel, window) for window in windows.reported]
    scales = [
        state.change_scale[:, window] * difficulty(other_windows.log_ratios)
        for window, other_windows in zip(windows.reported, held_out, strict=True)
    ]
    own_weights = panel.errors.weights(state.relative_errors, state.is_intermittent_now)
    calibrated = CalibratedState(
        windows=windows,
        items=TrainedItems(state.item_ids, own_weights, difficulty(errors.log_ratios)),
        combined=np.stack([points for points, _ in combined], axis=1),
        covariate_factors=np.stack(factors, axis=1),
        held_out_scale=np.stack(scales, axis=1),
    )
    return calibrated, _sums(horizon, state, panel, errors, held_out)


def merge_calibrate(sums: CalibrationSums, levels: tuple[float, ...], panel: MemberErrors) -> IntervalTables:
    """The tables that the sums of all shards make; ``levels`` are those of the reported windows' own forecasts."""
    held_out_levels = np.array(levels)
    return IntervalTables(
        member_errors=panel,
        conformity_scores=sums.conformity_scores.quantiles(FORECAST_LEVELS),
        held_out_scores=np.stack([histograms.quantiles(held_out_levels) for histograms in sums.held_out_scores]),
        typical_difficulty=math.exp(sums.log_difficulty.mean()),
        ratios=RatioTables.of([sums.ratios], RATIO_LEVELS),
        held_out_ratios=RatioTables.of(sums.held_out_ratios, held_out_levels),
    )


def held_out_table(state: CalibratedState, position: int) -> NDArray[np.int64]:
    """[item]: which of the held-out tables serves each item in the reported window at ``position``."""
    if state.windows.count > 1:
        return np.full(len(state.items.item_ids), position, dtype=np.int64)
    return state.windows.folds


def _combined(state: BacktestState, panel: MemberErrors, window: int, left_out: frozenset[int]) -> tuple[Array, Array]:
    """Points [item, step] of one window and weights [member, item] that the windows left out had no part in."""
    is_intermittent = state.windows.is_intermittent[:, window]
    weights = panel.errors.weights(state.relative_errors, is_intermittent, left_out)
    return combine(weights, state.points[:, :, window])


@dataclass(frozen=True)
class WindowErrors:
    """How far off some windows were: what difficulty and conformity scores are made of; NaN where nothing is known."""

    windows: list[int]
    errors: list[Array]  # [window][item, step]
    scales: list[Array]  # [window][item]: change scale
    log_ratios: Array  # [item, window]: how much harder than for the panel

    @classmethod
    def of(cls, state: BacktestState, panel: MemberErrors, windows: list[int], points: list[Array]) -> "WindowErrors":
        """Of ``windows`` for which the members' weighted means were ``points`` [window][item, step]."""
        lessons = state.windows.lessons
        errors, log_ratios = [], np.empty((len(state.item_ids), len(windows)))
        for position, (window, forecast) in enumerate(zip(windows, points, strict=True)):
            too_short = state.windows.observation_counts[:, window] < SHORTEST_TRAINING
            errors.append(np.where(too_short[:, None], np.nan, lessons[:, window] - forecast))
            panel_log_error = panel.log_errors[state.windows.is_intermittent[:, window].astype(int), window]
            log_ratios[:, position] = log_error_ratio(errors[-1], state.change_scale[:, window], panel_log_error)
        return cls(windows, errors, [state.change_scale[:, window] for window in windows], log_ratios)

    def conformity_scores(self, position: int) -> Array:
        """Conformity scores [item, step] of one window: its errors in units of a scale that never saw it."""
        scale = self.scales[position] * difficulty(np.delete(self.log_ratios, position, axis=1))
        scores: Array = self.errors[position] / np.where(scale > 0, scale, np.nan)[:, None]
        return scores


def _errors_without(state: BacktestState, panel: MemberErrors, left_out: int) -> WindowErrors:
    """The errors of all windows but one, which has no part in their weights either."""
    windows = [window for window in range(state.windows.count) if window != left_out]
    points = [_combined(state, panel, window, frozenset({window, left_out}))[0] for window in windows]
    return WindowErrors.of(state, panel, windows, points)


def _sums(
    horizon: int,
    state: BacktestState,
    panel: MemberErrors,
    errors: WindowErrors,
    held_out: list[WindowErrors],
) -> CalibrationSums:
    """The counts of all windows, and without each reported one; with a single window, without each fold of items."""
    groups = step_groups(horizon)
    ratios = [_ratio_counts(state, panel, window) for window in range(state.windows.count)]
    if len(ratios) == 1:
        folds = state.windows.folds
        held_out_scores = [_histograms(state, errors, groups, folds != fold) for fold in range(FOLD_COUNT)]
        held_out_ratios = [_ratio_counts(state, panel, 0, folds != fold) for fold in range(FOLD_COUNT)]
    else:
        held_out_scores = [_histograms(state, other_windows, groups) for other_windows in held_out]
        held_out_ratios = [reduce(add, ratios[:window] + ratios[window + 1 :]) for window in state.windows.reported]
    is_known = state.windows.observation_counts[:, 0] >= SHORTEST_TRAINING
    return CalibrationSums(
        conformity_scores=_histograms(state, errors, groups),
        held_out_scores=held_out_scores,
        log_difficulty=LogSum.of(np.log(difficulty(errors.log_ratios)[is_known])),
        ratios=reduce(add, ratios),
        held_out_ratios=held_out_ratios,
    )


def _ratio_counts(
    state: BacktestState, panel: MemberErrors, window: int, items: NDArray[np.bool_] | bool = True
) -> RatioCounts:
    """How demand of one window lay around what was expected; nothing where NPTS is asked for alone."""
    windows = state.windows
    npts_alone = all(member.model == "npts" for member in panel.errors.members)
    long_enough = windows.observation_counts[:, window] >= SHORTEST_TRAINING
    chosen = windows.is_intermittent[:, window] & long_enough & items & (not npts_alone)
    return RatioCounts.of(windows.lessons[chosen, window], windows.expected_demand_of(window).of_items(chosen))


def _histograms(
    state: BacktestState, errors: WindowErrors, groups: NDArray[np.int64], items: NDArray[np.bool_] | None = None
) -> ScoreHistograms:
    """The conformity scores of ``items`` [item], all if None."""
    counts = ScoreHistograms.empty(groups).counts
    weights = score_weights(state.windows.observation_counts)
    for position, window in enumerate(errors.windows):
        scores = errors.conformity_scores(position)
        for number in range(len(DEMAND_CLASSES)):
            chosen = state.windows.is_intermittent[:, window] == bool(number)
            chosen = chosen if items is None else chosen & items
            counts[number] += score_counts(scores[chosen], groups, weights[chosen, window])
    return ScoreHistograms(counts)
