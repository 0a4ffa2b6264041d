"""Training in rounds: honest, and the same whatever the shards."""

import json

import numpy as np
import pytest

from forecast_engine import (
    ROUNDS,
    Predictor,
    TrainedPanel,
    TrainingSettings,
    backtest_result,
    explain,
    forecast,
    merge_round,
    run_round,
    seasonal_naive,
)
from forecast_engine.evaluation import metrics
from forecast_engine.evaluation.scales import seasonal_scale
from tests.forecast_engine.panels import panel_of, rows_of, seasonal_walks, train, with_covariates

SETTINGS = TrainingSettings(6, (0.1, 0.5, 0.9), True, 2, 6)


@pytest.mark.parametrize(("frequency", "informed"), [("M", False), ("H", False), ("D", True)])
def test_shards_and_the_order_of_items_change_no_bit(frequency: str, informed: bool) -> None:
    target = seasonal_walks(30, 150)
    for item in range(1, 30):
        target[item, : 3 * item] = np.nan
    panel = panel_of(target, frequency)
    if informed:
        panel = with_covariates(panel, SETTINGS.horizon)
    (whole,) = train([panel], SETTINGS)
    assert whole.shared.fitted.global_model
    order = np.random.default_rng(0).permutation(30).tolist()
    shards = [rows_of(panel, order[:11]), rows_of(panel, order[11:12]), rows_of(panel, order[12:])]
    predictors = train(shards[::-1], SETTINGS)
    assert json.dumps(predictors[0].shared.to_document()) == json.dumps(whole.shared.to_document())
    expected = forecast(panel, whole)
    result = forecast(shards[2], predictors[0])
    assert result.quantiles.tobytes() == expected.quantiles[order[12:]].tobytes()
    assert result.models == [expected.models[item] for item in order[12:]]
    impacts = explain(shards[2], predictors[0]).impacts
    assert impacts.tobytes() == explain(panel, whole).impacts[order[12:]].tobytes()


def test_what_shards_share_is_small_and_survives_json() -> None:
    settings = TrainingSettings(500, (0.1, 0.25, 0.5, 0.75, 0.9), True, 1, 500)
    panel = panel_of(seasonal_walks(8, 2100, season=24), "H")
    (predictor,) = train([panel], settings)
    shared = predictor.shared.to_document()
    document = json.dumps(shared, allow_nan=False)
    assert len(document) < 2_000_000
    assert len(document) - len(json.dumps(shared["global_model"])) < 300_000
    assert TrainedPanel.from_document(json.loads(document)).accuracy == predictor.accuracy


@pytest.mark.parametrize("length", [60, 13])
def test_a_windows_forecast_does_not_depend_on_what_the_window_held(length: int) -> None:
    target = seasonal_walks(12, length, seed=3)
    settings = TrainingSettings(6, (0.1, 0.5, 0.9), True, 1, 6)
    (predictor,) = train([panel_of(target)], settings)
    changed = target.copy()
    changed[2, -6:] *= 5.0
    (other,) = train([panel_of(changed)], settings)
    before, after = backtest_result(predictor), backtest_result(other)
    np.testing.assert_array_equal(before.mean[2], after.mean[2])
    np.testing.assert_array_equal(before.quantiles[2], after.quantiles[2])
    assert predictor.accuracy.summary.rmse < other.accuracy.summary.rmse


def test_accuracy_is_that_of_the_backtest_result() -> None:
    target = seasonal_walks(20, 60, seed=4)
    (predictor,) = train([panel_of(target)], SETTINGS)
    result = backtest_result(predictor)
    accuracy = predictor.accuracy
    assert [window.start_index for window in accuracy.windows] == [54, 48]
    assert result.window_starts.tolist() == [54, 48]
    for number, window in enumerate(accuracy.windows):
        actual, mean = result.actual[:, number], result.mean[:, number]
        np.testing.assert_array_equal(actual, target[:, window.start_index : window.start_index + 6])
        assert window.item_count == 20
        assert window.metrics.rmse == pytest.approx(metrics.rmse(actual, mean))
        assert window.metrics.wape == pytest.approx(metrics.wape(actual, mean))
        assert window.metrics.mape == pytest.approx(metrics.mape(actual, mean))
        for position, level in enumerate(SETTINGS.quantiles):
            loss = metrics.weighted_quantile_loss(actual, result.quantiles[:, number, :, position], level)
            assert window.metrics.weighted_quantile_losses[level] == pytest.approx(loss)
        scales = [seasonal_scale(series[: window.start_index], 12) for series in target]
        errors = [metrics.mase(*row) for row in zip(actual, mean, scales, strict=True)]
        assert window.metrics.mase == pytest.approx(np.mean([error for error in errors if error is not None]))
    assert accuracy.summary.wape == pytest.approx(np.mean([window.metrics.wape for window in accuracy.windows]))


