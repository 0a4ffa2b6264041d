"""Blocks: which series are together, and what stands in their gaps."""

import numpy as np

from forecast_engine.arrays.block import SERIES_PER_BLOCK, blocks_of

NAN = float("nan")


def test_blocks_hold_the_longest_series_first_and_skip_empty_ones() -> None:
    history = np.array([[NAN, NAN, 1.0], [NAN] * 3, [4.0, 5, 6], [NAN, 2.0, 3]])
    ((items, block),) = blocks_of(history)
    assert items.tolist() == [2, 3, 0]
    assert block.starts.tolist() == [0, 1, 2]
    assert block.lengths.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(block.values, [[4, 5, 6], [0, 2, 3], [0, 0, 1]])


def test_gaps_are_bridged_and_silence_carries_the_last_value_on() -> None:
    ((_, block),) = blocks_of(np.array([[NAN, 2.0, NAN, NAN, 8.0, NAN]]))
    np.testing.assert_array_equal(block.values, [[2, 4, 6, 8, 8]])


def test_many_series_are_cut_into_blocks_without_losing_one() -> None:
    history = np.random.default_rng(0).normal(size=(SERIES_PER_BLOCK + 3, 4))
    items = np.concatenate([items for items, _ in blocks_of(history)])
    assert sorted(items.tolist()) == list(range(len(history)))


def test_long_series_are_few_in_a_block() -> None:
    history = np.full((200, 20_000), NAN)
    history[:100], history[100:, -500:] = 1.0, 2.0
    sizes = [(len(items), block.values.size) for items, block in blocks_of(history)]
    assert sum(count for count, _ in sizes) == 200
    assert max(size for _, size in sizes) <= 600_000
