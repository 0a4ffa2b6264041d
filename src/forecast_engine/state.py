"""The papers of a training, from round to round: what one shard keeps, and what all shards found out together.

=============  ====================  ======================
after          one shard keeps       all shards know
=============  ====================  ======================
``sample``     nothing               ``FittedModels``
``backtest``   ``BacktestState``     ``MemberErrors``
``calibrate``  ``CalibratedState``   ``IntervalTables``
``evaluate``   ``TrainedState``      ``TrainedPanel``
=============  ====================  ======================

Shards keep arrays, which travel as ``to_arrays`` gives them; the panel's papers travel as JSON objects, each of which
holds the one before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.ensemble.weights import PanelErrors
from forecast_engine.evaluation.accuracy import PanelAccuracy
from forecast_engine.global_model import FittedModels
from forecast_engine.intervals.conformity_scores import FORECAST_LEVELS
from forecast_engine.intervals.demand_table import ExpectedDemand, RatioTables
from forecast_engine.intervals.floor_tables import FloorTables
from forecast_engine.intervals.short_histories import BeginningErrors, with_short_histories
from forecast_engine.settings import JsonObject

Arrays = dict[str, np.ndarray]
FOLD_COUNT = 5  # of items, where a single window leaves no other to learn from
StateT = TypeVar("StateT", bound="ShardState")


@dataclass(frozen=True)
class RoundResult:
    """``state``: arrays that this shard keeps for the next round; ``sums``: its JSON-able share of the panel's sums."""

    state: Arrays
    sums: JsonObject


@dataclass(frozen=True)
class ShardState:
    """Arrays by name, and other shard states; no name twice."""

    def to_arrays(self) -> Arrays:
        """All arrays, those of states inside as well."""
        arrays: Arrays = {}
        for field in fields(self):
            value = getattr(self, field.name)
            arrays |= value.to_arrays() if isinstance(value, ShardState) else {field.name: value}
        return arrays

    @classmethod
    def from_arrays(cls: type[StateT], arrays: Mapping[str, np.ndarray]) -> StateT:
        """A state from what ``to_arrays`` gave."""
        make: Callable[..., StateT] = cls
        values: dict[str, object] = {}
        for field in fields(cls):
            if isinstance(field.type, type) and issubclass(field.type, ShardState):
                values[field.name] = field.type.from_arrays(arrays)
            else:
                values[field.name] = arrays[field.name]
        return make(**values)


@dataclass(frozen=True)
class TrainedItems(ShardState):
    """What a training found out about each item."""

    item_ids: NDArray[np.str_]  # [item]
    weights: Array  # [member, item]
    difficulty: Array  # [item]: factor of the intervals' scale
    worse: NDArray[np.bool_]  # [item]: than seasonal naive, by its own windows
    naive_difficulty: Array  # [item]: the difficulty of seasonal naive's intervals

    def positions(self, item_ids: list[str]) -> tuple[list[int], list[int]]:
        """Which of ``item_ids`` the training saw, and where each of them stands here."""
        position_of = {str(item_id): position for position, item_id in enumerate(self.item_ids)}
        seen = [number for number, item_id in enumerate(item_ids) if item_id in position_of]
        return seen, [position_of[item_ids[number]] for number in seen]


