"""What items are called, where they stand and which shard holds them moves no number of theirs."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from forecast_engine import (
    Covariates,
    Frequency,
    Grid,
    Panel,
    Predictor,
    TrainingSettings,
    backtest_result,
    explain,
    forecast,
)
from forecast_engine.arrays.reductions import Array
from forecast_engine.arrays.series_hash import series_hashes
from tests.forecast_engine.panels import panel_of, rows_of, seasonal_walks, train, with_covariates

HORIZON = 6
SETTINGS = TrainingSettings(HORIZON, (0.1, 0.5, 0.9), True, 1, HORIZON)
NEW_ITEM = 5  # without history


def mixed_panel(length: int, informed: bool) -> Panel:
    """60 smooth, intermittent, short, equal and unknown series of at most ``length`` months."""
    target = seasonal_walks(60, length, seed=8)
    for item in range(1, 60, 4):
        target[item, : max(length - item, 0)] = np.nan
    target[9, :-2] = target[13, :-1] = np.nan
    target[21] = target[20]
    target[28] = target[35] = 0.0
    target[NEW_ITEM] = np.nan
    return with_covariates(panel_of(target), HORIZON) if informed else panel_of(target)


def renamed(panel: Panel) -> Panel:
    """The panel with other names, of another order, of its items and of its text attribute's categories."""
    known = panel.covariates
    texts = {"a": "zebra", "b": "ant", "": ""}
    attributes = {name: values for name, values in known.attributes.items()}
    if "brand" in attributes:
        attributes["brand"] = np.array([texts[brand] for brand in attributes["brand"]])
    names = [f"{7919 * number % 60:02d}-renamed" for number in range(len(panel.item_ids))]
    return replace(panel, item_ids=names, covariates=replace(known, attributes=attributes))


@cache
def trained_once(length: int, informed: bool, window_count: int) -> tuple[Panel, Predictor]:
    """The panel, and what it is to be compared with."""
    panel = mixed_panel(length, informed)
    (predictor,) = train([panel], replace(SETTINGS, window_count=window_count))
    return panel, predictor


@pytest.mark.parametrize(
    ("length", "informed", "window_count", "shard_count"),
    [(60, False, 1, 2), (60, True, 2, 4), (13, False, 1, 1), (13, False, 1, 4)],
)
def test_renamed_items_in_other_rows_and_shards_keep_every_bit(
    length: int, informed: bool, window_count: int, shard_count: int
) -> None:
    panel, predictor = trained_once(length, informed, window_count)
    assert (predictor.shared.fitted.global_model is not None) == (length > 13)
    assert len(predictor.shared.tables.held_out_scores) == (5 if length == 13 else window_count)  # folds of items
    expected, tested = forecast(panel, predictor), backtest_result(predictor)
    impacts = explain(panel, predictor).impacts
    order = np.random.default_rng(shard_count).permutation(60)
    parts = np.array_split(order, shard_count)
    shards = [rows_of(renamed(panel), rows.tolist()) for rows in parts]
    for rows, shard, other in zip(parts, shards, train(shards, predictor.settings), strict=True):
        result, backtest = forecast(shard, other), backtest_result(other)
        assert result.mean is not None
        assert expected.mean is not None
        assert result.quantiles.tobytes() == expected.quantiles[rows].tobytes()
        assert result.mean.tobytes() == expected.mean[rows].tobytes()
        assert result.weights.tobytes() == expected.weights[:, rows].tobytes()
        assert result.notes == [expected.notes[row] for row in rows]
        assert backtest.quantiles.tobytes() == tested.quantiles[rows].tobytes()
        assert backtest.mean.tobytes() == tested.mean[rows].tobytes()
        assert explain(shard, other).impacts.tobytes() == impacts[rows].tobytes()
        assert other.accuracy == predictor.accuracy


def test_a_series_has_one_hash_whatever_stands_before_it_and_however_its_zeros_are_signed() -> None:
    target = np.array([[np.nan, 1.0, 0.0, np.nan, 3.0], [np.nan, 1.0, 0.0, np.nan, 4.0], [np.nan] * 5])
    hashes = series_hashes(target)
    assert len(set(hashes.tolist())) == 3
    padded = np.concatenate([np.full((3, 4), np.nan), target], axis=1)
    assert series_hashes(padded).tolist() == hashes.tolist()
    assert series_hashes(np.where(target == 0, -0.0, target))[::-1].tolist() == hashes[::-1].tolist()
    assert series_hashes(target[:, :4])[0] != hashes[0]


def test_hashes_spread_evenly() -> None:
    counts = np.random.default_rng(0).poisson(1.0, (20_000, 12)).astype(float)
    hashes = series_hashes(counts)
    assert np.bincount(hashes % 5).tolist() == pytest.approx([4000] * 5, abs=200)  # 3.5 standard deviations
    assert np.mean(hashes < 2**60) == pytest.approx(1 / 8, abs=0.01)


def test_a_share_of_a_panel_is_drawn_from_its_series() -> None:
    panel = with_covariates(panel_of(seasonal_walks(400, 30)), HORIZON)
    drawn = panel.drawn(0.25)
    assert 70 < len(drawn.item_ids) < 130
    rows = [panel.item_ids.index(item_id) for item_id in drawn.item_ids]
    assert drawn.target.tobytes() == panel.target[rows].tobytes()
    assert drawn.covariates.attributes["brand"].tolist() == panel.covariates.attributes["brand"][rows].tolist()
    assert drawn.covariates.related["price"].shape == (len(rows), 30 + HORIZON)
    assert renamed(panel).drawn(0.25).target.tobytes() == drawn.target.tobytes()
    assert panel.drawn(1.0) is panel


def test_periods_before_all_series_change_next_to_nothing() -> None:
    panel = mixed_panel(60, informed=False)
    earlier = np.full((60, 12), np.nan)
    target = np.concatenate([earlier, panel.target], axis=1)
    first = np.datetime64("2014-01-01T00:00:00")
    grid = Grid.covering(Frequency.parse("M"), first, panel.grid.timestamps(59, 1)[0])
    padded = Panel(panel.item_ids, grid, target, ~np.isnan(target), 0, Covariates())
    results: list[Array] = []
    for one in (panel, padded):
        (predictor,) = train([one], SETTINGS)
        results.append(forecast(one, predictor).quantiles)
    np.testing.assert_allclose(results[1], results[0], rtol=1e-9)
