"""Parts of the engine are taken away, and nothing else; what that costs in accuracy is not measured here."""

from typing import Any

import ablation
import closed_periods
import engine_parts
import numpy as np
import pytest
from ablation import Engine, Means
from data_files import Series
from data_sets import DATA_SETS, Competition, DataSet
from engine_parts import PARTS, Part, PartError
from m4_measures import Result
from peers import QUANTILES, Forecasts

from forecast_engine import Frequency
from forecast_engine.ensemble import weights
from forecast_engine.portfolio.portfolio import Member, models_for
from tests.forecast_engine.panels import seasonal_walks

MONTHLY = DataSet("made up", lambda _: Series([], [], np.empty((0, 0))), "M", 4, 12, 1)


@pytest.fixture(scope="module")
def competition() -> Competition:
    """Forty series of three years, every seventh intermittent."""
    values = seasonal_walks(40, 40)
    found = ablation.held_back(MONTHLY, Series([f"s{n}" for n in range(40)], list(values), values[:, -4:]), 1)
    assert found is not None
    return found


def named(word: str) -> Part:
    """The one part with this word in its name."""
    (part,) = [part for part in PARTS if word in part.name]
    return part


def test_what_is_forecast_lies_before_the_end_and_behind_what_is_seen() -> None:
    series = Series(["a"] * 20, [np.arange(30.0)] * 20, np.full((20, 4), -1.0))
    second = ablation.held_back(MONTHLY, series, 2)
    assert second is not None
    assert second.history.shape == (20, 22)
    np.testing.assert_array_equal(second.actual[0], [22, 23, 24, 25])


def test_a_panel_of_one_series_is_a_data_set_as_long_as_the_one_is_long_enough() -> None:
    series = Series(["a"], [np.arange(30.0)], np.full((1, 4), -1.0))
    first = ablation.held_back(MONTHLY, series, 1)
    assert first is not None
    np.testing.assert_array_equal(first.actual, [[26, 27, 28, 29]])
    assert ablation.held_back(MONTHLY, series, 5) is None


def test_too_few_series_long_enough_are_no_data_set() -> None:
    series = Series(["a"] * 20, [np.arange(17.0)] * 20, np.zeros((20, 4)))
    assert ablation.held_back(MONTHLY, series, 1) is None


WORDS = [
    "learned weights",
    "panel's part",
    "conformal quantiles",
    "NPTS and",
    "widths",
    "further",
    "pre-trained",
    "log",
]


@pytest.mark.parametrize("word", WORDS)
def test_a_part_taken_away_changes_the_numbers_and_comes_back(word: str, competition: Competition) -> None:
    engine = Engine(competition)
    whole = engine.result(None)
    assert engine.result(named(word)) != whole
    assert engine.result(None) == whole


def test_without_closed_periods_a_closed_weekend_is_open() -> None:
    data_set = closed_periods.data_set("closed_weekends")
    competition = ablation.held_back(data_set, data_set.load(None), 1)
    assert competition is not None
    engine = Engine(competition)
    weekend = slice(4, 6)  # behind 372 days, from a Tuesday on
    assert engine.forecasts(None).mean[0, weekend].tolist() == [0.0, 0.0]
    with named("closed periods").taken_away():
        assert engine.forecasts(named("closed periods")).mean[0, weekend].max() > 0
    assert set(ablation.CLOSED) <= set(closed_periods.SETS)


def test_without_learned_weights_all_members_count_alike(competition: Competition) -> None:
    with named("learned weights").patched():
        found = weights.member_weights(np.array([[[1.0]], [[3.0]]]), np.ones((2, 1)))
    np.testing.assert_allclose(found, 0.5)


def test_every_model_of_the_whole_portfolios_is_a_part() -> None:
    names = {name for unit in "HDWMY" for name in models_for(Frequency.parse(unit))}
    assert {name for name in names if any(part.members and part.members(Member(name, 1)) for part in PARTS)} == names


def test_members_taken_away_lose_their_weight_to_the_others(competition: Competition) -> None:
    with named("model theta").taken_away():
        found = Engine(competition).forecasts(None)
        counts = weights.prior_shares((Member("theta", 12), Member("drift", 12), Member("npts", 12)))
    assert counts.tolist() == [0.0, 1.0, 1.0]
    assert np.isfinite(found.quantiles).all()


def test_a_part_that_is_not_there_any_more_is_an_error_that_names_it() -> None:
    with (
        pytest.raises(PartError, match="weights has no SHARPNESS_OF_OLD"),
        engine_parts.constant("ensemble.weights", 0.0, "SHARPNESS_OF_OLD"),
    ):
        pass


def test_a_part_whose_absence_changes_nothing_is_an_error(competition: Competition) -> None:
    engines = {"made up": Engine(competition)}
    whole = {"made up": engines["made up"].result(None)}
    with pytest.raises(PartError, match="changes nothing"):
        ablation.results_without(Part("nothing"), engines, whole)


def test_normal_quantiles_widen_by_the_root_of_the_seasons_ahead_and_leave_intermittent_items_alone() -> None:
    history = np.array([[10.0, 20, 12, 22, 14, 24, 16, 26], [0, 0, 0, 1, 0, 0, 0, 1]])
    series = Series(["a", "b"], list(history), np.ones((2, 4)))
    data_set = DataSet("made up", MONTHLY.load, "M", 4, 2, 1)
    whole = Forecasts("", np.full((2, 4), 50.0), np.full((2, 4, 9), 7.0), 0.0)
    found = engine_parts.gaussian(Competition.of(data_set, series), whole)
    highest = found[0, :, QUANTILES.index(0.9)]
    np.testing.assert_allclose(highest - 50, 2 * 1.2815516 * np.sqrt([1, 1, 2, 2]))
    np.testing.assert_array_equal(found[1], whole.quantiles[1])


def test_means_are_geometric_where_units_differ() -> None:
    def result(**measures: Any) -> Result:
        return Result(
            **{
                "smape": None,
                "below": 0.1,
                "above": 0.1,
                "coverage80": 0.0,
                "median_mase": 1.0,
                "bias": 0.0,
                "three_quantile_loss": 0.0,
            }
            | measures
        )

    means = Means.of(
        [
            result(mase=1.0, owa=0.8, weighted_quantile_loss=0.1, coverage80_of_ties=0.7),
            result(mase=4.0, owa=None, weighted_quantile_loss=0.4, coverage80_of_ties=0.9),
        ]
    )
    assert means == Means(
        mase=pytest.approx(2.0), owa=0.8, weighted_quantile_loss=pytest.approx(0.2), off_80=pytest.approx(0.1)
    )
    assert "+100.00" in ablation.row("a part", means, Means(1.0, 0.8, 0.2, 0.1), 3.0)


def test_sampled_data_sets_are_known_ones() -> None:
    assert set(ablation.EVERY) <= set(DATA_SETS)