@dataclass(frozen=True)
class BacktestWindows(ShardState):
    """The windows of a shard, the latest first, and what is known of each item in them."""

    window_starts: NDArray[np.int64]  # [window]: first period in the grid
    window_reported: NDArray[np.bool_]  # [window]: whether the user asked for it
    actual: Array  # [item, window, step], NaN unobserved
    observation_counts: NDArray[np.int64]  # [item, window]: before the window
    is_intermittent: NDArray[np.bool_]  # [item, window]: whose quantiles come from NPTS and the demand table
    closed: NDArray[np.bool_]  # [item, window, step]: by what was known before the window; forecast as 0
    has_closed: NDArray[np.bool_]  # [item, window]: anything before the window's end is closed
    teaches: NDArray[np.bool_]  # [item, window, step]: not closed, by what is known now either
    mase_scale: Array  # [item, window]: what MASE measures errors in
    naive: Array  # [item, window, step]: seasonal naive's points
    expected_demand: Array  # [item, window, step], of intermittent items
    demand_coordinates: Array  # [item, window, step, 2]: in the demand table
    folds: NDArray[np.int64]  # [item]: drawn from what lies before the windows, 0 .. FOLD_COUNT - 1

    @property
    def count(self) -> int:
        """How many windows there are."""
        return len(self.window_starts)

    @property
    def reported(self) -> list[int]:
        """The windows that the user asked for."""
        return [int(window) for window in np.flatnonzero(self.window_reported)]

    @property
    def lessons(self) -> Array:
        """[item, window, step]: the actual values that weights and intervals are learnt from, NaN for others."""
        return np.where(self.teaches, self.actual, np.nan)

    def expected_demand_of(self, window: int) -> ExpectedDemand:
        """What was expected of all items in one window."""
        return ExpectedDemand(self.expected_demand[:, window], self.demand_coordinates[:, window])


@dataclass(frozen=True)
class BacktestState(ShardState):
    """What a shard keeps of its backtest: every member's forecast of every window."""

    windows: BacktestWindows
    item_ids: NDArray[np.str_]  # [item]
    points: Array  # [member, item, window, step], NaN where a member has none
    relative_errors: Array  # [member, item, window]
    covariate_factors: Array  # [item, window, step]: the global model's, of intermittent items
    change_scale: Array  # [item, window]: what conformity scores are measured in, but for the item's difficulty
    short_levels: Array  # [item, window]: of items with one to three observations before a window, else NaN
    is_intermittent_now: NDArray[np.bool_]  # [item]: by the whole history


@dataclass(frozen=True)
class CalibratedState(ShardState):
    """What a shard keeps of its calibration: the weighted mean of the members in every window."""

    windows: BacktestWindows
    items: TrainedItems
    combined: Array  # [item, window, step]: by weights that the window had no part in
    covariate_factors: Array  # [item, window, step]: by how much the global model counts
    held_out_scale: Array  # [item, reported window]: of intervals, learnt from the other windows
    held_out_worse: NDArray[np.bool_]  # [item, reported window]: than seasonal naive, by the item's other windows
    held_out_naive_scale: Array  # [item, reported window]: of seasonal naive's intervals


@dataclass(frozen=True)
class TrainedState(ShardState):
    """What a shard keeps of its training: what was found out about its items, and their reported windows."""

    items: TrainedItems
    window_starts: NDArray[np.int64]  # [reported window]
    actual: Array  # [item, reported window, step]
    complete: NDArray[np.bool_]  # [item, reported window]: what enters the accuracy
    quantiles: Array  # [item, reported window, step, quantile], ascending
    mean: Array  # [item, reported window, step]

    @classmethod
    def without_items(cls) -> "TrainedState":
        """The state of a shard that had no item at training: it knows nothing of any."""
        nothing, none = np.empty(0), np.empty(0, dtype=bool)
        items = TrainedItems(np.empty(0, dtype=str), nothing, nothing, none, nothing)
        return cls(items, np.empty(0, dtype=np.int64), nothing, none, nothing, nothing)


