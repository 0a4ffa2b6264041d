"""What passes between the rounds of a training, and the few constants that all of them share."""

from dataclasses import dataclass
from typing import Any

import numpy as np

State = dict[str, np.ndarray]  # what one shard keeps from round to round
Document = dict[str, Any]  # JSON-able: what shards send, and what they all read

SHORTEST_TRAINING = 4  # observations before a window that make its errors worth learning from


@dataclass(frozen=True)
class RoundResult:
    """``state``: arrays that this shard keeps for the next round; ``sums``: its JSON-able share of the panel's sums."""

    state: State
    sums: Document
