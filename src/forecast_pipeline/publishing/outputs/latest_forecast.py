"""The latest objects of a bucket, and the history of each run below ``history/clean/<run>/``, which they are copies of.

``replacement`` says how one run takes the place of another.
"""

import json
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from forecast_contract.domains import TARGET_TIME_SERIES
from forecast_language import said
from forecast_pipeline.published_runs import run_row_key
from forecast_pipeline.publishing.exports.file_ranges import FileRange
from forecast_pipeline.publishing.exports.s3_location import S3Location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

MARK = "accuracy.json"
TABLES = "tables.json"  # beside a run's files: the tables of the catalog that lie over them
RUN_DOCUMENT = "run.json"  # beside a run's files: its requests, its files as they were, what it imported and trained
RUN_ROW = "forecast_runs.parquet"
# File name under history/clean/<run>/ -> the key it replaces, in the order of replacing.
LATEST_KEYS = {
    "forecast.csv": "latest/forecast.csv",
    "forecast_long.csv": "quicksight/forecast.csv",
    "item_accuracy.csv": "latest/item_accuracy.csv",
    "item_models.csv": "latest/item_models/item_models.csv",
    "report.html": "latest/report.html",
    RUN_ROW: run_row_key("{run_id}"),  # stays when the next run is published
    MARK: "latest/accuracy.json",
}
# The tables that lie over a folder of a run's history, where each has its Parquet files; ``train`` has some only if
# Athena cannot read the train files.
RUN_TABLES = (
    *("train", "forecast", "item_models"),
    *("forecast_fan", "forecast_accuracy", "forecast_versus_actual", "forecast_came_true"),
)
RUN_METADATA = "run"  # what S3 keeps beside an object of the history, and beside each copy: the run that it is of
LARGEST_COPY = 5 * 2**30  # bytes that S3 copies at once
CONTENT_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class PublishedRun:
    """The run whose forecast is the latest one, as its mark of completion says.

    ``name`` is that of its dataset group, ``item_changes`` what it said of the run before it, ``rows`` how many rows of
    the target it used and ``rows_before`` the run before it; None in older marks.
    """

    run_id: str
    started_at: datetime
    name: str | None
    item_changes: dict[str, Any] | None
    rows: int | None
    rows_before: int | None


