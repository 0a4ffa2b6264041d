"""Exact sums, against Python's rational numbers."""

import json
from fractions import Fraction

import numpy as np

from forecast_engine.arrays.exact_sum import exact_sum, merged, rounded_sum


def test_shards_and_their_order_change_no_bit() -> None:
    random = np.random.default_rng(3)
    numbers = (random.normal(size=1000) * 10.0 ** random.integers(-12, 12, 1000)).tolist()
    expected = float(sum(map(Fraction, numbers)))
    for shard_count in (1, 2, 7, 1000):
        shards = [exact_sum(numbers[first::shard_count]) for first in range(shard_count)]
        over_the_wire = json.loads(json.dumps(shards[::-1]))
        assert rounded_sum(merged(over_the_wire)) == expected


def test_no_numbers_sum_to_zero() -> None:
    assert rounded_sum(exact_sum([])) == 0.0
    assert rounded_sum(merged([[], exact_sum([1.0, -1.0])])) == 0.0