@dataclass(frozen=True)
class MemberErrors:
    """What all shards know after the backtest: how far off each member was, and all of them together."""

    fitted: FittedModels
    errors: PanelErrors
    log_errors: Array  # [class, window]: mean logarithm of errors in units of the change scale
    beginnings: BeginningErrors  # of items, before all windows

    def scale_of(
        self, change_scale: Array, levels: Array, counts: NDArray[np.int64], left_out: int | None = None
    ) -> Array:
        """Scales [item] of intervals: the ``change_scale`` [item], and for short histories what their panel says.

        ``levels`` [item]: see ``short_levels``; ``counts`` [item] of observations. The window ``left_out`` has no part.
        """
        known = self.log_errors[0] if left_out is None else np.delete(self.log_errors[0], left_out)
        typical_error = float(np.exp(known.mean())) if len(known) else 1.0
        return with_short_histories(change_scale, levels, counts, self.beginnings, typical_error)

    def to_document(self) -> JsonObject:
        """The same as a JSON object."""
        own = {"member_errors": self.errors.to_document(), "log_errors": self.log_errors.tolist()}
        return self.fitted.to_document() | own | {"beginnings": self.beginnings.to_document()}

    @classmethod
    def from_document(cls, document: JsonObject) -> "MemberErrors":
        """What ``to_document`` wrote."""
        errors = PanelErrors.from_document(document["member_errors"])
        beginnings = BeginningErrors.from_document(document["beginnings"])
        return cls(FittedModels.from_document(document), errors, np.array(document["log_errors"]), beginnings)


@dataclass(frozen=True)
class IntervalTables:
    """What all shards know after calibration: how backtests lay around what was forecast.

    The held-out ones serve the reported windows: one for each window, made of the others; or, with a single window, one
    for each fold of items, made of the other folds. They are at the levels of ``scoring.evaluated_levels``.
    """

    member_errors: MemberErrors
    conformity_scores: Array  # [class, step group, FORECAST_LEVELS]
    held_out_scores: Array  # [fold or reported window, class, step group, level]
    typical_difficulty: float
    ratios: RatioTables  # one table, at RATIO_LEVELS
    held_out_ratios: RatioTables  # [fold or reported window]
    floor: FloorTables

    def scores_at(self, levels: Array) -> Array:
        """Conformity scores [class, step group, level] at any levels."""
        tables = [[np.interp(levels, FORECAST_LEVELS, row) for row in rows] for rows in self.conformity_scores]
        return np.array(tables)

    def to_document(self) -> JsonObject:
        """The same as a JSON object."""
        return self.member_errors.to_document() | {
            "conformity_scores": self.conformity_scores.tolist(),
            "held_out_scores": self.held_out_scores.tolist(),
            "typical_difficulty": self.typical_difficulty,
            "ratios": self.ratios.to_document(),
            "held_out_ratios": self.held_out_ratios.to_document(),
            "floor": self.floor.to_document(),
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "IntervalTables":
        """What ``to_document`` wrote."""
        return cls(
            member_errors=MemberErrors.from_document(document),
            conformity_scores=np.array(document["conformity_scores"]),
            held_out_scores=np.array(document["held_out_scores"]),
            typical_difficulty=document["typical_difficulty"],
            ratios=RatioTables.from_document(document["ratios"]),
            held_out_ratios=RatioTables.from_document(document["held_out_ratios"]),
            floor=FloorTables.from_document(document["floor"]),
        )


@dataclass(frozen=True)
class TrainedPanel:
    """What all shards know after the last round: all that forecasting reads, and how accurate it was."""

    tables: IntervalTables
    accuracy: PanelAccuracy

    @property
    def member_errors(self) -> PanelErrors:
        """How far off each member was."""
        return self.tables.member_errors.errors

    @property
    def fitted(self) -> FittedModels:
        """The fits on the sample."""
        return self.tables.member_errors.fitted

    def to_document(self) -> JsonObject:
        """The same as a JSON object."""
        return self.tables.to_document() | {"accuracy": self.accuracy.to_document()}

    @classmethod
    def from_document(cls, document: JsonObject) -> "TrainedPanel":
        """What ``to_document`` wrote. ValueError where an earlier version wrote it, or an earlier round."""
        try:
            return cls(IntervalTables.from_document(document), PanelAccuracy.from_document(document["accuracy"]))
        except KeyError as error:
            raise ValueError(
                f"The predictor was trained by another version: found no {error}: train it again"
            ) from error
