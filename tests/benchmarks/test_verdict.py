"""The verdict's tables, from figures that are made up."""

from pathlib import Path

import figures
import pytest
import relative_accuracy
import verdict
from figures import ALMANAC, Figures, name_of


def of(subject: str, measure: str, **values: float) -> Figures:
    """A measure of a subject by method, whose spaces are underlines here."""
    return {name_of(subject, method.replace("_", " "), measure): value for method, value in values.items()}


def row(found: Figures, *words: str) -> list[str]:
    """The cells of the one row of the goals that begins with these words."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in verdict.goal_table(found)]
    (cells,) = [cells for cells in rows if cells[: len(words)] == list(words)]
    return cells


def test_a_goal_shows_what_was_what_is_and_what_is_wanted() -> None:
    found = of("nn5_daily", "weighted_quantile_loss", Almanac=0.1453)
    cells = row(found, "NN5 daily", "WQL")
    assert cells[2:] == ["0.1515", "0.1453", "<= 0.143", "missed by 0.0023 (1.6%)", "TiRex 0.1429"]


def test_what_was_not_measured_has_no_row() -> None:
    assert verdict.goal_table(of("nn5_daily", "mase", seasonal_naive=0.7))[2:] == []


def test_methods_of_the_same_run_can_be_the_goal() -> None:
    found = of("bikes", "wape", Almanac=0.25, seasonal_naive=0.3, AutoETS=0.2)
    words = row(found, "Bikes by the hour, gaps unknown")[5]
    assert words == "missed by 0.05 (25.0%), behind AutoETS 0.2000"


def test_methods_that_had_a_part_of_the_series_are_compared_on_it() -> None:
    found = of("m5", "weighted_quantile_loss", Almanac=0.52, seasonal_naive=0.7)
    found |= of("m5, compared", "weighted_quantile_loss", Almanac=0.51, seasonal_naive=0.6, AutoETS=0.5)
    words = row(found, "M5, last 28 days of the file", "WQL")[5]
    assert words == "met, ahead of seasonal naive, behind AutoETS 0.5000"


def test_intervals_of_few_test_values_are_not_judged() -> None:
    found: Figures = {}
    for name, share, values in (("m3_yearly", 0.8, 3870), ("m5", 0.9, 852_040), ("births_daily", 0.5, 30)):
        found |= of(name, "coverage80_of_ties", Almanac=share) | of(name, verdict.TEST_VALUES, Almanac=values)
    cells = row(found, "80 % interval, ties in parts")
    assert cells[3:6] == ["1 of 2", "0.75 to 0.85", "outside: M5, last 28 days of the file 0.900"]


def test_a_data_set_is_bold_where_the_engine_is_ahead() -> None:
    found = of("m3_yearly, compared", "mase", Almanac=2.5, AutoETS=2.7, AutoTheta=2.6)
    found |= of("m3_yearly, compared", "weighted_quantile_loss", Almanac=0.13, AutoETS=0.12, AutoTheta=0.14)
    found |= of("m3_yearly, compared", verdict.SERIES, Almanac=645)
    assert verdict.peer_table(found)[2] == "| M3 yearly | 645 | **2.500** | 2.600 AutoTheta | 0.1300 | 0.1200 AutoETS |"


def test_twelve_data_sets_together_are_a_goal_once_all_are_measured() -> None:
    found: Figures = {}
    for name, one in relative_accuracy.published()["tirex"].items():
        assert "relative" not in "".join(verdict.with_relative(found))
        found |= of(name, "median_mase", Almanac=one.mase)
        found |= of(name, "weighted_quantile_loss", Almanac=one.weighted_quantile_loss)
    cells = row(verdict.with_relative(found), "Twelve sets, relative to naive", "WQL")
    assert cells[2:4] == ["0.5900", "0.6208"]


def test_figures_are_added_to_those_kept(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert figures.read(path) == {}
    figures.keep(path, {"a": 1.0, "b": 2.0})
    figures.keep(path, {"b": 3.0})
    figures.keep(None, {"a": 9.0})
    assert figures.read(path) == {"a": 1.0, "b": pytest.approx(3.0)}
    assert name_of("m5", ALMANAC, "mase") == "m5/Almanac/mase"
