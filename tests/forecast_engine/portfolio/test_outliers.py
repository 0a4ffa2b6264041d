"""A value that stands out once is replaced; one that stays, or comes back with the season, is left alone."""

import numpy as np
import pytest

from forecast_engine.portfolio.outliers import without_outliers

NAN = float("nan")
ZIGZAG = np.tile([100.0, 101.0, 99.0], 14)  # 42 periods: medians of the distance to neighbours of 1 and 2
SEASON = np.tile([10.0, 20.0, 40.0, 30.0], 12) + np.tile([0.0, 1.0, 0.0], 16)


def changed(series: np.ndarray, period: int, *values: float) -> np.ndarray:
    history = series.copy()
    history[period : period + len(values)] = values
    return history


def cleaned(series: np.ndarray, season_length: int = 1, periods: tuple[int, ...] = ()) -> np.ndarray:
    return without_outliers(series[None], season_length, periods)[0]


@pytest.mark.parametrize("period", [0, 1, 2, 5, 20, 39, 40])
@pytest.mark.parametrize("value", [1e4, -1e4, 0.0, 1e100])
def test_a_value_that_stands_out_becomes_the_median_of_three_beside_it(period: int, value: float) -> None:
    found = cleaned(changed(ZIGZAG, period, value))
    others = np.arange(42) != period
    np.testing.assert_array_equal(found[others], ZIGZAG[others])
    assert 99 <= found[period] <= 101


def test_in_a_season_it_becomes_what_its_phase_is_usually() -> None:
    found = cleaned(changed(SEASON, 21, 500.0), 4)
    assert found[21] == 21.0  # 20 and 21 one and two seasons before, 21 one behind
    np.testing.assert_array_equal(np.delete(found, 21), np.delete(SEASON, 21))


def test_on_a_trend_it_becomes_a_point_of_the_line() -> None:
    line = 5.0 + 2 * np.arange(60)
    np.testing.assert_allclose(cleaned(changed(line, 30, 1e5)), line)


def test_two_in_a_row_are_replaced_and_three_are_a_level() -> None:
    assert cleaned(changed(ZIGZAG, 20, 5000.0, 6000.0)).max() <= 101
    assert cleaned(changed(ZIGZAG, 20, 5000.0, 6000.0, 5000.0)).max() == 6000


@pytest.mark.parametrize("age", [2, 3, 5, 20])
def test_a_new_level_is_left_alone(age: int) -> None:
    shifted = ZIGZAG + np.where(np.arange(42) < 42 - age, 0, 5000)
    np.testing.assert_array_equal(cleaned(shifted), shifted)
    seasonal = SEASON + np.where(np.arange(48) < 48 - age, 0, 5000)
    np.testing.assert_array_equal(cleaned(seasonal, 4), seasonal)


@pytest.mark.parametrize(("value", "taken"), [(5000.0, 200.0), (-5000.0, 0.0), (190.0, 190.0), (50.0, 50.0)])
def test_the_last_value_is_believed_up_to_twice_what_is_usual(value: float, taken: float) -> None:
    found = cleaned(changed(ZIGZAG, 41, value))
    assert found[41] == pytest.approx(taken, abs=2.0)  # of three that are 99 to 101
    np.testing.assert_array_equal(found[:41], ZIGZAG[:41])
    unobserved = np.concatenate([changed(ZIGZAG, 41, value), [NAN, NAN]])
    np.testing.assert_allclose(cleaned(unobserved)[41], found[41], atol=2.0)


def test_a_peak_that_comes_back_is_no_outlier() -> None:
    peaks = np.tile(np.where(np.arange(52) == 50, 900.0, 100.0), 3) + np.tile([0.0, 1.0, 2.0], 52)
    np.testing.assert_array_equal(cleaned(peaks, 1, (52,)), peaks)
    assert cleaned(peaks, 1).max() < 200  # nobody says that there is a year


def test_what_others_come_near_is_no_outlier() -> None:
    quiet_and_loud = np.where(np.arange(48) % 4 == 3, 80.0, 10.0) + np.tile([0.0, 1.0, 0.0], 16)
    history = changed(quiet_and_loud, 20, 85.0)  # as high as the loud quarters
    np.testing.assert_array_equal(cleaned(history, 4), history)


def test_rare_demand_is_no_outlier() -> None:
    sold_once = changed(np.zeros(60), 30, 500.0)
    np.testing.assert_array_equal(cleaned(sold_once), sold_once)


def test_wild_short_and_empty_series_are_left_alone() -> None:
    for history in (
        1.5 ** np.arange(100.0),
        changed(ZIGZAG[:19], 5, 1e4),  # one in 19 is more than one in 20
        np.full(50, NAN),
        np.where(np.arange(50) == 30, 7.0, NAN),
    ):
        np.testing.assert_array_equal(cleaned(history, 12, (12,)), history)


def test_gaps_stay_and_the_history_given_does_not_change() -> None:
    history = changed(changed(ZIGZAG, 10, NAN, NAN), 20, 1e6)
    before = history.copy()
    found = cleaned(history)
    np.testing.assert_array_equal(history, before)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(history))
    assert np.nanmax(found) <= 101


def test_a_series_is_cleaned_the_same_way_beside_others() -> None:
    random = np.random.default_rng(8)
    histories = 100 + random.normal(0, 3, (40, 90)).cumsum(axis=1)
    histories[np.arange(40), random.integers(0, 90, 40)] += 10_000
    for item in range(0, 40, 3):
        histories[item, : 2 * item] = NAN
    together = without_outliers(histories, 12, (12,))
    for item, history in enumerate(histories):
        start = int((~np.isnan(history)).argmax())
        alone = cleaned(history[start:], 12, (12,))
        np.testing.assert_array_equal(together[item, start:], alone)
