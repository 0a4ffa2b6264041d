"""Training in rounds: every shard runs a round on its own items, the sums are merged, and the next round reads them.

``sample``     shards send the items that the global model is trained on; it is part of the document from here on.
``backtest``   every member forecasts every window; the sums are the panel's relative errors of each member.
``calibrate``  items mix the members; the sums are the counts of how far the mixtures were off.
``evaluate``   quantiles of the reported windows, scored; the sums are those of the metrics.

What a window is judged by never saw that window: see ``calibration``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine import global_model
from forecast_engine.arrays.exact_sum import exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.members import Ensemble
from forecast_engine.ensemble.weights import relative_errors
from forecast_engine.evaluation.windows import backtest_windows
from forecast_engine.intervals.demand_table import expected_demand
from forecast_engine.intervals.widths import merged_references, reference_sums, typical_change
from forecast_engine.models import GLOBAL_MODEL
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.portfolio import Portfolio, models_for, seasonal_differences
from forecast_engine.settings import TrainingSettings
from forecast_engine.state import KINDS, SHORTEST_TRAINING, Document, State
from forecast_engine.training.calibration import calibrate, merge_calibrate
from forecast_engine.training.scoring import evaluate, evaluated_levels, merge_evaluate

ROUNDS: tuple[str, ...] = ("sample", "backtest", "calibrate", "evaluate")


@dataclass(frozen=True)
class RoundResult:
    """``state``: arrays that this shard keeps for the next round; ``sums``: its JSON-able share of the panel's sums."""

    state: State
    sums: Document


def run_round(name: str, panel: Panel, settings: TrainingSettings, state: State, shared: Document) -> RoundResult:
    """Run one round of ``ROUNDS`` on one shard; the first takes ``{}`` and ``opening(item_count)``."""
    if name == "sample":
        return _sample(panel, settings, shared)
    if name == "backtest":
        return _backtest(panel, settings, shared)
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
    if name == "sample":
        return shared | global_model.fit(shards, settings)
    if name == "backtest":
        return shared | _merge_backtest(shards)
    if name == "calibrate":
        return shared | merge_calibrate(shards, evaluated_levels(settings))
    if name == "evaluate":
        return shared | {"accuracy": merge_evaluate(shards, settings)}
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def _sample(panel: Panel, settings: TrainingSettings, shared: Document) -> RoundResult:
    """Nothing is sent where the global model is not wanted; settings that no history can satisfy fail here."""
    Portfolio.for_frequency(panel.grid.frequency, settings.models)
    backtest_windows(panel.grid.length, settings)
    wanted = GLOBAL_MODEL in (settings.models or models_for(panel.grid.frequency))
    return RoundResult({}, global_model.sample(panel, shared) if wanted else {})


def _backtest(panel: Panel, settings: TrainingSettings, shared: Document) -> RoundResult:
    ensemble = Ensemble.of(panel, settings, shared)
    portfolio = ensemble.portfolio
    windows = backtest_windows(panel.grid.length, settings)
    actual = np.stack([panel.target[:, w.start : w.start + settings.horizon] for w in windows], axis=1)
    trained = np.stack([(~np.isnan(panel.target[:, : w.start])).sum(axis=1) for w in windows], axis=1)
    kinds = np.stack([portfolio.sampled(panel.target[:, : window.start]) for window in windows], axis=1)
    usual = [portfolio.without_outliers(panel.target[:, : window.start]) for window in windows]
    points, movement = ensemble.window_points(panel, [one.start for one in windows], usual, settings.horizon)
    season_length = panel.grid.frequency.season_length
    expected = [
        expected_demand(
            panel.target[:, : one.start], ensemble.demand(points[:, :, number]), kinds[:, number], season_length
        )
        for number, one in enumerate(windows)
    ]
    scales = [seasonal_differences(panel.target[:, : window.start], season_length)[0] for window in windows]
    widths = np.stack([typical_change(history, season_length) for history in usual], axis=1)
    usable = np.where((trained >= SHORTEST_TRAINING)[:, :, None], actual, np.nan)
    relative = relative_errors(points, usable, settings.measure)
    state: State = {
        "item_ids": np.array(panel.item_ids, dtype=str),
        "window_starts": np.array([window.start for window in windows]),
        "window_reported": np.array([window.reported for window in windows]),
        "points": points,  # [member, item, window, step], NaN where a member has none
        "scale": np.stack(scales, axis=1),  # [item, window]: what errors are measured in, MASE's own scale
        "width": widths,  # [item, window]: what scores are measured in, but for the item's difficulty
        "movement": movement,  # [item, window, step], by covariates, of intermittent items
        "actual": actual,  # [item, window, step]
        "trained": trained,  # [item, window]: observations before the window
        "sampled": kinds,  # [item, window]: whose quantiles come from NPTS and the demand table
        "expected": np.stack([demand.mean for demand in expected], axis=1),  # [item, window, step], of sampled items
        "place": np.stack([demand.place for demand in expected], axis=1),  # [item, window, step, 2], in that table
        "final_sampled": portfolio.sampled(panel.target),  # [item]
        "relative": relative,  # [member, item, window]
    }
    sums = {"relative": _relative_sums(relative, kinds), "references": reference_sums(points, usable, widths, kinds)}
    return RoundResult(state, {"members": ensemble.members} | sums)


def _relative_sums(relative: Array, kinds: NDArray[np.bool_]) -> list[list[Document]]:
    """[kind][window]: for each member the count of items and the sum of its relative errors."""
    sums = []
    for kind in (False, True):
        chosen = (kinds == kind) & ~np.isnan(relative)  # [member, item, window]
        sums.append(
            [
                {
                    "counts": chosen[:, :, window].sum(axis=1).tolist(),
                    "sums": [
                        exact_sum(errors[known].tolist())
                        for errors, known in zip(relative[:, :, window], chosen[:, :, window], strict=True)
                    ],
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
            counts = np.sum([part["counts"] for part in parts], axis=0).tolist()
            windows.append({"counts": counts, "sums": [rounded_sum(s) for s in sums]})
        totals.append(windows)
    references = merged_references([shard["references"] for shard in shards])
    return {"members": members, "relative": totals, "references": references}
