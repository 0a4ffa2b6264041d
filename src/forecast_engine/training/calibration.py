"""The third round: items mix the members, and the panel counts how far the mixtures were off.

A reported window is judged by weights and intervals that never saw it. Weights of a window and the width of its scores
leave that window out; the scores that make another window's intervals leave that one out as well, of weights and widths
too. Where there is but one window, the panel's other items make the intervals, and members and items count alike.
"""

import math
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.members import moved, multiplicities
from forecast_engine.ensemble.weights import member_weights, mixed, prior_relative
from forecast_engine.evaluation.windows import SHORTEST_TRAINING
from forecast_engine.intervals.conformity_scores import (
    BIN_COUNT,
    TABLE_LEVELS,
    score_counts,
    score_quantiles,
    score_weights,
    step_groups,
)
from forecast_engine.intervals.demand_table import FINAL_LEVELS, ExpectedDemand, added, ratio_counts, ratio_table
from forecast_engine.intervals.widths import difficulty, log_sum, mean_log, window_log
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.settings import Document
from forecast_engine.state import State

_FOLDS = 5  # of items, where a single window leaves no other to learn from

Counts = list[list[list[int]]]  # [kind][step group][bin]


def calibrate(horizon: int, state: State, shared: Document) -> tuple[State, Document]:
    """Mix the members for each window and count the scores; final weights come from all windows."""
    windows = list(range(state["actual"].shape[1]))
    mixtures = [_mixed(state, shared, window, frozenset({window})) for window in windows]
    points = [mixture for mixture, _ in mixtures]
    movement = [
        moved(state["movement"][:, window], shared["members"], weights) for window, (_, weights) in enumerate(mixtures)
    ]
    final_prior = prior_relative(shared)[:, state["final_is_intermittent"].astype(int)]
    lessons = _Lessons.of(state, shared, windows, points)
    without = {judged: _lessons_without(state, shared, judged) for judged in _reported(state)}
    widths = [state["width"][:, judged] * difficulty(rest.logs) for judged, rest in without.items()]
    demand = [_demand_counts(state, shared, window) for window in windows]
    kept = {name: array for name, array in state.items() if name not in ("points", "relative", "width")}
    kept |= {"mixed": np.stack(points, axis=1), "movement": np.stack(movement, axis=1)}
    kept |= {"judged_width": np.stack(widths, axis=1), "difficulty": difficulty(lessons.logs)}
    kept |= {"weights": _weights(state["relative"], final_prior, shared)}
    groups = step_groups(horizon)
    if len(windows) == 1:
        folds = _folds(state)
        judging = [_counts(state, lessons, groups, folds != fold) for fold in range(_FOLDS)]
        demand_judging = [_demand_counts(state, shared, 0, folds != fold) for fold in range(_FOLDS)]
    else:
        judging = [_counts(state, rest, groups) for rest in without.values()]
        demand_judging = [added(demand[:judged] + demand[judged + 1 :]) for judged in without]
    hard = log_sum(np.log(kept["difficulty"][state["trained"][:, 0] >= SHORTEST_TRAINING]))
    sums: Document = {"final": _counts(state, lessons, groups), "judging": judging, "difficulty": hard}
    return kept, sums | {"demand_final": added(demand), "demand_judging": demand_judging}


def merge_calibrate(shards: list[Document], levels: tuple[float, ...]) -> Document:
    """Quantiles of the scores: ``scores`` [kind, group, ``TABLE_LEVELS``] for forecasts, ``judging_scores``
    [fold or reported window, kind, group, ``levels``] for the windows' own forecasts; ``difficulty`` of a typical item.
    """
    final = np.sum([np.array(shard["final"], dtype=np.int64) for shard in shards], axis=0)
    judging = np.sum([np.array(shard["judging"], dtype=np.int64) for shard in shards], axis=0)
    asked = np.array(levels)
    return {
        "scores": [_rounded(score_quantiles(kind, TABLE_LEVELS)) for kind in final],
        "difficulty": math.exp(mean_log(shard["difficulty"] for shard in shards)),
        "judging_scores": [[_rounded(score_quantiles(kind, asked)) for kind in counts] for counts in judging],
        "demand_table": ratio_table(added([shard["demand_final"] for shard in shards]), FINAL_LEVELS),
        "judging_demand_tables": [
            ratio_table(added(list(parts)), asked)
            for parts in zip(*(shard["demand_judging"] for shard in shards), strict=True)
        ],
    }


