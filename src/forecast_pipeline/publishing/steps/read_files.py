"""A task of publishing: files of a run become tables, as ``Staging`` makes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from forecast_pipeline.publishing.exports.file_ranges import csv_parts, fetch
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_facts import RunFacts
from forecast_pipeline.publishing.exports.staging import Staging
from forecast_pipeline.publishing.outputs.latest_forecast import run_of_history
from forecast_pipeline.publishing.steps.plan import ReadTask

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def read_files(
    client: "S3Client", connection: DuckDBPyConnection, run: FinishedRun, task: ReadTask, folder: Path
) -> RunFacts:
    """Read what a task says into tables; ``folder`` is for what is on the way.

    Raises ValueError for a column that an export lacks, and InputRefused for a train file that no import takes.
    """
    staging = Staging(connection, run)
    if task.kind == "train":
        return staging.train(csv_parts(client, task.ranges, len(run.attributes)), folder)
    of_kind = {
        "forecast": staging.forecast,
        "backtest": staging.backtest,
        "accuracy": staging.item_accuracy,
        "item_models": staging.item_models,
        "earlier_items": staging.earlier_items,
    }
    paths = fetch(client, task.ranges, folder)
    if task.kind == "earlier_forecasts":
        facts = staging.earlier_forecasts(_by_run(task, paths))
    else:
        facts = of_kind[task.kind](paths)
    for path in paths:
        path.unlink()
    return facts


def _by_run(task: ReadTask, paths: Sequence[Path]) -> dict[str, list[Path]]:
    """The files of a task by the run in whose history they are."""
    files: dict[str, list[Path]] = {}
    for each, path in zip(task.ranges, paths, strict=True):
        files.setdefault(run_of_history(each.key), []).append(path)
    return files
