"""A CSV file of a run from its shards' parts: one file where it is small enough, else a folder of parts."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_pipeline.publishing.exports.file_ranges import CALLS_AT_A_TIME, FileRange
from forecast_pipeline.publishing.outputs.latest_forecast import LatestForecast

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# What people and dashboards still open at once; some 15 million rows of a long forecast.
SINGLE_FILE_BYTES = 2**30


def write_csv_file(latest: LatestForecast, run_id: str, name: str, parts: Sequence[FileRange], directory: Path) -> bool:
    """Write a file of a run's history from its parts, each with a header; whether it is one file.

    A larger one than SINGLE_FILE_BYTES is a folder of its name, ``forecast.csv/part-00003.csv``.
    """
    if sum(each.size for each in parts) > SINGLE_FILE_BYTES:
        with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
            names = (f"{name}/{part_name(number, '.csv')}" for number in range(len(parts)))
            list(pool.map(lambda each: latest.upload_copy(run_id, *each), zip(names, parts, strict=True)))
        return False
    joined = directory / name
    join_parts(latest.client, parts, joined)
    latest.upload(run_id, name, joined)
    joined.unlink()
    return True


def join_parts(client: "S3Client", parts: Sequence[FileRange], path: Path) -> None:
    """Download the parts of a CSV file, each with a header, as one file."""
    part = path.with_name("part")
    with path.open("wb") as file:
        for number, each in enumerate(parts):
            client.download_file(each.bucket, each.key, str(part))
            with part.open("rb") as rows:
                header = rows.readline()
                file.write(b"" if number else header)
                shutil.copyfileobj(rows, file)
            part.unlink()


def part_name(number: int, ending: str) -> str:
    """What the part of a shard is called.

    >>> part_name(3, ".csv")
    'part-00003.csv'
    """
    return f"part-{number:05}{ending}"
