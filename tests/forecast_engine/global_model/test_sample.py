"""The sample is a choice of items, not of shards, and fits into a document."""

import json
from dataclasses import replace

import numpy as np
import pytest

from forecast_engine import Covariates, TrainingSettings
from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model.sample import SampleShare, sample, sampled_panel
from tests.forecast_engine.panels import panel_of, rows_of, seasonal_walks, with_covariates

MEBIBYTE = 2**20
HORIZON = 5
SETTINGS = TrainingSettings(HORIZON, (0.5,), True, 1, HORIZON)


def order_of(found: Array, target: Array) -> list[int]:
    """Which row of ``target`` each row of a sample is."""
    return [int(np.nanmax(np.abs(target - row), axis=1).argmin()) for row in found]


def test_a_small_panel_is_its_own_sample_with_all_that_is_known_of_it() -> None:
    target = seasonal_walks(9, 40)
    target[4, :11] = np.nan
    panel = with_covariates(panel_of(target), HORIZON)
    document = json.loads(json.dumps(sample(panel, 9).to_document(), allow_nan=False))
    result = sampled_panel([SampleShare.from_document(document)], SETTINGS)
    order = order_of(result.target, target)
    assert sorted(order) == list(range(9))
    assert result.grid == panel.grid
    np.testing.assert_allclose(result.target, target[order], rtol=1e-6)
    price = panel.covariates.related["price"][order]
    price[order.index(4), :11] = np.nan  # before an item's first observation nothing is asked for
    np.testing.assert_allclose(result.covariates.related["price"], price, rtol=1e-6)
    assert np.isnan(result.covariates.related["stock"][:, 40:]).all()
    assert result.covariates.calendar["Holiday_KR"].tolist() == panel.covariates.calendar["Holiday_KR"].tolist()
    assert result.covariates.attributes["brand"].tolist() == panel.covariates.attributes["brand"][order].tolist()
    np.testing.assert_array_equal(result.covariates.attributes["size"], panel.covariates.attributes["size"][order])


@pytest.mark.parametrize(("items", "length"), [(300, 2500), (3, 200_000)])
def test_a_large_panels_sample_is_the_same_however_it_is_cut_and_bounded(items: int, length: int) -> None:
    panel = panel_of(np.random.default_rng(0).poisson(5.0, (items, length)).astype(float), "H")
    whole = sample(panel, items)
    parts = [sample(rows_of(panel, rows), items) for rows in (list(range(1, items)), [0])]
    assert len(json.dumps(whole.to_document())) < 2 * MEBIBYTE
    assert all(len(json.dumps(part.to_document())) < 2 * MEBIBYTE for part in parts)
    one, other = sampled_panel([whole], SETTINGS), sampled_panel(parts, SETTINGS)
    assert one.target.tobytes() == other.target.tobytes()
    assert one.observed.sum() > 200_000  # it does not waste its room either


def test_all_shards_together_send_not_much_more_than_the_sample_holds() -> None:
    panel = panel_of(seasonal_walks(1000, 100))
    sent = sum(len(json.dumps(sample(rows_of(panel, [row]), 1_000_000).to_document())) for row in range(1000))
    assert sent * 1000 < 32 * MEBIBYTE * 10  # of a million items like these; a thousand are a small sample of them


def test_four_times_as_many_items_find_room_if_they_are_small_whole_numbers() -> None:
    random = np.random.default_rng(0)
    counts = random.poisson(0.5, (4000, 400)).astype(float)
    counts[0, 100:110] = np.nan
    counts[1, 7] = 255.0  # the byte that stands for unknown
    counts[2, 7] = 0.5
    counts[3, 7] = -1.0
    small = panel_of(counts[:4])
    result = sampled_panel(
        [SampleShare.from_document(json.loads(json.dumps(sample(small, 4).to_document())))], SETTINGS
    )
    order = order_of(result.target, counts[:4])
    np.testing.assert_array_equal(result.target, counts[:4][order])
    items = [
        len(sampled_panel([sample(panel_of(values), 4000)], SETTINGS).item_ids)
        for values in (counts[4:], counts[4:] + 0.5)
    ]
    assert items[0] > 3.3 * items[1]


def test_of_many_equal_items_ten_are_in_the_sample_unless_what_is_known_beside_them_differs() -> None:
    target = np.concatenate([np.zeros((40, 30)), seasonal_walks(5, 30)])
    result = sampled_panel([sample(panel_of(target), 45)], SETTINGS)
    assert (result.target == 0).all(axis=1).sum() == 10
    assert len(result.item_ids) == 15
    shards = [sample(rows_of(panel_of(target), list(rows)), 45) for rows in (range(30), range(30, 45))]
    assert sampled_panel(shards, SETTINGS).target.tobytes() == result.target.tobytes()
    brands = np.array([f"brand {item % 8}" for item in range(45)])
    described = replace(panel_of(target), covariates=Covariates(attributes={"brand": brands}))
    assert len(sampled_panel([sample(described, 45)], SETTINGS).item_ids) == 45
