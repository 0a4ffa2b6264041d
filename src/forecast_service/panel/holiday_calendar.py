"""Public holidays of a country, counted in the periods of a grid."""

import numpy as np
from numpy.typing import NDArray

from forecast_engine import Array, Grid


def holiday_counts(country: str, grid: Grid, horizon: int) -> Array:
    """[time + horizon]: how many public holidays begin in each period, or whether it lies in one if it is within a day.

    ``country`` is the two letters that Amazon Forecast names it by.
    """
    starts = grid.timestamps(0, grid.length + horizon + 1).astype("datetime64[D]")
    holidays = _holidays(country, starts)
    if grid.frequency.unit in ("min", "H"):
        return np.isin(starts[:-1], holidays).astype(np.float64)
    return np.diff(np.searchsorted(holidays, starts)).astype(np.float64)


def _holidays(country: str, days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The public holidays of the years that ``days`` (ascending) span, ascending."""
    from holidays import country_holidays  # noqa: PLC0415 - calendars of all the world: only where they are wanted

    years = days[[0, -1]].astype("datetime64[Y]").astype(int) + 1970
    calendar = country_holidays(country, years=range(years[0], years[1] + 1))
    return np.array(sorted(calendar), dtype="datetime64[D]")
