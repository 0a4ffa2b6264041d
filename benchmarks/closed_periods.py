"""Series with closed periods, made up: wQL of the engine beside seasonal naive, and beside the engine without them.

    python benchmarks/closed_periods.py [--seed 1] [--sets nights new_sunday] [--before]

Each set is forecast once, the last horizon held back. ``before`` takes all zeros for chance, as the engine did that
knew nothing of closed periods. Goal: at most seasonal naive's wQL on each set, at most .8 of it on average.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import figures
import numpy as np
from data_files import Series
from data_sets import DataSet
from numpy.random import Generator
from numpy.typing import NDArray

import forecast_engine as engine
from forecast_engine import Grid, Panel, Predictor, TrainingSettings
from forecast_engine.evaluation.metrics import weighted_quantile_loss

Array = NDArray[np.float64]
LEVELS = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))
FIRST = np.datetime64("2021-01-04T00:00:00")  # a Monday
WEEK = np.array([0.9, 0.85, 0.95, 1.0, 1.2, 1.5, 1.1])
DAY = np.sin(np.pi * (np.arange(24) - 7.5) / 12.0) + 1.2


def shop(random: Generator, days: int, level: float = 1000.0) -> Array:
    """Sales of a shop by the day: a level that wanders, weekdays, noise."""
    wander = np.exp(np.cumsum(random.normal(0, 0.01, days)))
    return np.round(level * wander * WEEK[np.arange(days) % 7] * random.lognormal(0, 0.12, days))


def closed_sundays(random: Generator) -> Array:
    days = np.arange(400)
    return (shop(random, 400) * (days % 7 != 6))[None]


def closed_weekends(random: Generator) -> Array:
    return (shop(random, 400, 200.0) * (np.arange(400) % 7 < 5))[None]


def one_odd_value(random: Generator) -> Array:
    values = closed_sundays(random)
    values[0, 7 * 20 + 6] = 1.0
    return values


def new_sunday(random: Generator) -> Array:
    """Open on Sundays for the last three weeks of the history."""
    days = np.arange(400)
    return (shop(random, 400) * ((days % 7 != 6) | (days >= 400 - 14 - 21)))[None]


def stores(random: Generator) -> Array:
    return np.stack([closed_sundays(random)[0] * random.uniform(0.3, 5.0) for _ in range(20)])


def nights(random: Generator) -> Array:
    hours = np.arange(24 * 70)
    level = np.repeat(shop(random, 70, 1.0), 24) * 0 + np.repeat(WEEK[np.arange(70) % 7], 24) * 60
    values = random.poisson(level * DAY[hours % 24])
    return (values * ((hours % 24 >= 9) & (hours % 24 < 19))).astype(float)[None]


def nights_and_sundays(random: Generator) -> Array:
    return nights(random) * (np.arange(24 * 70) // 24 % 7 != 6)


def short_saturdays(random: Generator) -> Array:
    """Open by day, until noon on Saturdays, not on Sundays."""
    hours = np.arange(24 * 120)
    day, hour = hours // 24 % 7, hours % 24
    values = random.poisson(60 * DAY[hour] * WEEK[day])
    is_open = (hour >= 9) & (hour < np.where(day == 5, 13, 19)) & (day != 6)
    return (values * is_open).astype(float)[None]


def sun(random: Generator) -> Array:
    """Solar power by the hour: days grow longer and shorter, clouds come and go."""
    hours = np.arange(24 * 400)
    season = -np.cos(2 * np.pi * (hours / 24 + 10) / 365)
    height = 0.4 * season + np.cos(2 * np.pi * (hours % 24 - 12.5) / 24)
    cloud = np.clip(np.repeat(random.beta(4, 2, 400), 24) * random.uniform(0.8, 1.2, len(hours)), 0, 1)
    return np.round(np.maximum(height, 0) * cloud * 50, 2)[None]


def _in_season(months: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (months >= 4) & (months <= 10)


def off_season_months(random: Generator) -> Array:
    months = np.arange(60) % 12 + 1
    shape = 1 + 0.4 * np.sin(np.pi * (months - 4) / 6)
    return np.round(500 * shape * _in_season(months) * random.lognormal(0, 0.12, (12, 60)))


def off_season_days(random: Generator) -> Array:
    dates = FIRST.astype("datetime64[D]") + np.arange(1250)
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return np.stack([shop(random, 1250) for _ in range(8)]) * _in_season(months)


def first_days_of_months(random: Generator) -> Array:
    """Hours of the first 19 days of each month, nothing of the others."""
    hours = np.arange(24 * 500)
    dates = FIRST + hours.astype("timedelta64[h]")
    day_of_month = dates.astype("datetime64[D]").astype(np.int64) - dates.astype("datetime64[M]").astype(
        "datetime64[D]"
    ).astype(np.int64)
    level = np.repeat(shop(random, 500, 100.0), 24) * np.maximum(DAY[hours % 24], 0.05)
    return np.round(level * random.lognormal(0, 0.2, len(hours)) * (day_of_month < 19))[None]


def off_season_starts(random: Generator) -> Array:
    """The same, but the season ends within the horizon."""
    return off_season_days(random)[:, :1049]


SETS: dict[str, tuple[Callable[[Generator], Array], str, int]] = {
    "closed_sundays": (closed_sundays, "D", 14),
    "closed_weekends": (closed_weekends, "D", 14),
    "one_odd_value": (one_odd_value, "D", 14),
    "new_sunday": (new_sunday, "D", 14),
    "stores": (stores, "D", 14),
    "nights": (nights, "H", 48),
    "nights_and_sundays": (nights_and_sundays, "H", 72),
    "short_saturdays": (short_saturdays, "H", 72),
    "sun": (sun, "H", 48),
    "first_days_of_months": (first_days_of_months, "H", 48),
    "off_season_months": (off_season_months, "M", 12),
    "off_season_days": (off_season_days, "D", 28),
    "off_season_starts": (off_season_starts, "D", 28),
}


def data_set(name: str, seed: int = 1) -> DataSet:
    """One of the sets for measures of data sets; the last horizon is its test values."""
    make, frequency, horizon = SETS[name]

    def load(_: Path | None) -> Series:
        target = make(np.random.default_rng(seed))
        return Series([f"item {row}" for row in range(len(target))], list(target[:, :-horizon]), target[:, -horizon:])

    season_length = engine.Frequency.parse(frequency).season_length
    return DataSet(name.replace("_", " "), load, frequency, horizon, season_length, 1, "2021-01-04")


def panel_of(target: Array, frequency: str) -> Panel:
    """A panel of a target [item, time] that begins on a Monday in January."""
    one = Grid.covering(engine.Frequency.parse(frequency), FIRST, FIRST)
    grid = replace(one, length=target.shape[1])
    return Panel([f"item {number}" for number in range(len(target))], grid, target, ~np.isnan(target), 0)


def predict(panel: Panel, horizon: int) -> Array:
    """Quantiles [item, step, level] behind the panel, trained on it as one shard."""
    settings = TrainingSettings(horizon, LEVELS, include_mean=True, window_count=1, window_offset=horizon)
    state: dict[str, NDArray[np.generic]] = {}
    shared = engine.initial_shared_state(len(panel.item_ids))
    for name in engine.ROUNDS:
        result = engine.run_round(name, panel, settings, state, shared)
        state, shared = result.state, engine.merge_round(name, [result.sums], shared, settings)
    return engine.forecast(panel, Predictor.of(settings, state, shared)).quantiles


def loss(actual: Array, quantiles: Array) -> float:
    """The weighted quantile loss, averaged over the levels."""
    return float(np.mean([weighted_quantile_loss(actual, quantiles[..., i], q) for i, q in enumerate(LEVELS)]))


def main() -> None:
    """Print a line for each set, and the mean of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--before", action="store_true", help="the engine that takes all zeros for chance, too")
    figures.add_option(parser)
    options = parser.parse_args()
    print(f"{'set':20} {'naive':>8} {'before':>8} {'ours':>8} {'/ naive':>8} {'CPU s':>6}")
    ratios = []
    for name in options.sets:
        make, frequency, horizon = SETS[name]
        target = make(np.random.default_rng(options.seed))
        panel, actual = panel_of(target[:, :-horizon], frequency), target[:, -horizon:]
        season_length = panel.grid.frequency.season_length
        naive = loss(actual, engine.seasonal_naive(panel.target, season_length, horizon, LEVELS)[0])
        began = time.process_time()
        ours = loss(actual, predict(panel, horizon))
        seconds = time.process_time() - began
        before = float("nan")
        if options.before:
            with mock.patch("forecast_engine.panel.open_history.candidates", return_value=np.zeros(0, dtype=np.int64)):
                before = loss(actual, predict(panel, horizon))
        ratios.append(ours / naive)
        print(f"{name:20} {naive:8.4f} {before:8.4f} {ours:8.4f} {ratios[-1]:8.3f} {seconds:6.1f}", flush=True)
    print(f"{'mean':20} {'':26} {np.mean(ratios):8.3f}")
    measures = {"mean_ratio": float(np.mean(ratios)), "largest_ratio": max(ratios)}
    found = {figures.name_of("closed_periods", figures.ALMANAC, measure): value for measure, value in measures.items()}
    figures.keep(options.figures, found)


if __name__ == "__main__":
    main()
