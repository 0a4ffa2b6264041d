"""What a training found out about itself: the reported windows of a shard."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.settings import TrainingSettings
from forecast_engine.state import State


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


def backtest_result(state: State, shared: dict[str, Any], settings: TrainingSettings) -> BacktestResult:
    """The reported windows of one shard, from the state and the document after the last round."""
    if "accuracy" not in shared or "quantiles" not in state:
        raise ValueError("A backtest result needs state and document of the last training round, found an earlier one")
    if state["quantiles"].shape[2] != settings.horizon:
        raise ValueError(f"Trained for a horizon of {state['quantiles'].shape[2]}, asked for {settings.horizon}")
    return BacktestResult(
        item_ids=[str(item_id) for item_id in state["item_ids"]],
        window_starts=state["window_starts"],
        actual=state["actual"],
        quantiles=state["quantiles"],
        mean=state["mean"],
        complete=state["complete"],
    )
