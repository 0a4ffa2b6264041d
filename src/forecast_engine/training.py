"""Training in rounds: every shard runs a round on its own items, the sums are merged, and the next round reads them.

``backtest``   every member forecasts every window; the sums are the panel's relative errors of each member.
``calibrate``  items mix the members; the sums are the counts of how far the mixtures were off.
``evaluate``   quantiles of the reported windows, scored; the sums are those of the metrics.

What a window is judged by never saw that window: its weights and intervals come from the other windows, or, where
there is but one, from the panel's other items.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine import accuracy
from forecast_engine.block import Array
from forecast_engine.distribution import item_quantiles, seasonal_naive
from forecast_engine.exact_sum import exact_sum, merged, rounded_sum
from forecast_engine.panel import Panel
from forecast_engine.portfolio import Portfolio, intermittent, seasonal_differences
from forecast_engine.scores import score_counts, score_quantiles, step_groups
from forecast_engine.settings import TrainingSettings
from forecast_engine.weights import member_weights, relative_errors
from forecast_engine.windows import Window, backtest_windows

ROUNDS: tuple[str, ...] = ("backtest", "calibrate", "evaluate")

State = dict[str, np.ndarray]
Document = dict[str, Any]

KINDS = ("smooth", "intermittent")  # series are pooled with their like
_FOLDS = 5  # of items, where a single window leaves no other to learn from
_SHORTEST_TRAINING = 4  # observations before a window that make its errors worth learning from
TABLE_LEVELS = np.round(np.arange(1, 100) / 100, 2)  # of the final scores, so that a forecast may ask for any quantile


@dataclass(frozen=True)
class RoundResult:
    """``state``: arrays that this shard keeps for the next round; ``sums``: its JSON-able share of the panel's sums."""

    state: State
    sums: Document


def run_round(name: str, panel: Panel, settings: TrainingSettings, state: State, shared: Document) -> RoundResult:
    """Run one round of ``ROUNDS`` on one shard; the first takes ``{}`` and ``{}``."""
    if name == "backtest":
        return _backtest(panel, settings)
    if name == "calibrate":
        return _calibrate(settings, state, shared)
    if name == "evaluate":
        return _evaluate(panel, settings, state, shared)
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def merge_round(name: str, sums: Iterable[Document], shared: Document, settings: TrainingSettings) -> Document:
    """Add up one round's sums of all shards, in any order; the document that the next round reads."""
    shards = list(sums)
    if not shards:
        raise ValueError(f"Round {name!r} needs the sums of at least one shard, found none")
    if name == "backtest":
        return _merge_backtest(shards)
    if name == "calibrate":
        return shared | _merge_calibrate(shards, settings)
    if name == "evaluate":
        return shared | {"accuracy": _merge_evaluate(shards, settings)}
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def _backtest(panel: Panel, settings: TrainingSettings) -> RoundResult:
    portfolio = Portfolio.for_frequency(panel.grid.frequency, settings.models)
    windows = backtest_windows(panel.grid.length, settings)
    forecasts = [portfolio.forecast(panel.target[:, : window.start], settings.horizon) for window in windows]
    actual = np.stack([panel.target[:, w.start : w.start + settings.horizon] for w in windows], axis=1)
    trained = np.stack([(~np.isnan(panel.target[:, : w.start])).sum(axis=1) for w in windows], axis=1)
    kinds = np.stack([intermittent(panel.target[:, : window.start]) for window in windows], axis=1)
    points = np.stack(forecasts, axis=2)
    season_length = panel.grid.frequency.season_length
    scales = [seasonal_differences(panel.target[:, : window.start], season_length)[0] for window in windows]
    usable = np.where((trained >= _SHORTEST_TRAINING)[:, :, None], actual, np.nan)
    relative = relative_errors(points, usable)
    state: State = {
        "item_ids": np.array(panel.item_ids, dtype=str),
        "window_starts": np.array([window.start for window in windows]),
        "window_reported": np.array([window.reported for window in windows]),
        "points": points,  # [member, item, window, step]
        "scale": np.stack(scales, axis=1),  # [item, window]: what errors are measured in, MASE's own scale
        "actual": actual,  # [item, window, step]
        "trained": trained,  # [item, window]: observations before the window
        "intermittent": kinds,  # [item, window]
        "final_intermittent": intermittent(panel.target),  # [item]
        "relative": relative,  # [member, item, window]
    }
    members = [[member.model, member.period, member.logarithm] for member in portfolio.members]
    return RoundResult(state, {"members": members, "relative": _relative_sums(relative, kinds)})


