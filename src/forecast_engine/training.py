"""Training in rounds: every shard runs a round on its own items, the sums are merged, and the next round reads them.

``backtest``   every member forecasts every window; the sums are the panel's relative errors of each member.
``calibrate``  items mix the members; the sums are the counts of how far the mixtures were off.
``evaluate``   quantiles of the reported windows, scored; the sums are those of the metrics.

What a window is judged by never saw that window: see ``calibration``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.block import Array
from forecast_engine.calibration import calibrate, merge_calibrate
from forecast_engine.evaluation import evaluate, evaluated_levels, merge_evaluate
from forecast_engine.exact_sum import exact_sum, merged, rounded_sum
from forecast_engine.panel import Panel
from forecast_engine.portfolio import Portfolio, seasonal_differences
from forecast_engine.round_state import KINDS, SHORTEST_TRAINING, Document, State
from forecast_engine.settings import TrainingSettings
from forecast_engine.weights import relative_errors
from forecast_engine.windows import backtest_windows

ROUNDS: tuple[str, ...] = ("backtest", "calibrate", "evaluate")


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
        return RoundResult(*calibrate(settings.horizon, state, shared))
    if name == "evaluate":
        return RoundResult(*evaluate(panel, settings, state, shared))
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def merge_round(name: str, sums: Iterable[Document], shared: Document, settings: TrainingSettings) -> Document:
    """Add up one round's sums of all shards, in any order; the document that the next round reads."""
    shards = list(sums)
    if not shards:
        raise ValueError(f"Round {name!r} needs the sums of at least one shard, found none")
    if name == "backtest":
        return _merge_backtest(shards)
    if name == "calibrate":
        return shared | merge_calibrate(shards, evaluated_levels(settings))
    if name == "evaluate":
        return shared | {"accuracy": merge_evaluate(shards, settings)}
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def _backtest(panel: Panel, settings: TrainingSettings) -> RoundResult:
    portfolio = Portfolio.for_frequency(panel.grid.frequency, settings.models)
    windows = backtest_windows(panel.grid.length, settings)
    forecasts = [portfolio.forecast(panel.target[:, : window.start], settings.horizon) for window in windows]
    actual = np.stack([panel.target[:, w.start : w.start + settings.horizon] for w in windows], axis=1)
    trained = np.stack([(~np.isnan(panel.target[:, : w.start])).sum(axis=1) for w in windows], axis=1)
    kinds = np.stack([portfolio.sampled(panel.target[:, : window.start]) for window in windows], axis=1)
    points = np.stack(forecasts, axis=2)
    season_length = panel.grid.frequency.season_length
    scales = [seasonal_differences(panel.target[:, : window.start], season_length)[0] for window in windows]
    usable = np.where((trained >= SHORTEST_TRAINING)[:, :, None], actual, np.nan)
    relative = relative_errors(points, usable, settings.measure)
    state: State = {
        "item_ids": np.array(panel.item_ids, dtype=str),
        "window_starts": np.array([window.start for window in windows]),
        "window_reported": np.array([window.reported for window in windows]),
        "points": points,  # [member, item, window, step]
        "scale": np.stack(scales, axis=1),  # [item, window]: what errors are measured in, MASE's own scale
        "actual": actual,  # [item, window, step]
        "trained": trained,  # [item, window]: observations before the window
        "sampled": kinds,  # [item, window]: whose quantiles come from NPTS
        "final_sampled": portfolio.sampled(panel.target),  # [item]
        "relative": relative,  # [member, item, window]
    }
    members = [[member.model, member.period, member.form] for member in portfolio.members]
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
