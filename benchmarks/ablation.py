"""What each part of the engine is worth: one is taken away at a time, on all data sets of ``data_sets.py``.

    python benchmarks/ablation.py --folder FOLDER [--test] [--cuts 1 2] [--parts WORD ...] [--each]

Forecast are held-back ends of the training histories: cut 1 is the last horizon of each history, cut 2 the one before.
``--test`` forecasts the competitions' test values instead, which no choice may be made by. Of large data sets a part of
the series is taken. Printed are the geometric mean over data sets of MASE and of WQL, the mean of OWA where it is
defined, and the mean distance of the 80 % interval's share from 0.8, ties counted in parts (see
``m4_measures.coverage80_of_ties``), each with its change against the whole engine: more is worse without the part.

The held-back ends flatter the pre-trained model, which has seen them; the test values it has not. Parts are taken away
by patches of the engine's modules, see ``engine_parts.py``. A part whose name the engine no longer has, or whose
absence changes no number at all, is an error of this script, printed in the part's row.
"""

import argparse
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import closed_periods
import numpy as np
from data_files import Series
from data_sets import DATA_SETS, Competition, DataSet
from engine_parts import PARTS, Part, PartError
from m4_measures import Result, score
from peers import QUANTILES, Forecasts

from forecast_engine import ROUNDS, Predictor, TrainingSettings, forecast, initial_shared_state, merge_round, run_round

EVERY = {"m4_yearly": 8, "m5": 15, "made_up_daily": 10, "ett_hourly": 2}  # one series in so many
CLOSED = ("stores", "nights_and_sundays", "off_season_months")  # sets of ``closed_periods.py`` that take part, too
FEWEST_SERIES = 20  # long enough for a cut, or a data set is left out of it
SHORTEST_HISTORY = 5


class Engine:
    """The engine on one data set, with or without a part; the global model is fitted once for all that leave it be."""

    def __init__(self, competition: Competition) -> None:
        """The whole engine is not run before it is asked for."""
        self._competition = competition
        self._fitted: dict[str, Any] | None = None

    def forecasts(self, part: Part | None) -> Forecasts:
        """Train with one backtest window on all series, and forecast."""
        panel, horizon = self._competition.panel, self._competition.data_set.horizon
        settings = TrainingSettings(horizon, QUANTILES, True, window_count=1, window_offset=horizon)
        state: dict[str, np.ndarray] = {}
        shared, rounds = initial_shared_state(len(panel.item_ids)), list(ROUNDS)
        if rounds[0] != "sample":
            raise PartError(f"the engine's first round is {rounds[0]}, not the one that fits the global model")
        refit = part is not None and part.refit
        if self._fitted is not None and not refit:
            shared, rounds = self._fitted, rounds[1:]
        for name in rounds:
            result = run_round(name, panel, settings, state, shared)
            state, shared = result.state, merge_round(name, [result.sums], shared, settings)
            if name == "sample" and not refit:
                self._fitted = shared
        found = forecast(panel, Predictor.of(settings, state, shared))
        assert found.mean is not None
        return Forecasts("", found.mean, found.quantiles, 0.0)

    def result(self, part: Part | None) -> Result:
        """The accuracy without a part, or of the whole."""
        with part.taken_away() if part else nullcontext():
            forecasts = self.forecasts(part)
        if part and part.quantiles:
            quantiles = part.quantiles(self._competition, forecasts)
            forecasts = Forecasts("", forecasts.mean, quantiles, 0.0)
        return score(self._competition, forecasts)


def held_back(data_set: DataSet, series: Series, cut: int) -> Competition | None:
    """The histories without their last ``cut`` horizons, and the horizon behind that as what is to be forecast.

    None where fewer than FEWEST_SERIES, and not all of fewer, are long enough and known in that horizon.
    """
    horizon = data_set.horizon
    names, histories, actual = [], [], []
    for name, values in zip(series.names, series.histories, strict=True):
        end = len(values) - cut * horizon
        if end < max(SHORTEST_HISTORY, data_set.season + 2):
            continue
        past, future = values[:end], values[end : end + horizon]
        if not (np.isnan(past).all() or np.isnan(future).all()):
            names.append(name)
            histories.append(past)
            actual.append(future)
    if len(names) < min(FEWEST_SERIES, len(series.names)):
        return None
    return Competition.of(data_set, Series(names, histories, np.array(actual)))