def test_coverage_is_the_share_of_actuals_between_p10_and_p90() -> None:
    target = seasonal_walks(40, 72, seed=5)
    (predictor,) = train([panel_of(target)], SETTINGS)
    result = backtest_result(predictor)
    inside = metrics.coverage(result.actual, result.quantiles[..., 0], result.quantiles[..., 2])
    assert predictor.accuracy.coverage80 == pytest.approx(inside)
    assert 0.7 < inside < 0.92


def test_seasonal_naive_is_measured_on_the_same_windows_and_beaten() -> None:
    target = seasonal_walks(40, 72, seed=6)
    (predictor,) = train([panel_of(target)], SETTINGS)
    accuracy = predictor.accuracy
    losses = []
    for window in accuracy.windows:
        start = window.start_index
        quantiles, _ = seasonal_naive(target[:, :start], 12, 6, SETTINGS.quantiles)
        actual = target[:, start : start + 6]
        losses.append(metrics.weighted_quantile_loss(actual, quantiles[:, :, 2], 0.9))
    assert accuracy.seasonal_naive.weighted_quantile_losses[0.9] == pytest.approx(np.mean(losses))
    ours, theirs = accuracy.summary, accuracy.seasonal_naive
    assert ours.average_weighted_quantile_loss < theirs.average_weighted_quantile_loss


def test_items_that_start_inside_a_window_or_have_gaps_in_it_are_not_measured() -> None:
    target = seasonal_walks(6, 48, seed=7)
    target[1, :45] = np.nan  # starts inside the last window
    target[2, 44] = np.nan
    (predictor,) = train([panel_of(target)], SETTINGS)
    complete = backtest_result(predictor).complete
    assert complete[:, 0].tolist() == [True, False, False, True, True, True]
    assert predictor.accuracy.windows[0].item_count == 4


def test_one_model_alone_is_used_if_asked_for() -> None:
    settings = TrainingSettings(6, (0.5,), True, 1, 6, models=("theta",))
    panel = panel_of(seasonal_walks(5, 48))
    (predictor,) = train([panel], settings)
    assert [set(shares) for shares in forecast(panel, predictor).models] == [{"theta"}] * 5


def test_npts_alone_stays_within_what_was_seen_and_others_never_borrow_its_quantiles() -> None:
    target = seasonal_walks(8, 48)
    alone = TrainingSettings(6, (0.01, 0.99), True, 1, 6, models=("npts",))
    without = TrainingSettings(6, (0.01, 0.99), True, 1, 6, models=("ets", "theta"))
    panel = panel_of(target)
    (predictor,) = train([panel], alone)
    quantiles = forecast(panel, predictor).quantiles
    assert all(set(values.ravel()) <= set(series) for values, series in zip(quantiles, target, strict=True))
    (predictor,) = train([panel], without)
    quantiles = forecast(panel, predictor).quantiles
    assert not set(quantiles[0, :, 1]) & set(target[0])  # item 0 is intermittent: its past are whole numbers


def test_an_unknown_model_or_round_is_refused_by_name() -> None:
    panel = panel_of(seasonal_walks(2, 30))
    with pytest.raises(ValueError, match=r"Unknown model \['arima'\]"):
        run_round(ROUNDS[0], panel, TrainingSettings(3, (0.5,), True, 1, 3, models=("arima",)), {}, {})
    with pytest.raises(ValueError, match="Unknown round 'fit'"):
        run_round("fit", panel, SETTINGS, {}, {})
    with pytest.raises(ValueError, match="needs the sums of at least one shard"):
        merge_round(ROUNDS[0], [], {}, SETTINGS)


def test_an_unfinished_training_has_no_backtest_result() -> None:
    panel = panel_of(seasonal_walks(2, 30))
    no_fits = {"global_model": None, "cold_start": None, "item_count": 2}
    result = run_round("backtest", panel, SETTINGS, {}, no_fits)
    with pytest.raises(ValueError, match="last training round"):
        Predictor.of(SETTINGS, result.state, {})
