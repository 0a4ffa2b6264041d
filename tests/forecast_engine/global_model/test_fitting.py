"""The global model is fitted on what lies before the windows, where there is enough of it."""

import subprocess
import sys

import numpy as np
import pytest

from forecast_engine import TrainingSettings, forecast, initial_shared_state, merge_round, run_round
from forecast_engine.global_model import GlobalFits, GlobalModel, fitting
from forecast_engine.settings import JsonObject
from tests.forecast_engine.panels import panel_of, seasonal_walks, train

SETTINGS = TrainingSettings(6, (0.1, 0.5, 0.9), True, 2, 6)


def fitted(target: np.ndarray, settings: TrainingSettings = SETTINGS) -> JsonObject:
    """The document after the first round."""
    panel = panel_of(target)
    shared = initial_shared_state(len(target))
    return merge_round("sample", [run_round("sample", panel, settings, {}, shared).sums], shared, settings)


def test_a_panel_too_small_to_learn_from_has_no_global_model() -> None:
    assert fitted(seasonal_walks(4, 60))["global_model"] is None
    assert fitted(np.full((40, 60), np.nan))["global_model"] is None
    assert fitted(seasonal_walks(40, 60))["global_model"] is not None


def test_nothing_is_sent_or_fitted_where_the_model_was_not_asked_for() -> None:
    settings = TrainingSettings(6, (0.5,), True, 1, 6, models=("ets", "theta"))
    shared = initial_shared_state(40)
    result = run_round("sample", panel_of(seasonal_walks(40, 60)), settings, {}, shared)
    assert result.sums == {}
    nothing = {"global_model": None, "cold_start": None, "item_count": 40}
    assert merge_round("sample", [result.sums], shared, settings) == nothing


def test_the_windows_model_has_not_seen_the_windows() -> None:
    target = seasonal_walks(40, 80)
    before = fitted(target)["global_model"]
    changed = target.copy()
    changed[:, before["windows_from"] :] *= 3
    after = fitted(changed)["global_model"]
    assert after["windows"] == before["windows"]
    assert after["final"] != before["final"]


def test_points_do_not_depend_on_what_comes_after_the_origin() -> None:
    target = seasonal_walks(40, 80)
    model = GlobalModel.of(GlobalFits.from_document(fitted(target)["global_model"]), "final")
    changed = target.copy()
    changed[:, 70:] = np.nan
    points = model.points(panel_of(target), 70, 6)
    np.testing.assert_array_equal(points, model.points(panel_of(changed), 70, 6))
    smooth = np.arange(40) % 7 != 0
    assert np.isfinite(points[smooth]).all()


def test_series_of_any_size_are_forecast_alike() -> None:
    target = seasonal_walks(40, 80)
    model = GlobalModel.of(GlobalFits.from_document(fitted(target)["global_model"]), "final")
    points = model.points(panel_of(target), 80, 6)
    np.testing.assert_allclose(model.points(panel_of(1000 * target), 80, 6), 1000 * points, rtol=1e-3)


def test_a_pattern_that_only_other_series_have_shown_is_learnt_from_them() -> None:
    """Every series leaps to its double one year after it began; those that are to leap have never done so."""
    random = np.random.default_rng(4)
    target = np.full((80, 36), np.nan)
    for item in range(80):
        begin = item % 20
        length = 36 - begin
        level = random.uniform(50, 150)
        target[item, begin:] = level * np.where(np.arange(length) < 12, 1, 2) * random.normal(1, 0.02, length)
    target[80 - 8 :] = np.nan
    target[80 - 8 :, 24:] = 100 * random.normal(1, 0.02, (8, 12))
    settings = TrainingSettings(3, (0.5,), True, 1, 3, models=("lightgbm",))
    panel = panel_of(target)
    (predictor,) = train([panel], settings)
    mean = forecast(panel, predictor).mean
    assert mean is not None
    assert (mean[80 - 8 :] > 125).all()
    assert mean[80 - 8 :].mean() == pytest.approx(200, rel=0.2)


def test_a_yearly_pattern_in_two_years_of_days_is_forecast_from_the_year_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two weeks of every year are at three times the level, from the 8th day that is to be forecast on."""
    random = np.random.default_rng(3)
    days = np.arange(2 * 364 + 28)
    season = np.where((days % 364 >= 7) & (days % 364 < 21), 3.0, 1.0) * (1 + 0.2 * (days % 7 == 5))
    target = random.uniform(50, 150, (8, 1)) * season * random.normal(1, 0.05, (8, len(days)))
    settings = TrainingSettings(28, (0.5,), True, 1, 28, models=("lightgbm",))
    panel = panel_of(target[:, :728], "D")
    errors = []
    for is_year in (True, False):
        monkeypatch.setattr(fitting, "has_year", lambda grid, is_year=is_year: is_year)
        (predictor,) = train([panel], settings)
        errors.append(np.abs(forecast(panel, predictor).quantiles[:, :, 0] - target[:, 728:]).mean())
    assert errors[0] < 0.5 * errors[1]


@pytest.mark.parametrize("models", [("lightgbm",), None])
def test_the_model_has_its_share_where_it_is_as_good_as_others(models: tuple[str, ...] | None) -> None:
    panel = panel_of(seasonal_walks(40, 80))
    settings = TrainingSettings(6, (0.1, 0.5, 0.9), True, 2, 6, models=models)
    (predictor,) = train([panel], settings)
    shares = np.array([item["lightgbm"] for item in forecast(panel, predictor).models])
    smooth = np.arange(40) % 7 != 0
    if models:
        assert (shares[smooth] == 1).all()
    else:
        assert 0.02 < shares[smooth].mean() < 0.8
    assert predictor.accuracy.summary.wape < predictor.accuracy.seasonal_naive.wape


def test_the_engine_is_imported_without_lightgbm() -> None:
    """Who only serves requests, or trains without it, does not pay for its import."""
    code = "import sys, forecast_engine; sys.exit('lightgbm' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
