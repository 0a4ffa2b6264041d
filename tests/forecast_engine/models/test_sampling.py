"""NPTS by settings of its own: which past periods have a vote, by hand."""

import numpy as np
import pytest

from forecast_engine import SamplingSettings
from forecast_engine.arrays.block import Block, blocks_of
from forecast_engine.models.sampling import Sampling

MEDIAN = np.array([0.5])


def block_of(*series: list[float]) -> Block:
    ((_, block),) = blocks_of(np.array(series))
    return block


def test_each_step_is_drawn_from_its_own_phase_and_later_cycles_count_more() -> None:
    history = [10.0, 20.0, 30.0, 11.0, 23.0, 36.0]  # a season of three periods, two cycles
    sampling = Sampling(3, (3,), SamplingSettings(decay=np.log(2) / 3))  # a cycle earlier counts half
    points = sampling.points(block_of(history), 4)[0]
    expected = [(10 + 2 * 11) / 3, (20 + 2 * 23) / 3, (30 + 2 * 36) / 3]
    np.testing.assert_allclose(points, [*expected, expected[0]])
    quantiles = sampling.quantiles(np.array([history]), 3, np.array([0.3, 0.4]))[0]  # a third lies in the first cycle
    np.testing.assert_array_equal(quantiles, [[10, 11], [20, 23], [30, 36]])


def test_a_uniform_kernel_counts_all_cycles_alike_and_the_context_ends_the_past() -> None:
    history = [90.0, 1.0, 20.0, 2.0, 40.0, 4.0]
    everything = Sampling(2, (2,), SamplingSettings(decay=0.0))
    np.testing.assert_allclose(everything.points(block_of(history), 2)[0], [50, 7 / 3])
    latest = Sampling(2, (2,), SamplingSettings(decay=0.0, context_length=4))
    np.testing.assert_allclose(latest.points(block_of(history), 2)[0], [30, 3])


def test_without_a_season_all_periods_have_a_vote() -> None:
    plain = Sampling(2, (2,), SamplingSettings(is_seasonal=False, decay=0.0))
    np.testing.assert_allclose(plain.points(block_of([6.0, 2.0, 4.0, 8.0]), 2), [[5, 5]])


def test_a_series_keeps_to_the_season_that_repeats_best() -> None:
    by_day = np.tile([1.0, 5.0], 12)
    by_week = np.tile([1.0, 5.0, 1.0, 5.0, 7.0, 7.0], 4)
    sampling = Sampling(2, (2, 6), SamplingSettings())
    points = sampling.points(block_of(by_day.tolist(), by_week.tolist()), 6)
    np.testing.assert_allclose(points, [[1, 5, 1, 5, 1, 5], [1, 5, 1, 5, 7, 7]])


def test_a_series_shorter_than_two_cycles_of_a_season_does_not_keep_to_it() -> None:
    points = Sampling(3, (3,), SamplingSettings(decay=0.0)).points(block_of([3.0, 6.0, 9.0, 2.0]), 3)
    np.testing.assert_allclose(points, [[5, 5, 5]])


def test_intermittent_series_count_the_same_phase_double_as_in_the_portfolio() -> None:
    history = np.array([[0.0, 0.0, 3.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0]])
    by_name, portfolio = Sampling(2, (2,), SamplingSettings()), Sampling(2, (2,))
    np.testing.assert_array_equal(by_name.quantiles(history, 4, MEDIAN), portfolio.quantiles(history, 4, MEDIAN))
    ((_, block),) = blocks_of(history)
    np.testing.assert_array_equal(by_name.points(block, 4), portfolio.points(block, 4))


def test_what_is_drawn_for_a_series_depends_on_no_other() -> None:
    random = np.random.default_rng(8)
    history = random.gamma(2.0, 3.0, (6, 60))
    history[1, :40], history[4, :17] = np.nan, np.nan
    history[2] = np.where(random.random(60) < 0.6, 0.0, history[2])
    sampling, levels = Sampling(7, (7, 14), SamplingSettings()), np.array([0.1, 0.5, 0.9])
    together = sampling.quantiles(history, 9, levels)
    for item in range(6):
        np.testing.assert_array_equal(sampling.quantiles(history[item : item + 1], 9, levels)[0], together[item])


@pytest.mark.parametrize("decay", [50.0, 1e6])
def test_the_fastest_decay_repeats_the_last_cycle(decay: float) -> None:
    history = np.tile(np.arange(1.0, 25.0), 20) + np.repeat(np.arange(20.0), 24)
    points = Sampling(24, (24, 168), SamplingSettings(decay=decay)).points(block_of(history.tolist()), 24)
    np.testing.assert_allclose(points[0], history[-24:])


@pytest.mark.parametrize(
    ("options", "text"),
    [({"decay": -0.1}, "A decay of -0.1"), ({"decay": np.nan}, "A decay of nan"), ({"context_length": 0}, "A context")],
)
def test_weights_that_no_past_could_have_are_refused(options: dict[str, float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SamplingSettings(**options)  # type: ignore[arg-type]
