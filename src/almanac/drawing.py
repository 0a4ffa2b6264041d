"""Fan charts by matplotlib."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from almanac.answers import Answers
from almanac.errors import DataError
from almanac.measures import statistics_of
from almanac.training import Key, Shard
from forecast_engine import Forecast
from forecast_language import said

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HORIZONS = 3
WIDTH, HEIGHT = 9.0, 2.6  # inches, of each chart
INK, BAND = "#1f5fa8", "#9dc1e8"


def drawn(answers: Answers, items: Sequence[Any] | None, most: int, history: int | None) -> "Figure":
    """A chart for each series. DataError where matplotlib is missing or a series has no such name."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - it need not be installed
    except ModuleNotFoundError:
        raise DataError(said("plot: found no matplotlib, wanted it installed: pip install matplotlib")) from None
    series = _chosen(answers, items, most)
    figure = Figure(figsize=(WIDTH, HEIGHT * len(series)), layout="constrained")
    axes = figure.subplots(len(series), squeeze=False)[:, 0]
    grid, horizon = answers.trained.source.grid, answers.trained.source.plan.settings.horizon
    past = history or max(HORIZONS * horizon, grid.frequency.season_length)
    for axis, each in zip(axes, series, strict=True):
        _draw(axis, answers, each, min(past, grid.length))
    return figure


def _chosen(answers: Answers, items: Sequence[Any] | None, most: int) -> list[tuple[Shard, Forecast, int]]:
    """The series to draw, each by its shard, the shard's forecast, and its place there."""
    series = [
        (shard, forecast, place)
        for shard, forecast in zip(answers.trained.shards, answers.trained.forecasts, strict=True)
        for place in range(len(shard.keys))
    ]
    if items is None:
        series.sort(key=lambda each: -np.nansum(each[0].panel.target[each[2]]))
        return series[:most]
    wanted = {str(item) for item in items}
    found = [each for each in series if wanted & {*each[0].keys[each[2]]}]
    known = {name for shard, _, place in found for name in shard.keys[place]}
    if wanted - known:
        names = ", ".join(sorted(wanted - known))
        raise DataError(said("plot: found no series {names}, wanted names of items in the data", names=names))
    return found[:most]


def _draw(axis: "Axes", answers: Answers, series: tuple[Shard, Forecast, int], past: int) -> None:
    shard, forecast, place = series
    grid, statistics = answers.trained.source.grid, statistics_of(answers.trained)
    steps = forecast.quantiles.shape[1]
    before, ahead = grid.timestamps(grid.length - past, past), grid.timestamps(grid.length, steps)
    axis.plot(before, shard.panel.target[place, grid.length - past :], color="#444444", linewidth=1)
    mean = None if forecast.mean is None else forecast.mean[place]
    line = statistics.point(forecast.quantiles[place], mean)
    axis.plot(ahead, line, color=INK, linewidth=1.6)
    last = shard.panel.target[place, -1]
    axis.plot([before[-1], ahead[0]], [last, line[0]], color=INK, linewidth=1, linestyle=":")
    if statistics.band:
        low, high = (forecast.quantiles[place, :, level] for level in statistics.band)
        axis.fill_between(ahead, low, high, color=BAND, alpha=0.6, linewidth=0)
    axis.set_title(_title(shard.keys[place], answers), loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)


def _title(key: Key, answers: Answers) -> str:
    planned = answers.trained.guesses.planned
    return ", ".join(key) if planned.roles.item else planned.roles.target
