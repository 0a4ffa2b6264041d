"""The floor's quantiles: seasonal naive's points, and how far off they were where seasonal naive forecasts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.intervals.conformity_scores import FORECAST_LEVELS
from forecast_engine.settings import JsonObject


@dataclass(frozen=True)
class FloorTables:
    """What all shards know of the floor: which demand classes stand on it, and how far off seasonal naive was.

    The held-out ones serve the reported windows, each made of the other windows.
    """

    worse: NDArray[np.bool_]  # [class]
    held_out_worse: NDArray[np.bool_]  # [reported window, class]
    conformity_scores: Array  # [class, step group, FORECAST_LEVELS]
    held_out_scores: Array  # [reported window, class, step group, level]
    typical_difficulty: float

    def scores_at(self, levels: Array) -> Array:
        """Conformity scores [class, step group, level] at any levels."""
        tables = [[np.interp(levels, FORECAST_LEVELS, row) for row in rows] for rows in self.conformity_scores]
        return np.array(tables)

    def to_document(self) -> JsonObject:
        """The same as a JSON object."""
        return {
            "worse": self.worse.tolist(),
            "held_out_worse": self.held_out_worse.tolist(),
            "conformity_scores": self.conformity_scores.tolist(),
            "held_out_scores": self.held_out_scores.tolist(),
            "typical_difficulty": self.typical_difficulty,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "FloorTables":
        """What ``to_document`` wrote."""
        return cls(
            worse=np.array(document["worse"], dtype=bool),
            held_out_worse=np.array(document["held_out_worse"], dtype=bool),
            conformity_scores=np.array(document["conformity_scores"]),
            held_out_scores=np.array(document["held_out_scores"]),
            typical_difficulty=document["typical_difficulty"],
        )
