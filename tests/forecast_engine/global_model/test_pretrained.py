"""The model that ships with the package: what it saw, and what it does."""

import importlib
import json
import os
from importlib import resources
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from forecast_engine import Frequency, TrainingSettings, forecast
from forecast_engine.ensemble.members import Ensemble, prior_shares
from forecast_engine.global_model import pretrained
from forecast_engine.portfolio.portfolio import Member, Portfolio
from tests.forecast_engine.panels import panel_of, rows_of, seasonal_walks, train, trained_with

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
FOLDER = os.environ.get("BENCHMARK_DATA")  # with the parquet files, which the repository does not hold
YEARS = np.array([[1.0, 2.0, 4.0, 7.0, 11.0]])
LOCAL = np.array([[[11.0, 12.0]], [[11.0, 12.0]], [[14.0, 15.0]], [[14.0, 15.0]], [[10.0, 11.0]], [[12.0, 13.0]]])


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that made the model."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("pretrained_model")


def shipped_document() -> pretrained.PretrainedDocument:
    return json.loads((resources.files("forecast_engine.global_model") / pretrained.FILE).read_text())


def test_no_test_window_of_a_benchmark_was_among_the_data_it_saw(maker: ModuleType) -> None:
    """Digests tell that the training parts of the named series were all it saw; no run of theirs ends in a test window,
    their own or another series'. Without the parquet files M4's part is left to the script, which does the same.
    """
    records = {one["name"]: one for one in shipped_document()["data"]}
    assert tuple(records) == maker.CORPUS
    names = [name for name in maker.CORPUS if FOLDER or not name.startswith("m4")]
    loaded = {name: maker.DATA_SETS[name].load(FOLDER and Path(FOLDER)) for name in names}
    forbidden = set().union(*(maker.test_runs(series) for series in loaded.values()))
    assert len(forbidden) > 10_000
    for name, series in loaded.items():
        used = maker.without(series, records[name]["left_out"])
        assert maker.record(name, used, records[name]["left_out"]) == records[name]
        assert maker.dropped(used, forbidden) == []


def test_a_series_that_reaches_into_anothers_test_window_is_left_out(maker: ModuleType) -> None:
    walk = np.cumsum(np.random.default_rng(0).normal(size=40))
    series = maker.Series(["judged", "longer", "older", "other"], [], np.zeros((4, 0)))
    series.histories.extend([walk[:20], 5 + 3 * walk[9:35], walk[:20] / 7, walk[25:] ** 2])
    judged = maker.Series(["judged"], [walk[:20]], walk[None, 20:26])
    assert maker.dropped(series, maker.test_runs(judged)) == ["longer"]


def test_features_are_those_of_a_hand() -> None:
    series = pretrained.series_of(YEARS, 1)
    found = pretrained.correction_rows(series, np.array([0]), np.array([5]), 1, LOCAL)
    assert found.mean.tolist() == [[12.0, 13.0]]
    assert found.unit.tolist() == [2.5]  # (1 + 2 + 3 + 4) / 4
    of_item = [5.0, (11 - 1) / 2.5 / 4, 4.4, 1.6, 1.2, 0.8, 1.6, 2.8, 3.6, 1.0, 1.0, 1.0]
    deviations = [-0.4, -0.4, 0.8, 0.8, -0.8, 0.0]
    spread = np.sqrt((1 + 1 + 4 + 4 + 4 + 0) / 6) / 2.5
    first = [*of_item, 1, 1, *deviations, 0.0, 0.4, 0.4, spread]
    second = [*of_item, 2, 2, *deviations, 0.4, 0.8, 0.8, spread]
    np.testing.assert_allclose(found.features, [first, second], rtol=1e-6)


def test_features_of_a_season_compare_it_with_the_one_before() -> None:
    history = np.array([[np.nan, 10.0, 20.0, 12.0, 24.0, 14.0, 28.0]])
    found = pretrained.correction_rows(
        pretrained.series_of(history, 2), np.array([0]), np.array([7]), 2, np.full((6, 1, 1), 16.0)
    )
    unit = (2 + 4 + 2 + 4) / 4
    assert found.unit.tolist() == [unit]
    level, before, first = 21.0, 18.0, 15.0
    noise = np.array([(10 + 8 + 12 + 10 + 14) / 5, unit, (10 + 8 + 12 + 10 + 14) / 5]) / unit
    expected = [3.0, (level - first) / unit / 2, level / unit, 4 / unit, 2 / unit, 4 / unit]
    expected += [(level - before) / unit, (level - first) / unit, np.nan, *noise, 1, 0.5, 0, 0, 0, 0, 0, 0]
    expected += [0, (16 - 28) / unit, (16 - level) / unit, 0]
    np.testing.assert_allclose(found.features[0], expected, rtol=1e-6)


