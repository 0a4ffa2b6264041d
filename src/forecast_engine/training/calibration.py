"""The third round, cross-conformal calibration: items combine the members, and the panel counts how far off that was.

To score reported window w, nothing learnt from w is used:

1. its weights come from the other windows;
2. so does its difficulty;
3. its conformity scores come from the other windows, recomputed with w left out of *their* weights and difficulty;
4. whether seasonal naive forecasts it is decided by the same errors of the other windows.

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
    step_groups,
)
from forecast_engine.intervals.demand_table import RATIO_LEVELS, RatioCounts, RatioTables
from forecast_engine.intervals.widths import LogSum, difficulty
from forecast_engine.settings import JsonObject, TrainingSettings
from forecast_engine.state import (
    FOLD_COUNT,
    BacktestState,
    CalibratedState,
    IntervalTables,
    MemberErrors,
    TrainedItems,
)
from forecast_engine.training.contests import Contest, ContestSums
from forecast_engine.training.window_errors import WindowErrors, histograms


@dataclass(frozen=True)
class CalibrationSums:
    """How far off one shard's backtests were: in all windows, and without each reported one or each fold of items."""

    conformity_scores: ScoreHistograms
    held_out_scores: list[ScoreHistograms]  # [fold or reported window]
    log_difficulty: LogSum
    ratios: RatioCounts
    held_out_ratios: list[RatioCounts]  # [fold or reported window]
    contests: ContestSums

    def __add__(self, other: "CalibrationSums") -> "CalibrationSums":
        """The sums of both shards, still exact."""
        return CalibrationSums(
            self.conformity_scores + other.conformity_scores,
            [one + another for one, another in zip(self.held_out_scores, other.held_out_scores, strict=True)],
            self.log_difficulty + other.log_difficulty,
            self.ratios + other.ratios,
            [one + another for one, another in zip(self.held_out_ratios, other.held_out_ratios, strict=True)],
            self.contests + other.contests,
        )

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        return {
            "conformity_scores": self.conformity_scores.counts.tolist(),
            "held_out_scores": [histograms.counts.tolist() for histograms in self.held_out_scores],
            "log_difficulty": self.log_difficulty.to_document(),
            "ratios": self.ratios.to_document(),
            "held_out_ratios": [counts.to_document() for counts in self.held_out_ratios],
            "contests": self.contests.to_document(),
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
            ContestSums.from_document(document["contests"]),
        )


def calibrate(
    settings: TrainingSettings, state: BacktestState, panel: MemberErrors
) -> tuple[CalibratedState, CalibrationSums]:
    """Combine the members for each window and count the scores; the items' own weights come from all windows."""
    windows, everything = state.windows, range(state.windows.count)
    combined = [_combined(state, panel, window, frozenset({window})) for window in everything]
    factors = [
        weighted_covariate_factors(state.covariate_factors[:, window], panel.errors.members, weights)
        for window, (_, weights) in enumerate(combined)
    ]
    errors = WindowErrors.of(state, panel, [*everything], [points for points, _ in combined])
    held_out = [_errors_without(state, panel, window) for window in windows.reported]
    contests = [Contest.of(state, panel, mixture, settings.measure) for mixture in (errors, *held_out)]
    calibrated = CalibratedState(
        windows=windows,
        items=_trained_items(state, panel, errors, contests[0]),
        combined=np.stack([points for points, _ in combined], axis=1),
        covariate_factors=np.stack(factors, axis=1),
        held_out_scale=_held_out_scales(state, panel, held_out),
        held_out_worse=np.stack([contest.worse for contest in contests[1:]], axis=1),
        held_out_naive_scale=_held_out_scales(state, panel, [contest.naive for contest in contests[1:]]),
    )
    contest_sums = ContestSums.of(state, contests, step_groups(settings.horizon))
    return calibrated, _sums(state, panel, errors, held_out, contest_sums)


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
        floor=sums.contests.tables(held_out_levels),
    )


def held_out_table(state: CalibratedState, position: int) -> NDArray[np.int64]:
    """[item]: which of the held-out tables serves each item in the reported window at ``position``."""
    if state.windows.count > 1:
        return np.full(len(state.items.item_ids), position, dtype=np.int64)
    return state.windows.folds


def _trained_items(state: BacktestState, panel: MemberErrors, errors: WindowErrors, contest: Contest) -> TrainedItems:
    """What all windows tell of each item."""
    weights = panel.errors.weights(state.relative_errors, state.is_intermittent_now)
    naive_difficulty = difficulty(contest.naive.log_ratios)
    return TrainedItems(state.item_ids, weights, difficulty(errors.log_ratios), contest.worse, naive_difficulty)


def _held_out_scales(state: BacktestState, panel: MemberErrors, held_out: list[WindowErrors]) -> Array:
    """[item, reported window]: the scale of intervals, each from the errors of the other windows."""
    scales = [
        panel.scale_of(
            state.change_scale[:, window],
            state.short_levels[:, window],
            state.windows.observation_counts[:, window],
            left_out=window,
        )
        * difficulty(other_windows.log_ratios)
        for window, other_windows in zip(state.windows.reported, held_out, strict=True)
    ]
    return np.stack(scales, axis=1)


def _combined(state: BacktestState, panel: MemberErrors, window: int, left_out: frozenset[int]) -> tuple[Array, Array]:
    """Points [item, step] of one window and weights [member, item] that the windows left out had no part in."""
    is_intermittent = state.windows.is_intermittent[:, window]
    weights = panel.errors.weights(state.relative_errors, is_intermittent, left_out)
    return combine(weights, state.points[:, :, window])


def _errors_without(state: BacktestState, panel: MemberErrors, left_out: int) -> WindowErrors:
    """The errors of all windows but one, which has no part in their weights either."""
    windows = [window for window in range(state.windows.count) if window != left_out]
    points = [_combined(state, panel, window, frozenset({window, left_out}))[0] for window in windows]
    return WindowErrors.of(state, panel, windows, points)


def _sums(
    state: BacktestState,
    panel: MemberErrors,
    errors: WindowErrors,
    held_out: list[WindowErrors],
    contests: ContestSums,
) -> CalibrationSums:
    """The counts of all windows, and without each reported one; with a single window, without each fold of items."""
    groups = step_groups(state.points.shape[-1])
    ratios = [_ratio_counts(state, panel, window) for window in range(state.windows.count)]
    if len(ratios) == 1:
        folds = state.windows.folds
        held_out_scores = [histograms(state, errors, groups, folds != fold) for fold in range(FOLD_COUNT)]
        held_out_ratios = [_ratio_counts(state, panel, 0, folds != fold) for fold in range(FOLD_COUNT)]
    else:
        held_out_scores = [histograms(state, other_windows, groups) for other_windows in held_out]
        held_out_ratios = [reduce(add, ratios[:window] + ratios[window + 1 :]) for window in state.windows.reported]
    is_known = state.windows.observation_counts[:, 0] >= SHORTEST_TRAINING
    return CalibrationSums(
        conformity_scores=histograms(state, errors, groups),
        held_out_scores=held_out_scores,
        log_difficulty=LogSum.of(np.log(difficulty(errors.log_ratios)[is_known])),
        ratios=reduce(add, ratios),
        held_out_ratios=held_out_ratios,
        contests=contests,
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
