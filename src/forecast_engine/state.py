"""What passes between the rounds of a training, and the few constants that all of them share."""

from typing import Any

import numpy as np

State = dict[str, np.ndarray]  # what one shard keeps from round to round
Document = dict[str, Any]  # JSON-able: what shards send, and what they all read

# Series are pooled with their like; sampled ones have quantiles of their own past and of the demand table.
KINDS = ("smooth", "sampled")
SHORTEST_TRAINING = 4  # observations before a window that make its errors worth learning from
