"""A hash of what a series was: chance that is drawn from it is the same whatever the item is called.

Samples and folds are drawn so. Neither the name of an item, nor its row, nor the shard that holds it moves a number.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array

HASH_COUNT = 2**63  # hashes are whole numbers below it


def series_hashes(target: Array) -> NDArray[np.int64]:
    """Hashes [item] of the values of ``target`` [item, time] from each item's first known one on, the same everywhere.

    Equal series have equal hashes: NaN before the first value changes nothing, nor does the sign of a zero.
    """
    known = ~np.isnan(target)
    starts = np.where(known.any(axis=1), known.argmax(axis=1), target.shape[1])
    plain = np.where(known, target + 0.0, np.nan).astype("<f8")  # one zero, one NaN, one order of bytes
    digests = [hashlib.blake2b(row[start:].tobytes(), digest_size=8) for row, start in zip(plain, starts, strict=True)]
    return np.array([int.from_bytes(one.digest(), "little") % HASH_COUNT for one in digests], dtype=np.int64)
