"""The made-up panel of the growth benchmark, and its words."""

from dataclasses import replace

import engine_growth
import numpy as np
import pytest
from engine_growth import Cost

from forecast_engine import TrainingSettings


def test_a_shard_is_the_same_whatever_the_size_of_the_panel() -> None:
    small, large = (engine_growth.daily(items).panel(0) for items in (1000, 3000))
    np.testing.assert_array_equal(small.target, large.target)
    assert small.item_ids == large.item_ids


def test_the_last_shard_holds_what_is_left() -> None:
    shape = engine_growth.daily(700)
    assert [len(shape.panel(shard).item_ids) for shard in shape.shards()] == [500, 200]


def test_the_panel_has_smooth_series_and_counts_that_are_mostly_zero_and_some_start_late() -> None:
    target = engine_growth.made_up(0, 300, 200, 7)
    zeros = np.nanmean(target == 0, axis=1)
    assert (zeros[np.arange(300) % 3 < 2] == 0).all()
    assert np.median(zeros[2::3]) > 0.3
    assert 0.1 < np.isnan(target[:, 0]).mean() < 0.3
    assert not np.isnan(target[:, 100:]).any()


def test_every_step_has_its_cost() -> None:
    settings = TrainingSettings(6, (0.1, 0.5, 0.9), True, window_count=1, window_offset=6, models=("ets", "theta"))
    cost = engine_growth.cost_of(replace(engine_growth.monthly(), items=20, settings=settings))
    assert list(cost.seconds) == [*engine_growth.STEPS]
    assert cost.total == pytest.approx(sum(cost.seconds.values()))
    assert cost.memory > 10


def test_a_row_shows_seconds_per_thousand_items() -> None:
    cost = Cost({step: 2.0 for step in engine_growth.STEPS}, memory=150.0)
    assert engine_growth.growth_row(3000, cost).split() == ["3,000", *["2.0"] * 6, "12.0", "4.00", "150"]


def test_a_goal_is_met_or_missed_by_a_share() -> None:
    assert engine_growth.goal(150.0, 300, "CPU seconds") == "150.00 CPU seconds, goal 300: met"
    assert engine_growth.goal(330.0, 300, "CPU seconds").endswith("missed by 10%")
