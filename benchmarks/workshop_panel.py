"""The workshop's panel made anew: Amazon's algorithm names and the whole portfolio, beside the figures Amazon printed.

    python benchmarks/workshop_panel.py [--names CNN-QR NPTS] [--held-back 1] [--seed 0]

2,500 items of 730 days from 2018-01-01, whole numbers: 500 with one promotion weekday, 500 with two, 1,000 growing, 500
stable. Printed: wQL and RMSE of one backtest window of 60 days, the last one; ``--held-back`` leaves out so many
horizons behind it, for choices. The workshop's own file is not public, so Amazon's figures, of CNN-QR on that file, are
near ours, not the same: ``the truth`` says how near anything could come.
"""

import argparse
import time

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

import forecast_engine as engine
from forecast_engine import Frequency, Grid, Panel, Predictor, SamplingSettings, TrainingSettings, models_for
from forecast_engine.evaluation.metrics import weighted_quantile_loss
from forecast_service.panel.algorithms import ALGORITHMS

Array = NDArray[np.float64]
LEVELS = (0.1, 0.5, 0.9)
HORIZON, DAYS = 60, 730
FIRST = np.datetime64("2018-01-01T00:00:00")  # a Monday
PRINTED = "Amazon, CNN-QR         0.0254   0.0633   0.0280   22.24"
HALF_NORMAL = np.array([0.1257, 0.6745, 1.6449])  # quantiles of the size of a standard normal number
HALF_NORMAL_MEAN = 0.7979


def promotion(random: Generator, weekdays: int) -> tuple[Array, Array, Array]:
    """Values [day], their true quantiles [day, level] and means [day]: other sales on some weekdays."""
    is_promoted = np.isin(np.arange(DAYS) % 7, random.choice(7, weekdays, replace=False))
    low = np.where(is_promoted, random.integers(200, 500), random.integers(0, 150)).astype(float)
    width = np.where(is_promoted, random.integers(10, 200), random.integers(1, 50)).astype(float)
    return low + random.uniform(0, width), low[:, None] + width[:, None] * np.array(LEVELS), low + width / 2


def growing(random: Generator) -> tuple[Array, Array, Array]:
    """The same of an item that grows by a steady amount."""
    trend, noise = np.arange(DAYS) * random.uniform(0, 0.5), float(random.integers(0, 50))
    values = trend + noise * np.abs(random.normal(size=DAYS))
    return values, trend[:, None] + noise * HALF_NORMAL, trend + noise * HALF_NORMAL_MEAN


def stable(random: Generator) -> tuple[Array, Array, Array]:
    """The same of an item that neither grows nor has a season."""
    highest = float(random.integers(150, 1000))
    quantiles = np.tile(highest - 100 + 100 * np.array(LEVELS), (DAYS, 1))
    return random.uniform(highest - 100, highest, DAYS), quantiles, np.full(DAYS, highest - 50)


def workshop(seed: int, items: int = 2500) -> tuple[Array, Array, Array]:
    """Values [item, day], and their true quantiles [item, day, level] and means [item, day]."""
    random, fifth = np.random.default_rng(seed), items // 5
    made = [promotion(random, 1) for _ in range(fifth)] + [promotion(random, 2) for _ in range(fifth)]
    made += [growing(random) for _ in range(2 * fifth)] + [stable(random) for _ in range(fifth)]
    values, quantiles, means = (np.stack(part) for part in zip(*made, strict=True))
    return np.floor(values), quantiles - 0.5, means - 0.5


def backtest(values: Array, settings: TrainingSettings) -> tuple[Array, Array]:
    """Quantiles [item, step, level] and the mean [item, step] of the last horizon of ``values`` [item, day]."""
    grid = Grid.covering(Frequency.parse("D"), FIRST, FIRST + np.timedelta64(values.shape[1] - 1, "D"))
    names = [f"item_{number:04}" for number in range(len(values))]
    panel = Panel(names, grid, values, np.ones(values.shape, dtype=bool), 0)
    state, shared = {}, engine.initial_shared_state(len(names))
    for name in engine.ROUNDS:
        result = engine.run_round(name, panel, settings, state, shared)
        state, shared = result.state, engine.merge_round(name, [result.sums], shared, settings)
    window = engine.backtest_result(Predictor.of(settings, state, shared))
    return window.quantiles[:, 0], window.mean[:, 0]


def settings_of(name: str) -> TrainingSettings:
    """What a predictor of one of Amazon's algorithms trains; ``portfolio`` is none of them."""
    algorithm = None if name == "portfolio" else ALGORITHMS[name]
    models = None if algorithm is None else algorithm.models or models_for(Frequency.parse("D"))
    sampling = SamplingSettings() if name == "NPTS" else None
    return TrainingSettings(HORIZON, LEVELS, True, 1, HORIZON, models=models, sampling=sampling)


def line(name: str, actual: Array, quantiles: Array, mean: Array) -> str:
    """A line of the table: wQL of each level, and RMSE."""
    losses = [weighted_quantile_loss(actual, quantiles[:, :, i], level) for i, level in enumerate(LEVELS)]
    return f"{name:<20}" + "".join(f"{loss:9.4f}" for loss in losses) + f"{np.sqrt(np.mean((actual - mean) ** 2)):8.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--names", nargs="*", default=["portfolio", *ALGORITHMS])
    parser.add_argument("--held-back", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    end = DAYS - HORIZON * options.held_back
    values, quantiles, means = (part[:, :end] for part in workshop(options.seed))
    actual = values[:, -HORIZON:]
    print(f"{'':<20}   wQL.1    wQL.5    wQL.9    RMSE  CPU s\n{PRINTED}")
    print(line("the truth", actual, quantiles[:, -HORIZON:], means[:, -HORIZON:]))
    for name in options.names:
        started = time.process_time()
        print(
            line(name, actual, *backtest(values, settings_of(name))),
            f"{time.process_time() - started:6.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
