"""The year in daily series: where a day lies in it, and which day of the year before is compared with it."""

import numpy as np

from forecast_engine.arrays.reductions import Array
from forecast_engine.panel.grid import Grid

DAYS_OF_52_WEEKS = 364  # after which the weekday is the same, and the season all but the same
_WAVES = 3  # of a sine and a cosine, as long as a year and its second and third part


def has_year(grid: Grid) -> bool:
    """Whether a grid of days is long enough to show a year: in a shorter one the day of the year is but the time."""
    return grid.frequency.unit == "D" and grid.frequency.count == 1 and grid.length > DAYS_OF_52_WEEKS


def waves_of_year(grid: Grid, width: int) -> list[Array]:
    """Sine and cosine [time] of k 2 pi d / n in the first ``width`` periods of a grid, k from 1 to 3.

    d counts the days of the year from 0, and n of them are in that year: 365 or 366.
    """
    days = grid.timestamps(0, width).astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    first, last = years.astype("datetime64[D]"), (years + 1).astype("datetime64[D]")
    angle = 2 * np.pi * (days - first).astype(float) / (last - first).astype(float)
    return [wave(number * angle) for number in range(1, _WAVES + 1) for wave in (np.sin, np.cos)]
