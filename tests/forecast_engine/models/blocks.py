"""Series and blocks that tests of models share."""

import numpy as np

from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.arrays.reductions import Array


def walk(length: int, seed: int = 1) -> Array:
    """A random walk with drift, and noise around it."""
    random = np.random.default_rng(seed)
    return 100 + np.cumsum(random.normal(0.3, 1.0, length)) + random.normal(0, 2.0, length)


def block_of(*series: Array) -> Block:
    """The block of series that end together."""
    length = max(map(len, series))
    history = np.full((len(series), length), np.nan)
    for row, values in zip(history, series, strict=True):
        row[length - len(values) :] = values
    ((_, block),) = blocks_of(history)
    return block
