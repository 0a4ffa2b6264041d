"""How the engine's CPU and memory grow with the panel, and how long a worker takes to be imported.

A made-up daily panel, two thirds smooth series and one third counts that are mostly zero, goes through all rounds and
the forecast in shards of 500 items, as the service's workers take them: what a shard keeps between rounds lies on disk.
Each size has a process of its own, so that its peak memory is its own; CPU seconds are those of the engine alone, one
thread; ``merge`` fits the global model and imports LightGBM for it, which the last lines show by itself. Then 1,000
monthly series of 120 points, and the import of the service's worker in fresh interpreters.

    python benchmarks/engine_growth.py [--sizes 1000 3000 10000 30000] [--profile]
"""

import argparse
import cProfile
import json
import os
import platform
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import figures
import numpy as np
from goals import GOALS

from forecast_engine import (
    ROUNDS,
    Array,
    Frequency,
    Grid,
    Panel,
    Predictor,
    TrainingSettings,
    forecast,
    initial_shared_state,
    merge_round,
    run_round,
)

ITEMS_PER_SHARD = 500
SIZES = (1000, 3000, 10_000, 30_000)
QUANTILES = (0.1, 0.5, 0.9)
STEPS = ("sample", "backtest", "calibrate", "evaluate", "merge", "forecast")
MEMORY_GOAL = 2048  # MiB, for the largest of SIZES
PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Shape:
    """A made-up panel: ``items`` series of ``periods`` periods of a frequency, and what is asked of them."""

    items: int
    periods: int
    frequency: str
    season: int
    settings: TrainingSettings

    def shards(self) -> range:
        """The numbers of its shards."""
        return range(-(-self.items // ITEMS_PER_SHARD))

    def panel(self, shard: int) -> Panel:
        """The items of one shard, the same whatever the size of the panel."""
        count = min(ITEMS_PER_SHARD, self.items - shard * ITEMS_PER_SHARD)
        target = made_up(shard, count, self.periods, self.season)
        frequency, first = Frequency.parse(self.frequency), np.datetime64("2020-01-01T00:00:00")
        last = Grid.covering(frequency, first, first).timestamps(self.periods - 1, 1)[0]
        names = [f"item_{shard * ITEMS_PER_SHARD + item:06d}" for item in range(count)]
        return Panel(names, Grid.covering(frequency, first, last), target, ~np.isnan(target), 0)


@dataclass
class Cost:
    """CPU seconds of each of STEPS, and the peak memory of the process in MiB."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    memory: float = 0.0

    @property
    def total(self) -> float:
        """CPU seconds of all steps."""
        return sum(self.seconds.values())


def daily(items: int) -> Shape:
    """Two years of days, four weeks ahead, three backtest windows."""
    return Shape(items, 730, "D", 7, TrainingSettings(28, QUANTILES, True, window_count=3, window_offset=28))


def monthly() -> Shape:
    """Ten years of months, a year and a half ahead, one backtest window."""
    return Shape(1000, 120, "M", 12, TrainingSettings(18, QUANTILES, True, window_count=1, window_offset=18))


def made_up(seed: int, count: int, periods: int, season: int) -> Array:
    """Series [item, time]: two in three with level, season, trend and noise, the third counts that are mostly zero.

    One in five starts late: NaN before.
    """
    random = np.random.default_rng(seed)
    time_, item = np.arange(periods), np.arange(count)
    level = random.lognormal(3, 1, (count, 1))
    phase, slope = random.uniform(0, season, (count, 1)), random.normal(0, 0.3, (count, 1))
    shape = 1 + 0.3 * np.sin(2 * np.pi * (time_ + phase) / season) + slope * time_ / periods
    walk = np.cumsum(random.normal(0, 0.01, (count, periods)), axis=1)
    smooth = np.maximum(level * (shape + walk + random.normal(0, 0.15, (count, periods))), 0.01 * level)
    counts = random.poisson(random.uniform(0.05, 0.8, (count, 1)) * np.maximum(shape, 0.1)).astype(float)
    target = np.where((item % 3 == 2)[:, None], counts, smooth)
    late = np.where(random.random(count) < 0.2, random.integers(0, periods // 2, count), 0)
    return np.where(time_ < late[:, None], np.nan, target)


def cost_of(shape: Shape) -> Cost:
    """Train and forecast all shards, one after the other."""
    cost = Cost()
    shared = initial_shared_state(shape.items)
    with tempfile.TemporaryDirectory() as folder:
        kept = {shard: Path(folder) / f"{shard}.npz" for shard in shape.shards()}
        for name in ROUNDS:
            sums = []
            for shard, panel, state in _taken(shape, kept):
                with _timed(cost, name):
                    result = run_round(name, panel, shape.settings, state, shared)
                np.savez(kept[shard], **result.state)
                sums.append(result.sums)
            with _timed(cost, "merge"):
                shared = merge_round(name, sums, shared, shape.settings)
        for _, panel, state in _taken(shape, kept):
            with _timed(cost, "forecast"):
                forecast(panel, Predictor.of(shape.settings, state, shared))
    cost.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return cost


def _taken(shape: Shape, kept: dict[int, Path]) -> Iterator[tuple[int, Panel, dict[str, np.ndarray]]]:
    """Each shard with its panel and what it kept."""
    for shard, path in kept.items():
        state: dict[str, np.ndarray] = {}
        if path.exists():
            with np.load(path) as arrays:
                state = dict(arrays)
        yield shard, shape.panel(shard), state


class _timed:  # noqa: N801 - read as a verb
    """Adds the CPU seconds of a block to a step of ``cost``."""

    def __init__(self, cost: Cost, step: str) -> None:
        self._cost, self._step = cost, step

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self._cost.seconds[self._step] += time.process_time() - self._started


def cost_in_a_process_of_its_own(shape: str) -> Cost:
    """``shape``: "monthly", or the number of items of the daily panel."""
    command = [sys.executable, __file__, "--only", shape]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return Cost(**json.loads(answer.stdout))


def growth_row(items: int, cost: Cost) -> str:
    """A line of the table."""
    seconds = "".join(f"{cost.seconds[step]:>10.1f}" for step in STEPS)
    return f"{items:>7,}{seconds}{cost.total:>10.1f}{cost.total / items * 1000:>10.2f}{cost.memory:>10.0f}"


def seconds_wanted(subject: str) -> float:
    """The goal of a cost."""
    (wanted,) = GOALS[subject]
    assert wanted.value is not None
    return wanted.value


def goal(found: float, wanted: float, unit: str) -> str:
    """Whether a figure that should be small enough is."""
    verdict = "met" if found <= wanted else f"missed by {found / wanted - 1:.0%}"
    return f"{found:,.2f} {unit}, goal {wanted:,g}: {verdict}"


def import_times(statement: str, folder: Path, count: int = 5) -> tuple[float, float]:
    """Median seconds that a statement takes in fresh interpreters, the wall's and the CPU's."""
    script = (
        "import time; wall, cpu = time.perf_counter(), time.process_time()\n"
        f"{statement}\nprint(time.perf_counter() - wall, time.process_time() - cpu)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(folder)])}
    taken: list[tuple[float, ...]] = []
    for _ in range(count + 1):  # the first one warms the disk's cache
        answer = subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=folder, env=environment
        )
        taken.append(tuple(float(word) for word in answer.stdout.split()))
    wall, cpu = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    return wall, cpu


def print_growth(sizes: list[int]) -> figures.Figures:
    """The daily panel in all sizes: the CPU seconds of the largest of SIZES, if it is among them."""
    days, settings = daily(1).periods, daily(1).settings
    print(f"days {days}, horizon {settings.horizon}, {settings.window_count} windows; CPU seconds\n")
    print(f"{'items':>7}" + "".join(f"{name:>10}" for name in (*STEPS, "all", "per 1,000", "peak MiB")))
    costs = {}
    for items in sizes:
        costs[items] = cost_in_a_process_of_its_own(str(items))
        print(growth_row(items, costs[items]), flush=True)
    if sizes[-1] != SIZES[-1]:
        return {}
    largest = costs[sizes[-1]]
    print(f"\n{goal(largest.total, seconds_wanted('large_panel'), 'CPU seconds')}")
    print(goal(largest.memory, MEMORY_GOAL, "MiB"))
    return {figures.name_of("large_panel", figures.ALMANAC, "cpu_seconds"): largest.total}


def print_rest() -> figures.Figures:
    """The monthly panel, and the imports: its CPU seconds, and the worker's seconds."""
    small = cost_in_a_process_of_its_own("monthly")
    parts = ", ".join(f"{step} {small.seconds[step]:.2f}" for step in STEPS)
    monthly_goal = goal(small.total, seconds_wanted("monthly_panel"), "CPU seconds")
    print(f"\n1,000 monthly series of {monthly().periods} points: {monthly_goal}")
    print(f"  {parts}\n")
    folder = PROJECT / "functions" / "forecast_worker"
    found = {figures.name_of("monthly_panel", figures.ALMANAC, "cpu_seconds"): small.total}
    for name, statement in (
        ("the service's worker", "import app"),
        ("forecast_engine", "import forecast_engine"),
        ("numpy", "import numpy"),
        ("LightGBM, numpy included", "import lightgbm"),
        ("statsforecast", "from statsforecast import StatsForecast, models"),
    ):
        wall, cpu = import_times(statement, folder)
        wanted = ""
        if statement == "import app":
            wanted = f", goal {seconds_wanted('worker')}"
            found[figures.name_of("worker", figures.ALMANAC, "wall_seconds")] = wall
        print(f"import of {name}: {wall:.2f} s, {cpu:.2f} of them CPU{wanted}")
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES), help="numbers of items, ascending")
    parser.add_argument("--only", metavar="SHAPE", help="monthly, or one number of items: its costs as JSON")
    figures.add_option(parser)
    parser.add_argument("--profile", action="store_true", help="with --only: where the time goes, on standard error")
    options = parser.parse_args()
    if options.only:
        with cProfile.Profile() if options.profile else nullcontext() as profile:
            cost = cost_of(monthly() if options.only == "monthly" else daily(int(options.only)))
        document: dict[str, Any] = {"seconds": cost.seconds, "memory": cost.memory}
        print(json.dumps(document))
        if profile:
            pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(25)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    figures.keep(options.figures, print_growth(options.sizes))
    figures.keep(options.figures, print_rest())


if __name__ == "__main__":
    main()