class LatestForecast:
    """The published objects of one bucket, and where each run's own stay for good."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """Nothing is read or written yet."""
        self.client = client
        self.bucket = bucket

    def keep_export(self, run_id: str, name: str, source: S3Location, file: FileRange) -> None:
        """Copy a part of an export, unchanged, to ``history/raw/<run>/<name>/``."""
        kept = f"history/raw/{run_id}/{name}/{file.key.removeprefix(source.prefix).lstrip('/')}"
        copied: CopySourceTypeDef = {"Bucket": file.bucket, "Key": file.key}
        if file.size > LARGEST_COPY:
            self.client.copy(copied, self.bucket, kept)  # in parts
        else:
            self.client.copy_object(Bucket=self.bucket, Key=kept, CopySource=copied)

    def write_history(self, run_id: str, directory: Path) -> None:
        """Upload the files of LATEST_KEYS, and ``<table>.parquet`` of RUN_TABLES, that are in the directory."""
        for name in written_names(directory):
            self.upload(run_id, name, directory / name)
        for table in RUN_TABLES:
            file = f"{table}.parquet"
            if (directory / file).exists():
                self.upload(run_id, f"{table}/{file}", directory / file)

    def upload(self, run_id: str, name: str, path: Path) -> None:
        """Upload a file to ``history/clean/<run>/<name>``, with the run beside it."""
        described: dict[str, Any] = {"ContentType": CONTENT_TYPES[path.suffix], "Metadata": {RUN_METADATA: run_id}}
        self.client.upload_file(str(path), self.bucket, history_key(run_id, name), ExtraArgs=described)

    def upload_copy(self, run_id: str, name: str, file: FileRange) -> None:
        """Copy a file that is in S3 already, of LARGEST_COPY at most, to where ``upload`` writes."""
        self.client.copy_object(
            Bucket=self.bucket,
            Key=history_key(run_id, name),
            CopySource={"Bucket": file.bucket, "Key": file.key},
            MetadataDirective="REPLACE",
            ContentType=CONTENT_TYPES[Path(name).suffix],
            Metadata={RUN_METADATA: run_id},
        )

    def current_run(self) -> PublishedRun | None:
        """The run that is published now; None before the first."""
        mark = self.latest_mark()
        if mark is None:
            return None
        started_at = datetime.fromisoformat(mark["StartedAt"])
        return PublishedRun(
            mark["RunId"],
            started_at,
            mark.get("DatasetGroup"),
            mark.get("ItemChanges"),
            mark.get("Rows", {}).get(TARGET_TIME_SERIES, {}).get("Used"),
            mark.get("RowsBefore"),
        )

    def latest_mark(self) -> dict[str, Any] | None:
        """What the run said that is published now; None before the first."""
        return self.document(LATEST_KEYS[MARK])

    def mark_of(self, run_id: str) -> dict[str, Any] | None:
        """What a run said when it was published; None where its history was swept."""
        return self.document_of(run_id, MARK)

    def document_of(self, run_id: str, name: str) -> dict[str, Any] | None:
        """A JSON object of a run's history; None if there is none."""
        return self.document(history_key(run_id, name))

    def write_document(self, run_id: str, name: str, document: dict[str, Any]) -> None:
        """Write a JSON object into a run's history."""
        self.client.put_object(
            Bucket=self.bucket,
            Key=history_key(run_id, name),
            Body=(json.dumps(document, indent=2, allow_nan=False) + "\n").encode(),
            ContentType=CONTENT_TYPES[".json"],
            Metadata={RUN_METADATA: run_id},
        )

    def runs_in_history(self) -> list[str]:
        """The runs that have a history, in the order of their names."""
        folder = history_key("", "").removesuffix("/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=folder, Delimiter="/")
        found = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
        return [prefix.removeprefix(folder).removesuffix("/") for prefix in found]

    def names_of(self, run_id: str) -> set[str]:
        """The names of LATEST_KEYS that a run has in its history."""
        folder = history_key(run_id, "")
        listed = self.client.list_objects_v2(Bucket=self.bucket, Prefix=folder, Delimiter="/").get("Contents", [])
        return {each["Key"].removeprefix(folder) for each in listed} & LATEST_KEYS.keys()

    def names_in_history(self, run_id: str) -> set[str]:
        """The names of LATEST_KEYS that the latest run has in its history.

        A file of its that is a latest object alone, since the history was swept, is copied there first.
        """
        names = self.names_of(run_id)
        for name in LATEST_KEYS.keys() - names:
            try:
                self._copy(latest_key(run_id, name), history_key(run_id, name))
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
            else:
                names.add(name)
        return names

    def put(self, run_id: str, name: str, names: Set[str]) -> None:
        """Make a latest object the one of a run with these names: its copy, or none if the run has no such file."""
        if name in names:
            self._copy(history_key(run_id, name), latest_key(run_id, name))
        else:
            self.remove(latest_key(run_id, name))

    def remove(self, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def run_of(self, key: str) -> str:
        """The run that an object is of, in words for a mail."""
        try:
            metadata = self.client.head_object(Bucket=self.bucket, Key=key)["Metadata"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return said("nothing is there")
            return said("unknown ({code})", code=error.response["Error"]["Code"])
        run = metadata.get(RUN_METADATA)
        return said("of an earlier run") if run is None else said("of run {run}", run=run)

    def document(self, key: str) -> dict[str, Any] | None:
        """A JSON object of the bucket; None if it is not there."""
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        document: dict[str, Any] = json.loads(answer["Body"].read())
        return document

    def _copy(self, source: str, key: str) -> None:
        self.client.copy_object(Bucket=self.bucket, Key=key, CopySource={"Bucket": self.bucket, "Key": source})


def written_names(directory: Path) -> list[str]:
    """The names of LATEST_KEYS that are in a directory, in the order of replacing."""
    return [name for name in LATEST_KEYS if (directory / name).exists()]


def latest_key(run_id: str, name: str) -> str:
    """The key of a latest object of a run."""
    return LATEST_KEYS[name].format(run_id=run_id)


def history_key(run_id: str, name: str) -> str:
    """The key of a file of a run's own; the name of a folder ends with its slash."""
    return f"history/clean/{run_id}/{name}"


def run_of_history(key: str) -> str:
    """The run of a file in the history.

    >>> run_of_history("history/clean/9f3c1a2b7d-2/forecast.csv/part-00003.csv")
    '9f3c1a2b7d-2'
    """
    return key.removeprefix(history_key("", "").removesuffix("/")).partition("/")[0]


def table_location(bucket: str, run_id: str, table: str) -> str:
    """The folder of a table of RUN_TABLES in the history of a run, as a location of Glue."""
    return f"s3://{bucket}/{history_key(run_id, table)}/"
