"""The engine among published models: the file of their figures, and geometric means relative to seasonal naive."""

from pathlib import Path

import numpy as np
import pytest
import relative_accuracy
from data_files import Series
from data_sets import DATA_SETS, Competition
from relative_accuracy import NAIVE, Accuracy


def test_all_21_models_have_figures_on_the_same_twelve_data_sets_of_ours() -> None:
    models = relative_accuracy.published()
    assert len(models) == 21
    assert {len(figures) for figures in models.values()} == {12}
    assert set(models[NAIVE]) <= set(DATA_SETS)


def test_a_model_without_a_data_set_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("data,model,MASE,WQL\na,seasonal_naive,1,1\nb,seasonal_naive,1,1\na,short,1,1\n")
    with pytest.raises(ValueError, match="not on all 2 data sets: short"):
        relative_accuracy.published(path)


def test_a_model_half_as_bad_here_and_twice_there_is_as_good_as_naive() -> None:
    naive = {"a": Accuracy(2.0, 0.4), "b": Accuracy(1.0, 0.1)}
    found = relative_accuracy.relative({"a": Accuracy(1.0, 0.1), "b": Accuracy(2.0, 0.1)}, naive, ["a", "b"])
    assert found == Accuracy(pytest.approx(1.0), pytest.approx(0.5))


def test_the_best_published_models_stand_where_their_benchmark_has_them() -> None:
    """TiRex's .621 and .773 were worked out from the same file by another script."""
    models = relative_accuracy.published()
    ranking = relative_accuracy.ranking("ours", models["tirex"])
    assert list(ranking)[:3] == ["tirex", "ours", "timecopilot"]
    assert ranking["ours"] == Accuracy(pytest.approx(0.7733, abs=5e-5), pytest.approx(0.6208, abs=5e-5))
    assert ranking[NAIVE] == Accuracy(pytest.approx(1.0), pytest.approx(1.0))


def test_only_data_sets_that_were_measured_count() -> None:
    models = relative_accuracy.published()
    one = {"carparts": Accuracy(models[NAIVE]["carparts"].mase / 2, models[NAIVE]["carparts"].weighted_quantile_loss)}
    assert relative_accuracy.ranking("ours", one)["ours"] == Accuracy(pytest.approx(0.5), pytest.approx(1.0))


@pytest.mark.parametrize("name", ["m1_yearly", "m1_quarterly", "m3_quarterly", "tourism_quarterly"])
def test_our_naive_has_the_published_figures(name: str) -> None:
    data_set = DATA_SETS[name]
    found = relative_accuracy.naive_accuracy(Competition.of(data_set, data_set.load(None)))
    deviation, _ = relative_accuracy.naive_deviation({name: found})
    assert deviation < 0.001


def test_the_naive_of_nn5_repeats_the_last_day() -> None:
    history = np.array([1.0, 3, 5, 9, 9, 9, 9, 11])  # naive errors: 2, 2, 4, 0, 0, 0, 2
    series = Series(["a"], [history], np.full((1, 56), 12.0))
    found = relative_accuracy.naive_accuracy(Competition.of(DATA_SETS["nn5_daily"], series))
    assert found == Accuracy(pytest.approx(1 / (10 / 7)), pytest.approx(1 / 12))


def test_the_table_ranks_both_measures_and_says_how_well_naive_agrees() -> None:
    models = relative_accuracy.published()
    ours = {name: Accuracy(0.9 * one.mase, 1.01 * one.weighted_quantile_loss) for name, one in models["tirex"].items()}
    text = relative_accuracy.table("Almanac", ours, {"carparts": Accuracy(1.20146 * 1.01, 1.59995)})
    assert "| 3 | **Almanac** | **0.627** | **0.696** | 1 |" in text
    assert text.endswith("differs from the published one by 1.00% at most (carparts)")
