"""The tables and words of the accuracy benchmark; what it measures needs minutes and is not run here."""

from dataclasses import replace
from pathlib import Path

import engine_accuracy
from data_sets import DATA_SETS
from engine_accuracy import Comparison, Scored
from goals import GOALS, OTHER_SUBJECTS, Goal, Published
from m4_measures import Result

RESULT = Result(10.0, 1.0, 0.9, 0.1, 0.8, 0.1, 0.1, 0.8, 1.0, 0.0, 0.1)


def scored(method: str, **measures: float | None) -> Scored:
    """A line with some measures of its own."""
    return Scored(method, replace(RESULT, **measures), 1.0)


def compared(name: str, *lines: Scored) -> Comparison:
    """All lines on the same series."""
    return Comparison(name, 1000, list(lines[:2]), 1000, list(lines))


def test_a_missed_goal_says_by_how_much() -> None:
    goal = Goal("mase", 2.5, ())
    assert goal.verdict(2.5) == "met"
    assert goal.verdict(2.6) == "missed by 0.1 (4.0%)"
    assert Goal("mase", None).verdict(2.6) == ""


def test_a_bias_is_as_bad_below_as_above() -> None:
    goal = Goal("bias", 0.02)
    assert (goal.verdict(-0.02), goal.verdict(-0.05)) == ("met", "missed by 0.03 (150.0%)")


def test_what_shall_be_no_more_than_another_method_may_be_as_much() -> None:
    goal = Goal("wape", None, ahead_of=("seasonal naive", "AutoETS"))
    assert goal.verdict(0.2, {"seasonal naive": 0.3, "AutoETS": 0.2, "another": 0.1}) == "met"
    assert goal.verdict(0.3, {"seasonal naive": 0.3, "AutoETS": 0.2}) == "missed by 0.1 (50.0%)"
    assert goal.against(0.3, {"seasonal naive": 0.3, "AutoETS": 0.2}) == "behind AutoETS 0.2000"


def test_a_table_shows_goal_and_published_figures_in_the_column_of_their_measure() -> None:
    table = engine_accuracy.report(compared("m3_yearly", scored("Almanac", mase=2.6), scored("seasonal naive")))
    head, goal = (next(line for line in table.splitlines() if word in line) for word in ("MASE", "goal"))
    tirex = next(line for line in table.splitlines() if line.startswith("TiRex, published"))
    column = slice(head.index("MASE") - 4, head.index("MASE") + 4)
    assert (goal[column].strip(), tirex[column].strip()) == ("2.570", "2.710")
    assert tirex.endswith("as collected when the engine was designed")


def test_the_summary_tells_goals_met_and_whom_the_engine_is_behind() -> None:
    text = engine_accuracy.summary(
        [
            compared(
                "m3_yearly",
                scored("Almanac", mase=2.6, weighted_quantile_loss=0.2, coverage80=0.7),
                scored("seasonal naive", mase=3.0, weighted_quantile_loss=0.3),
                scored("AutoETS", mase=2.7, weighted_quantile_loss=0.1),
            ),
            compared(
                "carparts",
                scored("Almanac", owa=None, weighted_quantile_loss=0.87),
                scored("seasonal naive", owa=None, weighted_quantile_loss=1.4),
                scored("AutoETS", mase=0.5, owa=None, weighted_quantile_loss=1.3),
            ),
        ]
    )
    assert "missed by 0.03 (1.2%)" in text
    assert "met, ahead of seasonal naive, ahead of AutoETS" in text
    assert "in the 80 % interval: 0.75 to 0.85 on 1 of 2; outside: M3 yearly 0.700" in text
    assert "MASE ahead of all others on 1 of 2; behind: Car parts 1.0000 (AutoETS 0.5000)" in text
    assert "OWA ahead of all others on 0 of 1" in text
    assert "WQL ahead of all others on 1 of 2; behind: M3 yearly 0.2000 (AutoETS 0.1000)" in text


def test_every_goal_belongs_to_a_data_set_and_every_figure_has_a_source() -> None:
    assert set(GOALS) <= set(DATA_SETS) | set(OTHER_SUBJECTS)
    figures: list[Published] = [figure for goals in GOALS.values() for goal in goals for figure in goal.published]
    assert [figure.method for figure in figures if not figure.source] == []


def test_all_means_what_needs_no_folder_where_none_is_given() -> None:
    without = engine_accuracy.data_sets_named(["all"], None)
    packages = {"m3", "m1", "tourism", "pedestrians", "electricity"}
    assert {name.partition("_")[0] for name in without} == packages | {"made"}
    assert engine_accuracy.data_sets_named(["all"], Path()) == list(DATA_SETS)
    assert engine_accuracy.data_sets_named([], None) == ["m3_monthly"]