def _relative_sums(relative: Array, kinds: NDArray[np.bool_]) -> list[list[Document]]:
    """[kind][window]: count of items and, for each member, the sum of its relative errors."""
    sums = []
    for kind in (False, True):
        chosen = (kinds == kind) & ~np.isnan(relative[0])
        sums.append(
            [
                {
                    "count": int(chosen[:, window].sum()),
                    "sums": [exact_sum(member[chosen[:, window], window].tolist()) for member in relative],
                }
                for window in range(kinds.shape[1])
            ]
        )
    return sums


def _merge_backtest(shards: list[Document]) -> Document:
    members = shards[0]["members"]
    window_count = len(shards[0]["relative"][0])
    totals = []
    for kind in range(len(KINDS)):
        windows = []
        for window in range(window_count):
            parts = [shard["relative"][kind][window] for shard in shards]
            sums = [merged(part["sums"][member] for part in parts) for member in range(len(members))]
            windows.append({"count": sum(part["count"] for part in parts), "sums": [rounded_sum(s) for s in sums]})
        totals.append(windows)
    return {"members": members, "relative": totals}


def prior_relative(shared: Document, left_out: int | None) -> Array:
    """The panel's mean relative error [member, kind] over all windows but one; 1 where there is none."""
    prior = np.ones((len(shared["members"]), len(KINDS)))
    for kind, windows in enumerate(shared["relative"]):
        used = [window for number, window in enumerate(windows) if number != left_out]
        count = sum(window["count"] for window in used)
        if count:
            prior[:, kind] = np.sum([window["sums"] for window in used], axis=0) / count
    return prior


def _calibrate(settings: TrainingSettings, state: State, shared: Document) -> RoundResult:
    """Mix the members for each window and count the scores; final weights come from all windows."""
    relative, kinds = state["relative"], state["intermittent"]
    window_count = kinds.shape[1]
    mixed = np.zeros(state["actual"].shape)
    for window in range(window_count):
        others = np.delete(relative, window, axis=2)
        prior = prior_relative(shared, left_out=window)[:, kinds[:, window].astype(int)]
        weights = member_weights(others, prior)
        mixed[:, window] = (weights[:, :, None] * state["points"][:, :, window]).sum(axis=0)
    final_prior = prior_relative(shared, left_out=None)[:, state["final_intermittent"].astype(int)]
    kept = {name: array for name, array in state.items() if name not in ("points", "relative")}
    kept |= {"mixed": mixed, "weights": member_weights(relative, final_prior)}
    return RoundResult(kept, {"counts": _score_counts(settings, kept)})


def _score_counts(settings: TrainingSettings, state: State) -> list[list[list[list[int]]]]:
    """[fold or window][kind][step group][bin]."""
    scale = np.where(state["scale"] > 0, state["scale"], np.nan)[:, :, None]
    scores = (state["actual"] - state["mixed"]) / scale
    scores[state["trained"] < _SHORTEST_TRAINING] = np.nan
    groups, folds = step_groups(settings.horizon), _fold_of(state)
    fold_count = _fold_count(state)
    return [
        [
            score_counts(scores[(folds == fold) & (state["intermittent"] == kind)], groups).tolist()
            for kind in (False, True)
        ]
        for fold in range(fold_count)
    ]


def _fold_count(state: State) -> int:
    window_count = state["intermittent"].shape[1]
    return window_count if window_count > 1 else _FOLDS


def _fold_of(state: State) -> NDArray[np.int64]:
    """[item, window]: the window itself, or a hash of the item where there is but one window."""
    item_count, window_count = state["intermittent"].shape
    if window_count > 1:
        return np.broadcast_to(np.arange(window_count), (item_count, window_count))
    hashes = [zlib.crc32(str(item_id).encode()) % _FOLDS for item_id in state["item_ids"]]
    return np.array(hashes, dtype=np.int64)[:, None]


