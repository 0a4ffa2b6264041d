"""The measures of the accuracy tables: which point, which scale, unknown test values, and ties of an interval."""

from dataclasses import replace

import numpy as np
import pytest
from data_files import Series
from data_sets import DATA_SETS, Competition, DataSet
from m4_measures import coverage80_of_ties, score
from peers import Forecasts

DECILES = np.arange(1, 10) / 10


def test_without_ties_both_shares_of_the_80_percent_interval_agree() -> None:
    random = np.random.default_rng(0)
    actual = random.normal(0, 1, (50, 4))
    quantiles = np.sort(random.normal(0, 1, (50, 4, 9)), axis=2)
    plain = np.mean((actual >= quantiles[:, :, 0]) & (actual <= quantiles[:, :, 8]))
    assert coverage80_of_ties(actual, quantiles) == pytest.approx(plain)


@pytest.mark.parametrize(
    ("value", "zeros", "share"),
    [
        (0.0, 9, 8 / 10),  # every quantile is the value: all ten bands, eight of them inside
        (0.0, 6, 6 / 7),  # the first seven bands, all but the first inside
        (0.0, 1, 1 / 2),  # the value is the 0.1 quantile
        (9.0, 0, 1 / 2),  # the value is the 0.9 quantile
        (10.0, 0, 0.0),
        (-1.0, 0, 0.0),
    ],
)
def test_a_tie_counts_by_the_bands_it_touches(value: float, zeros: int, share: float) -> None:
    quantiles = np.arange(1.0, 10.0)
    quantiles[:zeros] = 0.0
    found = coverage80_of_ties(np.array([[value]]), quantiles[None, None])
    assert found == pytest.approx(share)


def test_right_quantiles_of_counts_cover_80_percent_once_ties_count_in_parts() -> None:
    counts = np.random.default_rng(1).poisson(0.7, (1, 100_000)).astype(float)
    quantiles = np.broadcast_to(np.quantile(counts, DECILES, method="inverted_cdf"), (1, 100_000, 9))
    plain = np.mean((counts >= quantiles[:, :, 0]) & (counts <= quantiles[:, :, 8]))
    assert plain > 0.95
    assert coverage80_of_ties(counts, quantiles) == pytest.approx(0.8, abs=0.03)


HISTORY = np.array([10.0, 30, 12, 34, 14, 38])  # naive errors: 20, 18, 22, 20, 24; over a season of 2: 2, 4, 2, 4
TWO_SEASONS = DataSet("made up", DATA_SETS["m3_yearly"].load, "M", 2, 2, 1)


def measured(data_set: DataSet, actual: list[float], mean: float, median: float) -> dict[str, float]:
    """The measures of one flat forecast."""
    quantiles = median + np.arange(-4.0, 5)
    forecasts = Forecasts("", np.full((1, 2), mean), np.tile(quantiles, (1, 2, 1)), 0.0)
    return vars(score(Competition.of(data_set, Series(["a"], [HISTORY], np.array([actual]))), forecasts))


def test_mase_is_of_the_mean_or_of_the_median_as_the_data_set_says() -> None:
    found = measured(TWO_SEASONS, [20.0, 40.0], mean=30.0, median=20.0)
    assert found["mase"] == pytest.approx(10 / 3)
    assert found["median_mase"] == pytest.approx((0 + 20) / 2 / 3)
    of_median = measured(replace(TWO_SEASONS, point="median"), [20.0, 40.0], mean=30.0, median=20.0)
    assert of_median["mase"] == found["median_mase"]
    assert of_median["owa"] == found["owa"]  # the contest's measure is of the mean all the same


def test_the_scale_may_be_of_another_season() -> None:
    found = measured(replace(TWO_SEASONS, scale_season=1), [20.0, 40.0], mean=30.0, median=20.0)
    assert found["mase"] == pytest.approx(10 / np.mean([20, 18, 22, 20, 24]))


def test_amazons_three_quantiles_are_a_loss_of_their_own() -> None:
    found = measured(TWO_SEASONS, [20.0, 20.0], mean=20.0, median=20.0)  # quantiles 16, 17, ... 24
    assert found["three_quantile_loss"] == pytest.approx(2 * (0.1 * 4 + 0 + 0.1 * 4) / 3 / 20)
    nine = [level * distance for level, distance in ((0.1, 4), (0.2, 3), (0.3, 2), (0.4, 1))]
    assert found["weighted_quantile_loss"] == pytest.approx(2 * 2 * sum(nine) / 9 / 20)


def test_unknown_test_values_do_not_count() -> None:
    found = measured(TWO_SEASONS, [20.0, np.nan], mean=30.0, median=20.0)
    assert found["bias"] == pytest.approx(0.5)
    assert (found["mase"], found["median_mase"]) == (pytest.approx(10 / 3), 0.0)
    assert (found["coverage80"], found["below"], found["above"]) == (1.0, 0.0, 0.0)
    assert found["coverage80_of_ties"] == 1.0
    assert found["owa"] is None
