"""The documents that the steps of an import leave for one another, as JSON among what only the job needs."""

from typing import Any, NotRequired, TypedDict, final

from forecast_files.left_out import Reason
from forecast_service.storage.bucket import WORK

PLAN = f"{WORK}plan.json"  # ImportPlan
ROW_GROUPS = f"{WORK}row_groups.json"  # RowGroupIndex
SHARDS = f"{WORK}shards.json"  # ShardPlan


class ByteRange(TypedDict):
    """``length`` bytes from ``first`` on of one of the caller's files, which has ``size`` bytes."""

    key: str
    size: int
    first: int
    length: int


@final
class FilesTask(TypedDict):
    """A task of the first round that reads the caller's files."""

    byte_ranges: list[ByteRange]


@final
class BaseTask(TypedDict):
    """A task of the first round that takes over a shard of ``base``: the import that an incremental one adds to."""

    base: str
    shard: int


ReadTask = FilesTask | BaseTask


class ImportPlan(TypedDict):
    """What the first round works on; ``shard_count`` is the number of shards that its tasks part their rows by."""

    tasks: list[ReadTask]
    shard_count: int
    source_bytes: int


# Of one task: shard (JSON's keys are text) -> [first byte, length] of each Parquet file of the shard's rows, all of
# which lie in the task's object.
RowGroups = dict[str, list[tuple[int, int]]]


class Extent(TypedDict):
    """How many rows a task has read, and their first and last timestamp as ISO text; None where rows have no time."""

    rows: int
    first: str | None
    last: str | None


class LeftOutRows(TypedDict):
    """A ``LeftOut`` on its way: how many rows for which reason, and where the first of each stands."""

    counts: dict[Reason, int]
    first: dict[Reason, str]


class ReadResult(Extent):
    """What a task of the first round tells; ``generation`` is that of its rows: from new files or from the base."""

    left_out: LeftOutRows
    row_groups: RowGroups
    generation: int


class TaskRows(TypedDict):
    """Where the rows of one task lie."""

    row_groups: RowGroups
    generation: int


class RowGroupIndex(TypedDict):
    """What the first round found as a whole; ``tasks`` are in the order of the plan's."""

    first: str | None
    last: str | None
    rows_read: int  # from this import's files, those left out among them
    left_out: LeftOutRows
    tasks: list[TaskRows]


class ShardPlan(TypedDict):
    """The number of shards that the second round makes: that of the first, or more.

    ``last`` is the last timestamp that is kept (ISO text), None where rows have no time. ``end`` is when an unfinished
    last period begins that is left out, else None.
    """

    shard_count: int
    last: str | None
    end: str | None


class ColumnSums(TypedDict):
    """What one shard knows of a column; of text the counts alone, of timestamps their extremes as ISO text too.

    ``squares`` is the sum of squared deviations from ``mean``. Extremes are None where no value is known.
    """

    count: int
    null: int
    nan: NotRequired[int]
    min: NotRequired[Any]
    max: NotRequired[Any]
    mean: NotRequired[float]
    squares: NotRequired[float]


class ShardResult(TypedDict):
    """What a shard of the second round counted; ``last_values``: attribute -> time of its latest value, ISO text."""

    shard: int
    rows: int
    items: int
    series: int
    last_values: dict[str, str]
    merged: int
    in_partial_period: int  # rows of this import's files that are left out
    sums: dict[str, ColumnSums]
