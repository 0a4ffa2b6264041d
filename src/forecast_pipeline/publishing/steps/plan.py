"""Who reads what when a run is published: the run's files in tasks, and its series in shards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from forecast_pipeline.publishing.exports.file_ranges import FileRange, in_tasks, ranges_of
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.s3_location import (
    S3File,
    S3Location,
    data_files,
    export_files,
    export_files_if_any,
)
from forecast_pipeline.publishing.outputs.earlier_runs import EarlierRun, EarlierRuns
from forecast_pipeline.publishing.outputs.latest_forecast import LatestForecast, history_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BYTES_PER_SHARD = 256 * 2**20  # of CSV, train files and exports: some 10,000 series of 1,000 steps
BYTES_PER_TASK = 256 * 2**20
MOST_SHARDS = 1024
MOST_RANGES = 1000  # in a task: a file costs a call of S3, and 10,000 files are not for one worker
Kind = Literal["train", "forecast", "backtest", "accuracy", "item_models", "earlier_items", "earlier_forecasts"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class ReadTask:
    """What one worker reads: byte ranges of files of one kind; none where a run has no such file."""

    kind: Kind
    ranges: list[FileRange]


@dataclass(frozen=True)
class PublishingPlan:
    """The plan of one run.

    ``made`` is when its forecast was exported. ``earlier_run`` is the one that its items are held against, and
    ``item_changes`` what was said of it where this very run is published again. ``rows_before`` is how many rows of the
    target it used. The forecasts of ``earlier_runs``, the
    latest first, are held against what has come since; ``not_compared`` says which cannot be.
    """

    shard_count: int
    tasks: list[ReadTask]
    made: datetime
    earlier_run: str | None
    item_changes: dict[str, Any] | None
    rows_before: int | None
    earlier_runs: list[EarlierRun]
    not_compared: list[str]

    @classmethod
    def of(cls, client: "S3Client", run: FinishedRun, latest: LatestForecast) -> Self:
        """The plan by the sizes of the files alone; ValueError where a run lacks some.

        A run as of an old date is held against no other: what those said is of days that it does not know.
        """
        current = None if run.as_of else latest.current_run()
        before = current if current and current.name == run.name and current.started_at <= run.started_at else None
        is_again = before is not None and before.run_id == run.run_id
        earlier_run = before.run_id if before and not is_again else None
        files = _files(client, run, earlier_run)
        own_bytes = sum(each.size for some in files.values() for each in some)
        earlier = EarlierRuns([], [], []) if run.as_of else EarlierRuns.of(latest, run, own_bytes)
        files["earlier_forecasts"] = earlier.files
        shard_count = shard_count_for(sum(each.size for some in files.values() for each in some))
        return cls(
            shard_count,
            [*_tasks(files, splits=shard_count > 1)],
            made=max(each.written for each in files["forecast"]),
            earlier_run=earlier_run,
            item_changes=before.item_changes if before and is_again else None,
            rows_before=(before.rows_before if is_again else before.rows) if before else None,
            earlier_runs=earlier.runs,
            not_compared=earlier.not_compared,
        )

    def to_document(self) -> dict[str, Any]:
        """The same plan as a JSON object."""
        return asdict(self) | {"made": self.made.isoformat()}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """A plan from what ``to_document`` wrote."""
        tasks = [ReadTask(each["kind"], [FileRange(**of) for of in each["ranges"]]) for each in document["tasks"]]
        earlier = [EarlierRun(**each) for each in document["earlier_runs"]]
        made = datetime.fromisoformat(document["made"])
        return cls(**document | {"tasks": tasks, "made": made, "earlier_runs": earlier})


def shard_count_for(size: int) -> int:
    """The number of shards for so many bytes of CSV, a power of two.

    >>> shard_count_for(200_000_000), shard_count_for(35_000_000_000)
    (1, 256)
    """
    return min(MOST_SHARDS, 1 << max(0, -(-size // BYTES_PER_SHARD) - 1).bit_length())


def _files(client: "S3Client", run: FinishedRun, earlier_run: str | None) -> dict[Kind, Sequence[S3File]]:
    train = [file for location in run.train_locations for file in data_files(client, location)]
    if not train:
        places = ", ".join(str(location) for location in run.train_locations)
        raise ValueError(f"{places}: found no train file, wanted one or more")
    return {
        "train": train,
        "forecast": export_files(client, run.forecast_export),
        "backtest": export_files(client, run.backtest_values),
        "accuracy": export_files(client, run.backtest_accuracy),
        "item_models": export_files_if_any(client, run.item_models),
        "earlier_items": _models_of(client, run.bucket, earlier_run) if earlier_run else [],
    }


def _models_of(client: "S3Client", bucket: str, run_id: str) -> list[S3File]:
    """What an earlier run published of its models: one file, or a folder of parts."""
    return [*S3Location(bucket, history_key(run_id, "item_models.csv")).files(client)]


def _tasks(files: Mapping[Kind, Sequence[S3File]], splits: bool) -> Iterator[ReadTask]:
    """A task for each kind; where the run ``splits`` into shards, as many as a worker's time asks for."""
    for kind in KINDS:
        ranges = [
            each for file in files[kind] for each in (ranges_of(file) if kind == "train" else [FileRange.whole(file)])
        ]
        for some in in_tasks(ranges, BYTES_PER_TASK, MOST_RANGES) if splits and ranges else [ranges]:
            yield ReadTask(kind, some)
