"""Bikes and electricity by the hour: the last seven days, a day at a time, beside seasonal naive and AutoETS.

    python benchmarks/rolling_windows.py --folder FOLDER [--files bikes] [--figures FILE]

The files are ``bike_hourly.csv`` (one series; of each month it holds the first 19 days) and
``electricity_hourly.csv`` (three clients). Each of the seven windows of 24 hours is forecast from all that lies before
it, by a predictor of its own. WAPE is of the mean forecast, and the mean over the windows; WQL likewise.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import figures
import numpy as np
from data_files import Series, hourly
from data_sets import Competition, DataSet
from figures import ALMANAC
from peers import (
    NAIVE,
    QUANTILES,
    Forecasts,
    forecast_with_engine,
    forecast_with_peer,
    forecast_with_seasonal_naive,
)

from forecast_engine.evaluation import metrics

WINDOWS, HORIZON, SEASON = 7, 24, 24


@dataclass(frozen=True)
class Hours:
    """A file of hours: its name, the column of the target, the first hour, and whether gaps are filled with 0, as an
    import does unless it is told otherwise."""

    title: str
    file: str
    target: int
    first: str
    zeros: bool = False

    def load(self, folder: Path | None) -> Series:
        """The whole histories."""
        series = hourly(folder, self.file, self.target)
        return replace(series, histories=[np.nan_to_num(one) for one in series.histories]) if self.zeros else series


HOURS = {
    "bikes": Hours("Bikes, gaps unknown", "bike_hourly.csv", 11, "2011-01-01T00"),
    "bikes_imported": Hours("Bikes, gaps 0 as imported", "bike_hourly.csv", 11, "2011-01-01T00", zeros=True),
    "electricity": Hours("Electricity of three clients", "electricity_hourly.csv", 1, "2014-01-01T01"),
}
METHODS: dict[str, Callable[[Competition], Forecasts]] = {
    ALMANAC: forecast_with_engine,
    NAIVE: forecast_with_seasonal_naive,
    "AutoETS": lambda competition: forecast_with_peer("AutoETS", competition),
}


def windows(hours: Hours, series: Series, count: int = WINDOWS) -> list[Competition]:
    """The last ``count`` windows, the earliest first; each sees what lies before it."""
    data_set = DataSet(hours.title, hours.load, "H", HORIZON, SEASON, 1, hours.first)
    found = []
    for end in range(-count * HORIZON, 0, HORIZON):
        actual = np.stack([values[end : end + HORIZON or None] for values in series.histories])
        past = Series(series.names, [values[:end] for values in series.histories], actual)
        found.append(Competition.of(data_set, past))
    return found


def accuracy(competitions: list[Competition], method: Callable[[Competition], Forecasts]) -> figures.Figures:
    """Means over the windows of WAPE and WQL, and CPU seconds of all."""
    started = time.process_time()
    wapes: list[float] = []
    losses: list[float] = []
    for one in competitions:
        found = method(one)
        wapes.append(metrics.wape(one.actual, found.mean))
        losses.extend(
            metrics.weighted_quantile_loss(one.actual, found.quantiles[:, :, place], level)
            for place, level in enumerate(QUANTILES)
        )
    cpu_seconds = time.process_time() - started
    return {
        "wape": float(np.mean(wapes)),
        "weighted_quantile_loss": float(np.mean(losses)),
        "cpu_seconds": cpu_seconds,
    }


def main() -> None:
    """Print a line for each file and method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--files", nargs="*", choices=HOURS, default=list(HOURS))
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    figures.add_option(parser)
    options = parser.parse_args()
    print(f"the last {WINDOWS} days, a day at a time: means over the windows\n")
    print(f"{'':46}{'WAPE':>8}{'WQL':>8}{'CPU s':>8}")
    for name in options.files:
        hours = HOURS[name]
        competitions = windows(hours, hours.load(options.folder))
        for method in options.methods:
            found = accuracy(competitions, METHODS[method])
            cells = f"{found['wape']:8.4f}{found['weighted_quantile_loss']:8.4f}{found['cpu_seconds']:8.1f}"
            print(f"{hours.title:30}{method:16}{cells}", flush=True)
            figures.keep(options.figures, {figures.name_of(name, method, key): value for key, value in found.items()})


if __name__ == "__main__":
    main()
