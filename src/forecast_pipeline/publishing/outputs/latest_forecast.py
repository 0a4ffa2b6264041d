"""The latest objects of the bucket, replaced all together or not at all.

1. Every file is written whole under ``history/``.
2. Each latest object is replaced by one copy inside S3, which is atomic for that object. ``accuracy.json`` is the last
   one, and the mark of completion.
3. If a copy fails, the objects that were already replaced are put back from the run that the mark still names.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from forecast_pipeline.publishing.exports.s3_location import S3Location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN_ROW = "forecast_runs.parquet"
# File name under history/clean/<run>/ -> the key it replaces, in the order of replacing.
LATEST_KEYS = {
    "forecast.csv": "latest/forecast.csv",
    "forecast_long.csv": "quicksight/forecast.csv",
    "item_accuracy.csv": "latest/item_accuracy.csv",
    "item_models.csv": "latest/item_models/item_models.csv",
    "report.html": "latest/report.html",
    # Each of these is alone in its folder, since Athena takes a folder for a table.
    "forecast.parquet": "dashboard/forecast/forecast.parquet",
    "item_models.parquet": "dashboard/item_models/item_models.parquet",
    "train.parquet": "dashboard/train/train.parquet",  # only of runs whose train files Athena cannot read
    "forecast_fan.parquet": "dashboard/forecast_fan/forecast_fan.parquet",
    "forecast_accuracy.parquet": "dashboard/forecast_accuracy/forecast_accuracy.parquet",
    RUN_ROW: "dashboard/forecast_runs/{run_id}.parquet",  # stays when the next run is published
    "accuracy.json": "latest/accuracy.json",
}
MARK = "accuracy.json"
CONTENT_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class PublishedRun:
    """The run whose forecast is the latest one, as its mark of completion says.

    ``name`` is that of its dataset group, ``item_changes`` what it said of the run before it; None in older marks.
    """

    run_id: str
    started_at: datetime
    name: str | None
    item_changes: dict[str, Any] | None


class LatestForecast:
    """The published objects of one bucket, and where each run's own stay for good."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """Nothing is read or written yet."""
        self.client = client
        self.bucket = bucket

    def keep_export(self, run_id: str, name: str, source: S3Location, keys: list[str]) -> None:
        """Copy an export's parts, unchanged, to ``history/raw/<run>/<name>/``."""
        for key in keys:
            kept = f"history/raw/{run_id}/{name}/{key.removeprefix(source.prefix).lstrip('/')}"
            self.client.copy_object(Bucket=self.bucket, Key=kept, CopySource={"Bucket": source.bucket, "Key": key})

    def write_history(self, run_id: str, directory: Path) -> None:
        """Upload the files of LATEST_KEYS that are in the directory to ``history/clean/<run>/``."""
        for name in _written(directory):
            path = directory / name
            self.client.upload_file(
                str(path),
                self.bucket,
                _history_key(run_id, name),
                ExtraArgs={"ContentType": CONTENT_TYPES[path.suffix]},
            )

    def replace(self, run_id: str, directory: Path) -> None:
        """Make a run the latest one; where a copy fails, the run before it stays so, and the error goes on.

        The directory has the files that ``write_history`` uploaded.
        """
        current = self.current_run()
        previous = current.run_id if current else None
        replaced: list[str] = []
        try:
            for name in _written(directory):
                self._copy(run_id, name)
                replaced.append(name)
        except Exception:
            for name in replaced:
                self._put_back(run_id, previous, name)
            raise

    def current_run(self) -> PublishedRun | None:
        """The run that is published now; None before the first."""
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=LATEST_KEYS[MARK])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        mark = json.loads(answer["Body"].read())
        started_at = datetime.fromisoformat(mark["StartedAt"])
        return PublishedRun(mark["RunId"], started_at, mark.get("DatasetGroup"), mark.get("ItemChanges"))

    def fetch_history(self, run_id: str, name: str, path: Path) -> bool:
        """Download a file of an earlier run from its history; False if it is not there."""
        try:
            self.client.download_file(self.bucket, _history_key(run_id, name), str(path))
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                raise
            return False
        return True

    def _copy(self, run_id: str, name: str) -> None:
        source = {"Bucket": self.bucket, "Key": _history_key(run_id, name)}
        key = _latest_key(run_id, name)
        self.client.copy_object(Bucket=self.bucket, Key=key, CopySource=source)  # type: ignore[arg-type]

    def _put_back(self, run_id: str, previous: str | None, name: str) -> None:
        """Undo the copy of one object: the previous run's comes back, or none where the previous run had none."""
        if previous is not None and _latest_key(previous, name) == _latest_key(run_id, name):
            try:
                self._copy(previous, name)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
            else:
                return
        self.client.delete_object(Bucket=self.bucket, Key=_latest_key(run_id, name))


def _written(directory: Path) -> list[str]:
    return [name for name in LATEST_KEYS if (directory / name).exists()]


def _latest_key(run_id: str, name: str) -> str:
    return LATEST_KEYS[name].format(run_id=run_id)


def _history_key(run_id: str, name: str) -> str:
    return f"history/clean/{run_id}/{name}"
