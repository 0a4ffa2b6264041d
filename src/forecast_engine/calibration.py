"""The second round: items mix the members, and the panel counts how far the mixtures were off.

A reported window is judged by weights and intervals that never saw it. Weights of a window leave that window out; the
scores that make another window's intervals leave that one out as well, of the weights too. Where there is but one
window, the panel's other items make the intervals, and members count alike.
"""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.block import Array
from forecast_engine.ensemble import moved, multiplicities
from forecast_engine.round_state import KINDS, SHORTEST_TRAINING, Document, State
from forecast_engine.scores import score_counts, score_quantiles, step_groups
from forecast_engine.weights import member_weights, mixed

_FOLDS = 5  # of items, where a single window leaves no other to learn from
TABLE_LEVELS = np.round(np.arange(1, 100) / 100, 2)  # of the final scores, so that a forecast may ask for any quantile

Counts = list[list[list[int]]]  # [kind][step group][bin]


def prior_relative(shared: Document, left_out: frozenset[int] = frozenset()) -> Array:
    """The panel's mean relative error [member, kind] over all windows but some; 1 where there is none."""
    prior = np.ones((len(shared["members"]), len(KINDS)))
    for kind, windows in enumerate(shared["relative"]):
        used = [window for number, window in enumerate(windows) if number not in left_out]
        count = np.sum([window["counts"] for window in used], axis=0)
        total = np.sum([window["sums"] for window in used], axis=0)
        prior[:, kind] = np.where(count > 0, total / np.maximum(count, 1), 1.0)
    return prior


def calibrate(horizon: int, state: State, shared: Document) -> tuple[State, Document]:
    """Mix the members for each window and count the scores; final weights come from all windows."""
    windows = range(state["actual"].shape[1])
    mixtures = [_mixed(state, shared, window, frozenset({window})) for window in windows]
    points = np.stack([mixture for mixture, _ in mixtures], axis=1)
    movement = [
        moved(state["movement"][:, window], shared["members"], weights) for window, (_, weights) in enumerate(mixtures)
    ]
    final_prior = prior_relative(shared)[:, state["final_sampled"].astype(int)]
    kept = {name: array for name, array in state.items() if name not in ("points", "relative")}
    kept |= {"mixed": points, "movement": np.stack(movement, axis=1)}
    kept |= {"weights": _weights(state["relative"], final_prior, shared)}
    groups = step_groups(horizon)
    scores = [_scores(state, points[:, window], window) for window in windows]
    final = [_kind_counts(state, window, scores[window], groups) for window in windows]
    if len(windows) == 1:
        judging = _counts_without_folds(state, scores[0], groups)
    else:
        judging = [_counts_without_window(state, shared, number, groups) for number in _reported(state)]
    return kept, {"final": np.sum(final, axis=0).tolist(), "judging": judging}


def merge_calibrate(shards: list[Document], levels: tuple[float, ...]) -> Document:
    """Quantiles of the scores: ``scores`` [kind, group, ``TABLE_LEVELS``] for forecasts, ``judging_scores``
    [fold or reported window, kind, group, ``levels``] for the windows' own forecasts.
    """
    final = np.sum([np.array(shard["final"], dtype=np.int64) for shard in shards], axis=0)
    judging = np.sum([np.array(shard["judging"], dtype=np.int64) for shard in shards], axis=0)
    asked = np.array(levels)
    return {
        "scores": [_rounded(score_quantiles(kind, TABLE_LEVELS)) for kind in final],
        "judging_scores": [[_rounded(score_quantiles(kind, asked)) for kind in counts] for counts in judging],
    }


def judge_of(state: State, position: int) -> NDArray[np.int64]:
    """[item]: which of ``judging_scores`` belongs to each item in the reported window at ``position``."""
    if state["actual"].shape[1] > 1:
        return np.full(len(state["item_ids"]), position, dtype=np.int64)
    return _folds(state)


def _mixed(state: State, shared: Document, window: int, left_out: frozenset[int]) -> tuple[Array, Array]:
    """Points [item, step] of one window, mixed by weights [member, item] that some windows had no part in."""
    learnt_from = [number for number in range(state["actual"].shape[1]) if number not in left_out]
    prior = prior_relative(shared, left_out)[:, state["sampled"][:, window].astype(int)]
    return mixed(_weights(state["relative"][:, :, learnt_from], prior, shared), state["points"][:, :, window])


def _weights(relative: Array, prior: Array, shared: Document) -> Array:
    return member_weights(relative, prior, multiplicities(shared["members"]))


def _scores(state: State, points: Array, window: int) -> Array:
    """Errors [item, step] in units of each item's scale; NaN where they teach nothing."""
    scale = state["scale"][:, window, None]
    scores = (state["actual"][:, window] - points) / np.where(scale > 0, scale, np.nan)
    scores[state["trained"][:, window] < SHORTEST_TRAINING] = np.nan
    return scores


def _kind_counts(state: State, window: int, scores: Array, groups: NDArray[np.int64]) -> Counts:
    kinds = state["sampled"][:, window]
    return [score_counts(scores[kinds == kind], groups).tolist() for kind in (False, True)]


def _counts_without_window(state: State, shared: Document, judged: int, groups: NDArray[np.int64]) -> Counts:
    counts: list[Any] = []
    for window in range(state["actual"].shape[1]):
        if window != judged:
            points, _ = _mixed(state, shared, window, frozenset({window, judged}))
            counts.append(_kind_counts(state, window, _scores(state, points, window), groups))
    total: Counts = np.sum(counts, axis=0).tolist()
    return total


def _counts_without_folds(state: State, scores: Array, groups: NDArray[np.int64]) -> list[Counts]:
    folds = _folds(state)
    without = [np.where((folds == fold)[:, None], np.nan, scores) for fold in range(_FOLDS)]
    return [_kind_counts(state, 0, rest, groups) for rest in without]


def _folds(state: State) -> NDArray[np.int64]:
    """[item]: a hash of the item, the same in whatever shard."""
    hashes = [zlib.crc32(str(item_id).encode()) % _FOLDS for item_id in state["item_ids"]]
    return np.array(hashes, dtype=np.int64)


def _reported(state: State) -> list[int]:
    return [int(number) for number in np.flatnonzero(state["window_reported"])]


def _rounded(table: Array) -> list[list[float]]:
    """Six significant digits hold more than the data know, and keep the document small."""
    return [[float(f"{value:.6g}") for value in row] for row in table]
