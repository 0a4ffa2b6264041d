"""From points to quantiles, by hand."""

import numpy as np

from forecast_engine.intervals.demand_table import ExpectedDemand, RatioCounts, RatioTables
from forecast_engine.intervals.quantiles import Floor, IntermittentDemand, item_quantiles
from forecast_engine.models.sampling import Sampling

LEVELS = np.array([0.9, 0.1, 0.5])  # in any order


def quantiles_of(
    history: np.ndarray, is_intermittent: list[bool], on_the_floor: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    items = len(history)
    nothing = np.empty(0, dtype=np.int64)
    return item_quantiles(
        history=history,
        points=np.full((items, 1), 10.0),
        conformal=np.full((items, 1, 1), 4.0) * np.tile([3.0, -3.0, 0.25], (items, 1, 1)),
        demand=IntermittentDemand(
            is_intermittent=np.array(is_intermittent),
            covariate_factors=np.full((items, 1), 1.5),
            expected_demand=ExpectedDemand(np.zeros((items, 1)), np.zeros((items, 1, 2))),
            ratio_tables=RatioTables.of([RatioCounts(nothing, nothing)], LEVELS),
            table_of=np.zeros(items, dtype=np.int64),
            sampling=Sampling(1, ()),
        ),
        floor=Floor(
            items=np.full(items, on_the_floor),
            points=np.full((items, 1), 7.0),
            conformal=np.tile([2.0, -2.0, 0.0], (items, 1, 1)),
        ),
        levels=LEVELS,
    )


def test_quantiles_are_points_and_scores_times_scale_never_below_zero_where_the_history_never_was() -> None:
    quantiles, mean = quantiles_of(np.array([[1.0, 2.0, 3.0], [-1.0, 2.0, 3.0]]), [False, False])
    np.testing.assert_array_equal(quantiles, [[[22.0, 0.0, 11.0]], [[22.0, -2.0, 11.0]]])
    np.testing.assert_array_equal(mean, [[10.0], [10.0]])


def test_intermittent_items_take_their_past_and_the_covariate_factor() -> None:
    quantiles, _ = quantiles_of(np.array([[0.0, 0.0, 0.0, 2.0]]), [True])
    assert set(quantiles.ravel()) <= {0.0, 3.0}
    assert quantiles[0, 0, 1] <= quantiles[0, 0, 2] <= quantiles[0, 0, 0]


def test_items_on_the_floor_take_its_points_and_distances_whatever_their_class() -> None:
    quantiles, mean = quantiles_of(np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 2.0]]), [False, True], on_the_floor=True)
    np.testing.assert_array_equal(quantiles, [[[9.0, 5.0, 7.0]]] * 2)
    np.testing.assert_array_equal(mean, [[7.0], [7.0]])
