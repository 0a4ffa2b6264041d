"""A predictor that is trained: its plan, what its shards learned together, and the state of each."""

from dataclasses import dataclass

import numpy as np

from forecast_engine import ROUNDS, JsonObject, Predictor
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.storage.bucket import WORK, Storage


def state_name(round_index: int, shard: int) -> str:
    """The object with the state of a shard after a round."""
    return f"state/{round_index}/{shard:04}.npz"


def shared_name(round_index: int) -> str:
    """The object with the document of ``merge_round``; the document of the last round stays after training."""
    return f"{'' if round_index == len(ROUNDS) - 1 else WORK}shared/{round_index}.json"


@dataclass(frozen=True)
class TrainedPredictor:
    """What forecasts and backtest exports read of a predictor."""

    plan: PredictorPlan
    shared: JsonObject  # the last round's, which ``Predictor.of`` reads
    storage: Storage

    @classmethod
    def of(cls, storage: Storage) -> "TrainedPredictor":
        return cls(PredictorPlan.load(storage), storage.read_document(shared_name(len(ROUNDS) - 1)), storage)

    def of_shard(self, shard: int) -> Predictor:
        """The engine's predictor of a shard. The shards of a forecast may be finer than the shards of the training."""
        return Predictor.of(self.plan.settings, self._state(shard), self.shared)

    def item_ids(self, shard: int) -> list[str]:
        """The items that training saw in a shard."""
        state = self._state(shard)
        return [] if state is None else [str(item_id) for item_id in state["item_ids"]]

    def _state(self, shard: int) -> dict[str, np.ndarray] | None:
        """The state with the items of a shard, which may be finer than the predictor's; None if it had no rows."""
        own_shard = shard % self.plan.shard_count
        if own_shard not in self.plan.shards:
            return None
        return self.storage.read_arrays(state_name(len(ROUNDS) - 1, own_shard))
