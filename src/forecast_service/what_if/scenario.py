"""A scenario: other values of related time series in the horizon, and nowhere else.

Arrays have one row per series; a related series [series, time + horizon] goes on for one horizon behind the grid. A NaN
there is an unknown value: arithmetic leaves it unknown, and no condition is true of it.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine import LARGEST_VALUE, Array, Grid, Panel
from forecast_service.storage.imported_dataset import Key
from forecast_service.what_if.transformation import Comparison, Condition, Operation, Transformation

Mask = NDArray[np.bool_]

_OPERATIONS: dict[Operation, Callable[[Any, Any], Any]] = {
    "ADD": operator.add,
    "SUBTRACT": operator.sub,
    "MULTIPLY": operator.mul,
    "DIVIDE": operator.truediv,
}
_COMPARISONS: dict[Comparison, Callable[[Any, Any], Any]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "LESS_THAN": operator.lt,
    "GREATER_THAN": operator.gt,
}


@dataclass(frozen=True)
class Replacement:
    """Rows that replace values of related series. Each of ``keys`` holds the values of the columns ``key_names``.

    The arrays are [row]: the number of the row's key, its timestamp, and the value of each attribute or NaN.
    """

    key_names: list[str]
    keys: list[Key]
    index: NDArray[np.int64]
    timestamps: NDArray[np.datetime64]
    values: dict[str, Array]


@dataclass(frozen=True)
class Baseline:
    """The panel that a scenario is made from; ``keys`` [series] hold the values of the columns ``key_names``."""

    panel: Panel
    keys: list[Key]
    key_names: list[str]

    @property
    def related(self) -> dict[str, Array]:
        return self.panel.covariates.related

    @property
    def horizon(self) -> int:
        """How many periods the related series go on behind the grid."""
        return max((values.shape[1] - self.panel.grid.length for values in self.related.values()), default=0)

    def future(self, name: str) -> Array:
        """What a related series holds in the horizon [series, step]."""
        return self.related[name][:, self.panel.grid.length :]

    def transformed(self, transformations: Sequence[Transformation]) -> Panel:
        """The panel after the transformations, one after the other. ValueError names a value that grew too large."""
        future = {name: self.future(name).copy() for name in self.related}
        for transformation in transformations:
            rows = np.ones((len(self.keys), self.horizon), dtype=bool)
            for condition in transformation.conditions:
                rows &= self._holds(condition, future)
            values = future[transformation.attribute]
            values[rows] = _calculated(values[rows], transformation.operation, transformation.value)
        return self._with(future)

    def replaced(self, replacement: Replacement) -> Panel:
        """The panel with the values of a replacement; rows of other series and periods are ignored."""
        steps, inside = self._steps_of(replacement)
        rows, columns = replacement.index[inside], steps[inside]
        numbers, nowhere = self._numbers_in(replacement), len(replacement.keys)
        future = {name: self.future(name) for name in self.related}
        for name, values in replacement.values.items():
            table = np.full((nowhere + 1, self.horizon), np.nan)  # its last row is for series without a row
            table[rows, columns] = values[inside]
            given = table[numbers]
            future[name] = np.where(np.isnan(given), future[name], given)
        return self._with(future)

    def replacing_row_count(self, replacement: Replacement) -> int:
        """How many rows of a replacement are of a series here and in the horizon."""
        _, inside = self._steps_of(replacement)
        return int(np.isin(replacement.index[inside], self._numbers_in(replacement)).sum())

    def changed_value_count(self, panel: Panel) -> int:
        """How many values of the horizon differ in a panel made from this one."""
        length = self.panel.grid.length
        return sum(
            int(np.sum((values[:, length:] != self.future(name)) & ~np.isnan(values[:, length:])))
            for name, values in panel.covariates.related.items()
        )

    def _steps_of(self, replacement: Replacement) -> tuple[NDArray[np.int64], Mask]:
        """The step of the horizon that each row of a replacement is for, and whether it is one."""
        steps = self.panel.grid.index_of(replacement.timestamps) - self.panel.grid.length
        return steps, (steps >= 0) & (steps < self.horizon)

    def _numbers_in(self, replacement: Replacement) -> NDArray[np.int64]:
        """The number that the key of each series has in a replacement; one more than it has where it is missing."""
        number_of = {key: number for number, key in enumerate(replacement.keys)}
        positions = [self.key_names.index(name) for name in replacement.key_names]
        keys = [tuple(key[position] for position in positions) for key in self.keys]
        return np.array([number_of.get(key, len(replacement.keys)) for key in keys], dtype=np.int64)

    def _holds(self, condition: Condition, future: dict[str, Array]) -> Mask:
        """Of which rows a condition holds [series, step], or [series, 1], or [1, step]."""
        name = condition.column.name
        if condition.subject == "timestamp":
            grid = self.panel.grid
            periods = np.arange(grid.length, grid.length + self.horizon)[None, :]
            return _compared(periods, condition.comparison, _period(grid, condition.value))
        if condition.subject == "related":
            return _compared_where_known(future[name], condition)
        if condition.subject == "metadata":
            return _compared_where_known(self.panel.covariates.attributes[name], condition)[:, None]
        position = self.key_names.index(name)
        return _compared(np.array([key[position] for key in self.keys]), condition.comparison, condition.value)[:, None]

    def _with(self, future: dict[str, Array]) -> Panel:
        length = self.panel.grid.length
        for name, values in future.items():
            self._require_moderate(name, values)
        related = {name: np.hstack([self.related[name][:, :length], values]) for name, values in future.items()}
        return replace(self.panel, covariates=replace(self.panel.covariates, related=related))

    def _require_moderate(self, name: str, values: Array) -> None:
        excessive = np.argwhere(np.abs(values) > LARGEST_VALUE)
        if len(excessive):
            series, step = excessive[0]
            timestamp = self.panel.grid.timestamps(self.panel.grid.length + int(step), 1)[0]
            raise ValueError(
                f"The scenario gives {name} of {', '.join(self.keys[series])} the value {values[series, step]:g} at"
                f" {timestamp}: wanted a number between -{LARGEST_VALUE:g} and {LARGEST_VALUE:g}."
            )


def _calculated(values: Array, operation: Operation, value: float) -> Array:
    with np.errstate(over="ignore"):  # an infinite value is refused later, by series and step
        result: Array = _OPERATIONS[operation](values, value)
    return result


def _compared_where_known(values: NDArray[Any], condition: Condition) -> Mask:
    known: Mask = values != "" if condition.column.sql_type == "VARCHAR" else ~np.isnan(values)
    return _compared(values, condition.comparison, condition.value) & known


def _compared(values: NDArray[Any], comparison: Comparison, value: str | float | datetime) -> Mask:
    mask: Mask = _COMPARISONS[comparison](values, value)
    return mask


def _period(grid: Grid, timestamp: object) -> int:
    """The period that holds a timestamp."""
    return int(grid.index_of(np.array([timestamp], dtype="datetime64[s]"))[0])
