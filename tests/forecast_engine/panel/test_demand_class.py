"""Which items are intermittent."""

import numpy as np

from forecast_engine.panel.demand_class import intermittent


def test_zeros_are_many_or_few_but_demand_is_of_few_units() -> None:
    history = np.full((6, 20), 3.0)
    history[:, 0] = 1.0
    history[0, 1:7] = 0.0  # six zeros of 20
    history[1, 1:4] = 0.0  # three, and about three units a period
    history[2, 1:4] = 0.0
    history[2, 4:] = 30.0  # three, and some two dozen units a period
    history[3, 1:2] = 0.0  # one
    history[4, 1:7] = 0.0
    history[4, 9] = -1.0  # below zero
    history[5] = np.nan  # nothing
    assert intermittent(history).tolist() == [True, True, False, False, False, False]
    assert (
        intermittent(1e-4 * history).tolist()
        == intermittent(1e150 * history).tolist()
        == intermittent(history).tolist()
    )


def test_periods_before_a_start_make_no_item_intermittent() -> None:
    history = np.full((1, 40), np.nan)
    history[0, 20:] = 2.0
    history[0, 30] = 0.0
    assert intermittent(history).tolist() == intermittent(history[:, 20:]).tolist() == [False]
