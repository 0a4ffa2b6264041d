"""The second round: every member forecasts every window, and the panel adds up its relative errors."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.exact_sum import exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.members import Ensemble
from forecast_engine.ensemble.weights import relative_errors
from forecast_engine.evaluation.scales import seasonal_differences
from forecast_engine.evaluation.windows import SHORTEST_TRAINING, backtest_windows
from forecast_engine.intervals.demand_table import expected_demand
from forecast_engine.intervals.widths import merged_references, reference_sums, typical_change
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import Document, TrainingSettings
from forecast_engine.state import RoundResult, State


def backtest(panel: Panel, settings: TrainingSettings, shared: Document) -> RoundResult:
    ensemble = Ensemble.of(panel, settings, shared)
    portfolio = ensemble.portfolio
    windows = backtest_windows(panel.grid.length, settings)
    actual = np.stack([panel.target[:, w.start : w.start + settings.horizon] for w in windows], axis=1)
    trained = np.stack([(~np.isnan(panel.target[:, : w.start])).sum(axis=1) for w in windows], axis=1)
    is_intermittent = np.stack([portfolio.is_intermittent(panel.target[:, : w.start]) for w in windows], axis=1)
    usual = [portfolio.without_outliers(panel.target[:, : window.start]) for window in windows]
    points, movement = ensemble.window_points(panel, [one.start for one in windows], usual, settings.horizon)
    season_length = panel.grid.frequency.season_length
    expected = [
        expected_demand(
            panel.target[:, : one.start],
            ensemble.demand(points[:, :, number]),
            is_intermittent[:, number],
            season_length,
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
        "is_intermittent": is_intermittent,  # [item, window]: whose quantiles come from NPTS and the demand table
        "expected": np.stack([demand.mean for demand in expected], axis=1),  # [item, window, step]
        "place": np.stack([demand.place for demand in expected], axis=1),  # [item, window, step, 2], in that table
        "final_is_intermittent": portfolio.is_intermittent(panel.target),  # [item]
        "relative": relative,  # [member, item, window]
    }
    references = reference_sums(points, usable, widths, is_intermittent)
    sums = {"relative": _relative_sums(relative, is_intermittent), "references": references}
    return RoundResult(state, {"members": ensemble.members} | sums)


def _relative_sums(relative: Array, is_intermittent: NDArray[np.bool_]) -> list[list[Document]]:
    """[kind][window]: for each member the count of items and the sum of its relative errors."""
    sums = []
    for kind in (False, True):
        chosen = (is_intermittent == kind) & ~np.isnan(relative)  # [member, item, window]
        sums.append(
            [
                {
                    "counts": chosen[:, :, window].sum(axis=1).tolist(),
                    "sums": [
                        exact_sum(errors[known].tolist())
                        for errors, known in zip(relative[:, :, window], chosen[:, :, window], strict=True)
                    ],
                }
                for window in range(is_intermittent.shape[1])
            ]
        )
    return sums


def merge_backtest(shards: list[Document]) -> Document:
    members = shards[0]["members"]
    window_count = len(shards[0]["relative"][0])
    totals = []
    for kind in range(len(DEMAND_CLASSES)):
        windows = []
        for window in range(window_count):
            parts = [shard["relative"][kind][window] for shard in shards]
            sums = [merged(part["sums"][member] for part in parts) for member in range(len(members))]
            counts = np.sum([part["counts"] for part in parts], axis=0).tolist()
            windows.append({"counts": counts, "sums": [rounded_sum(s) for s in sums]})
        totals.append(windows)
    references = merged_references([shard["references"] for shard in shards])
    return {"members": members, "relative": totals, "references": references}
