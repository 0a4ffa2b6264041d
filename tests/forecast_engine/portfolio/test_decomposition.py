"""Classical decomposition, against statsmodels and by construction."""

import numpy as np
import pytest
from statsmodels.tsa.seasonal import seasonal_decompose

from forecast_engine.arrays.block import blocks_of
from forecast_engine.portfolio import decomposition
from forecast_engine.portfolio.decomposition import decompose


@pytest.mark.parametrize(("model", "period", "shift"), [("multiplicative", 12, 0.0), ("additive", 7, -200.0)])
def test_indices_are_those_of_the_classical_decomposition(
    model: str, period: int, shift: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(11)
    season = np.tile(random.normal(0, 20, period), 12)[:80]
    values = 150 + shift + season + 0.2 * np.arange(80) + random.normal(0, 1, 80)
    ((_, block),) = blocks_of(values[None, :])
    monkeypatch.setattr(decomposition, "_FARTHEST", float("inf"))
    # statsmodels neither shrinks its indices nor forgets old cycles
    monkeypatch.setattr(decomposition, "_shrinkage", lambda indices, error: np.ones(len(indices)))
    result = decompose(block, period, memories=(float("inf"),))
    # it also divides factors by their mean where we subtract: the mean is 1 but for the fifth digit
    expected = seasonal_decompose(values, model=model, period=period).seasonal
    restored = result.restore(np.full((1, period), 1.0 if model == "multiplicative" else 0.0))
    np.testing.assert_allclose(restored[0], expected[np.arange(80, 80 + period) % period], rtol=1e-4)


def test_a_pure_season_is_removed_and_put_back() -> None:
    pattern = np.array([2.0, 1.0, 0.5, 0.5])
    ((_, block),) = blocks_of(np.tile(10 * pattern, 6)[None, :])
    result = decompose(block, 4)
    np.testing.assert_allclose(result.block.values, 10, rtol=1e-9)
    np.testing.assert_allclose(result.restore(np.full((1, 6), 10.0)), [np.tile(10 * pattern, 2)[:6]], rtol=1e-9)


def test_noise_without_season_is_left_nearly_alone() -> None:
    values = 100 + np.random.default_rng(2).normal(0, 5, (40, 60))
    ((_, block),) = blocks_of(values)
    indices = decompose(block, 12).indices
    assert np.abs(indices - 1).mean() < 0.005  # phase means of 4 or 5 cycles would differ by 0.02 by chance


def test_a_series_shorter_than_two_periods_is_left_as_it_is() -> None:
    history = np.full((2, 30), np.nan)
    history[0] = np.arange(1.0, 31)
    history[1, 20:] = [5.0, 1, 5, 1, 5, 1, 5, 1, 5, 1]
    ((_, block),) = blocks_of(history)
    result = decompose(block, 12)
    np.testing.assert_array_equal(result.block.values[1], block.values[1])
    np.testing.assert_array_equal(result.restore(np.full((2, 3), 2.0))[1], [2, 2, 2])


@pytest.mark.parametrize("shift", [0.0, -200.0])
def test_a_longer_season_is_found_beside_a_shorter_one(shift: float) -> None:
    short, long = np.array([2.0, 1.0, 0.5, 0.5]), np.repeat([1.4, 0.9, 0.7], 4)
    season = 10 * np.tile(short, 3) * long + shift
    ((_, block),) = blocks_of(np.tile(season, 9)[None, :])
    result = decompose(block, 12, shorter_period=4)
    level = result.block.values[:, -1:]
    np.testing.assert_allclose(result.block.values, np.broadcast_to(level, (1, 108)), rtol=0.01)
    np.testing.assert_allclose(result.restore(np.repeat(level, 12, axis=1))[0], season, rtol=0.01)


def test_with_too_few_longer_cycles_the_shorter_season_remains() -> None:
    pattern = np.array([2.0, 1.0, 0.5, 0.5])
    ((_, block),) = blocks_of(np.tile(10 * pattern, 5)[None, :])
    result = decompose(block, 12, shorter_period=4)
    np.testing.assert_allclose(result.restore(np.full((1, 4), 10.0)), [10 * pattern], rtol=1e-9)


def test_recent_cycles_count_more() -> None:
    old, new = np.array([2.0, 1.0, 0.5, 0.5]), np.array([0.5, 0.5, 1.0, 2.0])
    ((_, block),) = blocks_of(10 * np.concatenate([np.tile(old, 12), np.tile(new, 12)])[None, :])
    indices = decompose(block, 4).indices[0]
    np.testing.assert_allclose(indices, new, atol=0.15)


def test_a_steady_season_is_remembered_for_long_and_a_changed_one_for_a_short_time() -> None:
    random = np.random.default_rng(7)
    old, new = np.array([2.0, 1.0, 0.5, 0.5]), np.array([0.5, 0.5, 1.0, 2.0])
    steady, changed = np.tile(old, 60), np.concatenate([np.tile(old, 40), np.tile(new, 20)])
    values = 10 * np.stack([steady] * 20 + [changed] * 20) * random.normal(1, 0.1, (40, 240))
    ((_, block),) = blocks_of(values)
    season = np.stack([old] * 20 + [new] * 20)
    short, several = (
        np.abs(decompose(block, 4, memories=memories).indices - season) for memories in ((4.0,), (4.0, 64.0))
    )
    assert several[:20].mean() < 0.65 * short[:20].mean()  # the root of 8 cycles over some 50, were the trend known
    np.testing.assert_allclose(several[20:], short[20:], atol=1e-6)


@pytest.mark.parametrize("below", [0.0, 300.0])
def test_one_outlier_changes_no_index_by_much(below: float) -> None:
    values = 100 + 20 * np.sin(np.arange(96) * np.pi / 6) + np.random.default_rng(4).normal(0, 1, 96) - below
    with_outlier = values.copy()
    with_outlier[50] += 10_000
    ((_, block),) = blocks_of(np.stack([values, with_outlier]))
    tame, wild = decompose(block, 12).indices
    unit = 1.0 if below else 0.01  # percent of the level where the season is a factor
    assert np.abs(wild - tame).max() < 3 * unit  # unlimited, an index would change by more than a hundred of them


def test_a_fallen_level_leaves_the_season_as_it_was() -> None:
    """The moving average lies between the levels for one season; what is left there is no season."""
    values = np.where(np.arange(120) < 112, 1000.0, 10.0) * np.tile([1.2, 1.0, 0.9, 0.9], 30)
    ((_, block),) = blocks_of(values[None, :])
    np.testing.assert_allclose(decompose(block, 4).indices[0], [1.2, 1.0, 0.9, 0.9], atol=0.01)


def test_what_is_sold_seldom_keeps_its_season() -> None:
    demand = np.tile(np.where(np.arange(12) == 3, 6.0, 0.0), 8)
    ((_, block),) = blocks_of(demand[None, :])
    np.testing.assert_allclose(decompose(block, 12).indices[0, 3], 5.5, atol=0.01)
