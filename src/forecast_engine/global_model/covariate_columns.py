"""Columns of features, and those that covariates give: related series, calendar series and attributes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.global_model.series import Indices, Series
from forecast_engine.global_model.trees import Features
from forecast_engine.panel.panel import Panel
from forecast_engine.settings import JsonObject

_LARGEST_FEATURE = 1e6  # in units of the series' scale: more tells nothing more, and overflows float32
Column = tuple[str, Array]  # its group, and its values [row]


@dataclass(frozen=True)
class Layout:
    """Which columns there are besides the target's past: of all covariates that the model was trained with, in order.

    ``known_ahead`` tells for each related series whether it goes on behind the grid. ``attributes`` maps names to their
    categories, in the order of their numbers, or to None where they are numbers. ``has_year``: whether the day of the
    year and the value a year before have columns.
    """

    known_ahead: dict[str, bool]
    calendar: tuple[str, ...]
    attributes: dict[str, tuple[str, ...] | None]
    has_year: bool = False

    def to_document(self) -> JsonObject:
        """The same layout as a JSON object."""
        attributes = {name: None if values is None else list(values) for name, values in self.attributes.items()}
        return {
            "known_ahead": self.known_ahead,
            "calendar": list(self.calendar),
            "attributes": attributes,
            "has_year": self.has_year,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "Layout":
        """A layout from what ``to_document`` wrote."""
        attributes = {
            name: None if values is None else tuple(values) for name, values in document["attributes"].items()
        }
        return cls(document["known_ahead"], tuple(document["calendar"]), attributes, document["has_year"])


@dataclass(frozen=True)
class FeatureColumns:
    """Feature ``values`` [row, column], and what each column is made of.

    ``groups`` [column]: the covariate of a column, see ``group``; "" for the target's own past and for phases.
    ``categorical``: positions of the columns that hold numbers of categories.
    """

    values: Features
    groups: list[str]
    categorical: list[int]

    @classmethod
    def of(cls, columns: Iterable[Column], row_count: int, layout: Layout) -> "FeatureColumns":
        """Columns side by side, their values within bounds."""
        named = list(columns)
        texts = {group("attribute", name) for name, values in layout.attributes.items() if values is not None}
        nothing = np.zeros((row_count, 0), dtype=np.float32)
        return cls(
            values=stacked([values for _, values in named]) if named else nothing,
            groups=[name for name, _ in named],
            categorical=[position for position, (name, _) in enumerate(named) if name in texts],
        )


def group(kind: str, name: str) -> str:
    """One text for a covariate, of ``kind`` related, calendar or attribute: several may share a name."""
    return f"{kind}/{name}"


def stacked(columns: list[Array]) -> Features:
    """Features [row, column] within bounds from columns [row]."""
    limit = _LARGEST_FEATURE
    return np.stack([np.clip(values, -limit, limit).astype(np.float32) for values in columns], axis=1)


class CovariateColumns:
    """The columns that a layout gives to a panel's covariates; what the panel lacks is NaN."""

    def __init__(self, panel: Panel, layout: Layout, width: int) -> None:
        """``width``: the periods, from the start of the grid on, that may be asked for."""
        self._covariates = panel.covariates
        self._item_count = len(panel.item_ids)
        self._layout = layout
        self._width = width

    def described(self) -> NDArray[np.bool_]:
        """[item]: whether any attribute is known, and to the layout."""
        known = [~np.isnan(values) for values in self._attributes.values()]
        return np.any(known, axis=0) if known else np.full(self._item_count, False)

    def of_related(self, items: Indices, origins: Indices, periods: Indices, same_phase: Indices) -> Iterator[Column]:
        """Of each related series, all [row]: its value in the period, less its historical mean in shares of that, less
        its value in the period of the same phase, and, where it is known ahead, less its last value before the origin.

        The last value stands for the period's where a series is not known ahead.
        """
        for name, known_ahead in self._layout.known_ahead.items():
            past, own = self._related_pasts[name], group("related", name)
            last = past.at(items, origins - 1)
            value = self._related[name][items, periods] if known_ahead else last
            historical_mean = past.mean(items, origins, self._width)
            yield own, value
            yield own, (value - historical_mean) / _unit(historical_mean)
            yield own, value - past.at(items, same_phase)
            if known_ahead:
                yield own, value - last

    def of_known_ahead(self, items: Indices, periods: Indices) -> Iterator[Column]:
        """Each related series known ahead [row], less its mean, in shares of that."""
        for name, known_ahead in self._layout.known_ahead.items():
            if known_ahead:
                yield group("related", name), self._related_deviations[name][items, periods]

    def of_calendar(self, *periods: Indices) -> Iterator[Column]:
        """Each calendar series in some ``periods``, all [row]."""
        for name in self._layout.calendar:
            values = self._covariates.calendar.get(name, np.full(self._width, np.nan))
            for index in periods:
                inside = (index >= 0) & (index < len(values))
                yield group("calendar", name), np.where(inside, values[np.where(inside, index, 0)], np.nan)

    def of_attributes(self, items: Indices) -> Iterator[Column]:
        """Each attribute of items [row]."""
        for name in self._layout.attributes:
            yield group("attribute", name), self._attributes[name][items]

    @cached_property
    def _related(self) -> dict[str, Array]:
        """Arrays [item, time + horizon] by name; NaN for a series that the panel lacks."""
        unknown = np.full((self._item_count, self._width), np.nan)
        return {name: self._covariates.related.get(name, unknown) for name in self._layout.known_ahead}

    @cached_property
    def _related_deviations(self) -> dict[str, Array]:
        """(value - mean) / |mean| of each item: a price as it stands would tell the model which item it is."""
        deviations = {}
        for name, values in self._related.items():
            mean = means_over_time(values)[:, None]
            deviations[name] = (values - mean) / _unit(mean)
        return deviations

    @cached_property
    def _related_pasts(self) -> dict[str, Series]:
        return {name: Series.of(values) for name, values in self._related.items()}

    @cached_property
    def _attributes(self) -> dict[str, Array]:
        """Numbers [item] by name: of the category, NaN where it is unknown to the layout; or the attribute's own."""
        return {
            name: _numbers(self._covariates.attributes.get(name), categories, self._item_count)
            for name, categories in self._layout.attributes.items()
        }


def _numbers(values: NDArray[Any] | None, categories: tuple[str, ...] | None, item_count: int) -> Array:
    if values is None:
        return np.full(item_count, np.nan)
    if categories is None:
        return values.astype(float)
    number = {category: float(position) for position, category in enumerate(categories)}
    return np.array([number.get(str(value), np.nan) for value in values], dtype=float)


def _unit(mean: Array) -> Array:
    """What deviations from a mean are measured in; NaN where the mean is 0."""
    return np.where(mean == 0, np.nan, np.abs(mean))
