"""Accuracy by hand, and the same however the items are cut into shards."""

import json

import numpy as np
import pytest

from forecast_engine.evaluation.accuracy import (
    Metrics,
    PanelAccuracy,
    ScoredForecast,
    WindowAccuracy,
    WindowSums,
    covered_count,
    summary_of,
    total_of,
)

LEVELS = (0.5, 0.9)
ACTUAL = np.array([[10.0, 20.0], [0.0, 4.0]])
MEAN = np.array([[12.0, 19.0], [1.0, 2.0]])
FORECAST = ScoredForecast(MEAN, np.stack([MEAN, np.zeros((2, 2))], axis=-1))
SCALES = np.array([2.0, 0.0])  # the second item has none
METRICS = Metrics(1.0, 2.0, 3.0, 4.0, {0.5: 5.0}, 5.0)


def test_metrics_are_made_of_sums_over_all_items() -> None:
    metrics = WindowSums.of(ACTUAL, FORECAST, LEVELS, SCALES).metrics(LEVELS)
    assert metrics.rmse == pytest.approx(np.sqrt((4 + 1 + 1 + 4) / 4))
    assert metrics.wape == pytest.approx(6 / 34)
    assert metrics.mape == pytest.approx((0.2 + 0.05 + 0 + 0.5) / 4)
    assert metrics.mase == pytest.approx(1.5 / 2)
    assert metrics.weighted_quantile_losses == pytest.approx({0.5: 6 / 34, 0.9: 1.8})
    assert metrics.average_weighted_quantile_loss == pytest.approx((6 / 34 + 1.8) / 2)


def test_steps_without_an_actual_value_are_left_out_of_every_measure() -> None:
    actual = np.array([[10.0, np.nan], [0.0, 4.0]])
    metrics = WindowSums.of(actual, FORECAST, LEVELS, SCALES).metrics(LEVELS)
    assert metrics.rmse == pytest.approx(np.sqrt((4 + 1 + 4) / 3))
    assert metrics.wape == pytest.approx(5 / 14)
    assert metrics.mape == pytest.approx((0.2 + 0 + 0.5) / 3)
    assert metrics.mase == pytest.approx(2 / 2)
    assert metrics.weighted_quantile_losses == pytest.approx({0.5: 5 / 14, 0.9: 1.8})
    assert covered_count(actual, np.stack([np.zeros((2, 2)), np.full((2, 2), 9.0)], axis=-1)) == 2


def test_shards_add_up_to_the_same_bits_in_any_order() -> None:
    random = np.random.default_rng(0)
    actual, mean, scales = random.normal(size=(60, 7)), random.normal(size=(60, 7)), random.random(60)
    whole = WindowSums.of(actual, ScoredForecast(mean, mean[:, :, None]), (0.5,), scales)
    shards = [
        WindowSums.of(actual[rows], ScoredForecast(mean[rows], mean[rows][:, :, None]), (0.5,), scales[rows])
        for rows in (slice(40, 60), slice(0, 1), slice(1, 40))
    ]
    assert total_of(shards) == whole


def test_a_window_without_items_has_metrics_of_zero_and_no_mase() -> None:
    nothing = ScoredForecast(np.zeros((0, 2)), np.zeros((0, 2, 1)))
    metrics = WindowSums.of(np.zeros((0, 2)), nothing, (0.5,), np.zeros(0)).metrics((0.5,))
    assert metrics == Metrics(0.0, 0.0, 0.0, None, {0.5: 0.0}, 0.0)


def test_sums_and_accuracies_come_back_from_json() -> None:
    sums = WindowSums.of(ACTUAL, FORECAST, LEVELS, SCALES)
    assert WindowSums.from_document(json.loads(json.dumps(sums.to_document()))) == sums
    accuracy = PanelAccuracy([WindowAccuracy(7, 2, METRICS)], METRICS, 0.8, METRICS)
    assert PanelAccuracy.from_document(json.loads(json.dumps(accuracy.to_document()))) == accuracy


def test_bounds_cover_what_lies_on_them() -> None:
    bounds = np.array([[[10.0, 11.0], [0.0, 19.0]], [[-1.0, 0.0], [4.0, 4.0]]])
    assert covered_count(ACTUAL, bounds) == 3


def test_the_summary_is_the_mean_of_the_windows_that_have_a_measure() -> None:
    other = Metrics(3.0, 4.0, 5.0, None, {0.5: 7.0}, 7.0)
    assert summary_of([METRICS, other]) == Metrics(2.0, 3.0, 4.0, 4.0, {0.5: 6.0}, 6.0)
