"""Intervals of a whole training: they cover what they promise, and are as wide as each series is uncertain."""

import numpy as np

from forecast_engine import TrainingSettings, forecast
from tests.forecast_engine.panels import panel_of, train

SETTINGS = TrainingSettings(8, (0.1, 0.9), True, 1, 8)


def test_intervals_of_normal_errors_cover_four_in_five_whatever_the_noise_of_a_series() -> None:
    noise = np.repeat([1.0, 10.0], 250)
    target = 1000 + noise[:, None] * np.random.default_rng(1).normal(size=(500, 88))
    panel, actual = panel_of(target[:, :80]), target[:, 80:]
    (predictor,) = train([panel], SETTINGS)
    quantiles = forecast(panel, predictor).quantiles
    inside = (actual >= quantiles[:, :, 0]) & (actual <= quantiles[:, :, 1])
    assert abs(inside.mean() - 0.8) < 0.02
    assert abs(inside[:250].mean() - 0.8) < 0.03
    assert abs(inside[250:].mean() - 0.8) < 0.03


def test_a_series_that_was_easier_to_forecast_than_its_changes_tell_has_narrower_intervals() -> None:
    random = np.random.default_rng(2)
    walks = 100 + np.cumsum(random.normal(0, 5, (40, 80)), axis=1)
    lines = 100 + 5 * np.arange(80) + random.normal(0, 0.1, (40, 80))
    panel = panel_of(np.concatenate([walks, lines]), "Y")
    (predictor,) = train([panel], SETTINGS)
    quantiles = forecast(panel, predictor).quantiles
    widths = quantiles[:, :, 1] - quantiles[:, :, 0]
    difficulty = predictor.shard.items.difficulty
    assert difficulty[40:].max() < np.median(difficulty[:40])
    assert np.median(widths[40:]) < 0.7 * np.median(widths[:40])


def test_an_item_unknown_at_training_counts_as_a_typical_one() -> None:
    target = 100 + np.random.default_rng(3).normal(size=(30, 60))
    panel = panel_of(target)
    (predictor,) = train([panel], SETTINGS)
    newcomers = panel_of(target, item_ids=[f"new-{number}" for number in range(30)])
    known = forecast(panel, predictor).quantiles
    unknown = forecast(newcomers, predictor).quantiles
    ratio = (known[:, :, 1] - known[:, :, 0]) / (unknown[:, :, 1] - unknown[:, :, 0])
    difficulty = predictor.shard.items.difficulty
    expected = difficulty / np.exp(np.log(difficulty).mean())
    np.testing.assert_allclose(ratio, np.repeat(expected[:, None], 8, axis=1), rtol=1e-6)
