"""Which runs have published a forecast: each has left a row for the table of runs, which stays."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN_ROWS = "dashboard/forecast_runs/"


def run_row_key(run_id: str) -> str:
    """The key of a run's row.

    >>> run_row_key("9f3c1a2b7d")
    'dashboard/forecast_runs/9f3c1a2b7d.parquet'
    """
    return f"{RUN_ROWS}{run_id}.parquet"


def published_runs(s3: "S3Client", bucket: str) -> dict[str, datetime]:
    """The runs that have such a row, and when it was written."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=RUN_ROWS)
    rows = [row for page in pages for row in page.get("Contents", [])]
    return {row["Key"].removeprefix(RUN_ROWS).removesuffix(".parquet"): row["LastModified"] for row in rows}
