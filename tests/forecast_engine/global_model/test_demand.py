"""What the past tells of intermittent demand, against NPTS itself and by hand."""

import numpy as np
import pytest

from forecast_engine.arrays.block import blocks_of
from forecast_engine.arrays.reductions import Array
from forecast_engine.global_model.demand import COLUMN_COUNT, Demand
from forecast_engine.global_model.series import Indices
from forecast_engine.models.npts import NonParametricTimeSeries

STEPS = np.arange(15)


def sparse_history() -> np.ndarray:
    history = np.random.default_rng(0).poisson(0.7, (5, 50)).astype(float)
    history[1] *= 3
    history[2, :20] = np.nan
    history[3, :48] = np.nan
    history[4] = 0.0
    return history


def columns_of(demand: Demand, items: Indices, origins: Indices, steps: Indices) -> list[Array]:
    return demand.columns(demand.mean(items, origins, steps), items, origins, steps)


@pytest.mark.parametrize("season", [1, 7, 12])
def test_mean_and_variation_are_those_of_the_sample_that_npts_draws_from(season: int) -> None:
    history = sparse_history()
    demand = Demand.of(history, season)
    for item in range(5):
        ((_, block),) = blocks_of(history[item : item + 1])
        mean = NonParametricTimeSeries(season).forecast(block, 15)[0]
        square = NonParametricTimeSeries(season).forecast(block.with_values(block.values**2), 15)[0]
        items, origins = np.full(15, item), np.full(15, 50)
        np.testing.assert_allclose(demand.mean(items, origins, STEPS), mean, rtol=1e-9)
        deviation = demand.variation(demand.mean(items, origins, STEPS), items, origins, STEPS) * mean
        np.testing.assert_allclose(deviation**2, square - mean**2, rtol=1e-7, atol=1e-12)


def test_what_comes_after_an_origin_and_other_items_change_no_bit() -> None:
    history = sparse_history()
    items, origins = np.repeat(np.arange(4), 15), np.full(60, 49)
    steps = np.tile(STEPS, 4)
    known = columns_of(Demand.of(history[:4], 7), items, origins, steps)
    past = columns_of(Demand.of(history[:, :49], 7), items, origins, steps)
    assert len(known) == COLUMN_COUNT
    assert np.stack(known).tobytes() == np.stack(past).tobytes()


def test_what_is_prepared_for_late_origins_alone_tells_the_same_of_them() -> None:
    items, origins = np.repeat(np.arange(5), 15), np.full(75, 50)
    steps = np.tile(STEPS, 5)
    whole, late = (columns_of(Demand.of(sparse_history(), 12, first), items, origins, steps) for first in (0, 50))
    assert np.stack(whole).tobytes() == np.stack(late).tobytes()


def test_demand_is_counted_in_units_of_the_smallest() -> None:
    demand = Demand.of(np.array([[0.0, 6.0, 0.0, 4.0, 8.0]]), 1)
    origins = np.arange(6)
    assert demand.unit(np.zeros(6, dtype=int), origins).tolist() == [1.0, 1.0, 6.0, 6.0, 4.0, 4.0]
