"""What a local model is."""

from typing import ClassVar, Protocol

from forecast_engine.arrays.block import Block
from forecast_engine.arrays.reductions import Array


class Model(Protocol):
    """Forecasts the points of all series of a block at once."""

    name: ClassVar[str]

    def forecast(self, block: Block, horizon: int) -> Array:
        """Points [series, step] for ``horizon`` steps behind the block's end."""
        ...
