"""What a training leaves: a predictor, and the windows that it was tested on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation.accuracy import PanelAccuracy
from forecast_engine.intervals.conformity_scores import step_groups
from forecast_engine.intervals.quantiles import Floor
from forecast_engine.models.seasonal_naive import SeasonalNaive
from forecast_engine.settings import JsonObject, TrainingSettings
from forecast_engine.state import TrainedPanel, TrainedState


@dataclass(frozen=True)
class Predictor:
    """What a training leaves for the items of one shard: what all shards know, and what this one keeps.

    It forecasts any panel of the same frequency: items that the training did not see are taken for typical ones.
    """

    settings: TrainingSettings
    shared: TrainedPanel
    shard: TrainedState

    @classmethod
    def of(cls, settings: TrainingSettings, state: Mapping[str, np.ndarray] | None, shared: JsonObject) -> "Predictor":
        """From the papers of the last round: ``RoundResult.state`` and the document of ``merge_round``.

        ``state`` None stands for a shard that had no item at training. ValueError where they are those of an earlier
        round, or of an earlier version of the engine.
        """
        if state is not None and "quantiles" not in state:
            raise ValueError("A predictor needs state and document of the last training round, found an earlier one")
        panel = TrainedPanel.from_document(shared)
        return cls(settings, panel, TrainedState.without_items() if state is None else TrainedState.from_arrays(state))

    @property
    def accuracy(self) -> PanelAccuracy:
        """How accurate the reported windows were, over all shards."""
        return self.shared.accuracy

    def weights(self, item_ids: list[str], is_intermittent: NDArray[np.bool_]) -> Array:
        """Weights [member, item]: the item's own from training, the panel's for items that training did not see.

        Seasonal naive has all of it where items stand on the floor.
        """
        weights = self.shared.member_errors.weights_without_backtest(is_intermittent)
        seen, positions = self.shard.items.positions(item_ids)
        if seen:
            weights[:, seen] = self.shard.items.weights[:, positions]
        if self.settings.has_floor:
            models = [member.model for member in self.shared.member_errors.members]
            is_naive = np.arange(len(models)) == models.index(SeasonalNaive.name)
            weights[:, self.worse(item_ids, is_intermittent)] = is_naive[:, None]
        return weights

    def worse(self, item_ids: list[str], is_intermittent: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """[item]: whose mixture was worse than seasonal naive in the item's own windows, or in those of its class."""
        worse: NDArray[np.bool_] = self.shared.tables.floor.worse[is_intermittent.astype(int)]
        seen, positions = self.shard.items.positions(item_ids)
        worse[seen] |= self.shard.items.worse[positions]
        return worse

    def conformal(self, item_ids: list[str], is_intermittent: NDArray[np.bool_], scale: Array, levels: Array) -> Array:
        """Distances [item, step, level] of quantiles from the mixture's points; ``scale`` [item] is the changes'."""
        difficulty = self._difficulty(item_ids, self.shard.items.difficulty, self.shared.tables.typical_difficulty)
        scores = self.shared.tables.scores_at(levels)[is_intermittent.astype(int)]
        return (scale * difficulty)[:, None, None] * scores[:, step_groups(self.settings.horizon)]

    def floor(
        self, item_ids: list[str], is_intermittent: NDArray[np.bool_], points: Array, scale: Array, levels: Array
    ) -> Floor:
        """Items on the floor; ``points`` [item, step] are seasonal naive's, ``scale`` [item] is the change scale."""
        tables = self.shared.tables.floor
        difficulty = self._difficulty(item_ids, self.shard.items.naive_difficulty, tables.typical_difficulty)
        scores = tables.scores_at(levels)[is_intermittent.astype(int)][:, step_groups(self.settings.horizon)]
        items = self.worse(item_ids, is_intermittent) & self.settings.has_floor
        return Floor(items, points, (scale * difficulty)[:, None, None] * scores)

    def _difficulty(self, item_ids: list[str], trained: Array, typical: float) -> Array:
        """Factors [item] of the intervals' scale as ``trained`` [trained item], ``typical`` where training saw none."""
        factors = np.full(len(item_ids), typical)
        seen, positions = self.shard.items.positions(item_ids)
        factors[seen] = trained[positions]
        return factors


@dataclass(frozen=True)
class BacktestResult:
    """What the reported windows were forecast to be, and what they were.

    ``window_starts`` [window] in periods of the grid; ``actual`` [item, window, step], NaN unobserved; ``quantiles``
    [item, window, step, quantile] for the settings' quantiles, ascending; ``mean`` [item, window, step]; ``complete``
    [item, window] tells which enter the accuracy.
    """

    item_ids: list[str]
    window_starts: NDArray[np.int64]
    actual: Array
    quantiles: Array
    mean: Array
    complete: NDArray[np.bool_]


def backtest_result(predictor: Predictor) -> BacktestResult:
    """The reported windows of a predictor's shard. ValueError where the settings ask for another horizon."""
    shard, settings = predictor.shard, predictor.settings
    if shard.quantiles.shape[2] != settings.horizon:
        raise ValueError(f"Trained for a horizon of {shard.quantiles.shape[2]}, asked for {settings.horizon}")
    return BacktestResult(
        item_ids=[str(item_id) for item_id in shard.items.item_ids],
        window_starts=shard.window_starts,
        actual=shard.actual,
        quantiles=shard.quantiles,
        mean=shard.mean,
        complete=shard.complete,
    )
