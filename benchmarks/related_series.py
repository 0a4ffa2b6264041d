"""What related series are worth: hourly bike rentals, forecast with and without the weather of the hours ahead.

The data are a CSV without header: timestamp, season, holiday, workingday, weather, temp, atemp, humidity, windspeed,
casual, registered, target, item_id (UCI bike sharing, as aws-samples/amazon-forecast-samples prepares it). The weather
of the hours to come is taken as known, as perfect weather forecasts would have it; ``casual`` and ``registered`` add up
to the target and are left out. The file holds the first 19 days of each month; training ends with day 18 of each of
the last months, and each has five backtest windows of 24 hours before that.

    python benchmarks/related_series.py bike_hourly.csv [--months 4]
"""

import argparse
import os
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast_engine import (
    ROUNDS,
    Array,
    Covariates,
    Fillings,
    Frequency,
    Grid,
    Metrics,
    Panel,
    PanelAccuracy,
    TrainedPanel,
    TrainingSettings,
    build_panel,
    initial_shared_state,
    merge_round,
    run_round,
)

COLUMNS = ("season", "holiday", "workingday", "weather", "temp", "atemp", "humidity", "windspeed")
TARGET = 11  # column of the file
SETTINGS = TrainingSettings(24, (0.1, 0.5, 0.9), True, window_count=5, window_offset=24)


@dataclass(frozen=True)
class Result:
    """One way to forecast: accuracy over all windows, CPU seconds of training with all its backtests."""

    accuracy: PanelAccuracy
    cpu_seconds: float


@dataclass(frozen=True)
class Hours:
    """The rows of the file: ``values`` [row, column] of COLUMNS, ``demand`` [row]."""

    timestamps: NDArray[np.datetime64]
    values: Array
    demand: Array

    @classmethod
    def read(cls, path: Path) -> "Hours":
        """The one series of the file."""
        rows = np.loadtxt(path, delimiter=",", dtype=str)
        values = rows[:, 1 : 1 + len(COLUMNS)].astype(float)
        return cls(rows[:, 0].astype("datetime64[s]"), values, rows[:, TARGET].astype(float))

    def panel(self, end: np.datetime64) -> Panel:
        """The series up to ``end``, and the related ones for one horizon more."""
        past = self.timestamps < end
        first, last = self.timestamps[past].min(), self.timestamps[past].max()
        grid = Grid.covering(Frequency.parse("H"), first, last)
        fillings = Fillings(middlefill="nan", backfill="nan")  # of the other days of a month nothing is known
        item = np.zeros(int(past.sum()), dtype=np.int64)
        panel = build_panel(item, self.timestamps[past], self.demand[past], ["bike"], grid, fillings=fillings)
        known = self.timestamps < end + np.timedelta64(SETTINGS.horizon, "h")
        related = np.full((len(COLUMNS), 1, grid.length + SETTINGS.horizon), np.nan)
        related[:, 0, grid.index_of(self.timestamps[known])] = self.values[known].T
        return replace(panel, covariates=Covariates(related=dict(zip(COLUMNS, related, strict=True))))

    def ends(self, months: int) -> list[np.datetime64]:
        """Midnight before the last day of each of the last months."""
        days = self.timestamps.astype("datetime64[D]")
        of_month = days.astype("datetime64[M]")
        return [days[of_month == month].max().astype("datetime64[s]") for month in np.unique(of_month)[-months:]]


def train(panel: Panel) -> Result:
    """All rounds in one shard."""
    started = time.process_time()
    state: dict[str, np.ndarray] = {}
    shared = initial_shared_state(len(panel.item_ids))
    for name in ROUNDS:
        result = run_round(name, panel, SETTINGS, state, shared)
        state, shared = result.state, merge_round(name, [result.sums], shared, SETTINGS)
    return Result(TrainedPanel.from_document(shared).accuracy, time.process_time() - started)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="the CSV")
    parser.add_argument("--months", type=int, default=4, help="how many of the last months (default 4)")
    options = parser.parse_args()
    hours = Hours.read(options.path)
    panels = [hours.panel(end) for end in hours.ends(options.months)]
    without = [train(replace(panel, covariates=Covariates())) for panel in panels]
    informed = [train(panel) for panel in panels]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{len(hours.demand):,} hours, {len(COLUMNS)} related series, ", end="")
    print(f"{options.months} months with {SETTINGS.window_count} windows of {SETTINGS.horizon} hours each\n")
    print(f"{'':30}{'WAPE':>8}{'wQL':>8}{'in 80%':>8}{'CPU s':>8}")
    print(_row("seasonal naive", [result.accuracy.seasonal_naive for result in without]))
    for name, results in (("Almanac, target alone", without), ("Almanac, with related series", informed)):
        coverage = np.mean([result.accuracy.coverage80 for result in results])
        cpu_seconds = sum(result.cpu_seconds for result in results)
        print(_row(name, [result.accuracy.summary for result in results]) + f"{coverage:8.3f}{cpu_seconds:8.1f}")


def _row(name: str, summaries: list[Metrics]) -> str:
    wape = np.mean([summary.wape for summary in summaries])
    loss = np.mean([summary.average_weighted_quantile_loss for summary in summaries])
    return f"{name:30}{wape:8.4f}{loss:8.4f}"


if __name__ == "__main__":
    main()
