"""What passes between the rounds of a training, and the few constants that all of them share."""

from dataclasses import dataclass

import numpy as np

from forecast_engine.settings import Document

State = dict[str, np.ndarray]  # what one shard keeps from round to round


@dataclass(frozen=True)
class RoundResult:
    """``state``: arrays that this shard keeps for the next round; ``sums``: its JSON-able share of the panel's sums."""

    state: State
    sums: Document
