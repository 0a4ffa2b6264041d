"""Batches: the shards of a round that one worker runs, one after the other.

Step Functions charges each worker that a map starts, so there are few more batches than workers at a time.
"""

BATCHES_FOR_A_WORKER = 2  # a worker that is done early takes another one
SECONDS_FOR_A_SHARD = 600  # of a worker's 900: with less left it begins no other shard, and no other round


class ShardsLeft(Exception):  # noqa: N818 - the name stands in forecast_job.asl.json
    """The worker's time is nearly over and shards of its batch are left: the batch is to be run again."""


def batches(shards: list[int], workers: int) -> list[list[int]]:
    """The shards in batches whose sizes differ by one at most, for so many workers at a time.

    >>> batches([0, 1, 2, 3, 4], 1), batches([0, 1, 2], 5)
    ([[0, 2, 4], [1, 3]], [[0], [1], [2]])
    """
    count = min(len(shards), workers * BATCHES_FOR_A_WORKER)
    return [shards[number::count] for number in range(count)]
