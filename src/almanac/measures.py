"""How good forecasts were on backtest windows, and how good seasonal naive would have been on the same ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from almanac.training import Trained
from forecast_engine import Array
from forecast_engine.evaluation import (
    ScoredForecast,
    WindowSums,
    covered_count,
    seasonal_differences,
    seasonal_naive,
    summary_of,
    total_of,
)


@dataclass(frozen=True)
class Score:
    """Means over backtest windows; None where nothing defines a measure."""

    wql: float | None
    wape: float | None
    rmse: float | None
    mase: float | None
    inside: float | None


@dataclass(frozen=True)
class Statistics:
    """What is forecast of each step: ``levels`` are the quantiles, ascending; ``with_mean``: the mean, too."""

    levels: tuple[float, ...]
    with_mean: bool

    @property
    def names(self) -> list[str]:
        """The columns, as exports of the service call them."""
        return [*(["mean"] if self.with_mean else []), *(f"p{round(level * 100)}" for level in self.levels)]

    @property
    def band(self) -> tuple[int, int] | None:
        """The places of 0.1 and 0.9 among the levels, else the outermost; None without two."""
        if 0.1 in self.levels and 0.9 in self.levels:
            return self.levels.index(0.1), self.levels.index(0.9)
        return (0, len(self.levels) - 1) if len(self.levels) > 1 else None

    def point(self, quantiles: Array, mean: Array | None) -> Array:
        """[item, step]: what WAPE, RMSE and MASE measure: the mean, else the quantile nearest the median."""
        if (self.with_mean or not self.levels) and mean is not None:
            return mean
        nearest = min(range(len(self.levels)), key=lambda place: abs(self.levels[place] - 0.5))
        return np.asarray(quantiles[..., nearest])

    def columns(self, quantiles: Array, mean: Array | None) -> dict[str, Array]:
        """Column -> [item, step]."""
        by_level = [quantiles[..., place] for place in range(len(self.levels))]
        return dict(zip(self.names, [*([mean] if self.with_mean and mean is not None else []), *by_level], strict=True))


@dataclass
class Window:
    """The sums of one backtest window, of a forecast or of seasonal naive, added shard by shard."""

    statistics: Statistics
    sums: list[WindowSums] = field(default_factory=list)
    inside: int = 0
    points: int = 0

    def add(self, actual: Array, quantiles: Array, mean: Array | None, scales: Array) -> None:
        """Add items: ``actual`` and ``mean`` [item, step], ``quantiles`` [item, step, level], ``scales`` [item]."""
        if not len(actual):
            return
        forecast = ScoredForecast(self.statistics.point(quantiles, mean), quantiles)
        self.sums.append(WindowSums.of(actual, forecast, self.statistics.levels, scales))
        self.points += int((~np.isnan(actual)).sum())
        if self.statistics.band:
            self.inside += covered_count(actual, quantiles[:, :, [*self.statistics.band]])


def score_of(windows: Sequence[Window]) -> Score:
    """The mean of each measure over the windows that hold anything."""
    scored = [window for window in windows if window.sums]
    if not scored:
        return Score(None, None, None, None, None)
    levels = scored[0].statistics.levels
    means = summary_of([total_of(window.sums).metrics(levels) for window in scored])
    inside, points = sum(window.inside for window in scored), sum(window.points for window in scored)
    wql = means.average_weighted_quantile_loss if levels else None
    return Score(wql, means.wape, means.rmse, means.mase, inside / points if scored[0].statistics.band else None)


@dataclass(frozen=True)
class Accuracy:
    """A forecast and seasonal naive over the same backtest windows."""

    forecast: Score
    seasonal_naive: Score
    windows: int

    @property
    def rows(self) -> list[tuple[str, float | None, float | None]]:
        """The measures by their names in the output of ``almanac forecast``, each of the forecast and of naive."""
        return [(name, getattr(self.forecast, of), getattr(self.seasonal_naive, of)) for of, name in NAMES.items()]


NAMES = {"wql": "average wQL", "wape": "WAPE", "rmse": "RMSE", "mase": "MASE", "inside": "inside p10 to p90"}


def statistics_of(trained: Trained) -> Statistics:
    """What the training was asked to forecast."""
    settings = trained.source.plan.settings
    return Statistics(settings.quantiles, settings.include_mean)


def accuracy_of(trained: Trained) -> Accuracy:
    """Over the training's own backtest windows: nothing that was learnt from a window was used to score it."""
    statistics, plan = statistics_of(trained), trained.source.plan
    count = plan.settings.window_count
    windows = [Pair.of(statistics) for _ in range(count)]
    for shard, result in zip(plan.shards, trained.backtests(), strict=True):
        for place, start in enumerate(result.window_starts[:count]):
            chosen = result.complete[:, place]
            past = trained.panels[shard].target[chosen, :start]
            mean = result.mean[chosen, place]
            windows[place].add(result.actual[chosen, place], result.quantiles[chosen, place], mean, past, trained)
    return together(windows)


@dataclass(frozen=True)
class Pair:
    """One backtest window of a forecast, and the same of seasonal naive."""

    forecast: Window
    seasonal_naive: Window

    @classmethod
    def of(cls, statistics: Statistics) -> "Pair":
        """A window to which nothing was added yet."""
        return cls(Window(statistics), Window(statistics))

    def add(self, actual: Array, quantiles: Array, mean: Array | None, past: Array, trained: Trained) -> None:
        """Add items of a forecast that knew their ``past`` [item, time] alone, and what seasonal naive makes of it."""
        season = trained.source.grid.frequency.season_length
        scales, _ = seasonal_differences(past, season)
        self.forecast.add(actual, quantiles, mean, scales)
        naive = seasonal_naive(past, season, actual.shape[1], self.forecast.statistics.levels)
        self.seasonal_naive.add(actual, *naive, scales)


def together(pairs: Sequence[Pair]) -> Accuracy:
    """The accuracy over all windows."""
    forecasts, naive = zip(*((pair.forecast, pair.seasonal_naive) for pair in pairs), strict=True)
    return Accuracy(score_of(forecasts), score_of(naive), sum(bool(window.sums) for window in forecasts))
