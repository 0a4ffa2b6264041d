"""Items with one to three observations: their mean, and an interval as wide as others' beginnings tell."""

import numpy as np
import pytest

from forecast_engine import TrainingSettings, backtest_result, forecast
from forecast_engine.forecasting.diagnostics import BORROWED_WIDTH, GUESSED_WIDTH
from forecast_engine.intervals.short_histories import BeginningErrors, short_levels, with_short_histories
from tests.forecast_engine.panels import panel_of, rows_of, seasonal_walks, train

NAN = np.nan
SETTINGS = TrainingSettings(14, (0.1, 0.5, 0.9), True, 1, 14)


def test_beginnings_tell_how_far_off_a_level_of_few_observations_is() -> None:
    history = np.array(
        [
            [NAN, 10.0, 12.0, 8.0, 14.0, 99.0],
            [NAN, NAN, NAN, -20.0, -30.0, -10.0],
            [1.0, 0.0, 0.0, 0.0, 0.0, 3.0],
            [NAN] * 6,
        ]
    )
    errors = BeginningErrors.of(history, 2, np.array([False, False, True, False]))
    # After 10 come 12 and 8: off by 2 of 10. After -20 come -30 and -10: off by 10 of 20. The third is intermittent.
    # After 10, 12 (11): 8 and 14, 3 of 11. After -20, -30 (-25): -10, 15 of 25. After 10, 12, 8 (10): 14 and 99.
    logarithms = [[0.2, 0.5], [3 / 11, 0.6], [46.5 / 10]]
    assert [one.count for one in errors.sums] == [2, 2, 1]
    for one, shares, share in zip(errors.sums, logarithms, errors.shares(), strict=True):
        assert one.mean() == pytest.approx(np.log(shares).mean())
        assert share == pytest.approx(np.exp(np.log([*shares, 0.5]).mean()))  # a guess counts as one item
    halves = [BeginningErrors.of(history[rows], 2, np.array([False, False])) for rows in ([0, 3], [1, 3])]
    assert (halves[0] + halves[1]).to_document() == errors.to_document()
    assert BeginningErrors.from_document(errors.to_document()) == errors


def test_only_short_histories_have_the_panels_width() -> None:
    history = np.array([[NAN, NAN, NAN, NAN, -4.0], [NAN, NAN, 1.0, NAN, 3.0], [1.0, 2.0, 3.0, 4.0, 5.0], [NAN] * 5])
    levels = short_levels(history)
    np.testing.assert_array_equal(levels, [4.0, 2.0, NAN, NAN])
    nothing_known = BeginningErrors.of(np.full((1, 5), NAN), 2, np.array([False]))
    assert not nothing_known.is_known
    scale = with_short_histories(np.array([0.0, 7.0, 1.5, 0.0]), levels, np.array([1, 2, 5, 0]), nothing_known, 0.8)
    np.testing.assert_allclose(scale, [0.5 * 4 / 0.8, 7.0, 1.5, 0.0])


def test_intervals_of_new_items_cover_what_came() -> None:
    noise = np.random.default_rng(1).normal(0, 20, (360, 100))
    target = 100 + noise
    actual, history = target[:, 86:], target[:, :86].copy()
    counts = np.arange(360) % 4  # 0: the whole history
    for item in np.flatnonzero(counts):
        history[item, : -counts[item]] = NAN
    panel = panel_of(history, "D")
    (predictor,) = train([panel], SETTINGS)
    result = forecast(panel, predictor)
    inside = (actual >= result.quantiles[:, :, 0]) & (actual <= result.quantiles[:, :, 2])
    for count in (1, 2, 3):
        assert inside[counts == count].mean() == pytest.approx(0.8, abs=0.08)
        assert all(BORROWED_WIDTH in result.notes[item] for item in np.flatnonzero(counts == count))
    assert not any(BORROWED_WIDTH in result.notes[item] for item in np.flatnonzero(counts == 0))


@pytest.mark.parametrize("first", [0, 50])
def test_two_or_three_observations_are_forecast_as_their_mean(first: int) -> None:
    target = seasonal_walks(30, 60)
    target[1], target[2], target[3] = NAN, NAN, NAN
    target[1, -1], target[2, -2:], target[3, -3:] = 50.0, (40.0, 50.0), (10.0, 40.0, 100.0)
    shift = -1.0 if first else 1.0  # negative values too
    panel = panel_of(shift * target)
    (predictor,) = train([panel], TrainingSettings(6, (0.1, 0.5, 0.9), True, 1, 6))
    result = forecast(panel, predictor)
    assert result.mean is not None
    np.testing.assert_allclose(result.mean[1:4], shift * np.repeat([[50.0], [45.0], [50.0]], 6, axis=1))
    widths = result.quantiles[1:4, :, 2] - result.quantiles[1:4, :, 0]
    assert (widths > 1).all()


def test_the_only_item_has_a_wide_interval_and_a_note_that_it_is_a_guess() -> None:
    target = np.full((1, 20), NAN)
    target[0, -1] = 50.0
    panel = panel_of(target, "D")
    (predictor,) = train([panel], SETTINGS)
    result = forecast(panel, predictor)
    assert result.notes == [f"1 observation; {GUESSED_WIDTH}"]
    assert (result.quantiles[0, :, 0] < 30).all()
    assert (result.quantiles[0, :, 2] > 70).all()
    assert (result.quantiles[0, :, 0] >= 0).all()


def test_a_short_history_before_a_reported_window_has_an_interval_there_too() -> None:
    target = seasonal_walks(20, 60)
    target[1, :53] = NAN  # one observation before the window
    panel = panel_of(target)
    (predictor,) = train([panel], TrainingSettings(6, (0.1, 0.9), True, 1, 6))
    quantiles = backtest_result(predictor).quantiles[1, 0]
    assert (quantiles[:, 1] - quantiles[:, 0] > 0.1 * target[1, 53]).all()


@pytest.mark.parametrize("size", [1e100, 1e-100, 1e-300])
def test_values_of_any_size_have_finite_forecasts(size: float) -> None:
    target = seasonal_walks(24, 60) / 1e3 * size
    target[3] = size
    target[4], target[5, :-1] = 0.0, NAN
    target[6] = np.where(np.arange(60) % 2, size, -size)
    panel = panel_of(np.clip(target, -1e100, 1e100))
    (predictor,) = train([panel], TrainingSettings(6, (0.1, 0.5, 0.9), True, 1, 6))
    result = forecast(panel, predictor)
    assert np.isfinite(result.quantiles).all()
    assert np.isfinite(backtest_result(predictor).quantiles).all()
    np.testing.assert_allclose(result.quantiles[3], size, rtol=1e-9)
    assert not result.quantiles[4].any()


def test_a_target_without_any_value_is_an_error_and_a_shard_without_any_is_none() -> None:
    target = np.full((4, 40), NAN)
    with pytest.raises(ValueError, match="The target holds no value: found NaN alone, expected at least one"):
        train([panel_of(target, "D")], SETTINGS)
    target[3] = 5.0
    panel = panel_of(target, "D")
    train([rows_of(panel, [0, 1]), rows_of(panel, [2, 3])], SETTINGS)
