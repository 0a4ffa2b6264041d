"""The table of features: what is known at an origin about a period some steps ahead, one row each.

Numbers of the target come in units of the series: less its level (``centre``), over its typical seasonal difference
(``scale``), so that one model serves series of any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array, means_over_time
from forecast_engine.global_model.series import Indices, Series
from forecast_engine.global_model.trees import Features
from forecast_engine.panel.grid import Grid
from forecast_engine.panel.panel import Panel

_LAGS = (1, 2, 3, 4, 5)  # the last values
_CYCLES = 3  # values of the same phase in so many past seasons
_LARGEST_FEATURE = 1e6  # in units of the series' scale: more tells nothing more, and overflows float32
_NONE: Indices = np.zeros(0, dtype=np.int64)
Column = tuple[str, Array]  # the covariate that a feature is made of, "" for the target's own past; values [row]


@dataclass(frozen=True)
class Layout:
    """Which covariates have columns: all that the model was trained with, in their order.

    ``known_ahead`` tells for each related series whether it goes on behind the grid. ``attributes`` maps names to their
    categories, ascending, or to None where they are numbers.
    """

    known_ahead: dict[str, bool]
    calendar: tuple[str, ...]
    attributes: dict[str, tuple[str, ...] | None]

    def to_document(self) -> dict[str, Any]:
        """The same layout as a JSON object."""
        attributes = {name: None if values is None else list(values) for name, values in self.attributes.items()}
        return {"known_ahead": self.known_ahead, "calendar": list(self.calendar), "attributes": attributes}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Layout":
        """A layout from what ``to_document`` wrote."""
        attributes = {
            name: None if values is None else tuple(values) for name, values in document["attributes"].items()
        }
        return cls(document["known_ahead"], tuple(document["calendar"]), attributes)


class FeatureTable:
    """Rows of features for any items, origins and steps of one panel; what a layout names and it lacks is NaN."""

    def __init__(self, panel: Panel, layout: Layout, horizon: int) -> None:
        """``horizon``: how far behind the grid covariates may be asked for."""
        self._grid = panel.grid
        self._frequency = panel.grid.frequency
        self._layout = layout
        self._target = Series.of(panel.target, (1, self._frequency.season_length))
        self._width = panel.grid.length + horizon
        self._covariates = panel.covariates
        self._item_count = len(panel.item_ids)

    @property
    def starts(self) -> Indices:
        """[item]: the period of the first observation, the grid's length where there is none."""
        return self._target.starts

    def described(self) -> NDArray[np.bool_]:
        """[item]: whether any attribute is known, and to the layout."""
        known = [~np.isnan(values) for values in self._attributes.values()]
        return np.any(known, axis=0) if known else np.full(self._item_count, False)

    def centre(self, items: Indices, origins: Indices) -> Array:
        """The level [row] of the series just before the origin: the mean of its last season."""
        return self._target.mean(items, origins, self._frequency.season_length)

    def scale(self, items: Indices, origins: Indices) -> Array:
        """The unit [row] of the series before the origin; 0 where it never changed."""
        return self._target.scale(items, origins, self._frequency.season_length)

    def rows(self, items: Indices, origins: Indices, steps: Indices) -> Features:
        """Features [row, column] of the periods ``origins + steps``, from what lies before ``origins``; all [row]."""
        return _stacked(self._columns(items, origins, steps), len(items))

    def groups(self) -> list[str]:
        """For each column of ``rows`` the covariate that it is made of, see ``group``; "" for the series' own past."""
        return [group for group, _ in self._columns(_NONE, _NONE, _NONE)]

    def categorical(self) -> list[int]:
        """The columns of ``rows`` that hold numbers of categories."""
        return self._categorical(self.groups())

    def demand_rows(self, items: Indices, origins: Indices, steps: Indices) -> Features:
        """As ``rows``, without the target's past: ``Demand`` tells that of intermittent items."""
        return _stacked(self._demand_columns(items, origins, steps), len(items))

    def demand_groups(self) -> list[str]:
        """As ``groups``, for ``demand_rows``."""
        return [group for group, _ in self._demand_columns(_NONE, _NONE, _NONE)]

    def demand_categorical(self) -> list[int]:
        """As ``categorical``, for ``demand_rows``."""
        return self._categorical(self.demand_groups())

    def moving_rows(self, items: Indices, periods: Indices) -> Features:
        """Features [row, column] that change from period to period, the target's past apart; both [row]."""
        return _stacked(self._moving_columns(items, periods), len(items))

    def moving_groups(self) -> list[str]:
        """As ``groups``, for ``moving_rows``."""
        return [group for group, _ in self._moving_columns(_NONE, _NONE)]

    def attribute_rows(self, items: Indices) -> Features:
        """The attributes [row, column] of items [row]."""
        return _stacked(self._attribute_columns(items), len(items))

    def attribute_groups(self) -> list[str]:
        """As ``groups``, for ``attribute_rows``."""
        return [group("attribute", name) for name in self._layout.attributes]

    def attribute_categorical(self) -> list[int]:
        """As ``categorical``, for ``attribute_rows``."""
        return self._categorical(self.attribute_groups())

    def _categorical(self, groups: list[str]) -> list[int]:
        texts = {group("attribute", name) for name, values in self._layout.attributes.items() if values is not None}
        return [column for column, name in enumerate(groups) if name in texts]

    def _columns(self, items: Indices, origins: Indices, steps: Indices) -> Iterator[Column]:
        yield from self._own(items, origins, steps)
        yield from self._covariate_columns(items, origins, steps)

    def _demand_columns(self, items: Indices, origins: Indices, steps: Indices) -> Iterator[Column]:
        """Step, phase of the shortest season (longer ones mislead where the history holds few of them), covariates."""
        yield "", steps.astype(float)
        for phase in self._phases[:1]:
            yield "", phase[origins + steps]
        yield from self._covariate_columns(items, origins, steps)

    def _covariate_columns(self, items: Indices, origins: Indices, steps: Indices) -> Iterator[Column]:
        periods = origins + steps
        period = self._frequency.season_length
        like = periods - period * (steps // period + 1)  # the latest known period of the same phase
        yield from self._related_columns(items, origins, periods, like)
        yield from self._calendar_columns((periods, periods - 1, periods + 1, like))
        yield from self._attribute_columns(items)

    def _moving_columns(self, items: Indices, periods: Indices) -> Iterator[Column]:
        for phase in self._phases:
            yield "", phase[periods]
        for name, known_ahead in self._layout.known_ahead.items():
            if known_ahead:
                yield group("related", name), self._related_deviations[name][items, periods]
        yield from self._calendar_columns((periods, periods - 1, periods + 1))

    def _own(self, items: Indices, origins: Indices, steps: Indices) -> Iterator[Column]:
        centre, scale = self.centre(items, origins), self.scale(items, origins)
        unit = np.where(scale > 0, scale, np.nan)
        yield "", steps.astype(float)
        yield "", centre / unit
        yield "", (origins - self._target.starts[items]).astype(float)
        for phase in self._phases:
            yield "", phase[origins + steps]
        for lag in _LAGS:
            yield "", (self._target.at(items, origins - lag) - centre) / unit
        for width in self._widths:
            yield "", (self._target.mean(items, origins, width) - centre) / unit
        for period in self._frequency.seasonal_periods:
            latest = origins + steps - period * (steps // period + 1)
            for cycle in range(_CYCLES):
                yield "", (self._target.at(items, latest - cycle * period) - centre) / unit

    def _related_columns(self, items: Indices, origins: Indices, periods: Indices, like: Indices) -> Iterator[Column]:
        for name, known_ahead in self._layout.known_ahead.items():
            past, own = self._related_pasts[name], group("related", name)
            last = past.at(items, origins - 1)
            at_target = self._related[name][items, periods] if known_ahead else last
            usual = past.mean(items, origins, self._width)
            yield own, at_target
            yield own, (at_target - usual) / np.where(usual == 0, np.nan, np.abs(usual))
            yield own, at_target - past.at(items, like)
            if known_ahead:
                yield own, at_target - last

    def _calendar_columns(self, places: tuple[Indices, ...]) -> Iterator[Column]:
        for name in self._layout.calendar:
            values = self._covariates.calendar.get(name, np.full(self._width, np.nan))
            for place in places:
                inside = (place >= 0) & (place < len(values))
                yield group("calendar", name), np.where(inside, values[np.where(inside, place, 0)], np.nan)

    def _attribute_columns(self, items: Indices) -> Iterator[Column]:
        for name in self._layout.attributes:
            yield group("attribute", name), self._attributes[name][items]

    @cached_property
    def _related(self) -> dict[str, Array]:
        """Arrays [item, time + horizon] by name; NaN for a series that the panel lacks."""
        unknown = np.full((self._item_count, self._width), np.nan)
        return {name: self._covariates.related.get(name, unknown) for name in self._layout.known_ahead}

    @cached_property
    def _related_deviations(self) -> dict[str, Array]:
        """Each item's values less their mean, in shares of it: of a price alone one could tell who the item is."""
        deviations = {}
        for name, values in self._related.items():
            mean = means_over_time(values)[:, None]
            deviations[name] = (values - mean) / np.where(mean == 0, np.nan, np.abs(mean))
        return deviations

    @cached_property
    def _related_pasts(self) -> dict[str, Series]:
        return {name: Series.of(values) for name, values in self._related.items()}

    @cached_property
    def _attributes(self) -> dict[str, Array]:
        """Numbers [item] by name: of the category, NaN where it is unknown to the layout; or the attribute's own."""
        coded = {}
        for name, categories in self._layout.attributes.items():
            values = self._covariates.attributes.get(name)
            if values is None:
                coded[name] = np.full(self._item_count, np.nan)
            elif categories is None:
                coded[name] = values.astype(float)
            else:
                number = {category: float(place) for place, category in enumerate(categories)}
                coded[name] = np.array([number.get(str(value), np.nan) for value in values], dtype=float)
        return coded

    @property
    def _widths(self) -> tuple[int, ...]:
        """Of the rolling means, in periods."""
        longer = {cycles * period for period in self._frequency.seasonal_periods for cycles in (2, 4)}
        return tuple(sorted({3, 8} | longer))

    @cached_property
    def _phases(self) -> list[Array]:
        return phases(self._grid, self._width)


def group(kind: str, name: str) -> str:
    """One text for a covariate: a related series and an attribute may share a name."""
    return f"{kind}/{name}"


def _stacked(columns: Iterator[Column], count: int) -> Features:
    found = [values for _, values in columns]
    return stacked(found) if found else np.zeros((count, 0), dtype=np.float32)


def stacked(columns: list[Array]) -> Features:
    """Features [row, column] within bounds from columns [row]."""
    limit = _LARGEST_FEATURE
    return np.stack([np.clip(values, -limit, limit).astype(np.float32) for values in columns], axis=1)


def phases(grid: Grid, width: int) -> list[Array]:
    """Where each of the first ``width`` periods of a grid lies in its seasons; arrays [time]."""
    starts = grid.timestamps(0, width)
    days = starts.astype("datetime64[D]")
    months = starts.astype("datetime64[M]")
    of_day = (starts - days).astype(float)
    of_week = (days.astype(np.int64) % 7).astype(float)
    of_month = (days - months).astype(float)
    of_year = (months.astype(np.int64) % 12).astype(float)
    week = (days - starts.astype("datetime64[Y]")).astype(float) // 7
    by_unit: dict[str, list[Array]] = {
        "min": [of_day, of_week],
        "H": [of_day, of_week],
        "D": [of_week, of_month, of_year],
        "W": [week],
        "M": [of_year],
        "Y": [],
    }
    return by_unit[grid.frequency.unit]