def test_points_scale_with_the_series_to_the_last_bit() -> None:
    points = pretrained.shipped().points(YEARS, 1, LOCAL)
    assert (pretrained.shipped().points(1024 * YEARS, 1, 1024 * LOCAL) == 1024 * points).all()


def test_points_of_a_series_depend_on_no_other() -> None:
    history = seasonal_walks(40, 60, seed=5)
    history[3, :30] = np.nan
    local = np.stack([history[:, -12:] * (1 + 0.1 * base) for base in range(6)])
    together = pretrained.shipped().points(history, 12, local)
    alone = pretrained.shipped().points(history[3:4, 7:], 12, local[:, 3:4])
    assert alone.tobytes() == together[3:4].tobytes()


def test_there_are_no_points_of_intermittent_and_very_short_series_and_constants_stay() -> None:
    history = np.array([[0.0, 0, 3, 0, 0, 1], [np.nan, np.nan, np.nan, 1, 2, 3], [0.1] * 6, [1.0, 2, 1, 2, 1, 9]])
    points = pretrained.shipped().points(history, 1, np.repeat(history[None, :, -1:], 6, axis=0))
    assert np.isnan(points[:2]).all()
    assert points[2, 0] == 0.1
    assert np.isfinite(points[3]).all()


def test_no_finite_series_is_too_large_or_too_small() -> None:
    history = np.array([[1e100, -1e100, 1e100, -1e100, 1e100], [1e-100, 0, -1e-100, 0, 1e-100]])
    points = pretrained.shipped().points(history, 1, np.repeat(history[None, :, -1:], 6, axis=0))
    assert np.isfinite(points).all()


@pytest.mark.parametrize(("frequency", "serves"), [("M", True), ("3M", True), ("Y", True), ("W", False), ("D", False)])
def test_it_serves_months_quarters_and_years(frequency: str, serves: bool) -> None:
    parsed = Frequency.parse(frequency)
    base_members = pretrained.base_members_of(Portfolio.for_frequency(parsed), parsed)
    assert (base_members is not None) == serves


def test_it_joins_whole_portfolios_only() -> None:
    panel = panel_of(seasonal_walks(4, 40))
    for models in (("seasonal_naive", "lightgbm"), ("seasonal_naive", "ets", "damped_trend", "theta", "npts")):
        settings = TrainingSettings(6, (0.5,), True, 1, 6, models=models)
        assert Member("lightgbm", 1, "pretrained") not in Ensemble.of(panel, settings, None).members
    members = Ensemble.of(panel, TrainingSettings(6, (0.5,), True, 1, 6), None).members
    assert members[-1] == Member("lightgbm", 1, "pretrained")
    counts = prior_shares(members)
    assert counts[-1] / counts.sum() == pytest.approx(0.25)


def test_a_panel_too_small_to_learn_from_has_it_and_one_trained_without_it_is_refused() -> None:
    panel, settings = panel_of(seasonal_walks(4, 40, seed=2)), TrainingSettings(6, (0.5,), True, 1, 6)
    (predictor,) = train([panel], settings)
    assert predictor.shared.fitted.global_model is None
    assert forecast(panel, predictor).models[1]["lightgbm"] > 0
    older = trained_with(predictor, predictor.shared.member_errors.members[:-1])
    with pytest.raises(ValueError, match=r"with 8 models; this one has 9: train it again"):
        forecast(panel, older)


def test_shards_of_a_panel_too_small_to_learn_from_get_the_same_bits() -> None:
    panel, settings = panel_of(seasonal_walks(6, 45, seed=3), "Y"), TrainingSettings(4, (0.1, 0.5), True, 1, 4)
    (whole,) = train([panel], settings)
    shards = [rows_of(panel, [4, 1]), rows_of(panel, [0, 5, 3, 2])]
    predictors = train(shards, settings)
    assert predictors[0].shared.to_document() == whole.shared.to_document()
    expected = forecast(panel, whole).quantiles[[4, 1]]
    assert forecast(shards[0], predictors[0]).quantiles.tobytes() == expected.tobytes()
