"""The verdict in Markdown, from the figures that the benchmarks kept: goals, data sets beside peers, published models.

    python benchmarks/verdict.py FIGURES

``make benchmark FOLDER=...`` ends with it; ``docs/benchmarks.md`` opens with it. What was not measured has no row.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import figures
import relative_accuracy
from data_sets import DATA_SETS
from figures import ALMANAC, Figures, name_of
from goals import COVERAGE_GOAL, GOALS, MEASURES, OTHER_MEASURES, OTHER_SUBJECTS, Goal
from relative_accuracy import Accuracy

TITLES = {name: data_set.title for name, data_set in DATA_SETS.items()} | OTHER_SUBJECTS
FEWEST_TEST_VALUES = 1000  # of a data set whose share in the interval can be told from 80 %
SERIES, TEST_VALUES, PUBLISHED_NAIVE = "series", "test_values", "naive of the convention"


def compared(subject: str) -> str:
    """The subject of figures on those series that the peers got."""
    return f"{subject}, compared"


def methods_of(found: Figures, subject: str, measure: str) -> dict[str, float]:
    """A measure of a subject by method."""
    parts = ((name.split("/"), value) for name, value in found.items())
    return {part[1]: value for part, value in parts if part[0] == subject and part[2] == measure}


def goal_table(found: Figures) -> list[str]:
    """A row for each goal that was measured, and one for the intervals."""
    rows = [
        goal_row(subject, goal, found)
        for subject, goals in GOALS.items()
        for goal in goals
        if name_of(subject, ALMANAC, goal.measure) in found
    ]
    return [
        "| What | Measure | Before | Now | Goal | Verdict | Beside |",
        "|---|---|---|---|---|---|---|",
        *rows,
        *interval_rows(found),
    ]


def goal_row(subject: str, goal: Goal, found: Figures) -> str:
    """Before, now, goal, and whether it is met; on all series, except against methods that had a part of them."""
    value = found[name_of(subject, ALMANAC, goal.measure)]
    others = methods_of(found, subject, goal.measure)
    on_part = methods_of(found, compared(subject), goal.measure)
    elsewhere = {name: other for name, other in on_part.items() if name not in others}
    words = [
        goal.verdict(value, others),
        goal.against(value, others),
        goal.against(on_part.get(ALMANAC, value), elsewhere),
    ]
    cells = [
        TITLES[subject],
        (MEASURES | OTHER_MEASURES)[goal.measure],
        "-" if goal.before is None else number(goal.before, goal.measure),
        number(value, goal.measure),
        wanted(goal),
        ", ".join(word for word in words if word),
        f"{goal.published[0].method} {goal.published[0].value:g}" if goal.published and not goal.remark else "-",
    ]
    return f"| {' | '.join(cells)} |"


def wanted(goal: Goal) -> str:
    """The number, or the methods to be beaten."""
    if goal.value is None:
        return f"<= {', '.join(goal.ahead_of)}" if goal.ahead_of else "-"
    return f"within {goal.value:.4g}" if goal.measure == "bias" else f"<= {goal.value:.4g}"


def number(value: float, measure: str) -> str:
    """Four digits behind the point of losses and shares, two of seconds, three of others."""
    digits = {"cpu_seconds": 2, "wall_seconds": 2, "mase": 3, "owa": 3, "mean_ratio": 3, "largest_ratio": 3}
    return f"{value:.{digits.get(measure, 4)}f}"


def interval_rows(found: Figures) -> Iterator[str]:
    """On how many data sets the 80 % interval holds what it should, ties in parts."""
    titles, outside = intervals(found, "coverage80_of_ties")
    if titles:
        lowest, highest = COVERAGE_GOAL
        verdict = f"outside: {', '.join(outside)}" if outside else "met"
        now = f"{len(titles) - len(outside)} of {len(titles)}"
        yield (
            f"| 80 % interval, ties in parts | share | 11 of 14 | {now} | {lowest:g} to {highest:g} | {verdict} | - |"
        )


def intervals(found: Figures, measure: str) -> tuple[list[str], list[str]]:
    """The titles of data sets with enough test values, and of those outside the goal with their share."""
    lowest, highest = COVERAGE_GOAL
    shares = {
        DATA_SETS[name].title: found[name_of(name, ALMANAC, measure)]
        for name in DATA_SETS
        if found.get(name_of(name, ALMANAC, TEST_VALUES), 0) >= FEWEST_TEST_VALUES
    }
    return list(shares), [f"{title} {share:.3f}" for title, share in shares.items() if not lowest <= share <= highest]


def peer_table(found: Figures) -> list[str]:
    """Each data set beside the best of the others on the series that all of them forecast; bold where ahead."""
    lines = ["| Data set | Series compared | MASE | Best peer's | WQL | Best peer's |", "|---|---|---|---|---|---|"]
    for name in DATA_SETS:
        series = found.get(name_of(compared(name), ALMANAC, SERIES))
        if series is not None:
            cells = [cell for measure in ("mase", "weighted_quantile_loss") for cell in beside(found, name, measure)]
            lines.append(f"| {TITLES[name]} | {series:,.0f} | {' | '.join(cells)} |")
    return lines


def beside(found: Figures, name: str, measure: str) -> tuple[str, str]:
    """The engine's figure, and the best other with its method."""
    values = methods_of(found, compared(name), measure)
    own = values.pop(ALMANAC)
    best = min(values, key=lambda method: values[method])
    digits = 4 if measure == "weighted_quantile_loss" else 3
    mark = "**" if own < values[best] else ""
    return f"{mark}{own:.{digits}f}{mark}", f"{values[best]:.{digits}f} {best}"


def accuracies(found: Figures, method: str, mase: str) -> dict[str, Accuracy]:
    """MASE of the median and WQL of a method on those data sets of the published models that were measured."""
    return {
        name: Accuracy(found[name_of(name, method, mase)], found[name_of(name, method, "weighted_quantile_loss")])
        for name in relative_accuracy.published()[relative_accuracy.NAIVE]
        if name_of(name, method, mase) in found
    }


def with_relative(found: Figures) -> Figures:
    """The figures, and those of all twelve data sets together where all were measured."""
    ours = accuracies(found, ALMANAC, "median_mase")
    naive = relative_accuracy.published()[relative_accuracy.NAIVE]
    if len(ours) < len(naive):
        return found
    total = relative_accuracy.relative(ours, naive, naive)
    return found | {name_of("relative", ALMANAC, measure): value for measure, value in vars(total).items()}


def text(found: Figures) -> str:
    """All tables."""
    found = with_relative(found)
    ours, naive = accuracies(found, ALMANAC, "median_mase"), accuracies(found, PUBLISHED_NAIVE, "mase")
    parts = ["\n".join(goal_table(found))]
    if any(name_of(compared(name), ALMANAC, SERIES) in found for name in DATA_SETS):
        parts.append("\n".join(peer_table(found)))
    if ours:
        parts.append(relative_accuracy.table(ALMANAC, ours, naive))
    return "\n\n".join(parts)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, help="the file that the benchmarks kept their figures in")
    print(text(figures.read(parser.parse_args().figures)))


if __name__ == "__main__":
    main()
