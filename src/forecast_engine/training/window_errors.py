"""How far off the backtests were, window by window: what difficulty and conformity scores are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation.windows import SHORTEST_TRAINING
from forecast_engine.intervals.conformity_scores import ScoreHistograms, score_counts, score_weights
from forecast_engine.intervals.widths import difficulty, log_error_ratio
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.state import BacktestState, MemberErrors


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


def histograms(
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
