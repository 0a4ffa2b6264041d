"""The table of features: what is known at an origin about a period some steps ahead, one row each.

Numbers of the target come in units of the series: (value - centre) / scale, ``centre`` its level and ``scale`` its
typical seasonal difference, so that one model serves series of any size.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model.covariate_columns import Column, CovariateColumns, FeatureColumns, Layout
from forecast_engine.global_model.series import Indices, Series
from forecast_engine.global_model.year import DAYS_OF_52_WEEKS, waves_of_year
from forecast_engine.panel.grid import Grid
from forecast_engine.panel.panel import Panel

_LAGS = (1, 2, 3, 4, 5)  # the last values
_CYCLES = 3  # values of the same phase in so many past seasons
_CYCLES_OF_MEAN = 26  # of days: half a year of weeks, since the few values alone are noise


class FeatureTable:
    """Rows of features for any items, origins and steps of one panel; what a layout names and it lacks is NaN."""

    def __init__(self, panel: Panel, layout: Layout, horizon: int) -> None:
        """``horizon``: how far behind the grid covariates may be asked for."""
        self._grid = panel.grid
        self._frequency = panel.grid.frequency
        self.layout = layout
        seasons = self._frequency.seasonal_periods if self._frequency.unit == "D" else ()
        self._target = Series.of(panel.target, (1, self._frequency.season_length), seasons)
        self._seasons_of_means = seasons
        self._width = panel.grid.length + horizon
        self._covariates = CovariateColumns(panel, layout, self._width)

    @property
    def starts(self) -> Indices:
        """[item]: the period of the first observation, the grid's length where there is none."""
        return self._target.starts

    def described(self) -> NDArray[np.bool_]:
        """[item]: whether any attribute is known, and to the layout."""
        return self._covariates.described()

    def centre(self, items: Indices, origins: Indices) -> Array:
        """The level [row] of the series just before the origin: the mean of its last season."""
        return self._target.mean(items, origins, self._frequency.season_length)

    def scale(self, items: Indices, origins: Indices) -> Array:
        """The unit [row] of the series before the origin; 0 where it never changed."""
        return self._target.scale(items, origins, self._frequency.season_length)

    def series_columns(self, items: Indices, origins: Indices, steps: Indices) -> FeatureColumns:
        """Of the periods ``origins + steps`` of smooth series, from what lies before ``origins``; all [row]."""
        columns = [*self._target_columns(items, origins, steps), *self._covariate_columns(items, origins, steps)]
        return FeatureColumns.of(columns, len(items), self.layout)

    def demand_columns(self, items: Indices, origins: Indices, steps: Indices) -> FeatureColumns:
        """As ``series_columns``, without the target's past, which ``Demand`` tells of intermittent series.

        Step, phase of the shortest season, covariates: longer seasons mislead where the history holds few of them.
        """
        phase = [("", one[origins + steps]) for one in self._phases[:1]]
        columns = [("", steps.astype(float)), *phase, *self._covariate_columns(items, origins, steps)]
        return FeatureColumns.of(columns, len(items), self.layout)

    def time_varying_columns(self, items: Indices, periods: Indices) -> FeatureColumns:
        """What changes from period to period, the target's past apart: phases and known covariates; both [row]."""
        columns = [
            *(("", phase[periods]) for phase in self._phases),
            *self._covariates.of_known_ahead(items, periods),
            *self._covariates.of_calendar(periods, periods - 1, periods + 1),
        ]
        return FeatureColumns.of(columns, len(items), self.layout)

    def attribute_columns(self, items: Indices) -> FeatureColumns:
        """The attributes of items [row]."""
        return FeatureColumns.of(self._covariates.of_attributes(items), len(items), self.layout)

    def _target_columns(self, items: Indices, origins: Indices, steps: Indices) -> Iterator[Column]:
        centre, scale = self.centre(items, origins), self.scale(items, origins)
        unit = np.where(scale > 0, scale, np.nan)
        yield "", steps.astype(float)
        yield "", centre / unit
        yield "", (origins - self._target.starts[items]).astype(float)
        for phase in self._phases:
            yield "", phase[origins + steps]
        if self.layout.has_year:
            yield from self._year_columns(items, origins, steps)
        for lag in _LAGS:
            yield "", (self._target.at(items, origins - lag) - centre) / unit
        for width in self._widths:
            yield "", (self._target.mean(items, origins, width) - centre) / unit
        for period in self._frequency.seasonal_periods:
            latest = _latest_of_same_phase(origins, steps, period)
            for cycle in range(_CYCLES):
                yield "", (self._target.at(items, latest - cycle * period) - centre) / unit
            if period in self._seasons_of_means:
                phase_mean = self._target.phase_mean(items, latest, period, _CYCLES_OF_MEAN)
                yield "", (phase_mean - centre) / unit
                yield "", (phase_mean - self._target.mean(items, origins, _CYCLES_OF_MEAN * period)) / unit

    def _year_columns(self, items: Indices, origins: Indices, steps: Indices) -> Iterator[Column]:
        """The day of the year; the same weekday and week a year before, less the level of now, and of then."""
        centre, scale = self.centre(items, origins), self.scale(items, origins)
        unit = np.where(scale > 0, scale, np.nan)
        for wave in self._waves:
            yield "", wave[origins + steps]
        year_before = _latest_of_same_phase(origins, steps, DAYS_OF_52_WEEKS)
        value = self._target.at(items, year_before)
        yield "", (value - centre) / unit
        yield "", (value - self.centre(items, np.maximum(origins - DAYS_OF_52_WEEKS, 0))) / unit

    def _covariate_columns(self, items: Indices, origins: Indices, steps: Indices) -> Iterator[Column]:
        periods = origins + steps
        same_phase = _latest_of_same_phase(origins, steps, self._frequency.season_length)
        yield from self._covariates.of_related(items, origins, periods, same_phase)
        yield from self._covariates.of_calendar(periods, periods - 1, periods + 1, same_phase)
        yield from self._covariates.of_attributes(items)

    @property
    def _widths(self) -> tuple[int, ...]:
        """Of the rolling means, in periods."""
        longer = {cycles * period for period in self._frequency.seasonal_periods for cycles in (2, 4)}
        return tuple(sorted({3, 8} | longer))

    @cached_property
    def _waves(self) -> list[Array]:
        return waves_of_year(self._grid, self._width)

    @cached_property
    def _phases(self) -> list[Array]:
        return phases(self._grid, self._width)


def _latest_of_same_phase(origins: Indices, steps: Indices, season_length: int) -> Indices:
    """The latest period [row] before the origin that has the phase of ``origins + steps``."""
    return origins + steps - season_length * (steps // season_length + 1)


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
