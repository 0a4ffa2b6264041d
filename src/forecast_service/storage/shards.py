"""Which shard an item is in. Decided by the data alone: the same on a laptop and on a thousand workers.

The number of shards is a power of two. So where two tables have different numbers, a shard of the finer table lies
within one shard of the coarser: ``n`` of 8 within ``n % 4`` of 4.
"""

import hashlib

CELLS_PER_SHARD = 2_000_000  # series x periods: 16 MB in each of the engine's arrays
BYTES_PER_SHARD = 8 * 2**20  # of CSV: some 500 items of 400 rows, the size the engine is fastest with
MOST_SHARDS = 2048


def shard_count_for(csv_bytes: int) -> int:
    """The number of shards for so many bytes of CSV.

    >>> shard_count_for(2_000_000), shard_count_for(480_000_000)
    (1, 64)
    """
    return _power_of_two(-(-csv_bytes // BYTES_PER_SHARD))


def shard_count_for_cells(cells: int) -> int:
    """The number of shards for so many series x periods, which can be many where the data are sparse.

    >>> shard_count_for_cells(12_000_000)
    8
    """
    return _power_of_two(-(-cells // CELLS_PER_SHARD))


def _power_of_two(shard_count: int) -> int:
    """The least power of two that is not smaller, and at most ``MOST_SHARDS``."""
    return min(MOST_SHARDS, 1 << max(0, shard_count - 1).bit_length())


def shard_of(item_id: str, shard_count: int) -> int:
    """The shard of an item; ``forecast_contract.sql.shard_sql`` says the same in SQL."""
    digest = hashlib.md5(item_id.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") & shard_count - 1


def shards_over(shard: int, shard_count: int, other_count: int) -> range:
    """The shards of another table, of ``other_count``, in which the items of a shard of ``shard_count`` are.

    >>> list(shards_over(1, 2, 8)), list(shards_over(5, 8, 4))
    ([1, 3, 5, 7], [1])
    """
    if other_count <= shard_count:
        return range(shard % other_count, shard % other_count + 1)
    return range(shard, other_count, shard_count)
