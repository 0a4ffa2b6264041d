"""What each part of the engine is worth: one is taken away at a time, on all data sets of ``data_sets.py``.

    python benchmarks/ablation.py --folder FOLDER [--test] [--cuts 1 2] [--parts WORD ...] [--each]

Forecast are held-back ends of the training histories: cut 1 is the last horizon of each history, cut 2 the one before.
``--test`` forecasts the competitions' test values instead, which no choice may be made by. Of large data sets a part of
the series is taken. Printed are the geometric mean over data sets of MASE and of WQL, the mean of OWA where it is
defined, and the mean distance of the 80 % interval's share from 0.8, ties counted in parts (see
``m4_measures.coverage80_of_ties``), each with its change against the whole engine: more is worse without the part.

The held-back ends flatter the pre-trained model, which has seen them; the test values it has not. Parts are taken away
by patches of the engine's modules. A part whose name the engine no longer has, or whose
absence changes no number at all, is an error of this script, printed in the part's row.
"""

import argparse
import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import NormalDist
from typing import Any
from unittest.mock import patch

import numpy as np
from data_sets import DATA_SETS, Array, Competition, DataSet, Series
from m4_measures import Result, score
from peers import QUANTILES, Forecasts

from forecast_engine import ROUNDS, Predictor, TrainingSettings, forecast, initial_shared_state, merge_round, run_round
from forecast_engine.evaluation.scales import seasonal_differences
from forecast_engine.intervals.conformity_scores import WHOLE_SCORE
from forecast_engine.models import LOCAL_MODELS
from forecast_engine.portfolio.portfolio import Member, Portfolio

EVERY = {"m4_yearly": 8, "m5": 15}  # one series in so many
FEWEST_SERIES = 20  # long enough for a cut, or a data set is left out of it
SHORTEST_HISTORY = 5
_WEIGHTS, _WINDOWS = "ensemble.weights", "evaluation.windows"
_PANEL_PART = 1e-9  # of a window: nothing, but for items without a window of their own


class PartError(Exception):
    """The part could not be taken away."""


@dataclass(frozen=True)
class Part:
    """Something that can be missing: members, by a patch, or by other quantiles in the end.

    ``members`` tells which of the ensemble's lose their weight; what else they serve (the bases of the pre-trained
    model, what is expected of intermittent items) stays. ``refit``: whether the global model is fitted anew.
    """

    name: str
    members: Callable[[Member], bool] | None = None
    patched: Callable[[], AbstractContextManager[Any]] = nullcontext
    quantiles: Callable[[Competition, Forecasts], Array] | None = None
    refit: bool = False

    def taken_away(self) -> AbstractContextManager[Any]:
        """The engine without the part, for a while."""
        return self.patched() if self.members is None else without_members(self.members)


@contextmanager
def constant(module: str, value: Any, *names: str) -> Iterator[None]:
    """Constants of a module of the engine have another value for a while; PartError where there is no such one."""
    found = importlib.import_module(f"forecast_engine.{module}")
    missing = [name for name in names if not hasattr(found, name)]
    if missing:
        raise PartError(f"forecast_engine.{module} has no {', '.join(missing)} any more")
    with patch.multiple(found, **dict.fromkeys(names, value)):
        yield


@contextmanager
def without_members(chosen: Callable[[Member], bool]) -> Iterator[None]:
    """Members for which ``chosen`` holds have no weight."""
    weights = importlib.import_module("forecast_engine.ensemble.weights")
    original = weights.prior_shares

    def replaced(members: tuple[Member, ...]) -> Array:
        counts = np.where([chosen(member) for member in members], 0.0, original(members))
        return counts if counts.any() else np.ones(len(members))

    with patch.object(weights, "prior_shares", replaced):
        yield


@contextmanager
def plain_widths() -> Iterator[None]:
    """Intervals in units of MASE's scale, the items' own backtests and the age of windows left out."""
    found = {
        name: importlib.import_module(f"forecast_engine.{name}")
        for name in ("training.backtest", "forecasting.forecast")
    }
    calibration = importlib.import_module("forecast_engine.training.calibration")
    with ExitStack() as patches:
        for user in found.values():
            patches.enter_context(patch.object(user, "change_scale", lambda *past: seasonal_differences(*past)[0]))
        patches.enter_context(patch.object(calibration, "difficulty", lambda ratios: np.ones(len(ratios))))
        patches.enter_context(
            patch.object(calibration, "score_weights", lambda counts: np.full(counts.shape, WHOLE_SCORE))
        )
        patches.enter_context(constant("intervals.conformity_scores", 1.0, "_LOCATION_KEPT"))
        yield


@contextmanager
def conformal_for_all() -> Iterator[None]:
    """Quantiles of intermittent items come from the scores of their like, not from their own past."""
    predictor = importlib.import_module("forecast_engine.forecasting.forecast")
    original = getattr(predictor, "item_quantiles", None)
    if original is None:
        raise PartError("forecast_engine.forecasting.forecast has no item_quantiles any more")

    def replaced(**arguments: Any) -> Any:
        if "demand" not in arguments:
            raise PartError("item_quantiles is called without 'demand'")
        demand = arguments["demand"]
        smooth = replace(demand, is_intermittent=np.zeros_like(demand.is_intermittent))
        return original(**arguments | {"demand": smooth})

    with patch.object(predictor, "item_quantiles", replaced):
        yield


