"""Series of which seasonal naive is the best forecast are forecast by it, unless models were asked for by name."""

import json
from dataclasses import replace

import numpy as np
import pytest

from forecast_engine import Array, Predictor, TrainingSettings, backtest_result, forecast
from forecast_engine.forecasting.diagnostics import ON_THE_FLOOR, WORSE_THAN_NAIVE
from tests.forecast_engine.panels import panel_of, rows_of, seasonal_walks, train

SETTINGS = TrainingSettings(7, (0.1, 0.5, 0.9), True, 1, 7)


def weeks_that_repeat(items: int, weeks: int = 30, seed: int = 0) -> Array:
    """Each week is a copy of the last, but for one weekday that is drawn anew: a Monday, then a Tuesday, and so on."""
    random = np.random.default_rng(seed)
    values = np.repeat(random.uniform(10, 100, (items, 1, 7)), weeks, axis=1)
    for week in range(1, weeks):
        values[:, week:, week % 7] = random.uniform(10, 100, (items, 1))
    return values.reshape(items, -1)


def trained(target: Array, settings: TrainingSettings = SETTINGS) -> Predictor:
    (predictor,) = train([panel_of(target, "D")], settings)
    return predictor


def test_weeks_that_repeat_are_forecast_by_repeating_the_last_one_and_the_note_says_so() -> None:
    target = weeks_that_repeat(6)
    predictor = trained(target)
    result = forecast(panel_of(target, "D"), predictor)
    assert result.mean is not None
    np.testing.assert_allclose(result.mean, target[:, -7:])
    assert [shares["seasonal_naive"] for shares in result.models] == [1.0] * 6
    assert all(note.endswith(ON_THE_FLOOR) for note in result.notes)
    accuracy = predictor.accuracy
    assert accuracy.summary.wape == pytest.approx(accuracy.seasonal_naive.wape)
    losses = [each.average_weighted_quantile_loss for each in (accuracy.summary, accuracy.seasonal_naive)]
    assert losses[0] < losses[1]


def test_one_series_stands_on_the_floor_by_its_own_windows() -> None:
    target = np.concatenate([weeks_that_repeat(1), 100 + seasonal_walks(3, 210, season=7)])
    result = forecast(panel_of(target, "D"), trained(target))
    assert [ON_THE_FLOOR in note for note in result.notes] == [True, False, False, False]


def test_models_asked_for_by_name_forecast_what_they_are_worse_at_and_the_note_says_so() -> None:
    target = weeks_that_repeat(3)
    result = forecast(panel_of(target, "D"), trained(target, replace(SETTINGS, models=("theta",))))
    assert all(note.endswith(WORSE_THAN_NAIVE) for note in result.notes)
    assert result.mean is not None
    assert np.abs(result.mean - target[:, -7:]).max() > 1.0


def test_whether_a_window_is_forecast_by_seasonal_naive_is_decided_by_the_others() -> None:
    repeated = weeks_that_repeat(4)
    surprised = repeated.copy()
    surprised[:, -7:] = repeated[:, -7:][:, ::-1]
    expected, found = (backtest_result(trained(target)) for target in (repeated, surprised))
    assert found.quantiles.tobytes() == expected.quantiles.tobytes()
    np.testing.assert_allclose(found.mean[:, 0], repeated[:, -14:-7])


def test_two_backtest_windows_are_too_few_to_leave_the_mixture() -> None:
    predictor = trained(weeks_that_repeat(2, weeks=7), replace(SETTINGS, horizon=14, window_offset=14))
    assert not predictor.shard.items.worse.any()
    assert not predictor.shared.tables.floor.worse.any()


def test_shards_with_items_on_the_floor_add_up_to_the_same_bits() -> None:
    target = np.concatenate([weeks_that_repeat(2), 100 + seasonal_walks(2, 210, season=7)])
    panel = panel_of(target, "D")
    (whole,) = train([panel], SETTINGS)
    shards = [rows_of(panel, [3, 0]), rows_of(panel, [2, 1])]
    predictors = train(shards, SETTINGS)
    assert json.dumps(predictors[0].shared.to_document()) == json.dumps(whole.shared.to_document())
    expected = forecast(panel, whole)
    assert forecast(shards[0], predictors[0]).quantiles.tobytes() == expected.quantiles[[3, 0]].tobytes()


def test_items_that_training_did_not_see_stand_on_the_floor_with_their_class() -> None:
    target = weeks_that_repeat(6)
    predictor = trained(target)
    assert predictor.shared.tables.floor.worse.tolist() == [True, False]
    result = forecast(panel_of(target[:1] * 2, "D", ["a new one"]), predictor)
    assert result.mean is not None
    np.testing.assert_allclose(result.mean, 2 * target[:1, -7:])
