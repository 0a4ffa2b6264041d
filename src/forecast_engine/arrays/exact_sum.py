"""Sums that come out the same in any order and however the numbers were split over shards.

A sum travels as a short list of floats whose exact sum is the exact sum of what was added; rounding happens once,
at the end. So the number of shards cannot change the last bit of a result.
"""

import math
from collections.abc import Iterable

ExactSum = list[float]


def exact_sum(numbers: Iterable[float]) -> ExactSum:
    """A few floats with the same exact sum as ``numbers``, which must be finite."""
    rest = list(numbers)
    parts: ExactSum = []
    while (rounded := math.fsum(rest)) != 0.0:
        parts.append(rounded)
        rest.append(-rounded)
    return parts


def merged(sums: Iterable[ExactSum]) -> ExactSum:
    """The sum of sums, still exact."""
    return exact_sum(number for parts in sums for number in parts)


def rounded_sum(parts: ExactSum) -> float:
    """The float nearest to the exact sum."""
    return math.fsum(parts)
