"""What related series are worth: hourly bike rentals, forecast with and without the weather of the hours ahead.

The data are a CSV without header: timestamp, season, holiday, workingday, weather, temp, atemp, humidity, windspeed,
casual, registered, target, item_id (UCI bike sharing, as aws-samples/amazon-forecast-samples prepares it). The weather
of the hours to come is taken as known, as perfect weather forecasts would have it; ``casual`` and ``registered`` add up
to the target and are left out. Five backtest windows of 24 hours.

    python benchmarks/related_series.py bike_hourly.csv
"""

import argparse
import os
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from forecast_engine import (
    ROUNDS,
    Covariates,
    Fillings,
    Frequency,
    Grid,
    Metrics,
    Panel,
    PanelAccuracy,
    TrainingSettings,
    accuracy_of,
    build_panel,
    merge_round,
    opening,
    run_round,
)

COLUMNS = ("season", "holiday", "workingday", "weather", "temp", "atemp", "humidity", "windspeed")
TARGET, ITEM = 11, 12  # columns of the file
SETTINGS = TrainingSettings(24, (0.1, 0.5, 0.9), True, window_count=5, window_offset=24)


@dataclass(frozen=True)
class Result:
    """One way to forecast: accuracy over all windows, CPU seconds of training with all its backtests."""

    accuracy: PanelAccuracy
    cpu_seconds: float


def read_panel(path: Path) -> Panel:
    """The panel of the file without its last 24 hours, of which the related series alone are known."""
    rows = np.loadtxt(path, delimiter=",", dtype=str)
    timestamps = rows[:, 0].astype("datetime64[s]")
    items = sorted(set(rows[:, ITEM]))
    index = np.searchsorted(items, rows[:, ITEM])
    is_past = timestamps <= timestamps.max() - np.timedelta64(SETTINGS.horizon, "h")
    grid = Grid.covering(Frequency.parse("H"), timestamps.min(), timestamps[is_past].max())
    names = [str(item) for item in items]
    fillings = Fillings(middlefill="nan", backfill="nan")  # of most months the last ten days are not in the file
    demand = rows[is_past, TARGET].astype(float)
    panel = build_panel(index[is_past], timestamps[is_past], demand, names, grid, fillings=fillings)
    related = {}
    for place, name in enumerate(COLUMNS, start=1):
        values = np.full((len(items), grid.length + SETTINGS.horizon), np.nan)
        values[index, grid.index_of(timestamps)] = rows[:, place].astype(float)
        related[name] = values
    return replace(panel, covariates=Covariates(related=related))


def train(panel: Panel) -> Result:
    """All rounds in one shard."""
    started = time.process_time()
    state: dict[str, np.ndarray] = {}
    shared = opening(len(panel.item_ids))
    for name in ROUNDS:
        result = run_round(name, panel, SETTINGS, state, shared)
        state, shared = result.state, merge_round(name, [result.sums], shared, SETTINGS)
    return Result(accuracy_of(shared), time.process_time() - started)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="the CSV")
    panel = read_panel(parser.parse_args().path)
    without = train(replace(panel, covariates=Covariates()))
    with_series = train(panel)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{len(panel.item_ids)} series of {panel.grid.length} hours, {len(COLUMNS)} related series\n")
    print(f"{'':30}{'WAPE':>8}{'wQL':>8}{'in 80%':>8}{'CPU s':>8}")
    print(_row("seasonal naive", without.accuracy.seasonal_naive))
    for name, result in (("Almanac, target alone", without), ("Almanac, with related series", with_series)):
        print(_row(name, result.accuracy.summary) + f"{result.accuracy.coverage80:8.3f}{result.cpu_seconds:8.1f}")


def _row(name: str, summary: Metrics) -> str:
    return f"{name:30}{summary.wape:8.4f}{summary.average_weighted_quantile_loss:8.4f}"


if __name__ == "__main__":
    main()
