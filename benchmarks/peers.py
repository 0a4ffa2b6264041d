"""Forecasts by the engine, by seasonal naive, and by the models of statsforecast, with their CPU seconds."""

import time
from dataclasses import dataclass, replace

import numpy as np
from data_sets import Competition
from figures import ALMANAC

from forecast_engine import (
    ROUNDS,
    Array,
    Predictor,
    TrainingSettings,
    forecast,
    initial_shared_state,
    merge_round,
    run_round,
    seasonal_naive,
)

LONGEST = 3000  # latest values of a series that a peer sees: its time grows faster than the series
QUANTILES = tuple(round(0.1 * number, 1) for number in range(1, 10))
PEERS = ("AutoETS", "AutoTheta", "DynamicOptimizedTheta", "SeasonalNaive")
NAIVE, NPTS = "seasonal naive", "NPTS alone"


@dataclass(frozen=True)
class Forecasts:
    """One method's ``mean`` [item, step] and ``quantiles`` [item, step, level], and CPU seconds per 1,000 series for
    all that they took: training, backtests and forecast."""

    method: str
    mean: Array
    quantiles: Array
    cpu_seconds: float

    def every(self, step: int) -> "Forecasts":
        """The same forecasts of one series in ``step``."""
        return replace(self, mean=self.mean[::step], quantiles=self.quantiles[::step])


def forecast_with_engine(
    competition: Competition, method: str = ALMANAC, models: tuple[str, ...] | None = None
) -> Forecasts:
    """Train with one backtest window, as Amazon's default, and forecast; with all models or some."""
    horizon = competition.data_set.horizon
    settings = TrainingSettings(horizon, QUANTILES, True, window_count=1, window_offset=horizon, models=models)
    started = time.process_time()
    state: dict[str, np.ndarray] = {}
    shared = initial_shared_state(len(competition.panel.item_ids))
    for name in ROUNDS:
        result = run_round(name, competition.panel, settings, state, shared)
        state, shared = result.state, merge_round(name, [result.sums], shared, settings)
    forecasts = forecast(competition.panel, Predictor.of(settings, state, shared))
    assert forecasts.mean is not None
    return Forecasts(method, forecasts.mean, forecasts.quantiles, _per_thousand(started, competition))


def forecast_with_seasonal_naive(competition: Competition) -> Forecasts:
    """The benchmark with the textbook's normal intervals."""
    started = time.process_time()
    data_set = competition.data_set
    quantiles, mean = seasonal_naive(competition.history, data_set.season, data_set.horizon, QUANTILES)
    return Forecasts(NAIVE, mean, quantiles, _per_thousand(started, competition))


def forecast_with_peer(name: str, competition: Competition) -> Forecasts:
    """A model of statsforecast with intervals of its own; Naive where it fails. Compiling it is not in its time."""
    import pandas  # noqa: PLC0415 - both load slowly, and only for peers
    from statsforecast import StatsForecast, models  # noqa: PLC0415

    series = [values[-LONGEST:] for values in competition.observed]
    rows = pandas.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(series)), [len(values) for values in series]),
            "ds": np.concatenate([np.arange(len(values)) for values in series]),
            "y": np.concatenate(series),
        }
    )
    data_set, levels = competition.data_set, [20, 40, 60, 80]
    peer = getattr(models, name)(season_length=data_set.season, alias="peer")
    run = StatsForecast([peer], freq=1, n_jobs=1, fallback_model=models.Naive(alias="peer"))
    run.forecast(h=data_set.horizon, df=rows[rows.unique_id == 0], level=levels)
    started = time.process_time()
    found = run.forecast(h=data_set.horizon, df=rows, level=levels)
    cpu_seconds = _per_thousand(started, competition)
    columns = [f"peer-lo-{level}" for level in levels[::-1]] + ["peer"] + [f"peer-hi-{level}" for level in levels]
    quantiles = found[columns].to_numpy(float).reshape(*competition.actual.shape, len(QUANTILES))
    return Forecasts(name, quantiles[:, :, len(levels)], quantiles, cpu_seconds)


def _per_thousand(started: float, competition: Competition) -> float:
    return (time.process_time() - started) / len(competition.actual) * 1000