def gaussian(competition: Competition, whole: Forecasts) -> Array:
    """Normal quantiles [item, step, level] around the mean, as the textbook has them for seasonal naive: the root mean
    square of past seasonal differences, times the root of the seasons ahead. Intermittent items keep theirs.
    """
    data_set = competition.data_set
    steps = np.arange(data_set.horizon) // data_set.season + 1
    spread = typical_difference(competition.history, data_set.season)[:, None] * np.sqrt(steps)
    normal = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
    quantiles = whole.mean[:, :, None] + spread[:, :, None] * normal
    floor = np.where(np.nanmin(competition.history, axis=1) < 0, -np.inf, 0.0)
    quantiles = np.maximum(quantiles, floor[:, None, None])
    is_intermittent = Portfolio.for_frequency(competition.panel.grid.frequency).is_intermittent(competition.history)
    return np.where(is_intermittent[:, None, None], whole.quantiles, quantiles)


def typical_difference(history: Array, season: int) -> Array:
    """Root mean square [item] of differences over one season, over one period where there is none; NaN breaks pairs."""
    found = np.zeros(len(history))
    for lag in sorted({season, 1}):  # the season's last: it wins where it exists
        if history.shape[1] > lag:
            differences = history[:, lag:] - history[:, :-lag]
            count = (~np.isnan(differences)).sum(axis=1)
            squares = np.nansum(differences**2, axis=1)
            found = np.where(count > 0, np.sqrt(squares / np.maximum(count, 1)), found)
    return found


def model(name: str, *transforms: str) -> Callable[[Member], bool]:
    """Whether a member is of a model, and of one of the transforms if any is given."""
    return lambda member: member.model == name and (not transforms or member.transform in transforms)


PARTS = (
    Part("learned weights", patched=lambda: constant(_WEIGHTS, 0.0, "SHARPNESS")),
    Part("the panel's part in the weights", patched=lambda: constant("ensemble.weights", _PANEL_PART, "PRIOR_WINDOWS")),
    Part(
        "further learning windows", patched=lambda: constant("evaluation.windows", 1, "_LEARNING_WINDOWS"), refit=True
    ),
    Part("conformal quantiles", quantiles=gaussian),
    Part("widths by change, level, backtests", patched=plain_widths),
    Part("NPTS and demand table: conformal", patched=conformal_for_all),
    Part("the demand table: NPTS alone", patched=lambda: constant("intervals.demand_table", 0.0, "_TABLE_SHARE")),
    Part("the panel's global model", members=model("lightgbm", "values")),
    Part("the pre-trained model", members=model("lightgbm", "pretrained")),
    Part("both LightGBM models", members=model("lightgbm")),
    *(Part(f"model {name}", members=model(name)) for name in LOCAL_MODELS if name != "damped_trend"),
    Part("logarithms", members=lambda member: member.transform == "logarithms"),
    Part("differences", members=lambda member: member.transform == "differences"),
)


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

    None where fewer than FEWEST_SERIES are long enough and known throughout that horizon.
    """
    horizon = data_set.horizon
    names, histories, actual = [], [], []
    for name, values in zip(series.names, series.histories, strict=True):
        end = len(values) - cut * horizon
        if end < max(SHORTEST_HISTORY, data_set.season + 2):
            continue
        past, future = values[:end], values[end : end + horizon]
        if not (np.isnan(past).all() or np.isnan(future).any()):
            names.append(name)
            histories.append(past)
            actual.append(future)
    if len(names) < FEWEST_SERIES:
        return None
    return Competition.of(data_set, Series(names, histories, np.array(actual)))


def competitions(folder: Path | None, cuts: list[int], *, test: bool) -> dict[str, Competition]:
    """All data sets that need no folder, or all, by name and cut."""
    found: dict[str, Competition] = {}
    for name, data_set in DATA_SETS.items():
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
    wish = parser.parse_args()
    found = competitions(wish.folder, wish.cuts, test=wish.test)
    engines = {name: Engine(competition) for name, competition in found.items()}
    print(f"{len(found)} data sets, {sum(len(one.actual) for one in found.values()):,} series: {', '.join(found)}")
    print(HEAD, flush=True)
    started = time.process_time()
    whole = {name: engine.result(None) for name, engine in engines.items()}
    means = Means.of(list(whole.values()))
    print(row("nothing: the whole engine", means, means, time.process_time() - started), flush=True)
    for part in PARTS:
        if wish.parts and not any(word in part.name for word in wish.parts):
            continue
        started = time.process_time()
        try:
            results = results_without(part, engines, whole)
        except PartError as error:
            print(f"{part.name:38}cannot be taken away: {error}", flush=True)
            continue
        print(row(part.name, Means.of(list(results.values())), means, time.process_time() - started), flush=True)
        if wish.each:
            print(each_row(results, whole), flush=True)


if __name__ == "__main__":
    main()
