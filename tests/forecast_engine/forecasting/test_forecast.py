"""Forecasts: finite and monotone for any input, honest about who made them."""

import numpy as np
import pytest
from hypothesis import assume, given, strategies
from hypothesis import settings as hypothesis_settings
from hypothesis.extra.numpy import arrays

from forecast_engine import MODELS, Predictor, TrainingSettings, backtest_result, forecast
from forecast_engine.forecasting.diagnostics import BORROWED_WIDTH
from tests.forecast_engine.panels import panel_of, seasonal_walks, train, trained_with

NAN = float("nan")
SETTINGS = TrainingSettings(4, (0.1, 0.5, 0.9), True, 1, 4)


@given(
    target=arrays(
        np.float64,
        strategies.tuples(strategies.integers(1, 5), strategies.integers(5, 40)),
        elements=strategies.one_of(
            strategies.just(NAN),
            strategies.sampled_from([0.0, 1.0, -3.0]),
            strategies.floats(1e-90, 1e12),
            strategies.floats(-1e12, -1e-90),
        ),
    ),
    frequency=strategies.sampled_from(["Y", "3M", "M", "D", "H"]),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_any_input_gives_finite_monotone_forecasts(target: np.ndarray, frequency: str) -> None:
    assume(not np.isnan(target).all())  # which is an error
    panel = panel_of(target, frequency)
    (predictor,) = train([panel], SETTINGS)
    result = forecast(panel, predictor, quantiles=(0.99, 0.01, 0.3))
    assert result.quantile_levels == (0.01, 0.3, 0.99)
    assert result.mean is not None
    assert np.isfinite(result.mean).all()
    assert np.isfinite(result.quantiles).all()
    assert (np.diff(result.quantiles, axis=2) >= 0).all()
    assert np.isfinite(backtest_result(predictor).quantiles).all()
    assert np.isfinite(predictor.accuracy.summary.average_weighted_quantile_loss)
    never_negative = ~(target < 0).any(axis=1)
    assert (result.quantiles[never_negative] >= 0).all()


@pytest.mark.parametrize("frequency", ["Y", "M", "W", "D", "H"])
def test_a_constant_history_is_forecast_exactly(frequency: str) -> None:
    values = np.array([7.3, 0.1, 1 / 3, 1e6 + 0.1, -123.456])
    panel = panel_of(np.tile(values[:, None], (1, 60)), frequency)
    (predictor,) = train([panel], SETTINGS)
    result = forecast(panel, predictor)
    assert (result.quantiles == values[:, None, None]).all()
    assert (result.mean == values[:, None]).all()
    assert predictor.accuracy.coverage80 == 1


def test_special_histories_are_forecast_plainly_and_noted() -> None:
    target = seasonal_walks(10, 36)
    target[0] = 7.0
    target[1] = 0.0
    target[2, :] = NAN
    target[3, :35] = NAN
    panel = panel_of(target)
    (predictor,) = train([panel], SETTINGS)
    result = forecast(panel, predictor)
    assert result.notes[:4] == ["constant history", "always zero", "no history", f"1 observation; {BORROWED_WIDTH}"]
    assert result.notes[4:7] + result.notes[8:] == [""] * 5
    assert result.notes[7].endswith("quantiles from past demand")
    assert result.mean is not None
    np.testing.assert_allclose(result.mean[:3], np.repeat([[7.0], [0.0], [0.0]], 4, axis=1))
    np.testing.assert_allclose(result.quantiles[:3].max(axis=(1, 2)), [7.0, 0.0, 0.0])
    np.testing.assert_allclose(result.mean[3], target[3, -1])


@pytest.mark.parametrize(
    ("frequency", "without"),
    [
        ("30min", {"drift", "ets", "damped_trend", "theta"}),
        ("H", {"drift", "ets", "damped_trend", "theta"}),
        ("W", {"ets", "damped_trend", "theta", "seasonal_autoregression"}),
        ("D", {"drift", "damped_trend", "autoregression", "seasonal_autoregression"}),
        ("M", {"damped_trend", "seasonal_autoregression"}),
        ("Y", {"ets", "damped_trend", "seasonal_autoregression"}),
    ],
)
def test_the_forecast_names_the_weight_of_each_model(frequency: str, without: set[str]) -> None:
    panel = panel_of(seasonal_walks(20, 60), frequency)
    (predictor,) = train([panel], SETTINGS)
    for shares in forecast(panel, predictor).models:
        assert set(shares) == set(MODELS) - without
        assert sum(shares.values()) == pytest.approx(1)


def test_an_item_unknown_at_training_takes_the_panels_weights() -> None:
    known = panel_of(seasonal_walks(12, 60))
    (predictor,) = train([known], SETTINGS)
    newcomers = panel_of(seasonal_walks(2, 60, seed=9), item_ids=["new-1", "item-003"])
    result = forecast(newcomers, predictor)
    trained = forecast(known, predictor)
    assert result.models[1] == trained.models[3]
    assert result.models[0] not in trained.models
    assert np.isfinite(result.quantiles).all()


def test_the_state_of_a_shard_without_items_at_training_is_no_items() -> None:
    (predictor,) = train([panel_of(seasonal_walks(12, 60))], SETTINGS)
    newcomers = panel_of(seasonal_walks(2, 60, seed=9), item_ids=["new-1", "new-2"])
    result = forecast(newcomers, Predictor.of(SETTINGS, None, predictor.shared.to_document()))
    beside_others = forecast(newcomers, predictor)
    np.testing.assert_array_equal(result.quantiles, beside_others.quantiles)
    np.testing.assert_array_equal(result.weights, beside_others.weights)


def test_newer_data_move_the_forecast_on() -> None:
    target = seasonal_walks(10, 62)
    (predictor,) = train([panel_of(target[:, :60])], SETTINGS)
    result = forecast(panel_of(target), predictor)
    assert result.first_index == 62
    actual = target[1:7, -1]
    np.testing.assert_allclose(result.quantiles[1:7, 0, 1], actual, rtol=0.6)


def test_a_season_is_continued() -> None:
    pattern = np.array([10.0, 20, 40, 20])
    target = np.tile(pattern, 12)[None, :] * np.array([[1.0], [3.0]])
    panel = panel_of(target, "3M")
    (predictor,) = train([panel], SETTINGS)
    result = forecast(panel, predictor)
    np.testing.assert_allclose(result.quantiles[1, :, 1], 3 * pattern, rtol=0.02)


def test_the_mean_is_given_only_if_asked_for() -> None:
    panel = panel_of(seasonal_walks(3, 40))
    (predictor,) = train([panel], SETTINGS)
    assert forecast(panel, predictor, include_mean=False).mean is None
    assert forecast(panel, predictor).mean is not None


def test_a_new_forecast_may_ask_for_other_quantiles() -> None:
    panel = panel_of(seasonal_walks(30, 60))
    (predictor,) = train([panel], SETTINGS)
    wide = forecast(panel, predictor, quantiles=(0.01, 0.1, 0.99))
    usual = forecast(panel, predictor)
    np.testing.assert_allclose(wide.quantiles[:, :, 1], usual.quantiles[:, :, 0])
    assert (wide.quantiles[1:7, :, 0] < usual.quantiles[1:7, :, 0]).all()
    assert (wide.quantiles[1:7, :, 2] > usual.quantiles[1:7, :, 2]).all()


def test_a_predictor_of_another_version_is_to_be_trained_again() -> None:
    panel = panel_of(seasonal_walks(3, 60), "H")
    (predictor,) = train([panel], SETTINGS)
    members = predictor.shared.member_errors.members
    earlier = trained_with(predictor, tuple(member for member in members if member.model != "autoregression"))
    with pytest.raises(ValueError, match=r"another version, with 5 models; this one has 7: train it again"):
        forecast(panel, earlier)
