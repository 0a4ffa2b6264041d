"""What a training leaves: a predictor, and the windows that it was tested on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.evaluation.accuracy import PanelAccuracy
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
        shard = TrainedState.without_items() if state is None else TrainedState.from_arrays(state)
        return cls(settings, TrainedPanel.from_document(shared), shard)

    @property
    def accuracy(self) -> PanelAccuracy:
        """How accurate the reported windows were, over all shards."""
        return self.shared.accuracy

    def weights(self, item_ids: list[str], is_intermittent: NDArray[np.bool_]) -> Array:
        """Weights [member, item]: the item's own from training, the panel's for items that training did not see."""
        weights = self.shared.member_errors.weights_without_backtest(is_intermittent)
        seen, positions = self.shard.items.positions(item_ids)
        if seen:
            weights[:, seen] = self.shard.items.weights[:, positions]
        return weights

    def difficulty(self, item_ids: list[str]) -> Array:
        """Factors [item] of the intervals' scale from training, that of a typical item where it did not see it."""
        factors = np.full(len(item_ids), self.shared.tables.typical_difficulty)
        seen, positions = self.shard.items.positions(item_ids)
        factors[seen] = self.shard.items.difficulty[positions]
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
