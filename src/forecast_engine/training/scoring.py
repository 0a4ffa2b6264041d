"""The fourth round: the reported windows get their quantiles, and the panel its accuracy."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.evaluation import accuracy
from forecast_engine.evaluation.baseline import seasonal_naive
from forecast_engine.evaluation.windows import Window
from forecast_engine.intervals.conformity_scores import step_groups
from forecast_engine.intervals.demand_table import ExpectedDemand, RatioTables
from forecast_engine.intervals.quantiles import item_quantiles
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import Document, TrainingSettings
from forecast_engine.state import State
from forecast_engine.training.calibration import judge_of


def evaluated_levels(settings: TrainingSettings) -> tuple[float, ...]:
    """The quantiles asked for, ascending, then those of the 80 % interval."""
    return (*sorted(settings.quantiles), *accuracy.COVERED)


def evaluate(panel: Panel, settings: TrainingSettings, state: State, shared: Document) -> tuple[State, Document]:
    """Quantiles of each reported window from scores that never saw it, and the sums of the metrics."""
    reported = np.flatnonzero(state["window_reported"])
    windows = [Window(int(state["window_starts"][number]), reported=True) for number in reported]
    levels = evaluated_levels(settings)
    asked = levels[: len(settings.quantiles)]
    tables = np.array(shared["judging_scores"])  # [fold or reported window, kind, group, level]
    demand_tables = RatioTables.of(shared["judging_demand_tables"])
    groups = step_groups(settings.horizon)
    season_length = panel.grid.frequency.season_length
    all_quantiles, means, sums = [], [], []
    for position, (number, window) in enumerate(zip(reported, windows, strict=True)):
        history = panel.target[:, : window.start]
        is_intermittent = state["is_intermittent"][:, number]
        scores = tables[judge_of(state, position), is_intermittent.astype(int)][:, groups]
        quantiles, mean = item_quantiles(
            history=history,
            points=state["mixed"][:, number],
            width=state["judged_width"][:, position],
            scores=scores,
            is_intermittent=is_intermittent,
            movement=state["movement"][:, number],
            expected=ExpectedDemand(state["expected"][:, number], state["place"][:, number]),
            demand_tables=demand_tables,
            table_of=judge_of(state, position),
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
        "difficulty": state["difficulty"],
        "window_starts": state["window_starts"][reported],
        "actual": state["actual"][:, reported],
        "complete": _complete(state)[:, reported],
        "quantiles": np.stack(all_quantiles, axis=1),
        "mean": np.stack(means, axis=1),
    }
    return kept, {"windows": sums}


def _complete(state: State) -> NDArray[np.bool_]:
    """[item, window]: every point of the window is known, and something before it."""
    return ~np.isnan(state["actual"]).any(axis=2) & (state["trained"] > 0)


def merge_evaluate(shards: list[Document], settings: TrainingSettings) -> Document:
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
