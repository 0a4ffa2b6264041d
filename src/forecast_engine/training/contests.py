"""The mixture against seasonal naive, window by window: what the floor is decided by, and its intervals are made of."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.ensemble.floor import DifferenceSums, loss_differences, worse_items
from forecast_engine.evaluation.windows import SHORTEST_TRAINING
from forecast_engine.intervals.conformity_scores import FORECAST_LEVELS, ScoreHistograms
from forecast_engine.intervals.floor_tables import FloorTables
from forecast_engine.intervals.widths import LogSum, difficulty
from forecast_engine.settings import ErrorMeasure, JsonObject
from forecast_engine.state import BacktestState, MemberErrors
from forecast_engine.training.window_errors import WindowErrors, histograms


@dataclass(frozen=True)
class Contest:
    """Some windows in which both forecast: ``worse`` [item] tells which items' mixture lost by its own windows."""

    naive: WindowErrors
    differences: DifferenceSums
    worse: NDArray[np.bool_]

    @classmethod
    def of(cls, state: BacktestState, panel: MemberErrors, mixture: WindowErrors, measure: ErrorMeasure) -> "Contest":
        """Of the windows that the errors of the ``mixture`` are of."""
        windows = state.windows
        naive = WindowErrors.of(state, panel, mixture.windows, [windows.naive[:, w] for w in mixture.windows])
        differences = np.empty((len(state.item_ids), len(mixture.windows)))
        for position, window in enumerate(mixture.windows):
            differences[:, position] = loss_differences(
                mixture.errors[position],
                naive.errors[position],
                level=np.nan_to_num(means_over_time(np.abs(windows.lessons[:, window]))),
                scale=windows.mase_scale[:, window],
                by_squares=windows.is_intermittent[:, window] | (measure == "squared"),
            )
        sums = DifferenceSums.of(differences, windows.is_intermittent[:, mixture.windows])
        return cls(naive, sums, worse_items(differences))


@dataclass(frozen=True)
class ContestSums:
    """What one shard adds to the floor of the panel: by all windows, then without each reported one [contest].

    ``scores`` are seasonal naive's of items that stand on the floor by their own windows, ``other_scores`` those of the
    others: where their class stands on it, they do.
    """

    differences: list[DifferenceSums]
    scores: list[ScoreHistograms]
    other_scores: list[ScoreHistograms]
    log_difficulty: LogSum

    @classmethod
    def of(cls, state: BacktestState, contests: list[Contest], groups: NDArray[np.int64]) -> "ContestSums":
        """Of one shard's ``contests``; ``groups`` are those of the steps."""
        is_known = state.windows.observation_counts[:, 0] >= SHORTEST_TRAINING
        return cls(
            [contest.differences for contest in contests],
            [histograms(state, contest.naive, groups, contest.worse) for contest in contests],
            [histograms(state, contest.naive, groups, ~contest.worse) for contest in contests],
            LogSum.of(np.log(difficulty(contests[0].naive.log_ratios)[is_known])),
        )

    def __add__(self, other: "ContestSums") -> "ContestSums":
        """The sums of both shards, still exact."""
        return ContestSums(
            [one + another for one, another in zip(self.differences, other.differences, strict=True)],
            [one + another for one, another in zip(self.scores, other.scores, strict=True)],
            [one + another for one, another in zip(self.other_scores, other.other_scores, strict=True)],
            self.log_difficulty + other.log_difficulty,
        )

    def tables(self, levels: Array) -> FloorTables:
        """The tables of all shards' sums; ``levels`` are those of the reported windows' forecasts."""
        worse = [differences.worse_classes() for differences in self.differences]
        scores = [
            ScoreHistograms(own.counts + np.where(is_worse[:, None, None], others.counts, 0))
            for own, others, is_worse in zip(self.scores, self.other_scores, worse, strict=True)
        ]
        return FloorTables(
            worse=worse[0],
            held_out_worse=np.stack(worse[1:]),
            conformity_scores=scores[0].quantiles(FORECAST_LEVELS),
            held_out_scores=np.stack([held_out.quantiles(levels) for held_out in scores[1:]]),
            typical_difficulty=math.exp(self.log_difficulty.mean()),
        )

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        return {
            "differences": [differences.to_document() for differences in self.differences],
            "scores": [scores.counts.tolist() for scores in self.scores],
            "other_scores": [scores.counts.tolist() for scores in self.other_scores],
            "log_difficulty": self.log_difficulty.to_document(),
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "ContestSums":
        """Sums from what ``to_document`` wrote."""
        return cls(
            [DifferenceSums.from_document(differences) for differences in document["differences"]],
            [ScoreHistograms(np.array(counts, dtype=np.int64)) for counts in document["scores"]],
            [ScoreHistograms(np.array(counts, dtype=np.int64)) for counts in document["other_scores"]],
            LogSum.from_document(document["log_difficulty"]),
        )