def competitions(folder: Path | None, cuts: list[int], *, test: bool) -> dict[str, Competition]:
    """All data sets that need no folder, or all, and those with closed periods, by name and cut."""
    found: dict[str, Competition] = {}
    for name, data_set in (DATA_SETS | {name: closed_periods.data_set(name) for name in CLOSED}).items():
        if data_set.folder and folder is None:
            continue
        series = data_set.load(folder)[:: EVERY.get(name, 1)]
        if test:
            found[name] = Competition.of(data_set, series)
            continue
        for cut in cuts:
            competition = held_back(data_set, series, cut)
            if competition:
                found[f"{name}/{cut}"] = competition
    return found


@dataclass(frozen=True)
class Means:
    """The measures over data sets."""

    mase: float
    owa: float
    weighted_quantile_loss: float
    off_80: float

    @classmethod
    def of(cls, results: list[Result]) -> "Means":
        """Geometric means of what has a unit of its own on each data set."""
        owa = [result.owa for result in results if result.owa is not None]
        return cls(
            mase=_geometric_mean([result.mase for result in results]),
            owa=float(np.mean(owa)) if owa else float("nan"),
            weighted_quantile_loss=_geometric_mean([result.weighted_quantile_loss for result in results]),
            off_80=float(np.mean([abs(result.coverage80_of_ties - 0.8) for result in results])),
        )


def _geometric_mean(values: list[float]) -> float:
    return float(np.exp(np.mean(np.log(values))))


HEAD = f"{'without':38}{'MASE':>8}{'%':>8}{'OWA':>8}{'%':>8}{'WQL':>9}{'%':>8}{'off 80%':>9}{'CPU s':>8}"


def row(name: str, means: Means, whole: Means, cpu_seconds: float) -> str:
    """A line of the table."""
    cells = (
        f"{means.mase:8.4f}{_change(means.mase, whole.mase)}{means.owa:8.4f}{_change(means.owa, whole.owa)}"
        f"{means.weighted_quantile_loss:9.5f}{_change(means.weighted_quantile_loss, whole.weighted_quantile_loss)}"
    )
    return f"{name:38}{cells}{means.off_80:9.4f}{cpu_seconds:8.1f}"


def _change(found: float, whole: float) -> str:
    return f"{100 * (found / whole - 1):+8.2f}"


def each_row(results: dict[str, Result], whole: dict[str, Result]) -> str:
    """The changes of MASE and WQL on each data set that has any, in percent."""
    words = [
        f"{name} {_change(result.mase, whole[name].mase).strip()} "
        f"{_change(result.weighted_quantile_loss, whole[name].weighted_quantile_loss).strip()}"
        for name, result in results.items()
        if result != whole[name]
    ]
    return "    MASE, WQL: " + "; ".join(words)


def results_without(part: Part, engines: dict[str, Engine], whole: dict[str, Result]) -> dict[str, Result]:
    """By data set; the whole's where there is no such part. PartError where nothing changes anywhere."""
    results = {name: engine.result(part) for name, engine in engines.items()}
    if results == whole:
        raise PartError("its absence changes nothing: the part was not taken away")
    return results


def main() -> None:
    """Print the table, a line at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, help="of the parquet files of M4, car parts and M5; without it they miss"
    )
    parser.add_argument("--test", action="store_true", help="forecast the test values")
    parser.add_argument("--cuts", type=int, nargs="*", default=[1], help="how many horizons before the end (default 1)")
    parser.add_argument("--parts", nargs="*", help="only parts with one of these words in their names")
    parser.add_argument("--each", action="store_true", help="the changes on each data set, too")
    options = parser.parse_args()
    found = competitions(options.folder, options.cuts, test=options.test)
    engines = {name: Engine(competition) for name, competition in found.items()}
    print(f"{len(found)} data sets, {sum(len(one.actual) for one in found.values()):,} series: {', '.join(found)}")
    print(HEAD, flush=True)
    started = time.process_time()
    whole = {name: engine.result(None) for name, engine in engines.items()}
    means = Means.of(list(whole.values()))
    print(row("nothing: the whole engine", means, means, time.process_time() - started), flush=True)
    for part in PARTS:
        if options.parts and not any(word in part.name for word in options.parts):
            continue
        started = time.process_time()
        try:
            results = results_without(part, engines, whole)
        except PartError as error:
            print(f"{part.name:38}cannot be taken away: {error}", flush=True)
            continue
        print(row(part.name, Means.of(list(results.values())), means, time.process_time() - started), flush=True)
        if options.each:
            print(each_row(results, whole), flush=True)


if __name__ == "__main__":
    main()