def judge_of(state: State, position: int) -> NDArray[np.int64]:
    """[item]: which of ``judging_scores`` belongs to each item in the reported window at ``position``."""
    if state["actual"].shape[1] > 1:
        return np.full(len(state["item_ids"]), position, dtype=np.int64)
    return _folds(state)


def _mixed(state: State, shared: Document, window: int, left_out: frozenset[int]) -> tuple[Array, Array]:
    """Points [item, step] of one window, mixed by weights [member, item] that some windows had no part in."""
    learnt_from = [number for number in range(state["actual"].shape[1]) if number not in left_out]
    prior = prior_relative(shared, left_out)[:, state["is_intermittent"][:, window].astype(int)]
    return mixed(_weights(state["relative"][:, :, learnt_from], prior, shared), state["points"][:, :, window])


def _weights(relative: Array, prior: Array, shared: Document) -> Array:
    return member_weights(relative, prior, multiplicities(shared["members"]))


@dataclass(frozen=True)
class _Lessons:
    """What windows teach about widths: ``errors`` [window][item, step], and how hard each window was by ``logs``
    [item, window]; NaN where they teach nothing.
    """

    windows: list[int]
    errors: list[Array]
    logs: Array

    @classmethod
    def of(cls, state: State, shared: Document, windows: list[int], points: list[Array]) -> "_Lessons":
        """Of ``windows`` whose mixtures were ``points`` [window][item, step]."""
        references = np.array(shared["references"])  # [kind, window]
        errors, logs = [], np.empty((len(state["item_ids"]), len(windows)))
        for position, (window, mixture) in enumerate(zip(windows, points, strict=True)):
            short = state["trained"][:, window] < SHORTEST_TRAINING
            errors.append(np.where(short[:, None], np.nan, state["actual"][:, window] - mixture))
            reference = references[state["is_intermittent"][:, window].astype(int), window]
            logs[:, position] = window_log(errors[-1], state["width"][:, window], reference)
        return cls(windows, errors, logs)

    def scores(self, state: State, position: int) -> Array:
        """Errors [item, step] of one window in units of a width that never saw it."""
        width = state["width"][:, self.windows[position]] * difficulty(np.delete(self.logs, position, axis=1))
        scores: Array = self.errors[position] / np.where(width > 0, width, np.nan)[:, None]
        return scores


def _lessons_without(state: State, shared: Document, judged: int) -> _Lessons:
    """What all windows but one teach, their mixtures without a part in it either."""
    windows = [window for window in range(state["actual"].shape[1]) if window != judged]
    points = [_mixed(state, shared, window, frozenset({window, judged}))[0] for window in windows]
    return _Lessons.of(state, shared, windows, points)


def _demand_counts(state: State, shared: Document, window: int, items: NDArray[np.bool_] | bool = True) -> Document:
    """How demand of one window lay around what was expected; nothing where NPTS is asked for alone."""
    alone = all(model == "npts" for model, *_ in shared["members"])
    chosen = (
        state["is_intermittent"][:, window] & (state["trained"][:, window] >= SHORTEST_TRAINING) & items & (not alone)
    )
    expected = ExpectedDemand(state["expected"][chosen, window], state["place"][chosen, window])
    return ratio_counts(state["actual"][chosen, window], expected)


def _counts(
    state: State, lessons: _Lessons, groups: NDArray[np.int64], items: NDArray[np.bool_] | None = None
) -> Counts:
    """Counts of the scores of ``items`` [item], all if None."""
    counts = np.zeros((len(DEMAND_CLASSES), int(groups[-1]) + 1, BIN_COUNT), dtype=np.int64)
    weights = score_weights(state["trained"])
    for position, window in enumerate(lessons.windows):
        scores = lessons.scores(state, position)
        for kind in range(len(DEMAND_CLASSES)):
            chosen = state["is_intermittent"][:, window] == bool(kind)
            chosen = chosen if items is None else chosen & items
            counts[kind] += score_counts(scores[chosen], groups, weights[chosen, window])
    total: Counts = counts.tolist()
    return total


def _folds(state: State) -> NDArray[np.int64]:
    """[item]: a hash of the item, the same in whatever shard."""
    hashes = [zlib.crc32(str(item_id).encode()) % _FOLDS for item_id in state["item_ids"]]
    return np.array(hashes, dtype=np.int64)


def _reported(state: State) -> list[int]:
    return [int(number) for number in np.flatnonzero(state["window_reported"])]


def _rounded(table: Array) -> list[list[float]]:
    """Six significant digits hold more than the data know, and keep the document small."""
    return [[float(f"{value:.6g}") for value in row] for row in table]