def _merge_calibrate(shards: list[Document], settings: TrainingSettings) -> Document:
    """Quantiles of the scores: the final ones of all folds, and for each fold those of the others."""
    counts = np.sum([np.array(shard["counts"], dtype=np.int64) for shard in shards], axis=0)
    total = counts.sum(axis=0)
    levels = np.array(evaluated_levels(settings))
    return {
        "scores": [_rounded(score_quantiles(kind, TABLE_LEVELS)) for kind in total],
        "fold_scores": [[_rounded(score_quantiles(kind, levels)) for kind in total - fold] for fold in counts],
    }


def _rounded(table: Array) -> list[list[float]]:
    """Six significant digits hold more than the data know, and keep the document small."""
    return [[float(f"{value:.6g}") for value in row] for row in table]


def evaluated_levels(settings: TrainingSettings) -> tuple[float, ...]:
    """The quantiles asked for, ascending, then those of the 80 % interval."""
    return (*sorted(settings.quantiles), *accuracy.COVERED)


def _evaluate(panel: Panel, settings: TrainingSettings, state: State, shared: Document) -> RoundResult:
    """Quantiles of each reported window from the scores of other folds, and the sums of the metrics."""
    reported = np.flatnonzero(state["window_reported"])
    windows = [Window(int(state["window_starts"][number]), reported=True) for number in reported]
    levels = evaluated_levels(settings)
    asked = levels[: len(settings.quantiles)]
    tables = np.array(shared["fold_scores"])  # [fold, kind, group, level]
    groups, folds = step_groups(settings.horizon), _fold_of(state)
    season_length = panel.grid.frequency.season_length
    all_quantiles, means, sums = [], [], []
    for number, window in zip(reported, windows, strict=True):
        history = panel.target[:, : window.start]
        kinds = state["intermittent"][:, number]
        scores = tables[folds[:, number], kinds.astype(int)][:, groups]
        quantiles, mean = item_quantiles(
            history=history,
            points=state["mixed"][:, number],
            scale=state["scale"][:, number],
            scores=scores,
            intermittent=kinds,
            season_length=season_length,
            levels=np.array(levels),
        )
        complete = _complete(state)[:, number]
        actual = state["actual"][complete, number]
        scales = state["scale"][complete, number]
        naive, naive_mean = seasonal_naive(history[complete], season_length, settings.horizon, asked)
        ours = accuracy.ScoredForecast(mean[complete], quantiles[complete][:, :, : len(asked)])
        theirs = accuracy.ScoredForecast(naive_mean, naive)
        sums.append(
            {
                "start_index": window.start,
                "ours": accuracy.window_sums(actual, ours, asked, scales),
                "seasonal_naive": accuracy.window_sums(actual, theirs, asked, scales),
                "covered": accuracy.covered_count(actual, quantiles[complete][:, :, len(asked) :]),
            }
        )
        all_quantiles.append(quantiles[:, :, : len(asked)])
        means.append(mean)
    kept: State = {
        "item_ids": state["item_ids"],
        "weights": state["weights"],
        "window_starts": state["window_starts"][reported],
        "actual": state["actual"][:, reported],
        "complete": _complete(state)[:, reported],
        "quantiles": np.stack(all_quantiles, axis=1),
        "mean": np.stack(means, axis=1),
    }
    return RoundResult(kept, {"windows": sums})


def _complete(state: State) -> NDArray[np.bool_]:
    """[item, window]: every point of the window is known, and something before it."""
    return ~np.isnan(state["actual"]).any(axis=2) & (state["trained"] > 0)


def _merge_evaluate(shards: list[Document], settings: TrainingSettings) -> Document:
    asked = tuple(sorted(settings.quantiles))
    windows, ours, theirs = [], [], []
    covered = points = 0
    for parts in zip(*(shard["windows"] for shard in shards), strict=True):
        total = accuracy.merge_window_sums(part["ours"] for part in parts)
        ours.append(accuracy.metrics_of(total, asked))
        theirs.append(accuracy.metrics_of(accuracy.merge_window_sums(p["seasonal_naive"] for p in parts), asked))
        covered += sum(part["covered"] for part in parts)
        points += total["points"]
        windows.append(
            {
                "start_index": parts[0]["start_index"],
                "item_count": total["items"],
                "metrics": accuracy.metrics_to_document(ours[-1]),
            }
        )
    return {
        "windows": windows,
        "summary": accuracy.metrics_to_document(accuracy.summary_of(ours)),
        "coverage80": covered / points if points else 0.0,
        "seasonal_naive": accuracy.metrics_to_document(accuracy.summary_of(theirs)),
    }
